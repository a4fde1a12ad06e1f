"""One flow at a time, without an engine: its context, its desk, and the facts it is about."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from flow_office import CALLER, SALON, SCOPE, FakeMessenger, Office

from dalpak.clock import SystemClock
from dalpak.domain.events import delivery_failed, reminder_due
from dalpak.domain.follow_up import DeliveryRecord, InboundRecord, SlotOffer
from dalpak.domain.records import MessageRecord, WaitlistEntry
from dalpak.flows.deliver import deliver
from dalpak.flows.desk import DeliveryLimits, Desk, Flow, Payload, Postponed
from dalpak.flows.registry import FLOWS
from dalpak.flows.visit import about_visit
from dalpak.language.registry import language

NAMED = {name: flow for flows in FLOWS.values() for name, flow in flows.items()}
AT_ONCE = DeliveryLimits(ask_after=timedelta(0), receipt_wait=timedelta(0))


class ShiftedClock(SystemClock):
    """The real clock, set forward by hand."""

    ahead = timedelta(0)

    def now(self) -> datetime:
        return super().now() + self.ahead


class Steps:
    """A flow context without memory: what a crash before anything was recorded looks like."""

    def __init__(self, flow_id: str = "f:1", clock: SystemClock | None = None) -> None:
        self.flow_id = flow_id
        self._clock = clock or SystemClock()

    async def step(self, _name: str, work: Callable[[], Awaitable[Any]]) -> Any:
        return await work()

    async def sleep_until(self, instant_iso: str) -> None:
        instant = datetime.fromisoformat(instant_iso)
        if instant > self._clock.now():
            raise Postponed(instant, "asleep")


class Memory(Steps):
    """The same with the results of the steps that are done: what the engine gives."""

    def __init__(self, flow_id: str = "f:1", clock: SystemClock | None = None) -> None:
        super().__init__(flow_id, clock)
        self.done: dict[str, Any] = {}

    async def step(self, name: str, work: Callable[[], Awaitable[Any]]) -> Any:
        if name not in self.done:
            self.done[name] = await work()
        return self.done[name]


def desk_of(office: Office, *messengers: FakeMessenger, **changes: Any) -> Desk:
    desk = Desk(
        office.store,
        {m.name: m for m in messengers or (FakeMessenger(),)},
        language,
        office.clock,
        "business",
        limits=AT_ONCE,
    )
    return replace(desk, **changes)


async def run(office: Office, flow: Flow, payload: Payload, desk: Desk) -> MessageRecord:
    """The flow's only message after one attempt of it."""
    await flow(Steps(clock=office.clock), desk, payload)
    (message,) = await office.messages()
    return message


async def confirmed_at_once(office: Office, messages: int) -> None:
    """So many confirmations to one number at the same time; two of them leave."""
    desk = desk_of(office)
    visits = [await office.book(hour=hour) for hour in range(6, 6 + messages)]

    async def one(visit: str) -> str:
        try:
            return await deliver(desk, SCOPE, visit, about_visit(desk, "confirmation", visit))
        except Postponed as e:
            return e.code

    found = await asyncio.gather(*map(one, visits))
    assert sorted(found) == ["accepted"] * 2 + ["too_many"] * (messages - 2)


async def join_waitlist(
    office: Office, phone: str, entry_id: str, *, minutes_ago: int = 0, **changes: Any
) -> WaitlistEntry:
    now = office.clock.now()
    async with office.store.writing(SCOPE) as w:
        lead = await w.find_or_create_lead(phone=phone, name="גיל", call_id=None, now=now)
        values: dict[str, Any] = {
            "id": entry_id,
            "lead_id": lead.id,
            "call_id": None,
            "service_ids": ("cut",),
            "resource_id": None,
            "first_day": now.date(),
            "last_day": now.date() + timedelta(days=10),
            "window": (0, 1440),
            "created_at": now - timedelta(minutes=minutes_ago),
        }
        return await w.join_waitlist(WaitlistEntry(**(values | changes)))


async def free(office: Office, appointment_id: str) -> Payload:
    """Cancel, and the payload of the `slot.freed` that came of it."""
    row = await office.appointment(appointment_id)
    async with office.store.writing(SCOPE) as w:
        assert await w.cancel(appointment_id, now=office.clock.now())
    return {
        "business_id": SALON.id,
        "appointment_id": row.id,
        "resource_id": row.resource_id,
        "start": row.start.isoformat(),
        "end": row.end.isoformat(),
    }


async def offers(office: Office) -> list[SlotOffer]:
    async with office.store.reading(SCOPE) as r:
        return list(await r.offers())


async def deliveries(office: Office) -> list[DeliveryRecord]:
    """Of every message, the oldest message first."""
    found: list[DeliveryRecord] = []
    for message in reversed(await office.messages()):
        async with office.store.reading(SCOPE) as r:
            found += await r.deliveries(message.id)
    return found


async def receipt(office: Office, state: str, reason: str = "") -> None:
    """What the provider tells of the last delivery."""
    last = (await deliveries(office))[-1]
    async with office.store.writing(SCOPE) as w:
        await w.record_receipt(last.id, state=state, reason=reason, now=office.clock.now())


async def facts_of(office: Office, name: str) -> Payload:
    """The facts a flow is about, and the payload of their event."""
    await office.call()
    match name:
        case "confirm_appointment":
            return {"business_id": SALON.id, "appointment_id": await office.book()}
        case "confirm_reschedule":
            booked = await office.book()
            version = str(await office.move(booked))
            return {"business_id": SALON.id, "appointment_id": booked, "version": version}
        case "confirm_cancellation":
            booked = await office.book()
            await office.cancel(booked)
            return {"business_id": SALON.id, "appointment_id": booked}
        case "remind_appointment":
            row = await office.appointment(await office.book())
            event = reminder_due(SALON.id, row.id, "3h", row.start, office.clock.now())
            return {"business_id": SALON.id, **event.payload}
        case "summarise_call":
            await office.end_call()
            return {"business_id": SALON.id, "call_id": "call_1"}
        case "notify_lead":
            lead_id = await office.leave_lead()
            return {"business_id": SALON.id, "lead_id": lead_id, "call_id": "call_1"}
        case "offer_freed_slot":
            booked = await office.book()
            await join_waitlist(office, CALLER, "wait_1")
            return await free(office, booked)
        case "answer_message":
            asked = InboundRecord(
                "in_1", SALON.id, "fake", "p1", CALLER, "יש אצלכם חניה?", office.clock.now()
            )
            async with office.store.writing(SCOPE) as w:
                assert await w.record_inbound(asked)
            return {"business_id": SALON.id, "inbound_id": "in_1"}
        case "fall_back":
            payload = await facts_of(office, "notify_lead")
            refused = FakeMessenger(name="first")
            await NAMED["notify_lead"](Steps(), desk_of(office, refused), payload)
            await receipt(office, "failed", "not_on_whatsapp")
            (failed,) = await deliveries(office)
            event = delivery_failed(SALON.id, failed.message_id, failed.id, office.clock.now())
            return {"business_id": SALON.id, **event.payload}
        case _:
            raise AssertionError(f"a new flow needs its facts here: {name}")
