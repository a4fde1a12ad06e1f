"""Business events: facts that flows act on. An event is written in the transaction of the fact it tells.

Payloads carry ids and instants only, never PII: a flow reads what it needs when it runs.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class EventType(StrEnum):
    APPOINTMENT_CREATED = "appointment.created"
    APPOINTMENT_RESCHEDULED = "appointment.rescheduled"
    APPOINTMENT_CANCELLED = "appointment.cancelled"
    WAITLIST_JOINED = "waitlist.joined"
    LEAD_LEFT = "lead.left"
    CALL_ENDED = "call.ended"
    SLOT_FREED = "slot.freed"
    REMINDER_DUE = "reminder.due"
    DELIVERY_FAILED = "delivery.failed"
    MESSAGE_RECEIVED = "message.received"


@dataclass(frozen=True, slots=True)
class Event:
    """`id` is deterministic where a fact can be told twice (`call.ended:{call_id}`), so that late duplicates vanish."""

    id: str
    type: EventType
    business_id: str
    aggregate_id: str
    """Id of the row that the event is about."""
    at: datetime
    payload: dict[str, str] = field(default_factory=dict)


def appointment_created(business_id: str, appointment_id: str, at: datetime) -> Event:
    """An appointment was committed. Once per appointment."""
    return Event(
        id=f"{EventType.APPOINTMENT_CREATED}:{appointment_id}",
        type=EventType.APPOINTMENT_CREATED,
        business_id=business_id,
        aggregate_id=appointment_id,
        at=at,
        payload={"appointment_id": appointment_id},
    )


def appointment_rescheduled(
    business_id: str, appointment_id: str, version: int, call_id: str, at: datetime
) -> Event:
    """An appointment was moved. Once per move: `version` is the row's after it."""
    return Event(
        id=f"{EventType.APPOINTMENT_RESCHEDULED}:{appointment_id}:{version}",
        type=EventType.APPOINTMENT_RESCHEDULED,
        business_id=business_id,
        aggregate_id=appointment_id,
        at=at,
        payload={
            "appointment_id": appointment_id,
            "call_id": call_id,
            "version": str(version),
        },
    )


def appointment_cancelled(
    business_id: str, appointment_id: str, call_id: str, at: datetime
) -> Event:
    """An appointment was cancelled and its time is free again. Once: nothing revives it."""
    return Event(
        id=f"{EventType.APPOINTMENT_CANCELLED}:{appointment_id}",
        type=EventType.APPOINTMENT_CANCELLED,
        business_id=business_id,
        aggregate_id=appointment_id,
        at=at,
        payload={"appointment_id": appointment_id, "call_id": call_id},
    )


def waitlist_joined(
    business_id: str, entry_id: str, lead_id: str, call_id: str, at: datetime
) -> Event:
    """Somebody waits for a time to become free; the business should know."""
    return Event(
        id=f"{EventType.WAITLIST_JOINED}:{entry_id}",
        type=EventType.WAITLIST_JOINED,
        business_id=business_id,
        aggregate_id=lead_id,
        at=at,
        payload={"entry_id": entry_id, "lead_id": lead_id, "call_id": call_id},
    )


def call_ended(business_id: str, call_id: str, at: datetime) -> Event:
    """A call is over, whoever noticed first: the socket, the status callback or the reaper."""
    return Event(
        id=f"{EventType.CALL_ENDED}:{call_id}",
        type=EventType.CALL_ENDED,
        business_id=business_id,
        aggregate_id=call_id,
        at=at,
        payload={"call_id": call_id},
    )


def lead_left(business_id: str, lead_id: str, call_id: str, at: datetime) -> Event:
    """A caller left a message or a number without booking; the business should call back."""
    return Event(
        id=f"{EventType.LEAD_LEFT}:{call_id}",
        type=EventType.LEAD_LEFT,
        business_id=business_id,
        aggregate_id=lead_id,
        at=at,
        payload={"lead_id": lead_id, "call_id": call_id},
    )


def slot_freed(
    business_id: str,
    appointment_id: str,
    told_by: str,
    resource_id: str,
    start: datetime,
    end: datetime,
    at: datetime,
) -> Event:
    """A time became free: `appointment_id` left it. Once per `told_by`, the row's version or an
    offer's id."""
    return Event(
        id=f"{EventType.SLOT_FREED}:{appointment_id}:{told_by}",
        type=EventType.SLOT_FREED,
        business_id=business_id,
        aggregate_id=appointment_id,
        at=at,
        payload={
            "appointment_id": appointment_id,
            "resource_id": resource_id,
            "start": start.isoformat(),
            "end": end.isoformat(),
        },
    )


def reminder_due(
    business_id: str, appointment_id: str, rule: str, start: datetime, at: datetime
) -> Event:
    """It is time to remind. Once per appointment, rule and start: a moved one is reminded anew."""
    return Event(
        id=f"{EventType.REMINDER_DUE}:{appointment_id}:{rule}:{start:%Y%m%dT%H%M}",
        type=EventType.REMINDER_DUE,
        business_id=business_id,
        aggregate_id=appointment_id,
        at=at,
        payload={"appointment_id": appointment_id, "rule": rule, "start": start.isoformat()},
    )


def delivery_failed(business_id: str, message_id: str, delivery_id: str, at: datetime) -> Event:
    """A receipt told that a message which was accepted did not arrive. Once per delivery."""
    return Event(
        id=f"{EventType.DELIVERY_FAILED}:{delivery_id}",
        type=EventType.DELIVERY_FAILED,
        business_id=business_id,
        aggregate_id=message_id,
        at=at,
        payload={"message_id": message_id, "delivery_id": delivery_id},
    )


def message_received(business_id: str, inbound_id: str, at: datetime) -> Event:
    """Somebody wrote to the business. Once per message: the row's id is made from the provider's."""
    return Event(
        id=f"{EventType.MESSAGE_RECEIVED}:{inbound_id}",
        type=EventType.MESSAGE_RECEIVED,
        business_id=business_id,
        aggregate_id=inbound_id,
        at=at,
        payload={"inbound_id": inbound_id},
    )
