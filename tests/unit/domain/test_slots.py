"""`free_slots` and `decide` against an oracle that knows nothing of intervals: it counts
minutes."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from slot_oracle import oracle
from slot_worlds import World, worlds

from dalpak.domain.booking import Accepted, Request, decide
from dalpak.domain.policy import Policy
from dalpak.domain.records import Busy, Resource, Service
from dalpak.domain.slots import free_slots
from dalpak.domain.walltime import WEEKDAYS, closing_instant

pytestmark = pytest.mark.unit


@settings(max_examples=150, deadline=None)
@given(worlds())
def test_free_slots_are_those_the_oracle_finds(
    world: World,
) -> None:
    policy, hours, day, busy, now, chair = world
    found = free_slots(policy, None, day, busy, now, resources=(chair,))
    assert [s.start for s in found] == oracle(policy, hours, day, busy, now, (chair,))


@settings(max_examples=150, deadline=None)
@given(worlds(), st.integers(0, 1439), st.integers(-2, 6))
def test_what_is_offered_is_accepted_and_a_refusal_suggests_two_where_two_exist(
    world: World,
    minute: int,
    ahead: int,
) -> None:
    policy, _, day, busy, now, chair = world
    today = now.astimezone(policy.zone).date()
    offered = [
        slot
        for n in range(policy.booking_window_days + 1)
        for slot in free_slots(
            policy, None, today + timedelta(days=n), busy, now, resources=(chair,)
        )
    ]
    for slot in offered[:20]:
        request = Request.of_instant(slot.start, policy.zone)
        assert decide(request, policy, None, (chair,), busy, now) == Accepted(slot)

    request = Request(day + timedelta(days=ahead - 2), time(minute // 60, minute % 60))
    decision = decide(request, policy, None, (chair,), busy, now)
    if isinstance(decision, Accepted):
        assert decision.slot in offered
    else:
        assert len(decision.suggestions) == min(2, len(offered))
        assert set(decision.suggestions) <= set(offered)
        assert list(decision.suggestions) == sorted(decision.suggestions, key=lambda s: s.start)


# -- what the oracle does not know -----------------------------------------------------------------

NINE_TO_FIVE = Policy(
    opening_hours=dict.fromkeys(WEEKDAYS, ((540, 1020),)),
    slot_size_min=60,
    default_service_min=60,
    min_notice_min=0,
    require_phone_before_booking=False,
)
NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
DAY = date(2026, 11, 24)
DANA, YOSSI = Resource("dana", "Dana"), Resource("yossi", "Yossi")


def busy_at(hour: int, resource_id: str, *, lane: int = 0, id_: str = "x") -> Busy:
    start = datetime(2026, 11, 24, hour, tzinfo=ZoneInfo("Asia/Jerusalem")).astimezone(UTC)
    end = start + timedelta(hours=1)
    return Busy(id_, resource_id, lane, start, end, start, end)


def hours_of(slots: tuple[object, ...] | object) -> list[int]:
    assert isinstance(slots, tuple)
    return [s.start.astimezone(ZoneInfo("Asia/Jerusalem")).hour for s in slots]


def test_one_free_member_of_staff_keeps_the_hour_and_the_idlest_gets_it() -> None:
    busy = [busy_at(9, "dana"), busy_at(11, "dana"), busy_at(11, "yossi")]
    slots = free_slots(NINE_TO_FIVE, None, DAY, busy, NOW, resources=(DANA, YOSSI))
    assert hours_of(slots) == [9, 10, 12, 13, 14, 15, 16]
    assert {s.resource_id for s in slots} == {"yossi"}


def test_only_those_who_give_the_service_are_asked() -> None:
    colour = Service("colour", "Colour", 120, resource_ids=("dana",), buffer_after_min=30)
    busy = [busy_at(12, "dana")]
    slots = free_slots(NINE_TO_FIVE, colour, DAY, busy, NOW, resources=(DANA, YOSSI))
    assert hours_of(slots) == [9, 13, 14, 15]
    assert {s.resource_id for s in slots} == {"dana"}
    assert slots[0].end - slots[0].start == timedelta(hours=2)
    assert slots[0].block_end - slots[0].end == timedelta(minutes=30)


def test_the_callers_own_hold_does_not_block_the_caller() -> None:
    own = busy_at(9, "dana", id_="own")
    assert 9 not in hours_of(free_slots(NINE_TO_FIVE, None, DAY, [own], NOW, resources=(DANA,)))
    slots = free_slots(NINE_TO_FIVE, None, DAY, [own], NOW, resources=(DANA,), ignoring="own")
    assert 9 in hours_of(slots)


def test_no_resource_means_nothing_is_free() -> None:
    assert free_slots(NINE_TO_FIVE, None, DAY, [], NOW, resources=()) == ()


def test_policy_capacity_narrows_a_resource() -> None:
    room = Resource("room", "Room", capacity=3)
    one = replace(NINE_TO_FIVE, capacity=1)
    busy = [busy_at(9, "room")]
    assert 9 in hours_of(free_slots(NINE_TO_FIVE, None, DAY, busy, NOW, resources=(room,)))
    assert 9 not in hours_of(free_slots(one, None, DAY, busy, NOW, resources=(room,)))


def test_a_naive_now_is_refused_by_type() -> None:
    with pytest.raises(TypeError):
        free_slots(NINE_TO_FIVE, None, DAY, [], datetime(2026, 11, 23), resources=(DANA,))


def test_grace_lets_a_holder_finish() -> None:
    policy = replace(NINE_TO_FIVE, min_notice_min=60)
    now = datetime(2026, 11, 24, 10, 1, tzinfo=ZoneInfo("Asia/Jerusalem"))
    grace = timedelta(minutes=3)
    assert hours_of(free_slots(policy, None, DAY, [], now, resources=(DANA,)))[0] == 12
    slots = free_slots(policy, None, DAY, [], now, resources=(DANA,), grace=grace)
    assert hours_of(slots)[0] == 11


def test_a_window_that_ends_in_the_skipped_hour_ends_at_the_change() -> None:
    zone = ZoneInfo("Asia/Jerusalem")
    at = closing_instant(zone, date(2027, 3, 26), 150)
    assert at == datetime(2027, 3, 26, 0, 0, tzinfo=UTC)
