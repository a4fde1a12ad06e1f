"""An event loop that stands still for 150 ms, again and again, is not heard: whole calls in virtual time.

What was sent ahead plays on at the far end. A stall longer than that is heard, or these ears would hear nothing.
"""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path

import pytest

from dalpak.clock import VirtualClock, VirtualLoop, run_virtual
from dalpak.config import Settings
from dalpak.domain.records import CallEnd, CallRecord, TenantScope
from dalpak.extensions import build_extensions
from dalpak.language.base import Spoken
from dalpak.language.he.check_lines import WIRE_BOOKING
from dalpak.runtime.supervise import Supervisor
from dalpak.simulator.coded_voice import coded_voice
from dalpak.simulator.playback import Pace
from dalpak.simulator.scripted_stt import ScriptedStt
from dalpak.simulator.spoken_caller import SpokenCaller, spoken

pytestmark = pytest.mark.sim

NOW = datetime.fromisoformat("2026-11-24T10:00:00+02:00")
INAUDIBLE_MS, AUDIBLE_MS = 150, 400
EVERY_MS = 610
"""No multiple of a frame or of the lead: the stalls strike everywhere."""


class Tone:
    """`ports.tts.TextToSpeech`: a sound as long as the words take."""

    name = voice = "tone"

    async def synthesize(self, words: Spoken, *, locale: str) -> AsyncIterator[bytes]:
        del locale
        yield coded_voice(words.text, word_ms=120)

    async def aclose(self) -> None:
        """Nothing is kept."""


async def stalled_call(folder: Path, stall_ms: int, first_ms: int) -> tuple[Pace, CallEnd, int]:
    """How it was heard, how it ended, and how many appointments came of it."""
    settings = Settings(
        _env_file=None, data_dir=folder, flows_enabled=False, seed_demo=True, vad_provider="energy"
    )  # type: ignore[call-arg]
    clock, stt = VirtualClock(NOW), ScriptedStt(spoken(WIRE_BOOKING))
    async with build_extensions(settings, clock=clock, serving=False, stt=stt, voice=Tone()) as ext:
        business = (await ext.store.businesses())[0]
        scope = TenantScope(business.id)
        record = CallRecord(
            "call-1", business.id, "twilio", "x", "", None, "", clock.now(), clock.now()
        )
        async with ext.store.writing(scope) as tx:
            record = await tx.open_call(record)
        caller, work = SpokenCaller(WIRE_BOOKING, clock), Supervisor("stalls")
        session = ext.calls.open(record, caller)
        work.spawn(caller.run(session), name="caller")
        work.spawn(stall(clock, stall_ms, first_ms), name="stall")
        ended = await session.run()
        await work.aclose()
        async with ext.store.reading(scope) as reading:
            booked = len(await reading.appointments(call_id="call-1"))
        assert ext.calls.faults == 0
    return caller.pace, ended, booked


async def stall(clock: VirtualClock, stall_ms: int, first_ms: int) -> None:
    """Time passes while nothing of this process runs."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualLoop)
    await clock.sleep(first_ms / 1000)
    while True:
        loop.leap(stall_ms / 1000)
        await clock.sleep(EVERY_MS / 1000)


@pytest.fixture(scope="module")
def holes(tmp_path_factory: pytest.TempPathFactory) -> int:
    """In the sound of a call that nothing disturbs: answers that come quickly upon a key look like them."""
    pace, ended, booked = run_virtual(stalled_call(tmp_path_factory.mktemp("calm"), 0, 0))
    assert (booked, ended) == (1, CallEnd.AGENT)
    assert pace.frames > 500
    return pace.underruns


@pytest.mark.parametrize("first_ms", [0, 170, 333])
def test_a_stall_of_150_ms_is_inaudible(tmp_path: Path, first_ms: int, holes: int) -> None:
    pace, ended, booked = run_virtual(stalled_call(tmp_path, INAUDIBLE_MS, first_ms))

    assert (pace.underruns, booked, ended) == (holes, 1, CallEnd.AGENT)


def test_one_of_400_ms_is_heard_and_the_call_goes_on(tmp_path: Path, holes: int) -> None:
    pace, ended, booked = run_virtual(stalled_call(tmp_path, AUDIBLE_MS, 0))

    assert pace.underruns > holes + 5
    assert (booked, ended) == (1, CallEnd.AGENT)
