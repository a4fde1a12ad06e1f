"""Day arithmetic of the grammar: weekdays from Sunday = 0, weeks from Sunday to Saturday."""

import calendar
from datetime import date, timedelta

WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
"""Keys of `HearingContext.hours`, Sunday = 0."""

MAX_DAYS_AHEAD = 3650
"""Durations beyond ten years are a misunderstanding."""


def weekday_of(day: date) -> int:
    return (day.weekday() + 1) % 7


def next_weekday(today: date, weekday: int) -> date:
    """The nearest such weekday strictly after `today`."""
    return today + timedelta(days=(weekday - weekday_of(today) - 1) % 7 + 1)


def weekday_from(day: date, weekday: int) -> date:
    """The nearest such weekday on or after `day`."""
    return day + timedelta(days=(weekday - weekday_of(day)) % 7)


def last_weekday(today: date, weekday: int) -> date:
    """The nearest such weekday strictly before `today`."""
    return today - timedelta(days=(weekday_of(today) - weekday - 1) % 7 + 1)


def week_start(day: date) -> date:
    return day - timedelta(days=weekday_of(day))


def month_end(year: int, month: int) -> date:
    return date(year, month, calendar.monthrange(year, month)[1])


def make(year: int, month: int, day: int) -> date | None:
    """The date, or None when no calendar has it."""
    if not (1 <= year <= 9999 and 1 <= month <= 12 and 1 <= day <= month_end(year, month).day):
        return None
    return date(year, month, day)


def next_day_of_month(today: date, day: int) -> date | None:
    """The next time the month has this day, today included."""
    year, month = today.year, today.month
    for _ in range(13):
        found = make(year, month, day)
        if found is not None and found >= today:
            return found
        year, month = add_months_to(year, month, 1)
    return None


def next_day_and_month(today: date, day: int, month: int) -> date | None:
    """The next such date, today included; 29 February waits for its leap year."""
    for year in range(today.year, today.year + 9):
        found = make(year, month, day)
        if found is not None and found >= today:
            return found
    return None


def next_month(today: date, month: int) -> int:
    """The year in which this month is now, or comes next."""
    return today.year if month >= today.month else today.year + 1


def add_months_to(year: int, month: int, months: int) -> tuple[int, int]:
    total = year * 12 + month - 1 + months
    return total // 12, total % 12 + 1


def add_months(day: date, months: int) -> date:
    """The same day some months on, or the last one of a shorter month."""
    year, month = add_months_to(day.year, day.month, months)
    return date(year, month, min(day.day, month_end(year, month).day))


def nth_weekday(year: int, month: int, weekday: int, nth: int) -> date | None:
    """The nth such weekday of a month, -1 the last; None when there is no such."""
    if nth < 0:
        return last_weekday(month_end(year, month) + timedelta(days=1), weekday)
    found = weekday_from(date(year, month, 1), weekday) + timedelta(days=7 * (nth - 1))
    return found if found.month == month else None
