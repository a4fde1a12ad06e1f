"""A line that breaks in mid-call: the carrier opens another socket, and the same step goes on."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from product_stage import (
    CLOCK,
    PATIENCE_S,
    Stage,
    converse,
    played,
    until,
)

from dalpak.domain.records import CallEnd
from dalpak.simulator.media_stream import MediaStream
from dalpak.simulator.twilio import PhoneCall

pytestmark = pytest.mark.integration


@dataclass(frozen=True)
class CameBack:
    streams: int
    error: str
    silent_ms: int
    """From the break to the next voice."""
    booked: int
    days_looked_at: set[str]
    """Days of which the times were told."""
    menus_of_days: int
    end: CallEnd | None
    ended_events: int
    rows: int
    """Calls with this CallSid."""


async def broken_line(
    stage: Stage, number: int, breaking: Callable[[MediaStream], None]
) -> CameBack:
    """The day is chosen and the times are being told; then the line breaks."""
    call = stage.house.twilio.call()
    silent = [0]

    async def break_it(step: int) -> None:
        stream = call.stream
        if step != 1 or stream is None:
            return
        began = CLOCK.monotonic_ms()
        breaking(stream)
        await until(lambda: another(call, stream), "another socket")
        assert await call.answered(call.hearing.voices, PATIENCE_S)
        silent[0] = CLOCK.monotonic_ms() - began

    await converse(call, number, break_it)
    return await _looked_back(stage, call, silent[0])


async def another(call: PhoneCall, old: MediaStream) -> bool:
    return call.stream is not None and call.stream is not old


async def _looked_back(stage: Stage, call: PhoneCall, silent_ms: int) -> CameBack:
    house = stage.house
    record = await house.call_of(call)

    async def told() -> bool:
        return await house.ended_events(record.id) > 0

    await until(told, "call.ended")
    async with house.store.reading(house.scope) as reading:
        traces = await reading.traces(record.id)
        rows = [c for c in await reading.calls(500) if c.external_id == call.call_sid]
    looked: list[dict[str, Any]] = [t.args for t in traces if t.tool == "calendar.find_slots"]
    return CameBack(
        streams=call.streams,
        error=call.error,
        silent_ms=silent_ms,
        booked=len(await house.appointments(call)),
        days_looked_at={args["date"] for args in looked if "date_to" not in args},
        menus_of_days=sum("date_to" in args for args in looked),
        end=rows[0].end_reason,
        ended_events=await house.ended_events(record.id),
        rows=len(rows),
    )


async def cut(stage: Stage) -> CameBack:
    """The connection is reset."""
    return await broken_line(stage, 4, MediaStream.cut)


async def gone_quiet(stage: Stage) -> CameBack:
    """Nothing comes any more, and nobody says so: half-open."""

    def mute(stream: MediaStream) -> None:
        stream.muted = True

    return await broken_line(stage, 5, mute)


def the_same_step_went_on(outcome: CameBack) -> None:
    assert (outcome.streams, outcome.error) == (2, "")
    assert outcome.booked == 1
    assert outcome.menus_of_days == 1, "the caller had to choose the day again"
    assert len(outcome.days_looked_at) == 1
    assert (outcome.rows, outcome.end, outcome.ended_events) == (1, CallEnd.AGENT, 1)


@played(cut)
def test_a_cut_line_comes_back_to_the_same_step(outcome: CameBack) -> None:
    the_same_step_went_on(outcome)


@played(gone_quiet)
def test_a_line_that_went_quiet_is_noticed_and_comes_back(outcome: CameBack) -> None:
    the_same_step_went_on(outcome)
    # By the frames that do not come, after 3 s; the server's own pings would need 40.
    assert outcome.silent_ms < 30_000
