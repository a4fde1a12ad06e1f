"""A business's booking policy: its rules as one frozen value, and its opening hours on a given day.

Read from and written to the operator's own JSON. What is free is in slots.py, what may be booked in
booking.py; no appointment, clock or database here.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, Self
from zoneinfo import ZoneInfo

from dalpak.domain.holidays import GROUPS, HOLIDAYS, holidays_on
from dalpak.domain.walltime import DAY_MIN, WEEKDAYS, weekday
from dalpak.domain.windows import (
    ALL_DAY,
    Windows,
    intersect,
    windows_from_json,
    windows_to_json,
)
from dalpak.errors import PolicyError

YEAR_MIN = 366 * DAY_MIN
MAX_WINDOW_DAYS = 730
MAX_EXCEPTIONS = 1_000
MAX_CAPACITY = 1_000

_DAY_KEY = re.compile(r"(?:(\d{4})-)?(\d\d)-(\d\d)", re.ASCII)
_LEAP_YEAR = 2024


class Anchor(StrEnum):
    """Where the grid of start times is counted from."""

    WINDOW = "window"
    """The opening of each window: 09:30, 10:30 …"""
    CLOCK = "clock"
    """Midnight: 10:00, 11:00 … for a window that opens at 09:30."""


class HolidayRule(StrEnum):
    CLOSED = "closed"
    SHORT = "short"
    """The usual hours, but only inside `short_day_hours_json`. Never opens a day that is closed."""
    NORMAL = "normal"


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Every field has a default, so that a business that said nothing is closed but answers
    sensibly."""

    timezone: str = "Asia/Jerusalem"
    allow_24_7: bool = False
    """Open all day, every day; exceptions and holidays still close."""
    opening_hours: Mapping[str, Windows] = field(default_factory=dict)
    """By weekday, `sun` … `sat`; a day that is not there is closed."""
    exceptions: Mapping[str, Windows] = field(default_factory=dict)
    """By `YYYY-MM-DD` or recurring `MM-DD`; the date wins over the recurring day, both over the
    weekday."""
    holidays: Mapping[str, HolidayRule] = field(default_factory=dict)
    short_day_hours: Windows = ((9 * 60, 13 * 60),)
    slot_size_min: int = 15
    """Step between start times; the length of a visit is the service's."""
    grid_anchor: Anchor = Anchor.WINDOW
    default_service_min: int = 30
    min_notice_min: int = 60
    """Absolute minutes; a start exactly that far ahead may be booked."""
    booking_window_days: int = 60
    """Calendar days of the business after today, the last one included."""
    buffer_before_min: int = 0
    buffer_after_min: int = 0
    """Additive between neighbours, not applied at opening edges; a service's own wins if it is
    longer."""
    capacity: int | None = None
    """At most this many visits side by side per resource; None leaves it to the resource."""
    per_day_cap: int | None = None
    """At most this many appointments a day in the whole business."""
    require_phone_before_booking: bool = True
    cancel_notice_min: int = 0
    reschedule_notice_min: int = 0

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @classmethod
    def from_json(cls, raw: Mapping[str, object]) -> Self:
        """Raises PolicyError naming the first bad field exactly; an unknown key is a bad field."""
        for key in raw:
            if key not in _FIELDS:
                raise PolicyError(str(key), raw[key], f"one of {', '.join(sorted(_FIELDS))}")
        return cls(**{_FIELDS[k].name: _FIELDS[k].read(raw[k], k) for k in raw})

    def to_json(self) -> dict[str, object]:
        """The inverse of `from_json`, every field written."""
        return {key: f.write(getattr(self, f.name)) for key, f in _FIELDS.items()}


def windows_on(policy: Policy, day: date) -> Windows:
    """Opening windows of a date: exception by date > by MM-DD > holiday > weekday (or all day)."""
    for key in (day.isoformat(), f"{day:%m-%d}"):
        if key in policy.exceptions:
            return policy.exceptions[key]
    usual = ALL_DAY if policy.allow_24_7 else policy.opening_hours.get(weekday(day), ())
    if not usual or not policy.holidays:
        return usual
    rules = {policy.holidays.get(name, HolidayRule.NORMAL) for name in holidays_on(day)}
    if HolidayRule.CLOSED in rules:
        return ()
    if HolidayRule.SHORT in rules:
        return intersect(usual, policy.short_day_hours)
    return usual


def open_until(policy: Policy, day: date, end: int) -> int:
    """Where a window of `day` that ends at minute `end` really ends: it goes on if the next day
    opens at 00:00.

    At most one day further, so that a business that never closes has an end too.
    """
    if end != DAY_MIN or day == date.max:
        return end
    following = windows_on(policy, day + timedelta(days=1))
    if following and following[0][0] == 0:
        return end + following[0][1]
    return end


# -- JSON ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Field:
    """How one key of the operator's JSON is read and written."""

    name: str
    read: Any
    write: Any


def _as_is(value: object) -> object:
    return value


def _flag(value: object, key: str) -> bool:
    if not isinstance(value, bool):
        raise PolicyError(key, value, "true or false")
    return value


def _whole(low: int, high: int, *, optional: bool = False) -> Any:
    def read(value: object, key: str) -> int | None:
        if value is None and optional:
            return None
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            raise PolicyError(key, value, f"a whole number from {low} to {high}")
        return value

    return read


def _timezone(value: object, key: str) -> str:
    try:
        if isinstance(value, str) and value:
            return ZoneInfo(value).key
    except (ValueError, OSError, LookupError):
        pass
    raise PolicyError(key, value, "a time zone such as Asia/Jerusalem")


def _anchor(value: object, key: str) -> Anchor:
    if value not in tuple(Anchor):
        raise PolicyError(key, value, " or ".join(Anchor))
    return Anchor(str(value))


def _mapping(value: object, key: str, limit: int) -> Mapping[str, object]:
    if not isinstance(value, dict) or len(value) > limit:
        raise PolicyError(key, value, f"an object of at most {limit} keys")
    return {str(k): v for k, v in value.items()}


def _opening_hours(value: object, key: str) -> dict[str, Windows]:
    hours = _mapping(value, key, len(WEEKDAYS))
    for day in hours:
        if day not in WEEKDAYS:
            raise PolicyError(f"{key}.{day}", hours[day], f"a weekday: {', '.join(WEEKDAYS)}")
    return {day: windows_from_json(hours[day] or [], f"{key}.{day}") for day in hours}


def _is_day_key(text: str) -> bool:
    match = _DAY_KEY.fullmatch(text)
    if match is None:
        return False
    year, month, day = (int(part or _LEAP_YEAR) for part in match.groups())
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


def _exceptions(value: object, key: str) -> dict[str, Windows]:
    days = _mapping(value, key, MAX_EXCEPTIONS)
    for day in days:
        if not _is_day_key(day):
            raise PolicyError(f"{key}.{day}", days[day], "a date YYYY-MM-DD or a yearly day MM-DD")
    return {day: windows_from_json(days[day] or [], f"{key}.{day}") for day in days}


def _holidays(value: object, key: str) -> dict[str, HolidayRule]:
    chosen = _mapping(value, key, len(HOLIDAYS) + len(GROUPS))
    rules: dict[str, HolidayRule] = {}
    for name in sorted(chosen, key=lambda n: n not in GROUPS):
        if name not in GROUPS and name not in HOLIDAYS:
            expected = f"a holiday: {', '.join((*GROUPS, *HOLIDAYS))}"
            raise PolicyError(f"{key}.{name}", chosen[name], expected)
        if chosen[name] not in tuple(HolidayRule):
            raise PolicyError(f"{key}.{name}", chosen[name], ", ".join(HolidayRule))
        for day in GROUPS.get(name, (name,)):
            rules[day] = HolidayRule(str(chosen[name]))
    return rules


def _by_day_to_json(days: Mapping[str, Windows]) -> dict[str, object]:
    return {day: windows_to_json(windows) for day, windows in days.items()}


_FIELDS: dict[str, _Field] = {
    "timezone": _Field("timezone", _timezone, _as_is),
    "allow_24_7": _Field("allow_24_7", _flag, _as_is),
    "opening_hours_json": _Field("opening_hours", _opening_hours, _by_day_to_json),
    "exceptions": _Field("exceptions", _exceptions, _by_day_to_json),
    "holidays": _Field("holidays", _holidays, lambda rules: {k: str(v) for k, v in rules.items()}),
    "short_day_hours_json": _Field("short_day_hours", windows_from_json, windows_to_json),
    "slot_size_min": _Field("slot_size_min", _whole(1, DAY_MIN), _as_is),
    "grid_anchor": _Field("grid_anchor", _anchor, str),
    "default_service_min": _Field("default_service_min", _whole(1, DAY_MIN), _as_is),
    "min_notice_min": _Field("min_notice_min", _whole(0, YEAR_MIN), _as_is),
    "booking_window_days": _Field("booking_window_days", _whole(0, MAX_WINDOW_DAYS), _as_is),
    "buffer_before_min": _Field("buffer_before_min", _whole(0, DAY_MIN), _as_is),
    "buffer_after_min": _Field("buffer_after_min", _whole(0, DAY_MIN), _as_is),
    "capacity": _Field("capacity", _whole(1, MAX_CAPACITY, optional=True), _as_is),
    "per_day_cap": _Field("per_day_cap", _whole(1, MAX_CAPACITY, optional=True), _as_is),
    "require_phone_before_booking": _Field("require_phone_before_booking", _flag, _as_is),
    "cancel_notice_min": _Field("cancel_notice_min", _whole(0, YEAR_MIN), _as_is),
    "reschedule_notice_min": _Field("reschedule_notice_min", _whole(0, YEAR_MIN), _as_is),
}
"""The operator's names, and how each is read and written. A new rule is one line here and one field
above."""
