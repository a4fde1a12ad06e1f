"""Rules for weekdays: by name or letter, with "next", "this", "last", "in a week", "of March"."""

from datetime import timedelta

from dalpak.language.he.hearing.calendar_math import (
    last_weekday,
    next_month,
    next_weekday,
    nth_weekday,
    week_start,
)
from dalpak.language.he.hearing.dates import year_at
from dalpak.language.he.hearing.durations import duration_at
from dalpak.language.he.hearing.items import Item
from dalpak.language.he.hearing.lexicon import Kind
from dalpak.language.he.hearing.nodes import Day, Impossible, Match, Recipe
from dalpak.language.he.hearing.normalise import keys_of
from dalpak.language.he.hearing.view import View

_SELF = frozenset(keys_of("אני הייתי מי הוא היא אתה אנחנו"))
"""After these a bare ordinal is a place in a row ("I am first")."""

_WITH = frozenset(keys_of("עם"))
"""After this a bare ordinal is somebody's name."""

_LAST_LETTER = 5
"""Friday: the last weekday that has a letter."""

_CONSTRUCT_TWO = 2
"""The ordinal that is also "two" before a noun."""

_SECONDARY = (Kind.NEXT, Kind.NEAR, Kind.THIS, Kind.LAST)


def and_later(view: View, end: int, day: Day) -> Match:
    """The day, moved on when "in a week" follows it."""
    if view.kind(end) is Kind.MORE:
        found = duration_at(view, end + 1)
        if found is not None and found[0].days and not found[0].minutes:
            return Match(found[1], (Day(day.on + timedelta(days=found[0].days)),))
    return Match(end, (day,))


def weekday_at(view: View, n: int) -> Match | None:
    item = view.at(n)
    if item.kind is Kind.DAY:
        named = view.at(n + 1)
        weekday = _number_of(named)
        if weekday is None or named.prefix or named.boundary:
            return None
        return _modified(view, n + 2, weekday)
    if item.kind is Kind.WEEKDAY:
        return _modified(view, n + 1, item.value)
    if item.kind is not Kind.ORD or item.form != "m":
        return None
    weekday = _number_of(item)
    if weekday is None or (item.value == _CONSTRUCT_TWO and _counts(view, n + 1)):
        return None
    after_next = view.kind(n + 1) is Kind.AFTER and view.kind(n + 2) is Kind.NEXT
    modified = view.kind(n + 1) in _SECONDARY or after_next
    if item.has("ה") and not modified:
        return None
    prefixed = item.has("ב")
    if not prefixed and not modified:
        timed = view.kind(n + 1) in (Kind.PART, Kind.CLOCK) or _at_hour(view, n + 1)
        if view.counts_before(n) or view.at(n - 1).key in _SELF | _WITH:
            return None
        if not (view.plain(n - 1) or timed) or not view.plain(n + 1):
            return None
    match = _modified(view, n + 1, weekday)
    sure = prefixed or modified or view.kind(n - 1) in (Kind.EXCEPT, Kind.NO)
    return Match(match.end, match.bodies, weak=not sure)


def _counts(view: View, n: int) -> bool:
    """ "Two weeks", "two children"; but "Monday next week"."""
    return view.noun_after(n) and view.kind(n + 1) not in _SECONDARY


def _at_hour(view: View, n: int) -> bool:
    item = view.at(n)
    return item.kind is Kind.NUM and item.has("ב") and item.value <= 24


def _number_of(item: Item) -> int | None:
    """Sunday = 0, of an ordinal, a letter or Shabbat."""
    if item.kind is Kind.WEEKDAY:
        return item.value
    if item.kind is Kind.ORD and item.form == "m" and item.value <= _LAST_LETTER + 1:
        return item.value - 1
    return item.value if item.kind is Kind.LETTER else None


def _modified(view: View, n: int, weekday: int) -> Match:
    """The weekday with "next", "this", "last", "the last of March" or "in a week" after it."""
    near = next_weekday(view.today, weekday)
    kind = view.kind(n)
    nth = _of_month(view, n, weekday)
    if nth is not None:
        return nth
    if kind is Kind.AFTER and view.kind(n + 1) is Kind.NEXT:
        coming = week_start(view.today) + timedelta(days=14 + weekday)
        other = tuple({near + timedelta(days=7)} - {coming})
        return Match(n + 2, (Day(coming, Recipe.WEEKDAY, other, weekday, unsure=bool(other)),))
    if kind is Kind.NEXT:
        coming = week_start(view.today) + timedelta(days=7 + weekday)
        other = (near,) if near != coming else ()
        return Match(n + 1, (Day(coming, Recipe.WEEKDAY, other, weekday, unsure=bool(other)),))
    if kind is Kind.LAST and view.tells:
        return Match(n + 1, ())
    if kind is Kind.LAST:
        return Match(n + 1, (Day(last_weekday(view.today, weekday), weekday=weekday),))
    if kind in (Kind.NEAR, Kind.THIS):
        return Match(n + 1, (Day(near, Recipe.WEEKDAY, (), weekday),))
    later = and_later(view, n, Day(near))
    if later.end == n:
        return Match(n, (Day(near, Recipe.WEEKDAY, (), weekday),))
    return later


def _of_month(view: View, n: int, weekday: int) -> Match | None:
    """ "The last (or first) Monday of March"."""
    item, of, month = view.at(n), view.at(n + 1), view.at(n + 2)
    if item.kind is Kind.LAST:
        nth = -1
        if of.kind is Kind.MONTH and of.has("ב"):
            of, month = month, of
    elif item.kind is Kind.ORD and item.has("ה"):
        nth = item.value
    else:
        return None
    if of.kind is not Kind.OF and month is not view.at(n + 1):
        return None
    if month.kind is not Kind.MONTH:
        return None
    end = n + 3 if of.kind is Kind.OF else n + 2
    year, end = year_at(view, end)
    found = nth_weekday(year or next_month(view.today, month.value), month.value, weekday, nth)
    if found is not None and found < view.today and not year:
        found = nth_weekday(view.today.year + 1, month.value, weekday, nth)
    return Match(end, (Impossible() if found is None else Day(found, weekday=weekday),))
