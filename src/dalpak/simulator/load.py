"""Many callers at once: each rings, books by keypad, and is judged by the database.

Starting the server, and showing the progress, is somebody else's.
"""

import asyncio
from dataclasses import dataclass

from dalpak.clock import Clock
from dalpak.ports.store import Store
from dalpak.simulator.summary import Outcome, Summary
from dalpak.simulator.twilio import PhoneCall, SimulatedTwilio
from dalpak.simulator.verdict import settled_verdict
from dalpak.simulator.wire_caller import PHONES, Errand, KeypadCaller, Manner, errand

CONFIRMATION_S = 15.0
"""How long a confirmation may take: the flows are polled, and run beside the calls."""


@dataclass(slots=True)
class Progress:
    """How far everybody is; a screen may look at it at any time."""

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
    progress: Progress,
    ramp_s: float = 0.0,
    manner: Manner = Manner.PATIENT,
) -> Summary:
    """As many calls as `progress.calls` says. `store` is the server's own database; `ramp_s` passes
    between two callers' first rings.
    """
    clock = twilio.clock
    began = clock.monotonic_ms()
    first_phone = clock.random().randrange(PHONES)

    async def one(number: int) -> Outcome:
        await clock.sleep(number * ramp_s)
        progress.ringing += 1
        wanted = errand(number, first_phone)

        def answered(step: int) -> None:
            progress.ringing -= step == 1
            progress.talking += step == 1
            progress.answers += 1

        call = twilio.call()
        steps = await hold(call, KeypadCaller(call, wanted, clock, manner=manner, on_step=answered))
        progress.talking -= steps > 0
        progress.ringing -= steps == 0
        outcome = await judge(call, store, clock, wanted)
        progress.done += 1
        progress.booked += outcome.verdict.booked
        return outcome

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(one(number)) for number in range(progress.calls)]
    seconds = (clock.monotonic_ms() - began) / 1000
    return Summary(tuple(task.result() for task in tasks), seconds)


async def hold(call: PhoneCall, caller: KeypadCaller) -> int:
    """One call from its first ring to its end, both sides of it. Returns how often the caller
    answered.
    """
    async with asyncio.TaskGroup() as group:
        group.create_task(call.run())
        group.create_task(caller.run())
    if caller.gave_up and not call.error:
        call.error = caller.gave_up
    return caller.steps


async def judge(call: PhoneCall, store: Store, clock: Clock, wanted: Errand) -> Outcome:
    """The call as its caller heard it, and as the database has it."""
    verdict = await settled_verdict(store, call.call_sid, clock, CONFIRMATION_S)
    error = call.error
    if not verdict.call_id:
        error = error or "the call is in no row of this database: is DATA_DIR the server's?"
    elif not call.streams:
        error = error or "no media socket was offered: the server is full (MAX_LIVE_CALLS)"
    elif verdict.appointments > 1:
        error = error or f"{verdict.appointments} appointments for one call"
    elif verdict.booked and not verdict.phone.endswith(wanted.phone[1:]):
        error = error or "the appointment has another telephone number than was keyed"
    elif verdict.booked and verdict.confirmations != 1:
        error = error or f"{verdict.confirmations} confirmations for one appointment"
    elif not verdict.booked:
        error = error or "the call ended without an appointment"
    return Outcome(call.call_sid, call.hearing, verdict, error, call.streams, call.refused)
