"""An explanation says what the rules do: it offers what they offer and refuses with their code."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from slot_worlds import World, worlds

from dalpak.domain.booking import Accepted, Request, decide
from dalpak.domain.explain import OFFERED, Detail, explain, hours_come_from
from dalpak.domain.holidays import holidays_on
from dalpak.domain.policy import HolidayRule, Policy
from dalpak.domain.records import Busy, Resource, Service
from dalpak.domain.slots import free_slots
from dalpak.domain.walltime import WEEKDAYS

pytestmark = pytest.mark.unit


@settings(max_examples=60, deadline=None)
@given(worlds())
def test_every_step_is_judged_as_a_caller_would_be(world: World) -> None:
    policy, _, day, busy, now, chair = world
    steps = explain(policy, None, day, busy, now, resources=(chair,))
    offered = free_slots(policy, None, day, busy, now, resources=(chair,))
    shown = [s for s in steps if s.code == OFFERED]
    assert [time(s.minute // 60, s.minute % 60) for s in shown] == [
        s.start.astimezone(policy.zone).time() for s in offered
    ]
    assert [s.minute for s in steps] == sorted({s.minute for s in steps})
    for step in steps[:: 1 + len(steps) // 6]:
        request = Request(day, time(step.minute // 60, step.minute % 60))
        decision = decide(request, policy, None, (chair,), busy, now)
        code = OFFERED if isinstance(decision, Accepted) else decision.code
        assert step.code == code
        assert step.code != "off_grid"


WEEK = Policy(
    opening_hours=dict.fromkeys(WEEKDAYS[:5], ((540, 720),)),
    slot_size_min=60,
    default_service_min=60,
    min_notice_min=60,
    booking_window_days=30,
)
TUESDAY = date(2026, 11, 24)
NOW = datetime(2026, 11, 24, 6, 30, tzinfo=UTC)
DANA, YOSSI = Resource("dana", "Dana"), Resource("yossi", "Yossi")


def details(policy: Policy, busy: list[Busy], service: Service | None = None) -> dict[int, Detail]:
    steps = explain(policy, service, TUESDAY, busy, NOW, resources=(DANA, YOSSI))
    return {s.minute // 60: s.detail for s in steps if s.code != OFFERED}


def busy(hour: int, resource_id: str) -> Busy:
    start = datetime(2026, 11, 24, hour - 2, tzinfo=UTC)
    end = start + timedelta(hours=1)
    return Busy(f"{resource_id}{hour}", resource_id, 0, start, end, start, end)


def test_each_rule_is_named() -> None:
    taken = [busy(10, "dana"), busy(10, "yossi"), busy(11, "dana")]
    found = details(WEEK, taken)
    assert found[3] is Detail.PAST
    assert found[9] is Detail.NOTICE
    assert found[10] is Detail.ALL_BUSY
    assert 11 not in found
    assert found[12] is Detail.OUTSIDE_HOURS
    assert details(replace(WEEK, per_day_cap=3), taken)[11] is Detail.DAY_FULL
    long = Service("colour", "Colour", 90)
    assert details(WEEK, [], long)[11] is Detail.ENDS_AFTER_CLOSING
    nobody = Service("shave", "Shave", 60, resource_ids=("ronit",))
    assert details(WEEK, [], nobody)[10] is Detail.NOBODY_GIVES_IT


def test_who_is_free_and_what_is_in_the_way() -> None:
    taken = [busy(10, "dana"), busy(10, "yossi"), busy(11, "dana")]
    steps = {
        s.minute // 60: s for s in explain(WEEK, None, TUESDAY, taken, NOW, resources=(DANA, YOSSI))
    }
    assert steps[11].free == ("yossi",)
    assert {b.appointment_id for b in steps[10].blocking} == {"dana10", "yossi10"}


def test_where_the_hours_come_from() -> None:
    pesach = date(2027, 4, 22)
    assert "pesach" in holidays_on(pesach)
    closed = {"pesach": HolidayRule.CLOSED, "erev_pesach": HolidayRule.SHORT}
    policy = replace(WEEK, holidays=closed, exceptions={"12-24": (), "2026-12-24": ((540, 600),)})
    assert hours_come_from(policy, pesach) == "holiday pesach: closed"
    assert hours_come_from(policy, pesach - timedelta(days=1)) == "holiday erev_pesach: short (wed)"
    assert hours_come_from(policy, date(2026, 12, 24)) == "exception 2026-12-24"
    assert hours_come_from(policy, date(2027, 12, 24)) == "exception 12-24"
    assert hours_come_from(policy, TUESDAY) == "tue"
    assert hours_come_from(replace(policy, allow_24_7=True), TUESDAY) == "open all day"
