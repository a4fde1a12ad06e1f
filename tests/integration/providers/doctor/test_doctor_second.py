"""The doctor's look at Soniox and Azure, over their documented protocols against their simulators."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from doctor_stage import SECRET, look, settings_with
from tests.serving import free_port

from dalpak.services.checks.ears import EarsCheck
from dalpak.services.checks.registry import STT, TTS
from dalpak.services.checks.voice import VoiceCheck
from dalpak.simulator import azure_server, soniox_server
from dalpak.simulator.azure_server import AzureFault, AzureServer
from dalpak.simulator.soniox_server import SonioxFault, SonioxServer

pytestmark = pytest.mark.integration

VOICE, EARS = VoiceCheck(TTS), EarsCheck(STT)


@pytest.fixture
async def azure() -> AsyncIterator[AzureServer]:
    async with AzureServer() as server:
        yield server


@pytest.fixture
async def soniox() -> AsyncIterator[SonioxServer]:
    async with SonioxServer() as server:
        yield server


def voiced(folder: Path, url: str, **changes: Any) -> Any:
    values = {
        "tts_provider": "azure",
        "azure_tts_url": url,
        "azure_speech_key": azure_server.API_KEY,
        "azure_tts_timeout_s": 10,
    }
    return settings_with(folder, **values | changes)


def eared(folder: Path, url: str, **changes: Any) -> Any:
    values = {
        "stt_provider": "soniox",
        "soniox_url": url,
        "soniox_api_key": soniox_server.API_KEY,
        "espeak_program": "no-such-program",
        "tts_provider": "silent",
    }
    return settings_with(folder, **values | changes)


async def test_azure_speaks(tmp_path: Path, azure: AzureServer) -> None:
    (found,) = await look(VOICE, voiced(tmp_path, azure.url))

    assert found.state == "ok", found
    assert "he-IL-HilaNeural" in found.found


@pytest.mark.parametrize(
    ("fault", "words", "setting"),
    [
        (AzureFault.UNAUTHORIZED, "key", "AZURE_SPEECH_KEY"),
        (AzureFault.QUOTA, "quota", "Pricing tier"),
        (AzureFault.SILENT, "in time", "AZURE_TTS_URL"),
        (AzureFault.DOWN, "reached", "HTTPS"),
    ],
)
async def test_what_is_wrong_with_azure(
    tmp_path: Path, azure: AzureServer, fault: AzureFault, words: str, setting: str
) -> None:
    azure.troubles.extend([fault] * 5)
    changes = {"azure_tts_timeout_s": 0.3} if fault is AzureFault.SILENT else {}

    (found,) = await look(VOICE, voiced(tmp_path, azure.url, **changes))

    assert found.state == "error"
    assert words in found.found
    assert setting in found.remedy


async def test_without_a_key_the_setting_is_named(tmp_path: Path, azure: AzureServer) -> None:
    (found,) = await look(VOICE, voiced(tmp_path, azure.url, azure_speech_key=""))

    assert found.state == "error"
    assert "AZURE_SPEECH_KEY" in found.found


async def test_soniox_hears(tmp_path: Path, azure: AzureServer, soniox: SonioxServer) -> None:
    """The simulated voice carries its words, which the simulated ears can read."""
    said = {"tts_provider": "azure", "azure_tts_url": azure.url}
    settings = eared(tmp_path, soniox.address, **said, azure_speech_key=azure_server.API_KEY)

    (found,) = await look(EARS, settings)

    assert found.state == "ok", found
    assert "words, final" in found.found


@pytest.mark.parametrize(
    ("fault", "words", "setting"),
    [
        (SonioxFault.UNAUTHORIZED, "key", "SONIOX_API_KEY"),
        (SonioxFault.QUOTA, "quota", "Billing"),
    ],
)
async def test_what_is_wrong_with_soniox(
    tmp_path: Path, soniox: SonioxServer, fault: SonioxFault, words: str, setting: str
) -> None:
    soniox.faults.extend([fault] * 5)

    (found,) = await look(EARS, eared(tmp_path, soniox.address))

    assert found.state == "error", found
    assert words in found.found
    assert setting in found.remedy


async def test_soniox_with_a_wrong_key_and_out_of_reach(
    tmp_path: Path, soniox: SonioxServer
) -> None:
    (wrong,) = await look(EARS, eared(tmp_path, soniox.address, soniox_api_key=SECRET))
    gone = f"http://127.0.0.1:{free_port()}"
    (away,) = await look(EARS, eared(tmp_path, gone))

    assert ("key" in wrong.found, "reached" in away.found) == (True, True)


async def test_a_name_that_nobody_has_is_told_with_its_own_setting(tmp_path: Path) -> None:
    voices = await look(VOICE, settings_with(tmp_path, tts_provider="silent", tts_second="x"))
    (ears,) = await look(EARS, settings_with(tmp_path, stt_provider="x"))

    assert "TTS_SECOND" in voices[1].found
    assert "STT_PROVIDER" in ears.found
