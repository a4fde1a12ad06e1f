"""The doctor's look at the voice detector."""

from pathlib import Path

import pytest
from doctor_stage import look, settings_with

from dalpak.services.checks import vad
from dalpak.services.vad import silero_model

pytestmark = pytest.mark.integration


@pytest.mark.parametrize(
    ("changes", "state", "words"),
    [
        ({}, "ok", "not needed"),
        ({"stt_provider": "soniox", "vad_provider": "energy"}, "ok", "loudness"),
        ({"stt_provider": "soniox", "vad_provider": "other"}, "error", "VAD_PROVIDER"),
    ],
)
async def test_what_is_chosen(
    tmp_path: Path, changes: dict[str, str], state: str, words: str
) -> None:
    (found,) = await look(vad.look, settings_with(tmp_path, **changes))

    assert (found.state, words in found.found) == (state, True)


async def test_a_model_that_is_there_is_loaded(tmp_path: Path) -> None:
    if not silero_model.MODEL_FILE.exists():
        pytest.skip("set-up could not fetch the Silero model")
    (found,) = await look(vad.look, settings_with(tmp_path, stt_provider="soniox"))

    assert found.state == "ok"
    assert found.took_ms is not None


async def test_a_model_that_is_missing_is_told_with_the_command_that_fetches_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        silero_model.SileroModel.__init__, "__defaults__", (tmp_path / "none.onnx",)
    )

    (found,) = await look(vad.look, settings_with(tmp_path, stt_provider="soniox"))

    assert found.state == "warning"
    assert "scripts/silero.py" in found.remedy
