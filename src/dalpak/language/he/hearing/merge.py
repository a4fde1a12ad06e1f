"""Several ways of naming one day, put together: weekday + week, weekday + date, month + day.

Where they contradict each other nothing is chosen: the readings come out as alternatives.
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta

from dalpak.language.he.hearing.calendar_math import (
    add_months_to,
    make,
    week_start,
    weekday_from,
    weekday_of,
)
from dalpak.language.he.hearing.nodes import Day, Range, Recipe

_RECENT_DAYS = 62
"""A date named with its weekday may lie this far back: then it is told as past, not moved a year."""


_MONTHS_AHEAD = 3
"""Farther than this a day of the month that does not fit its weekday is a slip."""


@dataclass(frozen=True, slots=True)
class Merged:
    """One day, one stretch, or neither with the contradicting days in `conflict`."""

    day: Day | None = None
    stretch: Range | None = None
    conflict: tuple[date, ...] = ()


def merge_days(days: list[Day], stretches: list[Range], today: date) -> Merged:
    """All positive day words of one utterance as one meaning."""
    firm = [d for d in days if d.recipe is not Recipe.SOFT_TODAY] or days
    stretch = _one_stretch(stretches)
    if not firm:
        return Merged(stretch=stretch)
    day: Day | None = firm[0]
    seen = [firm[0].on]
    for other in firm[1:]:
        seen.append(other.on)
        day = None if day is None else _same_day(day, other, today)
    if day is None:
        return Merged(conflict=tuple(dict.fromkeys(seen)))
    if stretch is None or day.recipe in (Recipe.FIXED, Recipe.DAY_AND_MONTH):
        return Merged(day=day)
    return _day_within(day, stretch, today)


def _one_stretch(stretches: list[Range]) -> Range | None:
    """The last one; two half-open ones make a closed one."""
    if not stretches:
        return None
    first = next((r for r in stretches if r.first is not None and r.last is None), None)
    last = next((r for r in stretches if r.last is not None and r.first is None), None)
    if first is not None and last is not None:
        return Range(first.first, last.last)
    return _part_of_a_week(stretches) or stretches[-1]


def _part_of_a_week(stretches: list[Range]) -> Range | None:
    """ "Next week, in the middle of the week": the days of the one within the other."""
    part = next((r.within for r in stretches if r.within is not None), None)
    week = next((r for r in stretches if r.whole == "week" and r.within is None), None)
    if part is None or week is None or week.last is None or week.first is None:
        return None
    start = week_start(week.last)
    first, last = start + timedelta(days=part[0]), start + timedelta(days=part[1])
    return Range(max(first, week.first), last, "week", part) if last >= week.first else None


def _same_day(a: Day, b: Day, today: date) -> Day | None:
    """The day that both name, or None when they disagree."""
    if a.on == b.on:
        return a if a.recipe is Recipe.FIXED else b
    for weekday, other in ((a, b), (b, a)):
        if weekday.recipe is not Recipe.WEEKDAY or weekday.weekday is None:
            continue
        if other.recipe is Recipe.WEEKDAY:
            continue
        if other.recipe is Recipe.OFFSET:
            start = week_start(other.on)
            return Day(start + timedelta(days=weekday.weekday))
        if weekday_of(other.on) == weekday.weekday:
            return replace(other, recipe=Recipe.FIXED)
        if other.recipe is Recipe.DAY_OF_MONTH:
            return _in_a_later_month(other.on, weekday.weekday)
        if other.recipe is Recipe.DAY_AND_MONTH:
            past = make(other.on.year - 1, other.on.month, other.on.day)
            if past is None or (today - past).days > _RECENT_DAYS:
                continue
            if weekday_of(past) == weekday.weekday:
                return Day(past)
    return None


def _in_a_later_month(on: date, weekday: int) -> Day | None:
    """ "Thursday the 24th", when this month's is no Thursday: the next month's that is one."""
    for ahead in range(1, _MONTHS_AHEAD + 1):
        found = make(*add_months_to(on.year, on.month, ahead), on.day)
        if found is not None and weekday_of(found) == weekday:
            return Day(found)
    return None


def _day_within(day: Day, stretch: Range, today: date) -> Merged:
    """A weekday of a week, a day of a month; otherwise the day stands alone."""
    first, last = stretch.first, stretch.last
    if first is None or last is None or not stretch.whole:
        return Merged(day=day, stretch=stretch if day.recipe is Recipe.OFFSET else None)
    if day.recipe is Recipe.DAY_OF_MONTH:
        found = make(last.year, last.month, day.on.day)
        return Merged(day=Day(found)) if found is not None else Merged(stretch=stretch)
    if day.recipe is not Recipe.WEEKDAY or day.weekday is None:
        return Merged(day=day)
    if stretch.whole == "week":
        found = week_start(last) + timedelta(days=day.weekday)
        if found < today <= last:
            return Merged(conflict=(found, day.on))
        return Merged(day=Day(found, weekday=day.weekday))
    found = weekday_from(first, day.weekday)
    others = tuple(
        found + timedelta(days=7 * k) for k in range(1, 5) if found + timedelta(days=7 * k) <= last
    )
    return Merged(day=Day(found, Recipe.FIXED, others, day.weekday, unsure=bool(others)))
