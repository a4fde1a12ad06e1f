"""Messages about one visit: its facts from the rows, as they are at the moment of sending.

When such a message is sent, and when it is not, is decided by the flows.
"""

from collections.abc import Callable

from dalpak.domain.calendar_links import APPOINTMENTS, appointment_path
from dalpak.domain.records import Appointment, AppointmentStatus
from dalpak.domain.reminders import LEAST_LEAD
from dalpak.flows.deliver import Compose, Draft
from dalpak.flows.desk import Desk, Poison
from dalpak.ports.store import Writing
from dalpak.tools.messages import date_and_time, text_of

OWED = frozenset({"confirmation", "rescheduled", "cancelled"})
"""Kinds that tell what was done at the person's wish (`Draft.owed`)."""

Check = Callable[[Appointment], str]
"""Why the message is no longer true of the appointment, or ""."""


def must_stand(row: Appointment) -> str:
    return "" if row.status is AppointmentStatus.BOOKED else "cancelled"


def about_visit(
    desk: Desk,
    kind: str,
    appointment_id: str,
    check: Check = must_stand,
    *,
    call_id: str = "",
) -> Compose:
    """The message of `kind` to whom the appointment is for. `call_id`: of the call that caused it,
    where that is not the one that booked."""

    async def compose(w: Writing) -> Draft:
        # Until the sending is committed, nobody moves or cancels it.
        await w.lock_appointment(appointment_id)
        row = await w.appointment(appointment_id)
        if row is None:
            raise Poison("no_such_appointment")
        business = await w.business()
        values = await visit_values(desk, w, row)
        return Draft(
            kind=kind,
            to=row.phone,
            text=await text_of(w, business.language, kind, values),
            values=values,
            language=business.language,
            skip=check(row),
            appointment_id=row.id,
            call_id=call_id or row.call_id,
            owed=kind in OWED,
            good_until=row.start if kind in OWED else row.start - LEAST_LEAD,
        )

    return compose


async def visit_values(desk: Desk, w: Writing, row: Appointment) -> dict[str, str]:
    """What a message may say of a visit."""
    business = await w.business()
    services = {s.id: s.name for s in await w.services()}
    staff = {s.id: s.name for s in await w.resources()}
    day, hour = date_and_time(desk.language_of(business.language), row.start, business.timezone)
    return {
        "name": row.name or "",
        "date": day,
        "time": hour,
        "business": business.name,
        "service": ", ".join(services[i] for i in row.service_ids if i in services),
        # Who gives the service is news only where there is a choice.
        "staff": staff.get(row.resource_id, "") if len(staff) > 1 else "",
        "address": business.address,
        "link": await _calendar_link(desk, w, row.id),
    }


async def _calendar_link(desk: Desk, w: Writing, appointment_id: str) -> str:
    """Where the appointment's calendar file is; the same link each time it is asked for."""
    if not desk.links_to:
        return ""
    secret = await w.calendar_token(APPOINTMENTS, new=desk.clock.new_secret())
    return desk.links_to + appointment_path(w.scope.business_id, appointment_id, secret)
