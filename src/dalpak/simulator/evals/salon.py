"""The salon that callers reach, and its rules of booking written a second time.

An oracle: as plain as possible, over the demo business's data but none of the product's code. Valid
only for days without a holiday; `SAFE` says which are.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from dalpak.language.he import demo_salon as data

ZONE = ZoneInfo(data.TIMEZONE)
SAFE = (date(2026, 10, 6), date(2027, 4, 18))
"""Between the autumn holidays and Passover no day of the salon is special."""

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
STEP = timedelta(minutes=15)
NOTICE = timedelta(minutes=60)
WINDOW = timedelta(days=30)
CLOSED_WEEKDAY = 5
"""Saturday, as `date.weekday()` counts."""


@dataclass(frozen=True, slots=True)
class Taken:
    """An appointment that is in the diary before the call."""

    start: datetime
    service_id: str
    staff_id: str


SERVICES = {service.id: service for service in data.SERVICES}
STAFF = {person.id: person for person in data.STAFF}


def hours_of(day: date) -> tuple[datetime, datetime] | None:
    """When the salon opens and closes."""
    opening = data.POLICY["opening_hours_json"]
    assert isinstance(opening, dict)
    assert SAFE[0] <= day <= SAFE[1], day
    windows = opening[_DAYS[day.weekday()]]
    if not windows:
        return None
    first, last = (time.fromisoformat(text) for text in windows[0])
    return datetime.combine(day, first, ZONE), datetime.combine(day, last, ZONE)


def staff_for(service_id: str) -> tuple[str, ...]:
    return SERVICES[service_id].staff or tuple(STAFF)


def _block(start: datetime, service_id: str) -> tuple[datetime, datetime]:
    service = SERVICES[service_id]
    return start, start + timedelta(minutes=service.duration_min + service.clean_up_min)


def is_free(
    start: datetime,
    service_id: str,
    staff_id: str | None,
    taken: Sequence[Taken],
    now: datetime,
) -> bool:
    """May this visit be booked at this moment?"""
    opening = hours_of(start.date())
    if opening is None or not now + NOTICE <= start or start.date() > now.date() + WINDOW:
        return False
    end = start + timedelta(minutes=SERVICES[service_id].duration_min)
    if start < opening[0] or end > opening[1] or (start - opening[0]) % STEP:
        return False
    able = staff_for(service_id)
    wanted = able if staff_id is None else tuple(s for s in able if s == staff_id)
    first, last = _block(start, service_id)
    for person in wanted:
        blocks = [_block(t.start, t.service_id) for t in taken if t.staff_id == person]
        if all(last <= begin or first >= end for begin, end in blocks):
            return True
    return False


def free_starts(
    day: date, service_id: str, staff_id: str | None, taken: Sequence[Taken], now: datetime
) -> list[datetime]:
    """Every bookable start of a day, by time."""
    opening = hours_of(day)
    if opening is None:
        return []
    count = int((opening[1] - opening[0]) / STEP)
    starts = (opening[0] + n * STEP for n in range(count))
    return [s for s in starts if is_free(s, service_id, staff_id, taken, now)]


def earliest(
    service_id: str, staff_id: str | None, taken: Sequence[Taken], now: datetime
) -> datetime:
    """The first bookable start there is."""
    days = (now.date() + timedelta(days=n) for n in range(WINDOW.days + 1))
    return next(s for day in days for s in free_starts(day, service_id, staff_id, taken, now))
