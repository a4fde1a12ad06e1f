"""The doctor's look at Whisper on this machine: it is never loaded, and nothing is downloaded by looking."""

from pathlib import Path
from typing import Any

import pytest
from doctor_stage import look, settings_with

from dalpak.services.checks import whisper
from dalpak.services.checks.ears import EarsCheck
from dalpak.services.checks.registry import STT

pytest.importorskip("faster_whisper")

pytestmark = pytest.mark.integration

EARS = EarsCheck(STT, instead={"whisper": whisper.look})


def eared(folder: Path, model: str, **changes: Any) -> Any:
    values = {"stt_provider": "whisper", "whisper_model": model, "espeak_program": "none"}
    return settings_with(folder, **values | {"tts_provider": "silent"} | changes)


@pytest.mark.parametrize(("files", "state"), [(["model.bin"], "ok"), ([], "error")])
async def test_a_folder_with_a_model(tmp_path: Path, files: list[str], state: str) -> None:
    """The file is empty: whoever loaded it would fail."""
    for name in files:
        (tmp_path / name).touch()

    (found,) = await look(EARS, eared(tmp_path, str(tmp_path)))

    assert found.state == state
    assert state == "ok" or "WHISPER_MODEL" in found.remedy


async def test_a_model_of_the_hub_that_is_not_here(tmp_path: Path) -> None:
    (found,) = await look(EARS, eared(tmp_path, "nobody/has-this-model"))

    assert found.state == "warning"
    assert "WHISPER_MODEL" in found.remedy


async def test_as_second_ears_it_has_a_line_of_its_own(tmp_path: Path) -> None:
    settings = eared(tmp_path, str(tmp_path), stt_provider="soniox", stt_second="whisper")

    _, second = await look(EARS, settings)

    assert (second.name, second.state) == ("second ears", "warning")
