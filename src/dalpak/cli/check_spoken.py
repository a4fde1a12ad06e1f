"""Row 4 of the GO/NO-GO table, and a part of 5 and 6: one spoken call in real time.

The real runtime, agent, tools and database in this process; the caller's voice and the STT follow
one script, whose words come 150 ms after they were said. So what is measured is ours: hearing the
end of speech, asking for the final, answering.
"""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from dalpak.cli.check_marks import Marks, prompts_of, settings_in
from dalpak.cli.check_typed import NOW
from dalpak.clock import PinnedClock
from dalpak.config import Settings
from dalpak.domain.records import CallEnd, CallRecord, TenantScope
from dalpak.extensions import Extensions, build_extensions
from dalpak.language.he.check_lines import SPOKEN_BOOKING
from dalpak.runtime.supervise import Supervisor
from dalpak.simulator.scripted_stt import ScriptedStt
from dalpak.simulator.spoken_caller import SpokenCaller, spoken

FAST_SPEECH = 400
"""Words a minute of the built-in voice: a check need not take as long as a call."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """What came of the spoken call."""

    marks: Marks
    errors: tuple[str, ...] = ()


async def spoken_call(settings: Settings, folder: Path) -> Spoken:
    """`folder` is empty and this call's own."""
    own = settings_in(
        folder,
        espeak_words_per_minute=FAST_SPEECH,
        prompt_cache_dir=prompts_of(settings),
        vad_provider="energy",  # the script's voice is one by its loudness only
    )
    clock = PinnedClock(NOW + timedelta(hours=1))
    stt = ScriptedStt(spoken(SPOKEN_BOOKING))
    async with build_extensions(own, clock=clock, serving=False, stt=stt) as ext:
        return await _talk(ext)


async def _talk(ext: Extensions) -> Spoken:
    business = (await ext.store.businesses())[0]
    caller = SpokenCaller(SPOKEN_BOOKING, ext.clock)
    call_id, now = ext.clock.new_id("call_"), ext.clock.now()
    record = CallRecord(
        call_id, business.id, "twilio", f"check:{call_id}", "", None, business.phone, now, now
    )
    scope = TenantScope(business.id)
    async with ext.store.writing(scope) as tx:
        await tx.open_call(record)
    session = ext.calls.open(record, caller)
    person = Supervisor("check")
    try:
        person.spawn(caller.run(session), name="caller")
        ended = await session.run()
    finally:
        await person.aclose()
    async with ext.store.reading(scope) as reading:
        turns = await reading.turns(call_id)
        booked = len(await reading.appointments(call_id=call_id))
    return Spoken(Marks.of(turns), _complaints(booked, ended, caller))


def _complaints(booked: int, ended: CallEnd, caller: SpokenCaller) -> tuple[str, ...]:
    found = []
    if booked != 1:
        found.append(f"spoken call: expected one appointment, got {booked} (ended: {ended})")
    if caller.gave_up:
        found.append("spoken call: the caller heard nothing and hung up")
    return tuple(found)
