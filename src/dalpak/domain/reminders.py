"""When a reminder is due, and when a business is quiet. Pure: rules, an appointment, the moment.

A reminder that would fall into quiet time goes out when it ends, or, where that is too near to the
start, before it begins. Nothing is sent or stored here.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from dalpak.domain.holidays import REST_DAYS, holidays_on
from dalpak.domain.messaging import MessagingRules, ReminderRule
from dalpak.domain.records import Appointment, AppointmentStatus
from dalpak.domain.walltime import DAY_MIN, closing_instant

LEAST_LEAD: Final = timedelta(minutes=45)
"""A reminder that can only come later than this before the start helps nobody."""
JUST_TOLD: Final = timedelta(minutes=30)
"""Who booked or moved this shortly before a reminder was due has just been told."""
_MINUTE: Final = timedelta(minutes=1)
_STRETCHES: Final = 60
"""Quiet stretches that may touch one another; three days of rest and their nights are six."""


@dataclass(frozen=True, slots=True)
class Due:
    rule: str
    at: datetime


def quiet_until(rules: MessagingRules, zone: ZoneInfo, at: datetime) -> datetime | None:
    """When the quiet time that `at` falls into ends; None when it is not quiet then."""
    end = at
    for _ in range(_STRETCHES):
        ends = [stop for start, stop in _quiet_around(rules, zone, end) if start <= end < stop]
        if not ends:
            break
        end = max(ends)
    return end if end > at else None


def quiet_since(rules: MessagingRules, zone: ZoneInfo, at: datetime) -> datetime | None:
    """When the quiet time that `at` falls into began; None when it is not quiet then."""
    if quiet_until(rules, zone, at) is None:
        return None
    start = at
    for _ in range(_STRETCHES):
        earlier = [
            begin for begin, stop in _quiet_around(rules, zone, start) if begin < start <= stop
        ]
        if not earlier:
            break
        start = min(earlier)
    return start


def due_at(
    rule: ReminderRule, start: datetime, rules: MessagingRules, zone: ZoneInfo
) -> datetime | None:
    """When this reminder of a visit goes out; None when no moment suits."""
    planned = _planned(rule, start, zone)
    awake = quiet_until(rules, zone, planned)
    if awake is None:
        due = planned
    elif awake <= start - LEAST_LEAD:
        due = awake
    else:
        asleep = quiet_since(rules, zone, planned)
        due = (asleep or planned) - _MINUTE
    return due if due <= start - LEAST_LEAD else None


def due_reminder(
    row: Appointment, rules: MessagingRules, zone: ZoneInfo, now: datetime
) -> Due | None:
    """The reminder of this appointment to be sent now, if any: of several overdue ones the last."""
    if row.status is not AppointmentStatus.BOOKED or now > row.start - LEAST_LEAD:
        return None
    if quiet_until(rules, zone, now) is not None:
        return None
    told = max(row.created_at, row.updated_at or row.created_at)
    dues = [
        Due(rule.name, at)
        for rule in rules.reminders
        if (at := due_at(rule, row.start, rules, zone)) is not None and told + JUST_TOLD < at <= now
    ]
    return max(dues, key=lambda due: (due.at, due.rule), default=None)


def horizon(rules: MessagingRules) -> timedelta:
    """How far ahead of now a start may be and have a reminder due."""
    longest = timedelta(hours=max((r.hours_before or 0 for r in rules.reminders), default=0))
    days = max((r.days_before or 0 for r in rules.reminders), default=0)
    # A reminder is moved before quiet time, which may last three days of rest.
    return max(longest, timedelta(days=days + 1)) + timedelta(days=5)


def _planned(rule: ReminderRule, start: datetime, zone: ZoneInfo) -> datetime:
    if rule.days_before is not None:
        day = start.astimezone(zone).date() - timedelta(days=rule.days_before)
        return closing_instant(zone, day, rule.at)
    return start - timedelta(hours=rule.hours_before or 0)


def _quiet_around(
    rules: MessagingRules, zone: ZoneInfo, at: datetime
) -> Iterator[tuple[datetime, datetime]]:
    """Quiet stretches [start, end) that may hold or touch `at`."""
    today = at.astimezone(zone).date()
    for day in (today + timedelta(days=n) for n in (-1, 0, 1)):
        if rules.quiet_hours is not None:
            start, end = rules.quiet_hours
            until = end if start < end else end + DAY_MIN
            yield closing_instant(zone, day, start), closing_instant(zone, day, until)
        if _rests(rules, day):
            eve = day - timedelta(days=1)
            yield (
                closing_instant(zone, eve, rules.rest_from),
                closing_instant(zone, day, rules.rest_to),
            )


def _rests(rules: MessagingRules, day: date) -> bool:
    shabbat = rules.quiet_shabbat and day.isoweekday() == 6
    return shabbat or (rules.quiet_holidays and any(name in REST_DAYS for name in holidays_on(day)))
