"""The tools that change appointments over the real stores: many callers, one time, one winner."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator

import pytest
from front_desk import MONDAY_TEN, TUESDAY, Caller, FakeClock, salon

from dalpak.clock import SystemClock
from dalpak.domain.records import (
    Appointment,
    AppointmentStatus,
    CallRecord,
    Resource,
    Service,
    TenantScope,
)
from dalpak.language.base import Answer
from dalpak.store.unit_of_work import SqlStore

pytestmark = pytest.mark.integration

SCOPE = TenantScope("salon")
CALLERS = 12
HOURS = [f"{9 + n // 2:02d}:{n % 2 * 30:02d}" for n in range(CALLERS)]


@pytest.fixture
async def desk(url: str) -> AsyncIterator[SqlStore]:
    """One chair, so that everybody wants the same one."""
    opened = SqlStore.open(url, SystemClock())
    tables = salon()
    await opened.add_business(
        tables.business,
        policy=tables.policy.raw,
        services=[Service("cut", "Haircut", 30), Service("beard", "Beard", 30)],
        resources=[Resource("dana", "Dana")],
    )
    yield opened
    await opened.aclose()


async def ring(store: SqlStore, call_id: str, phone: str) -> Caller:
    call = CallRecord(
        call_id, "salon", "terminal", call_id, "", phone, None, MONDAY_TEN, MONDAY_TEN
    )
    async with store.writing(SCOPE) as tx:
        await tx.open_call(call)
    return Caller(store, FakeClock(), call_id=call_id, phone=phone)  # type: ignore[arg-type]


async def booked(store: SqlStore, n: int) -> tuple[Caller, str]:
    """Who rings again with the number that was booked with."""
    phone = f"+9725234567{n:02d}"
    caller = await ring(store, f"first-{n}", phone)
    await caller.introduce(phone=None)
    slot = await caller.choose(HOURS[n])
    done = await caller.create(slot, await caller.agree())
    assert done.ok, done.data
    return await ring(store, f"again-{n}", phone), str(done.data["appointment_id"])


async def rows(store: SqlStore) -> list[Appointment]:
    async with store.reading(SCOPE) as reading:
        return list(await reading.appointments())


async def test_many_move_to_one_time_and_one_does(desk: SqlStore) -> None:
    callers = [await booked(desk, n) for n in range(CALLERS)]
    slots = [await caller.choose("16:00", moving=booking) for caller, booking in callers]

    async def move(n: int) -> str:
        caller, booking = callers[n]
        told = await caller.use("calendar.read_back", purpose="reschedule", appointment_id=booking)
        if not told.ok:
            assert len(told.data["suggestions"]) == 2  # type: ignore[arg-type]
            return str(told.data["error"])
        caller.gate.heard(str(told.say_tag))
        caller.gate.caller_said(Answer.AFFIRM)
        done = await caller.use(
            "calendar.reschedule", appointment_id=booking, slot=slots[n], nonce=told.say_tag
        )
        return "moved" if done.ok else str(done.data["error"])

    outcomes = Counter(await asyncio.gather(*(move(n) for n in range(CALLERS))))
    assert outcomes == {"moved": 1, "taken": CALLERS - 1}
    kept = await rows(desk)
    assert len(kept) == CALLERS
    assert len({a.start for a in kept}) == CALLERS
    (moved,) = [a for a in kept if a.start.astimezone(MONDAY_TEN.tzinfo).hour == 16]
    async with desk.reading(SCOPE) as reading:
        told = sorted(e.type for e in await reading.events(moved.id))
    assert told == ["appointment.created", "appointment.rescheduled", "slot.freed"]


async def test_two_that_want_each_others_time_both_keep_one(desk: SqlStore) -> None:
    (a, first), (b, second) = [await booked(desk, n) for n in range(2)]

    async def move(caller: Caller, booking: str, at: str) -> None:
        found = await caller.find(date=TUESDAY, time=at, moving=booking)
        assert not found["ok"], "it is taken by the other"
        slot = f"{TUESDAY}T{at}"
        done = await caller.use("calendar.reschedule", appointment_id=booking, slot=slot)
        assert done.data["error"] == "taken"

    for _ in range(10):
        await asyncio.gather(move(a, first, HOURS[1]), move(b, second, HOURS[0]))
    assert [r.id for r in await rows(desk)] == [first, second]


async def test_many_calls_cancel_one_appointment_and_it_is_told_once(desk: SqlStore) -> None:
    _, booking = await booked(desk, 0)
    callers = [await ring(desk, f"more-{n}", "+972523456700") for n in range(5)]
    nonces = [await c.agree(purpose="cancel", appointment_id=booking) for c in callers]
    answers = await asyncio.gather(
        *(
            c.use("calendar.cancel", appointment_id=booking, nonce=nonce)
            for c, nonce in zip(callers, nonces, strict=True)
        )
    )
    assert all(a.ok or a.data["error"] == "no_appointment" for a in answers)
    assert any(a.ok for a in answers)
    async with desk.reading(SCOPE) as reading:
        row = await reading.appointment(booking)
        told = sorted(e.type for e in await reading.events(booking))
    assert row is not None
    assert row.status is AppointmentStatus.CANCELLED
    assert told == ["appointment.cancelled", "appointment.created", "slot.freed"]


async def test_a_visit_of_two_services_is_booked_moved_and_told_whole(desk: SqlStore) -> None:
    caller = await ring(desk, "both", "+972523456799")
    await caller.introduce(phone=None)
    slot = await caller.choose("10:00", service_ids=["cut", "beard"])
    done = await caller.create(slot, await caller.agree())
    booking = str(done.data["appointment_id"])
    assert (await caller.move(booking, "11:30")).ok
    told = await caller.use("calendar.my_appointments")
    (shown,) = told.data["appointments"]  # type: ignore[misc]
    assert (shown["services"], shown["end_iso"]) == (
        ["Haircut", "Beard"],
        "2026-11-24T12:30:00+02:00",
    )


async def test_who_waits_is_in_the_database_and_waits_once(desk: SqlStore) -> None:
    for n in range(2):
        await booked(desk, n)
    caller = await ring(desk, "wait", "+972523456799")
    wish = {"date": TUESDAY, "window_from": "09:00", "window_to": "10:00"}
    first = await caller.use("calendar.waitlist", **wish)
    assert first.ok, first.data
    assert (await caller.use("calendar.waitlist", **wish)).data == first.data
    async with desk.reading(SCOPE) as reading:
        (entry,) = await reading.waitlist()
        told = {e.type for e in await reading.events(entry.lead_id)}
    assert (entry.service_ids, entry.window) == (("cut",), (540, 600))
    assert told == {"waitlist.joined", "lead.left"}
