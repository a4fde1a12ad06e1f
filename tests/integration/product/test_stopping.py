"""SIGTERM and SIGKILL with callers on the line: what was promised holds."""

import asyncio
import signal
from dataclasses import dataclass

import pytest
from product_stage import (
    CALL_S,
    CLOCK,
    House,
    Stage,
    converse,
    inside,
    key_in,
    played,
    started,
    until,
    with_own_server,
)
from tests import serving

from dalpak.domain.records import AppointmentStatus, CallEnd
from dalpak.simulator.twilio import PhoneCall
from dalpak.simulator.wire_caller import errand

pytestmark = pytest.mark.integration

CALLERS = 5
APART_S = 1.0
"""Between two callers, so that they are at different steps and end at different times."""


@dataclass(frozen=True)
class Drained:
    booked: list[int]
    streams: list[int]
    ends: set[CallEnd | None]
    ended_apart_ms: int
    """From the first call's end to the last one's."""
    answer_to_a_new_call: str
    ready_status: int
    exit_code: int
    exit_after_ms: int
    """From the end of the last call."""
    confirmations: list[int]
    """After the next start."""


@with_own_server()
async def told_to_stop(stage: Stage) -> Drained:
    """Five callers at different steps when the signal comes."""
    server = stage.own[told_to_stop]
    async with inside(server) as house:
        calls = [house.twilio.call() for _ in range(CALLERS)]
        ended: list[int] = []
        async with asyncio.TaskGroup() as group:
            for number, call in enumerate(calls):
                group.create_task(_one(call, number, ended))
            await until(lambda: _all_talk(calls), "five live calls")
            server.process.send_signal(signal.SIGTERM)
            await until(lambda: _answers(house, "/readyz", 503), "not ready")
            refused = await _answer_to_a_new_call(house)
            ready = 503 if await _answers(house, "/readyz", 503) else 200
            exit_code = await asyncio.to_thread(server.process.wait, CALL_S)
            exited = CLOCK.monotonic_ms()
        booked = [len(await house.appointments(call)) for call in calls]
        ends = {(await house.call_of(call)).end_reason for call in calls}
        streams = [call.streams for call in calls]
    confirmations = await _confirmations_after_a_start(server, calls)
    return Drained(
        booked,
        streams,
        ends,
        ended[-1] - ended[0],
        refused,
        ready,
        exit_code,
        exited - ended[-1],
        confirmations,
    )


async def _one(call: PhoneCall, number: int, ended: list[int]) -> None:
    await CLOCK.sleep(number * APART_S)
    async with asyncio.TaskGroup() as group:
        group.create_task(converse(call, number))
        group.create_task(_note_end(call, ended))


async def _note_end(call: PhoneCall, ended: list[int]) -> None:
    """When the front desk closed the socket: what follows is the carrier's."""
    while call.streams == 0:
        await CLOCK.sleep(0.005)
    while call.stream is not None:
        await CLOCK.sleep(0.005)
    ended.append(CLOCK.monotonic_ms())


async def _all_talk(calls: list[PhoneCall]) -> bool:
    return all(call.hearing.voices for call in calls)


async def _answers(house: House, path: str, status: int) -> bool:
    return (await house.get(path)).status_code == status


async def _answer_to_a_new_call(house: House) -> str:
    """The first TwiML that a new caller gets."""
    form = {"CallSid": "CA" + "9" * 32, "AccountSid": house.twilio.account, "From": "anonymous"}
    answer = await house.twilio.post("/voice/incoming", form | {"To": house.business.phone})
    return answer.text


async def _confirmations_after_a_start(server: serving.Server, calls: list[PhoneCall]) -> list[int]:
    """What had not gone out when the process ended goes out at the next start."""
    again = await started(server.folder, port=server.port)
    try:
        async with inside(again) as house:
            ids = [(await house.call_of(call)).id for call in calls]

            async def told() -> bool:
                found = [len(await house.messages("confirmation", call_id=i)) for i in ids]
                return min(found) > 0

            await until(told, "every confirmation")
            return [len(await house.messages("confirmation", call_id=i)) for i in ids]
    finally:
        await asyncio.to_thread(again.stop)


@played(told_to_stop)
def test_no_caller_is_dropped(outcome: Drained) -> None:
    assert outcome.booked == [1] * CALLERS
    assert outcome.streams == [1] * CALLERS
    assert outcome.ends == {CallEnd.AGENT}
    assert outcome.ended_apart_ms > 1_000
    assert outcome.confirmations == [1] * CALLERS


@played(told_to_stop)
def test_new_callers_are_asked_to_wait_for_another_process(outcome: Drained) -> None:
    assert "<Stream" not in outcome.answer_to_a_new_call
    assert "<Redirect" in outcome.answer_to_a_new_call
    assert outcome.ready_status == 503


@played(told_to_stop)
def test_the_process_ends_with_the_last_call(outcome: Drained) -> None:
    assert outcome.exit_code == 0
    # Under a second when the machine has nothing else to do; a drain that waits for its deadline takes 15 minutes.
    assert outcome.exit_after_ms <= 60_000


@dataclass(frozen=True)
class Killed:
    statuses: list[AppointmentStatus]
    confirmations: int
    end: CallEnd | None
    ended_events: int
    summaries: int


@with_own_server()
async def killed(stage: Stage) -> Killed:
    """SIGKILL the moment that the booking is in the database; then the next start."""
    server = stage.own[killed]
    async with inside(server) as house:
        call = house.twilio.call()
        async with asyncio.TaskGroup() as group:
            group.create_task(call.run())
            group.create_task(key_in(call, errand(0)))

            async def booked() -> bool:
                return bool(call.streams and await house.appointments(call))

            await until(booked, "the booking", CALL_S)
            call.hang_up()
            server.kill()
    again = await started(server.folder, port=server.port, STALE_CALL_S="1")
    try:
        async with inside(again) as house:
            record = await house.call_of(call)

            async def over() -> bool:
                confirmed = await house.messages("confirmation", call_id=record.id)
                summed_up = await house.messages("call_summary", call_id=record.id)
                return bool(confirmed and summed_up)

            await until(over, "confirmation and summary")
            booked_now = await house.appointments(call)
            return Killed(
                [a.status for a in booked_now],
                len(await house.messages("confirmation", call_id=record.id)),
                (await house.call_of(call)).end_reason,
                await house.ended_events(record.id),
                len(await house.messages("call_summary", call_id=record.id)),
            )
    finally:
        await asyncio.to_thread(again.stop)


@played(killed)
def test_what_was_booked_survives_a_kill_once(outcome: Killed) -> None:
    assert outcome.statuses == [AppointmentStatus.BOOKED]
    assert outcome.confirmations == 1


@played(killed)
def test_the_end_of_a_killed_call_is_told_after_the_next_start(outcome: Killed) -> None:
    assert outcome.end is CallEnd.CRASHED
    assert (outcome.ended_events, outcome.summaries) == (1, 1)
