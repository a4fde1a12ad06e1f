"""Appointments as iCalendar: the file that goes with a confirmation, and a staff member's feed.

All times are UTC, so that no client needs our zone tables. Who may have which calendar is decided
where it is asked for (web/calendar_feed.py); this only writes.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from icalendar import STATUS, Calendar, Event

from dalpak.domain.records import Appointment, AppointmentStatus, Business, Resource, Service

MEDIA_TYPE = "text/calendar; charset=utf-8"
PRODID = "-//dalpak//appointments//EN"
REFRESH = timedelta(minutes=15)
"""How often a client should look again; most look less often than they are told."""


def appointment_ics(
    business: Business,
    row: Appointment,
    *,
    services: Mapping[str, Service],
    staff: Mapping[str, Resource],
    now: datetime,
) -> bytes:
    """For the customer: what, where and with whom. A cancelled one says so, under the same UID."""
    what = _services(row, services)
    person = staff.get(row.resource_id)
    summary = f"{what}, {business.name}" if what else business.name
    with_whom = person.name if person is not None and len(staff) > 1 else ""
    event = _event(row, summary, now, description=with_whom, location=business.address)
    method = "PUBLISH" if row.status is AppointmentStatus.BOOKED else "CANCEL"
    return _calendar([event], method=method)


def staff_feed(
    business: Business,
    person: Resource,
    rows: Sequence[Appointment],
    *,
    services: Mapping[str, Service],
    now: datetime,
) -> bytes:
    """For a member of staff: who comes for what. Names, because they greet people; no numbers."""
    events = [
        _event(row, ", ".join(filter(None, (row.name, _services(row, services)))), now)
        for row in rows
    ]
    return _calendar(events, method="PUBLISH", name=f"{person.name}, {business.name}")


def _services(row: Appointment, services: Mapping[str, Service]) -> str:
    return " + ".join(services[i].name for i in row.service_ids if i in services)


def _event(
    row: Appointment, summary: str, now: datetime, *, description: str = "", location: str = ""
) -> Event:
    booked = row.status is AppointmentStatus.BOOKED
    event = Event.new(
        uid=f"{row.id}@dalpak",
        start=row.start,
        end=row.end,
        stamp=now,
        created=row.created_at,
        # A client takes over what has a higher number: every change of the row counts it up.
        sequence=row.version,
        status=STATUS.CONFIRMED if booked else STATUS.CANCELLED,
        summary=summary or "-",
    )
    if description:
        event.add("description", description)
    if location:
        event.add("location", location)
    return event


def _calendar(events: Sequence[Event], *, method: str, name: str = "") -> bytes:
    calendar = Calendar()
    calendar.add("prodid", PRODID)
    calendar.add("version", "2.0")
    calendar.add("method", method)
    if name:
        calendar.add("x-wr-calname", name)
        calendar.add("refresh-interval", REFRESH, {"value": "DURATION"})
        calendar.add("x-published-ttl", "PT15M")
    for event in events:
        calendar.add_component(event)
    return bytes(calendar.to_ical())
