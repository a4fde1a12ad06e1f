"""English days and clock times in words: the fragments that moments are put together from.

Every function returns one leaf, or leaves, that the prompt bank holds. How they become "Tuesday,
December first, at half past three in the afternoon" is in `speech.py`.
"""

from datetime import date, time

from dalpak.language.base import Spoken
from dalpak.language.en.numbers import ORDINALS, SMALL, below_hundred

_WEEKDAYS = tuple("Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split())
"""From Monday, as `date.weekday()` counts."""

_MONTHS = tuple(
    """January February March April May June July August September October November
    December""".split()
)
_NEAR = ("today", "tomorrow")
NEAR_DAYS = len(_NEAR)

NOON = Spoken("noon")
MIDNIGHT = Spoken("midnight")
PARTS = ("in the morning", "in the afternoon", "in the evening", "at night")
_HALF = 30
_QUARTERS = {15: "quarter past", 45: "quarter to"}


def part_of_day(at: time) -> Spoken:
    """What tells the two halves of the day apart, as people call this hour."""
    if 1 <= at.hour < 12:
        return Spoken(PARTS[0])
    if 12 <= at.hour < 17:
        return Spoken(PARTS[1])
    return Spoken(PARTS[2] if 17 <= at.hour < 21 else PARTS[3])


def weekday(day: date) -> Spoken:
    return Spoken(_WEEKDAYS[day.weekday()])


def near_day(days_ahead: int) -> Spoken:
    """Today, tomorrow."""
    return Spoken(_NEAR[days_ahead])


def month(number: int) -> Spoken:
    return Spoken(_MONTHS[number - 1])


def day_of_month(day: int) -> Spoken:
    return Spoken(ORDINALS[day - 1])


def dial(at: time) -> tuple[Spoken, ...]:
    """The time without its part of day: one leaf on five-minute steps, two elsewhere."""
    hour, following = SMALL[at.hour % 12 or 12], SMALL[(at.hour + 1) % 12 or 12]
    if at.minute == 0:
        return (Spoken(hour),)
    if at.minute in _QUARTERS:
        near = hour if at.minute < _HALF else following
        return (Spoken(f"{_QUARTERS[at.minute]} {near}"),)
    if at.minute == _HALF:
        return (Spoken(f"half past {hour}"),)
    if at.minute % 5:
        minute = below_hundred(at.minute) if at.minute >= 10 else f"oh {SMALL[at.minute]}"
        return Spoken(hour), Spoken(minute)
    if at.minute < _HALF:
        return (Spoken(f"{below_hundred(at.minute)} past {hour}"),)
    return (Spoken(f"{below_hundred(60 - at.minute)} to {following}"),)
