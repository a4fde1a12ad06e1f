"""Many callers at once: each rings, books by keypad, and is judged by the database.

Starting the server, and showing the progress, is somebody else's.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from dalpak.clock import Clock
from dalpak.ports.store import Store
from dalpak.simulator.summary import Outcome, Summary
from dalpak.simulator.twilio import SimulatedTwilio
from dalpak.simulator.verdict import settled_verdict
from dalpak.simulator.wire_caller import PHONES, Errand, KeypadCaller, Manner, errand

CONFIRMATION_S = 15.0
"""How long a confirmation may take: the flows are polled, and run beside the calls."""
HANG_UP_S = 10.0
"""For the carrier's part of a call after its caller has done theirs."""


@dataclass(slots=True)
class Progress:
    """How far everybody is, for a screen."""

    calls: int
    ringing: int = 0
    talking: int = 0
    done: int = 0
    booked: int = 0
    answers: int = 0
    """Times any caller has keyed something."""


async def simulate_calls(
    twilio: SimulatedTwilio,
    store: Store,
    *,
    calls: int,
    ramp_s: float,
    manner: Manner = Manner.PATIENT,
    on_progress: Callable[[Progress], None] = lambda _progress: None,
) -> Summary:
    """`store` is the server's own database; `ramp_s` passes between two callers' first rings."""
    clock = twilio.clock
    began = clock.monotonic_ms()
    first_phone = clock.random().randrange(PHONES)
    progress = Progress(calls)

    async def one(number: int) -> Outcome:
        await clock.sleep(number * ramp_s)
        return await _one(twilio, store, errand(number, first_phone), manner, progress, on_progress)

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(one(number)) for number in range(calls)]
    seconds = (clock.monotonic_ms() - began) / 1000
    return Summary(tuple(task.result() for task in tasks), seconds)


async def _one(
    twilio: SimulatedTwilio,
    store: Store,
    wanted: Errand,
    manner: Manner,
    progress: Progress,
    on_progress: Callable[[Progress], None],
) -> Outcome:
    call = twilio.call()
    progress.ringing += 1
    on_progress(progress)

    def stepped(step: int) -> None:
        if step == 1:
            progress.ringing -= 1
            progress.talking += 1
        progress.answers += 1
        on_progress(progress)

    caller = KeypadCaller(call, wanted, twilio.clock, manner=manner, on_step=stepped)
    before = progress.answers
    outcome = await talk_and_judge(call_sid_of=call.call_sid, run=_talk(call, caller), store=store, clock=twilio.clock)
    return outcome
