"""`appointment.created`, `.rescheduled`, `.cancelled`: tell the caller in writing what holds now.

The appointment is read when the flow runs, so what is sent is true then. No other message is
written here.
"""

from dataclasses import replace

from dalpak.domain.events import EventType
from dalpak.domain.records import Appointment, AppointmentStatus, TenantScope
from dalpak.flows.deliver import Compose, Draft, deliver
from dalpak.flows.desk import Desk, Payload, id_of
from dalpak.flows.visit import Check, about_visit, must_stand
from dalpak.ports.engine import FlowContext
from dalpak.ports.store import Writing


async def confirm_appointment(context: FlowContext, desk: Desk, payload: Payload) -> str:
    """Payload: business_id, appointment_id."""
    about = _about(desk, payload, "confirmation", must_stand)

    async def unless_moved(w: Writing) -> Draft:
        draft = await about(w)
        told = await w.events(draft.appointment_id or "")
        # A message that had to wait keeps its words: who moved the visit meanwhile is told of that.
        moved = any(event.type == EventType.APPOINTMENT_RESCHEDULED for event in told)
        return replace(draft, skip=draft.skip or ("moved" if moved else ""))

    return await _tell(context, desk, payload, unless_moved)


async def confirm_reschedule(context: FlowContext, desk: Desk, payload: Payload) -> str:
    """Payload: business_id, appointment_id, call_id, version (of the row after the move)."""
    version = payload.get("version", "")

    def still(row: Appointment) -> str:
        moved_again = version.isdigit() and row.version > int(version)
        # Who moved it again is told of the last time only.
        return must_stand(row) or ("moved" if moved_again else "")

    return await _tell(context, desk, payload, _about(desk, payload, "rescheduled", still))


async def confirm_cancellation(context: FlowContext, desk: Desk, payload: Payload) -> str:
    """Payload: business_id, appointment_id, call_id."""

    def gone(row: Appointment) -> str:
        return "" if row.status is AppointmentStatus.CANCELLED else "not_cancelled"

    return await _tell(context, desk, payload, _about(desk, payload, "cancelled", gone))


def _about(desk: Desk, payload: Payload, kind: str, check: Check) -> Compose:
    call_id = payload.get("call_id", "")
    return about_visit(desk, kind, id_of(payload, "appointment_id"), check, call_id=call_id)


async def _tell(context: FlowContext, desk: Desk, payload: Payload, compose: Compose) -> str:
    scope = TenantScope(id_of(payload, "business_id"))

    async def send() -> str:
        return await deliver(desk, scope, f"{context.flow_id}:send", compose)

    return str(await context.step("send", send))
