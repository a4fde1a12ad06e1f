"""Twenty callers at once, over the wire: each gets an appointment, and sound without a hole."""

from typing import Any

import pytest
from product_stage import Stage, need_a_quiet_machine, played

from dalpak.simulator.load import Progress, simulate_calls
from dalpak.simulator.summary import Summary

pytestmark = pytest.mark.integration

CALLERS = 20
LEAD_MS = 200
"""What is sent ahead of playback (playout_lead_ms), and what arrives beyond it is jitter."""


async def twenty_callers(stage: Stage) -> tuple[Summary, Progress]:
    house, progress = stage.house, Progress(CALLERS)
    return await simulate_calls(house.twilio, house.store, progress=progress, ramp_s=0.2), progress


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


@played(twenty_callers)
def test_the_sound_keeps_its_pace_and_its_lead(outcome: Any) -> None:
    data: Any = outcome[0].to_json()

    assert data["frames"] > CALLERS * 300
    # What came while the callers themselves stood still seems to come at once.
    assert LEAD_MS <= data["lead_ms_max"] <= 2 * LEAD_MS + data["caller_late_ms_max"]
    need_a_quiet_machine(data["caller_late_ms_max"])
    # None is late on a quiet machine (`simulate` prints it); a path that does not pace makes most of them late.
    assert data["late_frames"] <= data["frames"] // 2


@played(twenty_callers)
def test_everybody_is_greeted_and_answered(outcome: Any) -> None:
    """How soon is the business of `simulate`, which prints it."""
    for each in outcome[0].outcomes:
        assert each.hearing.greeting_ms is not None
        assert len(each.hearing.responses_ms) >= 3
