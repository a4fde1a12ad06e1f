"""Which voice detector a process gets: the model where it is there and callers are heard, else loudness alone."""

from pathlib import Path

import pytest

from dalpak.config import Settings
from dalpak.errors import ConfigError
from dalpak.services.registry import voice_activity_detectors
from dalpak.services.vad.energy import EnergyVad

pytestmark = pytest.mark.unit


def settings(**values: object) -> Settings:
    return Settings(_env_file=None, **values)  # type: ignore[arg-type, call-arg]


def test_without_stt_nothing_is_loaded() -> None:
    made = voice_activity_detectors(settings(vad_provider="silero"))

    assert isinstance(made(), EnergyVad)
    assert made() is not made()


def test_a_missing_model_leaves_loudness(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("onnxruntime")
    monkeypatch.setattr("dalpak.services.vad.silero_model.MODEL_FILE", Path("nowhere.onnx"))
    monkeypatch.setattr(
        "dalpak.services.vad.silero_model.SileroModel.__init__.__defaults__",
        (Path("nowhere.onnx"),),
    )

    made = voice_activity_detectors(settings(stt_provider="google"))

    assert isinstance(made(), EnergyVad)


def test_an_unknown_name_says_what_there_is() -> None:
    with pytest.raises(ConfigError, match=r"VAD_PROVIDER.*energy, silero"):
        voice_activity_detectors(settings(vad_provider="psychic"))
