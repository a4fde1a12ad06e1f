"""Read-back and creation: one slot, one caller, one appointment, and words only from the row."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from front_desk import TUESDAY, Caller, FakeClock, salon, times
from memory_store import MemoryStore

from dalpak.domain.records import AppointmentStatus, Resource
from dalpak.language.base import Answer
from dalpak.ports.agent import CollectDigits
from dalpak.ports.store import PolicyRow
from dalpak.tools.gate import BookingGate

pytestmark = pytest.mark.unit

TEN = datetime(2026, 11, 24, 8, tzinfo=UTC)


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore(salon())


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def caller(store: MemoryStore, clock: FakeClock) -> Caller:
    return Caller(store, clock)


def booked(store: MemoryStore) -> list[tuple[datetime, str]]:
    rows = [r.appointment for r in store.tables("salon").rows.values()]
    return sorted((a.start, a.resource_id) for a in rows if a.status is AppointmentStatus.BOOKED)


async def test_a_whole_booking(caller: Caller, store: MemoryStore) -> None:
    done = await caller.book()
    assert done.ok
    appointment_id = done.data["appointment_id"]
    assert done.data["start_iso"] == "2026-11-24T10:00:00+02:00"
    assert done.say is not None
    assert done.say.text == "booked: service=Haircut when=Tuesday 10:00"
    tables = store.tables("salon")
    row = tables.rows[str(appointment_id)].appointment
    assert (row.start, row.name, row.phone, row.call_id) == (TEN, "Noa", "+972523456789", "call-1")
    lead = tables.leads[str(row.lead_id)]
    assert (lead.name, lead.phone) == ("Noa", "+972523456789")
    assert list(tables.events) == [f"appointment.created:{appointment_id}"]
    assert tables.events[f"appointment.created:{appointment_id}"].payload == {
        "appointment_id": appointment_id
    }


async def test_the_read_back_says_everything_and_holds_the_slot(
    caller: Caller, store: MemoryStore, clock: FakeClock
) -> None:
    await caller.choose()
    await caller.introduce()
    told = await caller.use("calendar.read_back")
    assert told.say is not None
    assert told.say.text == (
        "read_back: name=Noa phone=0 5 2 3 4 5 6 7 8 9 service=Haircut when=Tuesday 10:00"
    )
    assert told.say_tag == told.data["nonce"]
    (row,) = store.tables("salon").rows.values()
    assert row.appointment.status is AppointmentStatus.HELD
    assert row.appointment.hold_until == clock.now() + timedelta(minutes=3)
    assert row.holder == "call-1"


async def test_who_must_be_known_first(store: MemoryStore, clock: FakeClock) -> None:
    caller = Caller(store, clock)
    assert (await caller.use("calendar.read_back")).data["error"] == "no_slot"
    await caller.choose()
    assert (await caller.use("calendar.read_back")).data["error"] == "need_name"
    await caller.introduce(phone=None)
    refused = await caller.use("calendar.read_back")
    assert refused.data["error"] == "need_phone"
    assert refused.directive == CollectDigits("phone", 15)
    assert not store.tables("salon").rows


async def test_a_carrier_number_is_contact_and_is_not_read_out(
    store: MemoryStore, clock: FakeClock
) -> None:
    caller = Caller(store, clock, phone="+972541112233")
    await caller.choose()
    await caller.introduce(phone=None)
    told = await caller.use("calendar.read_back")
    assert told.say is not None
    assert told.say.text.startswith("read_back_no_phone:")
    assert caller.gate.phone == "+972541112233"


@pytest.mark.parametrize("withheld", [None, "", "anonymous", "+266696687"])
async def test_a_withheld_number_is_no_number(
    store: MemoryStore, clock: FakeClock, withheld: str | None
) -> None:
    caller = Caller(store, clock, phone=withheld)
    await caller.choose()
    await caller.introduce(phone=None)
    assert (await caller.use("calendar.read_back")).data["error"] == "need_phone"


async def test_a_landline_is_not_taken_for_the_callers_mobile(
    store: MemoryStore, clock: FakeClock
) -> None:
    caller = Caller(store, clock, phone="+97236234567")
    await caller.choose()
    await caller.introduce(phone=None)
    assert (await caller.use("calendar.read_back")).data["error"] == "need_phone"
    # The caller may still insist on it.
    assert (await caller.use("leads.note_contact", phone="+97236234567")).ok
    assert (await caller.use("calendar.read_back")).ok


async def test_without_ears_a_number_is_enough(store: MemoryStore, clock: FakeClock) -> None:
    caller = Caller(store, clock, ears=False)
    slot = await caller.choose()
    assert (await caller.use("calendar.read_back")).data["error"] == "need_phone"
    assert (await caller.use("leads.note_contact", phone="0523456789")).ok
    nonce = await caller.agree()
    done = await caller.create(slot, nonce)
    assert done.ok
    assert booked(store) == [(TEN, "dana")]


async def test_a_business_that_wants_no_number(clock: FakeClock) -> None:
    store = MemoryStore(salon(require_phone_before_booking=False))
    caller = Caller(store, clock)
    slot = await caller.choose()
    await caller.introduce(phone=None)
    assert (await caller.create(slot, await caller.agree())).ok


# -- SPEC C2 ---------------------------------------------------------------------------------------


async def test_an_off_grid_start_gets_two_suggestions(caller: Caller) -> None:
    for start in ("2026-11-24T10:07:00+02:00", "2026-11-24T10:07", "2026-11-24T08:07:00Z"):
        refused = await caller.create(start, "")
        assert refused.data["error"] == "off_grid"
        assert times(refused.data["suggestions"]) == ["Tue 10:00", "Tue 10:30"]


async def test_no_phone_is_said_before_anything_else_is_missing(caller: Caller) -> None:
    refused = await caller.create("2026-11-24T10:00:00+02:00", "")
    assert refused.data["error"] == "need_phone"
    assert refused.directive == CollectDigits("phone", 15)
    slot = await caller.choose()
    assert (await caller.create(slot, "")).data["error"] == "need_phone"


async def test_the_gate_decides(caller: Caller, store: MemoryStore) -> None:
    await caller.introduce()
    refused = await caller.create("2026-11-24T10:00:00+02:00", "x")
    assert (refused.data["error"], refused.data["reason"]) == ("not_confirmed", "not_offered")
    assert times(refused.data["suggestions"]) == ["Tue 10:00"]
    assert (await caller.create("s99", "x")).data["reason"] == "not_offered"
    assert (await caller.create("<script>", "x")).data["reason"] == "not_offered"
    slot = await caller.choose()
    assert (await caller.create(slot, "x")).data["reason"] == "not_read_back"
    told = await caller.use("calendar.read_back")
    nonce = str(told.say_tag)
    assert (await caller.create(slot, nonce)).data["reason"] == "not_heard"
    caller.gate.heard(nonce)
    assert (await caller.create(slot, nonce)).data["reason"] == "no_yes"
    caller.gate.caller_said(Answer.AFFIRM)
    assert (await caller.create(slot, "x")).data["reason"] == "wrong_nonce"
    await caller.use("leads.note_contact", name="Dana")
    assert (await caller.create(slot, nonce)).data["reason"] == "not_read_back"
    assert booked(store) == []


async def test_a_start_that_was_chosen_may_be_named_by_its_time(caller: Caller) -> None:
    await caller.choose()
    await caller.introduce()
    nonce = await caller.agree()
    assert (await caller.create("2026-11-24T08:00:00Z", nonce)).ok


# -- twice, late, lost -------------------------------------------------------------------------------


async def test_repeating_gives_the_same_appointment(caller: Caller, store: MemoryStore) -> None:
    slot = await caller.choose()
    await caller.introduce()
    nonce = await caller.agree()
    answers = await asyncio.gather(*(caller.create(slot, nonce) for _ in range(20)))
    assert {a.data.get("appointment_id") for a in answers} == {answers[0].data["appointment_id"]}
    assert all(a.say == answers[0].say for a in answers)
    assert len(booked(store)) == 1
    assert len(store.tables("salon").events) == 1


async def test_an_answer_that_was_lost_is_found_again(caller: Caller, store: MemoryStore) -> None:
    slot = await caller.choose()
    await caller.introduce()
    nonce = await caller.agree()
    store.lose_answer = True
    lost = await caller.create(slot, nonce)
    assert (lost.data["error"], lost.data["reason"]) == ("internal", "OSError")
    assert lost.say is None
    caller.clock.forward(minutes=10)
    again = await caller.create(slot, nonce)
    assert again.ok
    assert len(booked(store)) == 1
    assert len(store.tables("salon").events) == 1


async def test_a_failed_commit_books_nothing_and_may_be_tried_again(
    caller: Caller, store: MemoryStore
) -> None:
    slot = await caller.choose()
    await caller.introduce()
    nonce = await caller.agree()
    store.fail_next = True
    failed = await caller.create(slot, nonce)
    assert failed.data["error"] == "internal"
    assert failed.say is None
    assert booked(store) == []
    assert not store.tables("salon").events
    assert (await caller.create(slot, nonce)).ok


async def test_a_late_yes_books_if_the_slot_is_still_free(
    caller: Caller, store: MemoryStore, clock: FakeClock
) -> None:
    slot = await caller.choose()
    await caller.introduce()
    nonce = await caller.agree()
    clock.forward(minutes=4)
    assert (await caller.create(slot, nonce)).ok
    assert booked(store) == [(TEN, "dana")]


async def test_a_late_yes_after_somebody_else_gets_two_others(clock: FakeClock) -> None:
    tables = salon()
    tables.resources = [Resource("dana", "Dana")]
    store = MemoryStore(tables)
    late, quick = Caller(store, clock), Caller(store, clock, call_id="call-2")
    slot = await late.choose()
    await late.introduce()
    nonce = await late.agree()
    clock.forward(minutes=3)
    assert (await quick.book()).ok
    refused = await late.create(slot, nonce)
    assert refused.data["error"] == "taken"
    assert times(refused.data["suggestions"]) == ["Tue 09:30", "Tue 10:30"]
    assert booked(store) == [(TEN, "dana")]


async def test_a_hold_keeps_others_out_until_it_ends(clock: FakeClock) -> None:
    tables = salon()
    tables.resources = [Resource("dana", "Dana")]
    store = MemoryStore(tables)
    first, second = Caller(store, clock), Caller(store, clock, call_id="call-2")
    await first.choose()
    await first.introduce()
    await first.agree()
    assert (await second.find(date=TUESDAY, time="10:00"))["error"] == "taken"
    # The holder itself sees the slot.
    assert (await first.find(date=TUESDAY, time="10:00"))["ok"]
    clock.forward(minutes=3)
    assert (await second.find(date=TUESDAY, time="10:00"))["ok"]


async def test_changing_the_slot_frees_the_first_hold(caller: Caller, store: MemoryStore) -> None:
    await caller.choose("10:00")
    await caller.introduce()
    await caller.agree()
    second = await caller.choose("11:00")
    nonce = await caller.agree()
    states = sorted(r.appointment.status for r in store.tables("salon").rows.values())
    assert states == ["expired", "held"]
    third = await caller.choose("10:00")
    nonce = await caller.agree()
    assert (await caller.create(third, nonce)).ok
    assert booked(store) == [(TEN, "dana")]
    assert (await caller.create(second, nonce)).data["error"] == "not_confirmed"


async def test_reading_back_again_keeps_the_hold_and_needs_a_new_yes(
    caller: Caller, store: MemoryStore
) -> None:
    slot = await caller.choose()
    await caller.introduce()
    first = await caller.agree()
    second = (await caller.use("calendar.read_back")).say_tag
    assert second != first
    assert (await caller.create(slot, first)).data["reason"] == "wrong_nonce"
    assert (await caller.create(slot, str(second))).data["reason"] == "not_heard"
    assert len(store.tables("salon").rows) == 1


async def test_a_process_that_took_over_finishes_the_call(
    caller: Caller, store: MemoryStore, clock: FakeClock
) -> None:
    slot = await caller.choose()
    await caller.introduce()
    nonce = await caller.agree()
    gate = BookingGate.from_json(caller.gate.to_json())
    assert (await Caller(store, clock, gate=gate).create(slot, nonce)).ok
    assert booked(store) == [(TEN, "dana")]


# -- others ------------------------------------------------------------------------------------------


async def test_fifty_callers_one_slot(clock: FakeClock) -> None:
    tables = salon()
    tables.resources = [Resource("dana", "Dana")]
    store = MemoryStore(tables)
    callers = [Caller(store, clock, call_id=f"call-{n}") for n in range(50)]
    for c in callers:
        await c.choose()
        await c.introduce()
    told = await asyncio.gather(*(c.use("calendar.read_back") for c in callers))
    winners = [c for c, t in zip(callers, told, strict=True) if t.ok]
    losers = [t for t in told if not t.ok]
    assert len(winners) == 1
    assert {t.data["error"] for t in losers} == {"taken"}
    assert all(len(t.data["suggestions"]) == 2 for t in losers)  # type: ignore[arg-type]
    assert len({r.lane for r in store.tables("salon").rows.values()}) == 1


async def test_anybody_means_whoever_is_free_when_it_is_booked(
    store: MemoryStore, clock: FakeClock
) -> None:
    first, second = Caller(store, clock), Caller(store, clock, call_id="call-2")
    slot_1, slot_2 = await first.choose(), await second.choose()
    for c in (first, second):
        await c.introduce()
    assert (await first.create(slot_1, await first.agree())).ok
    assert (await second.create(slot_2, await second.agree())).ok
    assert booked(store) == [(TEN, "dana"), (TEN, "yossi")]


async def test_the_member_of_staff_asked_for_is_not_exchanged(
    store: MemoryStore, clock: FakeClock
) -> None:
    first, second = Caller(store, clock), Caller(store, clock, call_id="call-2")
    await first.choose(staff_id="dana")
    await second.choose(staff_id="dana")
    for c in (first, second):
        await c.introduce()
    await first.agree()
    refused = await second.use("calendar.read_back")
    assert refused.data["error"] == "taken"
    assert {s["resource_id"] for s in refused.data["suggestions"]} == {"dana"}  # type: ignore[attr-defined]


async def test_a_policy_changed_in_mid_call_is_obeyed(
    caller: Caller, store: MemoryStore, clock: FakeClock
) -> None:
    slot = await caller.choose()
    await caller.introduce()
    nonce = await caller.agree()
    tables = store.tables("salon")
    closed = {**tables.policy.raw, "exceptions": {TUESDAY: []}}
    tables.policy = PolicyRow(closed, 2)
    refused = await caller.create(slot, nonce)
    assert refused.data["error"] == "closed"
    assert times(refused.data["suggestions"]) == ["Wed 09:00", "Wed 09:30"]
    assert booked(store) == []
    # What it held is free again for others.
    assert all(not r.blocks(clock.now()) for r in store.tables("salon").rows.values())


async def test_notice_is_forgiven_while_the_slot_is_held(store: MemoryStore) -> None:
    clock = FakeClock(datetime(2026, 11, 24, 8, 58, tzinfo=UTC))  # 10:58 in Israel
    caller = Caller(store, clock)
    slot = await caller.choose("12:00")
    await caller.introduce()
    clock.forward(minutes=3)
    nonce = await caller.agree()
    clock.forward(minutes=1)
    assert (await caller.create(slot, nonce)).ok


async def test_a_daily_cap_counts_everybody(clock: FakeClock) -> None:
    store = MemoryStore(salon(per_day_cap=1))
    assert (await Caller(store, clock).book("10:00")).ok
    refused = await Caller(store, clock, call_id="call-2").find(date=TUESDAY, time="12:00")
    assert refused["error"] == "taken"
    assert times(refused["suggestions"]) == ["Wed 09:00", "Wed 09:30"]


async def test_two_visits_in_one_call(caller: Caller, store: MemoryStore) -> None:
    first = await caller.book("10:00")
    second = await caller.book("10:00", "2026-11-25")
    assert first.ok
    assert second.ok
    assert len(booked(store)) == 2
    assert len(store.tables("salon").leads) == 1


async def test_the_other_tenant_is_out_of_reach(clock: FakeClock) -> None:
    store = MemoryStore(salon(), salon("other"))
    mine, theirs = Caller(store, clock), Caller(store, clock, call_id="x", business_id="other")
    done = await theirs.book()
    assert done.ok
    assert booked(store) == []
    refused = await mine.create(str(done.data["appointment_id"]), "x")
    assert refused.data["reason"] == "not_offered"
