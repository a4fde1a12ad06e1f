"""Figures of simulated calls: what counts as booked, as failed, and as the 95th percentile."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dalpak.simulator.media_stream import Hearing
from dalpak.simulator.playback import Pace
from dalpak.simulator.summary import Outcome, Summary, percentiles
from dalpak.simulator.verdict import Verdict

pytestmark = pytest.mark.unit

TEN = datetime(2026, 11, 24, 8, tzinfo=UTC)
BOOKED = Verdict("call", "tamar", TEN, "+972559000001", 1, 1)


def outcome(verdict: Verdict, error: str = "", **hearing: object) -> Outcome:
    return Outcome("CA1", Hearing(**hearing), verdict, error)  # type: ignore[arg-type]


def test_every_call_booked_and_confirmed_is_well() -> None:
    other = Verdict("call2", "yossi", TEN, "+972559000002", 1, 1)
    summary = Summary((outcome(BOOKED), outcome(other)), 3.14)

    assert (summary.ok, summary.booked, summary.failed, summary.confirmed) == (True, 2, 0, 2)
    assert summary.to_json()["errors"] == []
    assert summary.to_json()["seconds"] == 3.1


def test_a_call_without_an_appointment_has_failed() -> None:
    summary = Summary((outcome(BOOKED), outcome(Verdict("call2"), "no answer")), 1)

    assert (summary.ok, summary.booked, summary.failed) == (False, 1, 1)
    assert summary.errors == ["no answer"]


def test_the_same_complaint_is_told_once_with_its_number() -> None:
    summary = Summary(tuple(outcome(Verdict(), "busy") for _ in range(3)), 1)

    assert summary.errors == ["busy (3 calls)"]


def test_one_slot_given_to_two_callers_is_an_error() -> None:
    summary = Summary((outcome(BOOKED), outcome(BOOKED)), 1)

    assert not summary.ok
    assert summary.errors == [f"booked twice: tamar {TEN.isoformat()}"]


def test_sound_is_added_up_over_all_calls() -> None:
    paces = [Pace(100, 1, 0, 220, [20, 21]), Pace(50, 2, 1, 240, [25])]
    data = Summary(tuple(outcome(BOOKED, pace=p, responses_ms=[30]) for p in paces), 1).to_json()

    assert (data["frames"], data["late_frames"], data["underruns"]) == (150, 3, 1)
    assert data["lead_ms_max"] == 240
    assert data["jitter_ms"] == {"p50": 1, "p95": 5}
    assert data["response_ms"] == {"p50": 30, "p95": 30}
    assert data["greeting_ms"] == {"p50": None, "p95": None}


@given(st.lists(st.integers(0, 10_000), min_size=1, max_size=200))
def test_a_percentile_is_the_least_value_that_its_share_does_not_exceed(values: list[int]) -> None:
    found = percentiles(values)

    for name, share in (("p50", 50), ("p95", 95)):
        value = found[name]
        assert value in values
        assert 100 * sum(v <= value for v in values) >= share * len(values)
        assert 100 * sum(v < value for v in values) < share * len(values)
