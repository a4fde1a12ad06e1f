"""FLOWS: which flows follow which event. A literal table; nothing else starts a flow.

A flow's name is part of its ids in the database: a renamed flow is a new one.
"""

from collections.abc import Mapping

from dalpak.domain.events import EventType
from dalpak.flows.answer_message import answer_message
from dalpak.flows.confirm_appointment import (
    confirm_appointment,
    confirm_cancellation,
    confirm_reschedule,
)
from dalpak.flows.desk import Flow
from dalpak.flows.fall_back import fall_back
from dalpak.flows.notify_lead import notify_lead
from dalpak.flows.offer_freed_slot import offer_freed_slot
from dalpak.flows.remind_appointment import remind_appointment
from dalpak.flows.summarise_call import summarise_call

FlowTable = Mapping[EventType, Mapping[str, Flow]]

FLOWS: FlowTable = {
    EventType.APPOINTMENT_CREATED: {"confirm_appointment": confirm_appointment},
    EventType.APPOINTMENT_RESCHEDULED: {"confirm_reschedule": confirm_reschedule},
    EventType.APPOINTMENT_CANCELLED: {"confirm_cancellation": confirm_cancellation},
    EventType.REMINDER_DUE: {"remind_appointment": remind_appointment},
    EventType.CALL_ENDED: {"summarise_call": summarise_call},
    EventType.LEAD_LEFT: {"notify_lead": notify_lead},
    EventType.SLOT_FREED: {"offer_freed_slot": offer_freed_slot},
    EventType.DELIVERY_FAILED: {"fall_back": fall_back},
    EventType.MESSAGE_RECEIVED: {"answer_message": answer_message},
}
