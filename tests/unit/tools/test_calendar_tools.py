"""`calendar.find_slots` and `calendar.choose_slot`, as an agent sees them."""

from datetime import datetime
from typing import Any

import pytest
from front_desk import TUESDAY, Caller, FakeClock, salon, times
from memory_store import MemoryStore

pytestmark = pytest.mark.unit


@pytest.fixture
def caller() -> Caller:
    return Caller(MemoryStore(salon()), FakeClock())


async def test_the_asked_time_is_exact_and_first(caller: Caller) -> None:
    found = await caller.find(date=TUESDAY, time="10:00")
    assert times(found["slots"]) == ["Tue 10:00", "Tue 09:30", "Tue 10:30"]
    assert found["exact"] == found["slots"][0]["slot_id"]
    assert found["slots"][0]["end_iso"] == "2026-11-24T10:30:00+02:00"
    assert found["slots"][0]["resource_id"] == "dana"


@pytest.mark.parametrize(
    ("asked", "error", "suggested"),
    [
        ({"date": TUESDAY, "time": "10:07"}, "off_grid", ["Tue 10:00", "Tue 10:30"]),
        ({"date": TUESDAY, "time": "20:00"}, "closed", ["Wed 09:00", "Wed 09:30"]),
        ({"date": "2026-11-28", "time": "10:00"}, "closed", ["Sun 09:00", "Sun 09:30"]),
        ({"date": "2026-11-23", "time": "10:30"}, "too_soon", ["Mon 11:00", "Mon 11:30"]),
        ({"date": "2026-12-20", "time": "10:00"}, "too_far", ["Mon 16:00", "Mon 16:30"]),
        ({"date": "2026-11-28"}, "closed", ["Sun 09:00", "Sun 09:30"]),
        ({"date": "2026-12-20"}, "too_far", ["Mon 16:00", "Mon 16:30"]),
        ({"date": "2026-11-20"}, "too_soon", ["Mon 11:00", "Mon 11:30"]),
        (
            {"date": TUESDAY, "window_from": "17:00", "window_to": "20:00"},
            "none_free",
            ["Tue 16:30", "Wed 09:00"],
        ),
        ({"date": TUESDAY, "part_of_day": "night"}, "none_free", ["Wed 09:00", "Wed 09:30"]),
    ],
)
async def test_refusals_come_with_two_bookable_suggestions(
    caller: Caller, asked: dict[str, object], error: str, suggested: list[str]
) -> None:
    refused = await caller.find(**asked)
    assert refused["ok"] is False
    assert refused["error"] == error
    assert refused["reason"]
    assert times(refused["suggestions"]) == suggested
    for suggestion in refused["suggestions"]:
        assert (await caller.use("calendar.choose_slot", slot_id=suggestion["slot_id"])).ok


async def test_taken_by_somebody_else(caller: Caller) -> None:
    for n in range(2):
        other = Caller(caller.store, caller.clock, call_id=f"other-{n}")
        assert (await other.book()).ok
    refused = await caller.find(date=TUESDAY, time="10:00")
    assert refused["error"] == "taken"
    assert times(refused["suggestions"]) == ["Tue 09:30", "Tue 10:30"]


async def test_a_day_is_spread_from_its_first_slot_to_its_last(caller: Caller) -> None:
    found = await caller.find(date=TUESDAY)
    assert times(found["slots"]) == ["Tue 09:00", "Tue 13:00", "Tue 16:30"]
    assert found["exact"] is None
    whole = await caller.find(date=TUESDAY, limit=100)
    assert len(whole["slots"]) == 16


async def test_the_earliest_when_nothing_is_said(caller: Caller) -> None:
    assert times((await caller.find(limit=1))["slots"]) == ["Mon 11:00"]
    assert times((await caller.find())["slots"])[0] == "Mon 11:00"
    many = times((await caller.find(limit=40))["slots"])
    assert len(many) == 40
    assert many[0] == "Mon 11:00"
    assert many[-1] == "Wed 14:30"


async def test_an_hour_without_a_day_is_looked_for_on_the_next_days(caller: Caller) -> None:
    found = await caller.find(time="10:00")
    assert times(found["slots"]) == ["Tue 10:00", "Wed 10:00", "Thu 10:00"]
    assert found["exact"] is None


async def test_a_range_offers_over_its_days(caller: Caller) -> None:
    found = await caller.find(date=TUESDAY, date_to="2026-11-26", part_of_day="afternoon")
    assert times(found["slots"]) == ["Tue 15:00", "Wed 15:00", "Thu 15:00"]
    one = await caller.find(date=TUESDAY, date_to="2027-02-01", limit=1)
    assert times(one["slots"]) == ["Tue 09:00"]
    more = await caller.find(date=TUESDAY, date_to="2026-11-25", limit=5)
    assert times(more["slots"]) == [
        "Tue 09:00",
        "Tue 09:30",
        "Tue 10:00",
        "Tue 10:30",
        "Wed 09:00",
    ]


async def test_a_window_is_half_open(caller: Caller) -> None:
    found = await caller.find(date=TUESDAY, window_from="12:00", window_to="13:00")
    assert times(found["slots"]) == ["Tue 12:00", "Tue 12:30"]


async def test_service_and_staff(caller: Caller) -> None:
    found = await caller.find(date=TUESDAY, service_id="colour", time="15:30")
    assert found["ok"]
    assert found["slots"][0]["end_iso"] == "2026-11-24T17:00:00+02:00"
    # The service stays with the call.
    assert (await caller.find(date=TUESDAY, time="16:00"))["error"] == "closed"
    assert (await caller.find(service_id="nails"))["error"] == "unknown_service"
    staff = await caller.find(service_id="colour", staff_id="yossi")
    assert staff["error"] == "unknown_staff"
    assert [s["staff_id"] for s in staff["staff"]] == ["dana"]
    yossi = await caller.find(date=TUESDAY, service_id="cut", staff_id="yossi")
    assert {s["resource_id"] for s in yossi["slots"]} == {"yossi"}


@pytest.mark.parametrize(
    "bad",
    [
        {"date": "2026-02-31"},
        {"date": "24.11.2026"},
        {"date": TUESDAY, "time": "25:00"},
        {"date": TUESDAY, "time": "10"},
        {"date": TUESDAY, "date_to": "2026-11-20"},
        {"limit": 0},
        {"limit": "3"},
        {"part_of_day": "teatime"},
        {"business_id": "other"},
        {"date": ["2026-11-24"]},
        {"service_id": "x" * 1_000_000},
    ],
)
async def test_bad_arguments_are_an_answer(caller: Caller, bad: dict[str, object]) -> None:
    refused = await caller.find(**bad)
    assert (refused["ok"], refused["error"]) == (False, "bad_arguments")
    assert len(str(refused["reason"])) < 200


async def test_the_edge_of_the_calendar_is_an_answer(caller: Caller) -> None:
    assert (await caller.find(date="9999-12-31", time="10:00"))["error"] == "too_far"
    assert (await caller.find(date="0001-01-01", time="10:00"))["error"] == "too_soon"
    assert (await caller.find(date="0001-01-01", date_to="9999-12-31"))["ok"]


async def test_only_what_was_offered_in_this_call_can_be_chosen(caller: Caller) -> None:
    other = Caller(caller.store, caller.clock, call_id="other")
    found = await other.find(date=TUESDAY)
    slot: dict[str, Any] = found["slots"][0]
    refused = await caller.use("calendar.choose_slot", slot_id=slot["slot_id"])
    assert refused.data["error"] == "not_offered"
    assert caller.gate.chosen is None


async def test_a_fully_booked_business_suggests_nothing() -> None:
    caller = Caller(MemoryStore(salon(opening_hours_json={})), FakeClock())
    refused = await caller.find(date=TUESDAY, time="10:00")
    assert (refused["error"], refused["suggestions"]) == ("closed", [])
    assert (await caller.find())["error"] == "closed"


async def test_suggestions_far_away_are_judged_by_the_whole_diary() -> None:
    """The nearest free day lies beyond the appointments that were loaded first."""
    lonely = {f"2026-12-0{n}": [["09:00", "09:30"]] for n in (3, 4, 6)}
    tables = salon(opening_hours_json={}, exceptions=lonely)
    tables.resources = tables.resources[:1]
    store = MemoryStore(tables)
    clock = FakeClock()
    assert (await Caller(store, clock, call_id="first").book("09:00", "2026-12-03")).ok
    refused = await Caller(store, clock).find(date=TUESDAY, time="10:00")
    assert times(refused["suggestions"]) == ["Fri 09:00", "Sun 09:00"]
    starts = [datetime.fromisoformat(s["start_iso"]).day for s in refused["suggestions"]]
    assert starts == [4, 6]
