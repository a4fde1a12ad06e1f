"""Local wall time to instants, where a zone's clock may skip an hour or repeat one.

Opening hours are wall time per date; visit lengths and notices are absolute. This file is the only
bridge between the two. No policy here. Minutes count from local midnight of `day` and may pass
1440.
"""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAY_MIN = 1440
WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
"""The Israeli week; also the keys of `opening_hours_json`."""


def weekday(day: date) -> str:
    """`sun` … `sat`."""
    return WEEKDAYS[(day.weekday() + 1) % 7]


def minute_of(at: time) -> int:
    """Minutes since midnight, seconds dropped."""
    return at.hour * 60 + at.minute


def clock_text(minute: int) -> str:
    """540 -> `09:00`, 1440 -> `24:00`."""
    return f"{minute // 60:02d}:{minute % 60:02d}"


def instant(zone: ZoneInfo, day: date, minute: int) -> datetime | None:
    """The UTC instant of a wall time: the first where it comes twice, None where it is skipped."""
    wall = datetime.combine(day, time()) + timedelta(minutes=minute)
    found = wall.replace(tzinfo=zone).astimezone(UTC)
    return found if found.astimezone(zone).replace(tzinfo=None) == wall else None


def closing_instant(zone: ZoneInfo, day: date, minute: int) -> datetime:
    """When a window that ends at this wall time ends: inside a skipped hour, at the change
    itself."""
    for back in range(DAY_MIN):
        found = instant(zone, day, minute - back)
        if found is not None:
            # One minute after the last one that exists is the instant of the change.
            return found if back == 0 else found + timedelta(minutes=1)
    raise OverflowError(f"no wall time exists in {zone.key} on the day before {day}")


def local_day(zone: ZoneInfo, at: datetime) -> date:
    """The business's calendar day of an aware instant."""
    return at.astimezone(zone).date()
