"""A whole spoken call of the real runtime in which the first ears and the first voice fail, over real sockets."""

from pathlib import Path
from typing import Any

import pytest
from scraped import samples
from spoken_call import NOW, talk

from dalpak.clock import PinnedClock
from dalpak.config import Settings
from dalpak.domain.records import TenantScope
from dalpak.extensions import build_extensions
from dalpak.language.he.check_lines import SPOKEN_BOOKING
from dalpak.simulator.azure_server import API_KEY as AZURE_KEY
from dalpak.simulator.azure_server import AzureFault, AzureServer
from dalpak.simulator.google import GoogleSimulator
from dalpak.simulator.soniox_server import API_KEY as SONIOX_KEY
from dalpak.simulator.soniox_server import SonioxFault, SonioxServer
from dalpak.web.metrics import answer_for

pytestmark = pytest.mark.integration

PORTS = {"stt", "tts"}


def settings(
    folder: Path, ears: SonioxServer, voice: AzureServer, spare: GoogleSimulator
) -> Settings:
    values: dict[str, Any] = {
        "data_dir": folder,
        "flows_enabled": False,
        "vad_provider": "energy",
        "stt_provider": "soniox",
        "soniox_url": ears.address,
        "soniox_api_key": SONIOX_KEY,
        "stt_second": "google",
        "google_stt_endpoint": spare.address,
        "tts_provider": "azure",
        "azure_tts_url": voice.url,
        "azure_speech_key": AZURE_KEY,
        "tts_second": "google",
        "google_tts_endpoint": spare.address,
        # A busy machine is no fault of a provider's.
        "tts_second_after_ms": 5_000,
        "azure_tts_timeout_s": 10.0,
        "soniox_open_timeout_s": 10.0,
        "soniox_silent_s": 5.0,
    }
    return Settings(_env_file=None, **values)


@pytest.mark.parametrize("fault", [None, SonioxFault.RESET])
async def test_the_call_goes_on_with_the_second_ears_and_the_second_voice(
    tmp_path: Path, fault: SonioxFault | None
) -> None:
    """Word for word: nothing said to the first is lost to the second."""
    async with SonioxServer() as ears, AzureServer() as voice, GoogleSimulator() as spare:
        spare.tts.word_ms = voice.word_ms = 40
        ears.faults.extend([fault] * 5)
        voice.troubles.extend([AzureFault.DOWN if fault else None] * 500)
        chosen = settings(tmp_path, ears, voice, spare)
        async with build_extensions(chosen, clock=PinnedClock(NOW), serving=False) as ext:
            caller, business = await talk(ext)
            async with ext.store.reading(TenantScope(business)) as reading:
                turns = await reading.turns("call_1")
            told = samples(answer_for(ext, tasks=0).decode())

    said = [turn for turn in turns if turn.said]
    assert not caller.gave_up
    assert " ".join(turn.said for turn in said) == SPOKEN_BOOKING[0]
    assert said[-1].heard
    assert said[-1].stt_final_ms is not None
    assert said[-1].tts_ready_ms is not None
    assert bool(spare.tts.asked) is (fault is not None)
    assert voice.asked
    failed = {labels[0] for name, labels in told if name == "dalpak_provider_failures_total"}
    replaced = {labels[0] for name, labels in told if name == "dalpak_provider_replacements_total"}
    assert failed == (PORTS if fault else set())
    # Healthy ears that a busy machine keeps waiting are replaced, too, without a failure.
    assert replaced - {"stt"} == (PORTS - {"stt"} if fault else set())
    assert "stt" in replaced or not fault
    assert "stt" in replaced or ears.sessions[0].audio
