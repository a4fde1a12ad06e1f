"""FLOWS: which flows follow which event. A literal table; nothing else starts a flow.

A flow's name is part of its ids in the database: a renamed flow is a new one.
"""

from collections.abc import Mapping

from dalpak.domain.events import EventType
from dalpak.flows.confirm_appointment import confirm_appointment
from dalpak.flows.desk import Flow
from dalpak.flows.notify_lead import notify_lead
from dalpak.flows.summarise_call import summarise_call

FlowTable = Mapping[EventType, Mapping[str, Flow]]

FLOWS: FlowTable = {
    EventType.APPOINTMENT_CREATED: {"confirm_appointment": confirm_appointment},
    EventType.CALL_ENDED: {"summarise_call": summarise_call},
    EventType.LEAD_LEFT: {"notify_lead": notify_lead},
}
