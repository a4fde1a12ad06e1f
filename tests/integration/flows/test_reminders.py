"""Reminders on a real database: told once when due, and never of what was moved or cancelled."""

import asyncio
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from flow_desk import NAMED, ShiftedClock, Steps, desk_of
from flow_office import CALLER, SALON, SCOPE, FakeMessenger, Office

from dalpak.domain.events import EventType
from dalpak.flows.desk import Payload, Postponed
from dalpak.flows.housekeeping import tell_due_reminders

pytestmark = pytest.mark.integration

REMIND = NAMED["remind_appointment"]
RULES = {"quiet_hours": None, "reminders": [{"hours_before": 3}]}


@pytest.fixture
async def clock(office: Office) -> ShiftedClock:
    office.clock = ShiftedClock()
    async with office.store.writing(SCOPE) as w:
        await w.save_messaging(dict(RULES))
    return office.clock


async def due_soon(office: Office, clock: ShiftedClock) -> str:
    """A booking, and the clock two hours before it."""
    await office.call()
    booked = await office.book()
    row = await office.appointment(booked)
    clock.ahead = row.start - timedelta(hours=2) - clock.now()
    return booked


async def told(office: Office) -> list[str]:
    """Ids of the `reminder.due` events."""
    rows = await office.sql(f"SELECT id FROM event WHERE type = '{EventType.REMINDER_DUE}'")
    return [row[0] for row in rows]


async def payload_of(office: Office, booked: str) -> Payload:
    row = await office.appointment(booked)
    start = row.start.isoformat()
    return {"business_id": SALON.id, "appointment_id": booked, "rule": "3h", "start": start}


async def test_it_is_told_once_however_often_somebody_looks(
    office: Office, clock: ShiftedClock
) -> None:
    await office.call()
    booked = await office.book()
    assert await tell_due_reminders(office.store, clock) == 0
    row = await office.appointment(booked)
    clock.ahead = row.start - timedelta(hours=2) - clock.now()

    looks = [tell_due_reminders(office.store, clock) for _ in range(4)]

    assert sum(await asyncio.gather(*looks)) == 1
    assert await told(office) == [f"reminder.due:{booked}:3h:{row.start:%Y%m%dT%H%M}"]
    assert await tell_due_reminders(office.store, clock) == 0


async def test_a_visit_that_moves_is_reminded_anew_and_not_of_its_old_time(
    office: Office, clock: ShiftedClock
) -> None:
    booked = await due_soon(office, clock)
    assert await tell_due_reminders(office.store, clock) == 1
    old = await payload_of(office, booked)
    await office.move(booked, hours=8)
    messenger = FakeMessenger()

    assert await REMIND(Steps("f:1", clock), desk_of(office, messenger), old) == "skipped"
    assert await tell_due_reminders(office.store, clock) == 0, "eight hours away again"
    clock.ahead += timedelta(hours=8)
    assert await tell_due_reminders(office.store, clock) == 1
    new = await payload_of(office, booked)
    assert await REMIND(Steps("f:2", clock), desk_of(office, messenger), new) == "accepted"

    assert [m.to for m in messenger.sent] == [CALLER]
    assert {m.reason for m in await office.messages()} == {"moved", ""}


async def test_what_is_cancelled_is_not_reminded(office: Office, clock: ShiftedClock) -> None:
    booked = await due_soon(office, clock)
    payload = await payload_of(office, booked)
    await office.cancel(booked)
    messenger = FakeMessenger()

    assert await tell_due_reminders(office.store, clock) == 0
    assert await REMIND(Steps("f:1", clock), desk_of(office, messenger), payload) == "skipped"
    assert messenger.sent == []


async def test_a_cancellation_waits_for_a_sending_that_is_being_committed(
    office: Office, clock: ShiftedClock
) -> None:
    booked = await due_soon(office, clock)
    locked, cancelled = asyncio.Event(), asyncio.Event()

    async def cancel() -> None:
        await locked.wait()
        await office.cancel(booked)
        cancelled.set()

    cancelling = asyncio.get_running_loop().create_task(cancel())
    async with office.store.writing(SCOPE) as w:
        await w.lock_appointment(booked)
        locked.set()
        await clock.sleep(0.05)
        assert not cancelled.is_set()
    await cancelling


async def test_at_night_it_waits_for_the_morning_or_is_left(
    office: Office, clock: ShiftedClock
) -> None:
    booked = await due_soon(office, clock)
    payload = await payload_of(office, booked)
    row = await office.appointment(booked)
    zone = ZoneInfo(SALON.timezone)
    wakes = [f"{(row.start - timedelta(minutes=m)).astimezone(zone):%H:%M}" for m in (150, 60, 10)]
    messenger = FakeMessenger()
    async with office.store.writing(SCOPE) as w:
        await w.save_messaging({**RULES, "quiet_hours": wakes[:2]})
    assert await tell_due_reminders(office.store, clock) == 0
    with pytest.raises(Postponed) as quiet:
        await REMIND(Steps("f:1", clock), desk_of(office, messenger), payload)
    assert quiet.value.until == row.start - timedelta(minutes=60)
    assert messenger.sent == []


async def test_after_the_visit_began_nobody_is_reminded(
    office: Office, clock: ShiftedClock
) -> None:
    booked = await due_soon(office, clock)
    payload = await payload_of(office, booked)
    clock.ahead += timedelta(hours=2, minutes=1)
    messenger = FakeMessenger()

    assert await REMIND(Steps("f:1", clock), desk_of(office, messenger), payload) == "skipped"

    (message,) = await office.messages()
    assert message.reason == "too_late"


async def test_a_business_may_turn_them_off(office: Office, clock: ShiftedClock) -> None:
    await due_soon(office, clock)
    async with office.store.writing(SCOPE) as w:
        await w.save_messaging({**RULES, "reminders": []})
    assert await tell_due_reminders(office.store, clock) == 0


async def test_the_engine_looks_by_itself(office: Office, clock: ShiftedClock) -> None:
    booked = await due_soon(office, clock)
    messenger = FakeMessenger()
    await office.hire(messenger).start()

    async def reminded() -> list[str | None]:
        return [m.appointment_id for m in await office.messages() if m.kind == "reminder"]

    assert await office.eventually(reminded) == [booked]
