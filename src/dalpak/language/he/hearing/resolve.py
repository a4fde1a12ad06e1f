"""Which of its readings an hour means: the one that can be a start inside opening hours.

The rules are those of the acceptance data: an explicit part of day always wins, today drops what
is past, and where two readings stand the caller is asked.
"""

from collections.abc import Callable, Sequence
from datetime import date, time

from dalpak.language.base import HearingContext, PartOfDay
from dalpak.language.he.hearing.calendar_math import WEEKDAYS, weekday_of
from dalpak.language.he.hearing.nodes import Clock, Window

Windows = Sequence[tuple[time, time]]

DEFAULT_HOURS: Windows = ((time(8), time(20)),)
"""Where a business has told no hours, and where its hours fit neither reading."""

_WAKING: Windows = ((time(7), time(22)),)
"""Settles the two readings of an hour for a business that is always open."""


def start_time(
    clock: Clock, part: PartOfDay | None, day: date | None, context: HearingContext
) -> tuple[time | None, tuple[time, ...]]:
    """The start that is meant, and every reading; (None, readings) when only the caller can tell."""
    readings = clock.readings(part)
    return _choose(readings, day, context, _can_start), readings


def end_time(
    clock: Clock,
    part: PartOfDay | None,
    day: date | None,
    context: HearingContext,
    after: time | None = None,
) -> time | None:
    """The end of a window: at most closing time, and later than `after`."""
    readings = clock.readings(part)
    later = tuple(r for r in readings if after is None or r > after)
    return _choose(later or readings, day, context, _can_end)


def window_times(
    window: Window, part: PartOfDay | None, day: date | None, context: HearingContext
) -> tuple[time | None, time | None]:
    """Both ends as wall times; an end borrows nothing from the other but their order."""
    start = None if window.start is None else start_time(window.start, part, day, context)[0]
    if window.end is None:
        return start, None
    end = end_time(window.end, part, day, context, start)
    if start is not None and end is not None and end <= start and window.start is not None:
        earlier = [r for r in window.start.readings() if r < end]
        start = earlier[-1] if earlier else start
    return start, end


def _can_start(t: time, windows: Windows) -> bool:
    return any(a <= t < b or (a <= t and b == time(0)) for a, b in windows)


def _can_end(t: time, windows: Windows) -> bool:
    return any(a < t <= b or (a < t and b == time(0)) for a, b in windows)


def _choose(
    readings: tuple[time, ...],
    day: date | None,
    context: HearingContext,
    fits: Callable[[time, Windows], bool],
) -> time | None:
    offered = {o.time() for o in context.offered if day is None or o.date() == day}
    on_offer = [r for r in readings if r in offered]
    if len(on_offer) == 1:
        return on_offer[0]
    if day is not None and day == context.now.date():
        ahead = tuple(r for r in readings if r > context.now.time())
        readings = ahead or readings
    if len(readings) == 1:
        return readings[0]
    for windows in _hours(day, context):
        inside = [r for r in readings if fits(r, windows)]
        if len(inside) > 1:
            inside = [r for r in inside if fits(r, _WAKING)]
            return inside[0] if len(inside) == 1 else None
        if inside:
            return inside[0]
    return None


def _hours(day: date | None, context: HearingContext) -> list[Windows]:
    """Opening hours to try in turn: of that day, of any day, usual ones."""
    tried: list[Windows] = []
    if day is not None:
        tried.append(context.hours.get(WEEKDAYS[weekday_of(day)], ()))
    tried.append(tuple(w for windows in context.hours.values() for w in windows))
    tried.append(DEFAULT_HOURS)
    return tried
