"""Calendar files: read back by the library, and by eye where a client is picky."""

from datetime import UTC, datetime, timedelta

import pytest
from icalendar import Calendar, Event

from dalpak.domain.calendar_links import (
    appointment_path,
    appointment_token,
    is_token,
    staff_path,
    staff_subject,
)
from dalpak.domain.records import Appointment, AppointmentStatus, Business, Resource, Service
from dalpak.services.ics import appointment_ics, staff_feed

pytestmark = pytest.mark.unit

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
START = datetime(2026, 11, 24, 8, tzinfo=UTC)
SALON = Business("salon", "מספרת תמר", "+97231", "Asia/Jerusalem", address="דיזנגוף 99; תל אביב")
SERVICES = {s.id: s for s in (Service("cut", "תספורת", 30), Service("dye", "צבע, מלא", 90))}
STAFF = {r.id: r for r in (Resource("dana", "דנה"), Resource("yossi", "יוסי"))}


def row(**changes: object) -> Appointment:
    values: dict[str, object] = {
        "id": "appt_1",
        "business_id": "salon",
        "resource_id": "dana",
        "service_id": "cut",
        "start": START,
        "end": START + timedelta(hours=1),
        "status": AppointmentStatus.BOOKED,
        "lead_id": "lead_1",
        "call_id": "call_1",
        "name": "נועה\r\nBEGIN:VALARM",
        "phone": "+972523456789",
        "hold_until": None,
        "created_at": NOW,
        "version": 2,
    }
    return Appointment(**(values | changes))  # type: ignore[arg-type]


def ics(**changes: object) -> bytes:
    return appointment_ics(SALON, row(**changes), services=SERVICES, staff=STAFF, now=NOW)


def only_event(body: bytes) -> Event:
    (event,) = Calendar.from_ical(body).walk("VEVENT")
    assert isinstance(event, Event)
    return event


def test_the_file_of_a_confirmation() -> None:
    body = ics()
    calendar, event = Calendar.from_ical(body), only_event(body)
    assert (calendar["version"], calendar["method"]) == ("2.0", "PUBLISH")
    assert (event.start, event.end) == (START, START + timedelta(hours=1))
    assert (event["uid"], event["sequence"], event["status"]) == ("appt_1@dalpak", 2, "CONFIRMED")
    assert event["summary"] == "תספורת, מספרת תמר"
    assert (event["description"], event["location"]) == ("דנה", "דיזנגוף 99; תל אביב")


def test_it_is_written_as_clients_want_it() -> None:
    lines = ics().split(b"\r\n")
    assert lines[0] == b"BEGIN:VCALENDAR"
    assert lines[-2:] == [b"END:VCALENDAR", b""]
    assert b"DTSTART:20261124T080000Z" in lines
    assert b"DTSTAMP:20261123T080000Z" in lines
    assert max(map(len, lines)) <= 75
    assert not any(b"+9725" in line for line in lines)
    assert b"\\;" in ics(), "commas and semicolons are data"


def test_a_moved_one_keeps_its_uid_and_counts_up_a_cancelled_one_says_so() -> None:
    moved = only_event(
        ics(start=START + timedelta(days=1), end=START + timedelta(days=2), version=3)
    )
    assert (moved["uid"], moved["sequence"]) == ("appt_1@dalpak", 3)
    body = ics(status=AppointmentStatus.CANCELLED, version=4)
    assert Calendar.from_ical(body)["method"] == "CANCEL"
    assert only_event(body)["status"] == "CANCELLED"


def test_several_services_and_unknown_ones() -> None:
    assert only_event(ics(more_service_ids=("dye",)))["summary"] == ("תספורת + צבע, מלא, מספרת תמר")
    assert only_event(ics(service_id="gone"))["summary"] == "מספרת תמר"


def test_a_feed_says_who_comes_for_what_and_no_number() -> None:
    rows = [row(), row(id="appt_2", name=None, start=START + timedelta(hours=2),
                       end=START + timedelta(hours=3))]  # fmt: skip
    body = staff_feed(SALON, STAFF["dana"], rows, services=SERVICES, now=NOW)
    calendar = Calendar.from_ical(body)
    events = calendar.walk("VEVENT")
    assert calendar["x-wr-calname"] == "דנה, מספרת תמר"
    assert [e["uid"] for e in events] == ["appt_1@dalpak", "appt_2@dalpak"]
    assert [str(e["summary"]).splitlines()[-1] for e in events] == [
        "BEGIN:VALARM, תספורת",
        "תספורת",
    ]
    assert calendar.walk("VALARM") == [], "a name is data, whatever is in it"
    assert b"523456789" not in body


def test_an_empty_feed_is_a_calendar() -> None:
    body = staff_feed(SALON, STAFF["dana"], [], services=SERVICES, now=NOW)
    assert Calendar.from_ical(body).walk("VEVENT") == []


def test_links_hold_a_token_that_depends_on_the_secret_and_the_appointment() -> None:
    token = appointment_token("secret", "appt_1")
    assert len(token) >= 43
    assert len({token, appointment_token("other", "appt_1"), appointment_token("secret", "x")}) == 3
    assert appointment_path("salon", "appt_1", "secret") == (
        f"/calendar/salon/appointment/appt_1/{token}.ics"
    )
    assert staff_path("salon", "dana", "s3cret") == "/calendar/salon/staff/dana/s3cret.ics"
    assert staff_subject("appointments") != "appointments"
    assert is_token(token, token)
    assert not is_token(token + "x", token)
    assert not is_token("ת", token)
