"""`appointment.created`, `.rescheduled`, `.cancelled`: tell the caller in writing what holds now.

The appointment is read when the flow runs, so what is sent is true then. No other message is
written here.
"""

from dalpak.domain.records import Appointment, AppointmentStatus, TenantScope
from dalpak.flows.deliver import deliver
from dalpak.flows.desk import Desk, Payload, id_of
from dalpak.flows.visit import Check, about_visit, must_stand
from dalpak.ports.engine import FlowContext


async def confirm_appointment(context: FlowContext, desk: Desk, payload: Payload) -> str:
    """Payload: business_id, appointment_id."""
    return await _tell(context, desk, payload, "confirmation", must_stand)


async def confirm_reschedule(context: FlowContext, desk: Desk, payload: Payload) -> str:
    """Payload: business_id, appointment_id, version (of the row after the move)."""
    version = payload.get("version", "")

    def still(row: Appointment) -> str:
        moved_again = version.isdigit() and row.version > int(version)
        # Who moved it again is told of the last time only.
        return must_stand(row) or ("moved" if moved_again else "")

    return await _tell(context, desk, payload, "rescheduled", still)


async def confirm_cancellation(context: FlowContext, desk: Desk, payload: Payload) -> str:
    """Payload: business_id, appointment_id."""

    def gone(row: Appointment) -> str:
        return "" if row.status is AppointmentStatus.CANCELLED else "not_cancelled"

    return await _tell(context, desk, payload, "cancelled", gone)


async def _tell(context: FlowContext, desk: Desk, payload: Payload, kind: str, check: Check) -> str:
    scope = TenantScope(id_of(payload, "business_id"))
    compose = about_visit(desk, kind, id_of(payload, "appointment_id"), check)

    async def send() -> str:
        return await deliver(desk, scope, f"{context.flow_id}:send", compose)

    return str(await context.step("send", send))
