"""`appointment.created`: tell the caller in writing what was booked.

The appointment is read when the flow runs, so what is sent is true then. No other message is
written here.
"""

from dalpak.domain.calendar_links import APPOINTMENTS, appointment_path
from dalpak.domain.records import AppointmentStatus, TenantScope
from dalpak.flows.deliver import Draft, deliver, unreachable
from dalpak.flows.desk import Desk, Payload, Poison, id_of
from dalpak.flows.wording import date_and_time, part
from dalpak.ports.engine import FlowContext


async def confirm_appointment(context: FlowContext, desk: Desk, payload: Payload) -> str:
    """Payload: business_id, appointment_id."""
    scope = TenantScope(id_of(payload, "business_id"))
    appointment_id = id_of(payload, "appointment_id")

    async def send() -> str:
        draft = await _draft(desk, scope, appointment_id)
        return await deliver(desk, scope, context.flow_id, "send", draft)

    return str(await context.step("send", send))


async def _draft(desk: Desk, scope: TenantScope, appointment_id: str) -> Draft:
    async with desk.store.reading(scope) as r:
        business = await r.business()
        appointment = await r.appointment(appointment_id)
        services = {s.id: s.name for s in await r.services()}
        staff = {s.id: s.name for s in await r.resources()}
    if appointment is None:
        raise Poison("no_such_appointment")
    link = await _calendar_link(desk, scope, appointment_id)
    language = desk.language_of(business.language)
    day, hour = date_and_time(language, appointment.start, business.timezone)
    # Who gives the service is news only where there is a choice.
    with_whom = staff.get(appointment.resource_id) if len(staff) > 1 else None
    cancelled = appointment.status is not AppointmentStatus.BOOKED
    return Draft(
        kind="confirmation",
        to=appointment.phone,
        text=language.written(
            "confirmation",
            name_part=part(language, "part_name", name=appointment.name),
            service=services.get(appointment.service_id, ""),
            staff_part=part(language, "part_staff", staff=with_whom),
            date=day,
            time=hour,
            business=business.name,
            address_part=part(language, "part_address", address=business.address),
        )
        + part(language, "part_calendar", url=link),
        skip="cancelled" if cancelled else unreachable(appointment.phone),
        appointment_id=appointment.id,
        call_id=appointment.call_id,
    )


async def _calendar_link(desk: Desk, scope: TenantScope, appointment_id: str) -> str:
    """Where the appointment's calendar file is; the same link each time it is asked for."""
    if not desk.links_to:
        return ""
    async with desk.store.writing(scope) as w:
        secret = await w.calendar_token(APPOINTMENTS, new=desk.clock.new_secret())
    return desk.links_to + appointment_path(scope.business_id, appointment_id, secret)
