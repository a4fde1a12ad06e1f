"""Every refusal by name, with the suggestions a caller hears."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest

from dalpak.domain.booking import (
    Accepted,
    Decision,
    NeedsPhone,
    Request,
    day_part,
    decide,
)
from dalpak.domain.policy import Policy
from dalpak.domain.records import Busy, Resource
from dalpak.domain.walltime import WEEKDAYS

pytestmark = pytest.mark.unit

POLICY = Policy(
    opening_hours={d: ((540, 1020),) for d in WEEKDAYS if d != "sat"},
    slot_size_min=30,
    min_notice_min=60,
    booking_window_days=14,
)
DANA = Resource("dana", "Dana")
NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)  # Monday, 10:00 in Israel
TUE, SAT = date(2026, 11, 24), date(2026, 11, 28)


def local(decision: Decision) -> list[str]:
    assert not isinstance(decision, Accepted)
    return [s.start.astimezone(POLICY.zone).strftime("%a %H:%M") for s in decision.suggestions]


def ask(
    day: date, hour: int, minute: int = 0, *, busy: tuple[Busy, ...] = (), policy: Policy = POLICY
) -> Decision:
    return decide(Request(day, time(hour, minute)), policy, None, (DANA,), busy, NOW)


def visit(day: date, start: str, end: str) -> Busy:
    zone = POLICY.zone
    a, b = (
        datetime.combine(day, time.fromisoformat(t), zone).astimezone(UTC) for t in (start, end)
    )
    return Busy("x", "dana", 0, a, b, a, b)


def test_a_free_start_is_accepted() -> None:
    decision = ask(TUE, 10)
    assert isinstance(decision, Accepted)
    assert decision.slot.start == datetime(2026, 11, 24, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("day", "hour", "minute", "code", "suggested"),
    [
        (TUE, 10, 7, "off_grid", ["Tue 10:00", "Tue 10:30"]),
        (TUE, 11, 45, "off_grid", ["Tue 11:30", "Tue 12:00"]),
        (TUE, 3, 7, "off_grid", ["Tue 09:00", "Tue 09:30"]),
        (TUE, 20, 0, "closed", ["Wed 09:00", "Wed 09:30"]),
        (TUE, 17, 0, "closed", ["Tue 16:30", "Wed 09:00"]),
        (SAT, 10, 0, "closed", ["Sun 09:00", "Sun 09:30"]),
        (date(2026, 11, 23), 10, 30, "too_soon", ["Mon 11:00", "Mon 11:30"]),
        (date(2026, 11, 22), 10, 0, "too_soon", ["Mon 11:00", "Mon 11:30"]),
        (date(2026, 12, 8), 10, 0, "too_far", ["Mon 16:00", "Mon 16:30"]),
        (date(9999, 12, 31), 10, 0, "too_far", ["Mon 16:00", "Mon 16:30"]),
        (date(1, 1, 1), 10, 0, "too_soon", ["Mon 11:00", "Mon 11:30"]),
    ],
)
def test_refusals(day: date, hour: int, minute: int, code: str, suggested: list[str]) -> None:
    decision = ask(day, hour, minute)
    assert decision.code == code
    assert local(decision) == suggested


def test_the_notice_boundary_itself_is_kept() -> None:
    assert isinstance(ask(date(2026, 11, 23), 11), Accepted)


def test_taken_suggests_around_it() -> None:
    decision = ask(TUE, 10, busy=(visit(TUE, "10:00", "10:30"),))
    assert decision.code == "taken"
    assert local(decision) == ["Tue 09:30", "Tue 10:30"]


def test_a_full_day_is_taken() -> None:
    capped = replace(POLICY, per_day_cap=1)
    decision = ask(TUE, 15, busy=(visit(TUE, "10:00", "10:30"),), policy=capped)
    assert decision.code == "taken"
    assert local(decision) == ["Wed 09:00", "Wed 09:30"]


def test_nothing_free_at_all_suggests_nothing() -> None:
    decision = ask(TUE, 10, policy=Policy())
    assert decision.code == "closed"
    assert decision.suggestions == ()


def test_one_free_slot_in_the_world_is_the_only_suggestion() -> None:
    lonely = Policy(exceptions={"2026-11-26": ((600, 630),)}, min_notice_min=0)
    decision = ask(TUE, 10, policy=lonely)
    assert decision.code == "closed"
    assert local(decision) == ["Thu 10:00"]


def test_no_phone_is_said_only_of_a_time_that_is_free() -> None:
    asked = Request(TUE, time(10), phone_known=False)
    decision = decide(asked, POLICY, None, (DANA,), (), NOW)
    assert isinstance(decision, NeedsPhone)
    free = decide(
        asked, replace(POLICY, require_phone_before_booking=False), None, (DANA,), (), NOW
    )
    assert isinstance(free, Accepted)
    late = decide(replace(asked, at=time(20)), POLICY, None, (DANA,), (), NOW)
    assert late.code == "closed"


NIGHT = Policy(
    opening_hours=dict.fromkeys(WEEKDAYS, ((0, 360),)),
    slot_size_min=30,
    min_notice_min=0,
    booking_window_days=730,
    require_phone_before_booking=False,
)


def test_the_hour_that_the_clock_skips_does_not_exist() -> None:
    decision = ask(date(2027, 3, 26), 2, 30, policy=NIGHT)
    assert decision.code == "does_not_exist"
    assert local(decision) == ["Fri 01:30", "Fri 03:00"]


def test_the_hour_that_comes_twice_is_bookable_once() -> None:
    first = ask(date(2027, 10, 31), 1, 30, policy=NIGHT)
    assert isinstance(first, Accepted)
    assert first.slot.start == datetime(2027, 10, 30, 22, 30, tzinfo=UTC)
    second = Request.of_instant(first.slot.start + timedelta(hours=1), NIGHT.zone)
    assert second.at.fold == 1
    decision = decide(second, NIGHT, None, (DANA,), (), NOW)
    assert decision.code == "off_grid"
    assert len(decision.suggestions) == 2


def test_a_visit_runs_over_midnight_only_into_an_open_day() -> None:
    late = Policy(
        opening_hours={"mon": ((1380, 1440),), "tue": ((0, 30),)},
        slot_size_min=30,
        default_service_min=90,
        min_notice_min=0,
        require_phone_before_booking=False,
    )
    monday = date(2026, 11, 30)
    assert isinstance(ask(monday, 23, policy=late), Accepted)
    assert ask(monday, 23, 30, policy=late).code == "closed"
    closed_tuesday = replace(late, exceptions={"2026-12-01": ()})
    assert ask(monday, 23, policy=closed_tuesday).code == "closed"


def test_a_naive_instant_is_refused_by_type() -> None:
    with pytest.raises(TypeError):
        Request.of_instant(datetime(2026, 11, 24, 10), POLICY.zone)


def test_parts_of_the_day_as_they_are_spoken() -> None:
    spoken = {h: day_part(h * 60) for h in (4, 5, 11, 12, 14, 15, 17, 18, 21, 22)}
    assert spoken == {
        4: "night",
        5: "morning",
        11: "morning",
        12: "noon",
        14: "noon",
        15: "afternoon",
        17: "afternoon",
        18: "evening",
        21: "evening",
        22: "night",
    }
