"""Several services in one visit: lengths summed, one member of staff who gives them all."""

from datetime import timedelta

import pytest
from front_desk import TUESDAY, Caller, FakeClock, salon, times
from memory_store import MemoryStore

from dalpak.domain.records import Service
from dalpak.domain.slots import together
from dalpak.tools.gate import BookingGate

pytestmark = pytest.mark.unit

CUT_AND_COLOUR = ["cut", "colour"]


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore(salon())


@pytest.fixture
def caller(store: MemoryStore) -> Caller:
    return Caller(store, FakeClock())


async def test_a_visit_of_two_services(caller: Caller, store: MemoryStore) -> None:
    await caller.introduce()
    slot = await caller.choose("15:00", service_ids=CUT_AND_COLOUR)
    told = await caller.use("calendar.read_back")
    assert told.say is not None
    assert "service=Haircut and Colour" in told.say.text
    done = await caller.create(slot, await caller.agree())
    assert done.data["end_iso"] == "2026-11-24T17:00:00+02:00"
    assert done.say is not None
    assert done.say.text == "booked: service=Haircut and Colour when=Tuesday 15:00"
    row = store.tables("salon").rows[str(done.data["appointment_id"])].appointment
    assert (row.service_ids, row.resource_id) == (("cut", "colour"), "dana")
    assert row.end - row.start == timedelta(minutes=120)


async def test_the_sum_must_fit_before_closing(caller: Caller) -> None:
    found = await caller.find(date=TUESDAY, time="15:30", service_ids=CUT_AND_COLOUR)
    assert found["error"] == "closed"
    assert times(found["suggestions"]) == ["Tue 15:00", "Wed 09:00"]


async def test_the_call_remembers_them(caller: Caller) -> None:
    await caller.find(date=TUESDAY, service_ids=CUT_AND_COLOUR)
    later = await caller.find(date=TUESDAY, time="15:30")
    assert later["error"] == "closed"
    gate = BookingGate.from_json(caller.gate.to_json())
    assert (gate.service_id, gate.more_service_ids) == ("cut", ("colour",))
    alone = await caller.find(date=TUESDAY, time="15:30", service_id="cut")
    assert alone["ok"]


async def test_moving_keeps_all_of_them(caller: Caller, store: MemoryStore) -> None:
    await caller.introduce()
    slot = await caller.choose("15:00", service_ids=CUT_AND_COLOUR)
    done = await caller.create(slot, await caller.agree())
    booked = str(done.data["appointment_id"])
    moved = await caller.move(booked, "11:00")
    assert moved.data["end_iso"] == "2026-11-24T13:00:00+02:00"
    assert store.tables("salon").rows[booked].appointment.service_ids == ("cut", "colour")


async def test_what_nobody_gives_together_is_refused(store: MemoryStore) -> None:
    store.tables("salon").services.append(Service("shave", "Shave", 15, resource_ids=("yossi",)))
    caller = Caller(store, FakeClock())
    found = await caller.find(date=TUESDAY, service_ids=["colour", "shave"])
    assert found["error"] == "not_together"
    unknown = await caller.find(date=TUESDAY, service_ids=["cut", "massage"])
    assert unknown["error"] == "unknown_service"
    found = await caller.find(date=TUESDAY, service_ids=CUT_AND_COLOUR, staff_id="yossi")
    assert found["error"] == "unknown_staff"


async def test_too_many_are_bad_arguments(caller: Caller) -> None:
    found = await caller.find(date=TUESDAY, service_ids=["cut"] * 7)
    assert found["error"] == "bad_arguments"
    assert (await caller.find(date=TUESDAY, service_ids=["cut", "cut"]))["ok"]


def test_together() -> None:
    cut = Service("cut", "Cut", 30, price=90, buffer_after_min=5)
    colour = Service("colour", "Colour", 90, price=280, resource_ids=("dana", "ronit"))
    highlights = Service("hl", "Highlights", 60, buffer_after_min=15, resource_ids=("ronit", "x"))
    assert together([cut]) == cut
    both = together([cut, colour])
    assert both is not None
    assert (both.id, both.duration_min, both.price) == ("cut", 120, 370)
    assert (both.resource_ids, both.buffer_after_min) == (("dana", "ronit"), 5)
    three = together([cut, colour, highlights])
    assert three is not None
    assert (three.duration_min, three.price, three.resource_ids) == (180, None, ("ronit",))
    assert three.buffer_after_min == 15
    assert together([colour, Service("s", "S", 5, resource_ids=("yossi",))]) is None
