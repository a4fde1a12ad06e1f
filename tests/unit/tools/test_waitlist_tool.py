"""Waiting for a time: only where nothing suits, once per wish, and the business hears of it."""

from datetime import date

import pytest
from front_desk import TUESDAY, Caller, FakeClock, salon, times
from memory_store import MemoryStore

from dalpak.ports.agent import CollectDigits

pytestmark = pytest.mark.unit

MORNING = {"date": TUESDAY, "window_from": "09:00", "window_to": "10:00"}


@pytest.fixture
async def full() -> MemoryStore:
    """Tuesday from nine to ten is taken, by both of the staff."""
    store, clock = MemoryStore(salon(), salon("other")), FakeClock()
    for n, at in enumerate(("09:00", "09:00", "09:30", "09:30")):
        assert (await Caller(store, clock, call_id=f"x{n}").book(at)).ok
    return store


@pytest.fixture
async def caller(full: MemoryStore) -> Caller:
    caller = Caller(full, FakeClock(), call_id="call-1")
    await caller.introduce("Dana", "0541112233")
    return caller


async def test_who_finds_nothing_may_wait(caller: Caller, full: MemoryStore) -> None:
    done = await caller.use("calendar.waitlist", **MORNING)
    assert done.ok
    assert done.data["date"] == done.data["date_to"] == TUESDAY
    assert done.say is not None
    assert done.say.text == "waitlisted:"
    tables = full.tables("salon")
    (entry,) = tables.waitlist
    assert (entry.first_day, entry.last_day, entry.window) == (
        date(2026, 11, 24),
        date(2026, 11, 24),
        (540, 600),
    )
    assert (entry.service_ids, entry.resource_id, entry.call_id) == (("cut",), None, "call-1")
    lead = tables.leads[entry.lead_id]
    assert (lead.phone, lead.name) == ("+972541112233", "Dana")
    assert lead.note == "waitlist_note: Haircut, 24.11.2026, 09:00-10:00"
    event = tables.events[f"waitlist.joined:{entry.id}"]
    assert event.payload == {"entry_id": entry.id, "lead_id": lead.id, "call_id": "call-1"}
    assert "lead.left:call-1" in tables.events, "the staff is told"
    assert not full.tables("other").waitlist


async def test_the_same_wish_waits_once_and_three_are_enough(
    caller: Caller, full: MemoryStore
) -> None:
    first = await caller.use("calendar.waitlist", **MORNING)
    assert (await caller.use("calendar.waitlist", **MORNING)).data == first.data
    assert len(full.tables("salon").waitlist) == 1
    for staff in ("dana", "yossi"):
        assert (await caller.use("calendar.waitlist", **MORNING, staff_id=staff)).ok
    fourth = await caller.use("calendar.waitlist", **MORNING, service_id="colour")
    assert fourth.data["error"] == "too_many"
    assert (await caller.use("calendar.waitlist", **MORNING)).ok, "the known one is still told"


async def test_what_is_free_is_offered_instead(caller: Caller, full: MemoryStore) -> None:
    refused = await caller.use("calendar.waitlist", date=TUESDAY, part_of_day="morning")
    assert refused.data["error"] == "free"
    assert times(refused.data["suggestions"]) == ["Tue 10:00", "Tue 10:30"]
    assert not full.tables("salon").waitlist
    slot = refused.data["suggestions"][0]["slot_id"]  # type: ignore[index]
    assert (await caller.use("calendar.choose_slot", slot_id=slot)).ok


@pytest.mark.parametrize(
    ("when", "error"),
    [
        ({"date": "2026-11-28"}, "closed"),
        ({"date": TUESDAY, "part_of_day": "night"}, "closed"),
        ({"date": "2026-12-31"}, "too_far"),
        ({"date": "2026-11-20"}, "too_soon"),
    ],
)
async def test_nobody_waits_for_what_never_comes(
    caller: Caller, full: MemoryStore, when: dict[str, object], error: str
) -> None:
    refused = await caller.use("calendar.waitlist", **when)
    assert refused.data["error"] == error
    assert len(refused.data["suggestions"]) == 2  # type: ignore[arg-type]
    assert not full.tables("salon").waitlist


async def test_without_a_number_nobody_can_be_called(full: MemoryStore) -> None:
    caller = Caller(full, FakeClock(), call_id="call-1")
    refused = await caller.use("calendar.waitlist", **MORNING)
    assert refused.data["error"] == "need_phone"
    assert refused.directive == CollectDigits("phone", 15)
    assert not full.tables("salon").leads.keys() - {"lead_2"}


@pytest.mark.parametrize(
    "bad",
    [
        {"date": TUESDAY, "date_to": "2026-11-23"},
        {"date": TUESDAY, "window_from": "12:00", "window_to": "11:00"},
        {"date": TUESDAY, "part_of_day": "morning", "window_from": "12:00"},
        {"date": "soon"},
    ],
)
async def test_an_empty_wish_is_a_bad_one(caller: Caller, bad: dict[str, object]) -> None:
    assert (await caller.use("calendar.waitlist", **bad)).data["error"] == "bad_arguments"


@pytest.mark.parametrize(
    ("wish", "error"),
    [({"service_id": "massage"}, "unknown_service"), ({"staff_id": "ronit"}, "unknown_staff")],
)
async def test_only_what_the_business_has(
    caller: Caller, wish: dict[str, object], error: str
) -> None:
    assert (await caller.use("calendar.waitlist", **MORNING, **wish)).data["error"] == error
