"""Twenty callers at once, over the wire: each gets an appointment, and sound without a hole."""

from typing import Any

import pytest
from product_stage import Stage, measured, played

from dalpak.simulator.load import Progress, simulate_calls
from dalpak.simulator.summary import Summary

pytestmark = pytest.mark.integration

CALLERS = 20
LEAD_MS = 200
"""What is sent ahead of playback (playout_lead_ms), and what arrives beyond it is jitter."""
STALL_MS = 100
"""On two cores of their own the callers are never so late themselves."""


@measured
async def twenty_callers(stage: Stage) -> tuple[Summary, Progress]:
    house, progress = stage.house, Progress(CALLERS)
    return await simulate_calls(house.twilio, house.store, progress=progress, ramp_s=0.1), progress


@played(twenty_callers)
def test_every_caller_books_a_slot_of_its_own(outcome: Any) -> None:
    summary, progress = outcome

    assert summary.errors == []
    assert (summary.booked, summary.failed) == (CALLERS, 0)
    slots = {(o.verdict.resource_id, o.verdict.start) for o in summary.outcomes}
    assert len(slots) == CALLERS
    assert len({o.verdict.phone for o in summary.outcomes}) == CALLERS
    assert (progress.done, progress.booked) == (CALLERS, CALLERS)
    assert progress.answers >= 4 * CALLERS


@played(twenty_callers)
def test_every_booking_is_confirmed_once(outcome: Any) -> None:
    summary, _ = outcome

    assert [o.verdict.confirmations for o in summary.outcomes] == [1] * CALLERS


def measurable(summary: Summary) -> dict[str, Any]:
    """The figures, unless the callers themselves stood still: then they say nothing of the server."""
    late = max(max(o.hearing.pace.own_lateness) for o in summary.outcomes)
    if late > STALL_MS:
        pytest.skip(f"this machine is too busy: its callers were {late} ms late themselves")
    return summary.to_json()


@played(twenty_callers)
def test_no_frame_is_late_by_more_than_the_lead(outcome: Any) -> None:
    data = measurable(outcome[0])

    assert data["frames"] > CALLERS * 300
    assert (data["late_frames"], data["underruns"]) == (0, 0)
    assert LEAD_MS <= data["lead_ms_max"] <= 2 * LEAD_MS


@played(twenty_callers)
def test_the_greeting_and_the_answers_are_prompt(outcome: Any) -> None:
    data = measurable(outcome[0])

    assert data["greeting_ms"]["p95"] <= 300
    assert data["response_ms"]["p95"] <= 500
