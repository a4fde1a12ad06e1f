"""Rules for ranges of days: until, after, from-to, between, so long before or after something."""

from datetime import date, timedelta

from dalpak.language.he.hearing.calendar_math import (
    add_months,
    month_end,
    next_month,
    weekday_from,
    weekday_of,
)
from dalpak.language.he.hearing.days import day_at, single_day
from dalpak.language.he.hearing.durations import duration_at
from dalpak.language.he.hearing.lexicon import END, Kind
from dalpak.language.he.hearing.nodes import Day, Match, Range, Recipe
from dalpak.language.he.hearing.normalise import keys_of
from dalpak.language.he.hearing.stretches import sabbath_at, stretch_at
from dalpak.language.he.hearing.view import View

_AT_THE, _THE_DAY = "לכל", "היום"
_APPOINTMENT = frozenset(keys_of("תור התור פגישה הפגישה לבטל ביטול"))
"""After these "from Monday" says which appointment, not since when."""


def range_rule(view: View, n: int) -> Match | None:
    """Any stretch of days, or a day that a holy day gives its name to."""
    return (
        _not_before(view, n)
        or _no_later(view, n)
        or _until_the_end_of_today(view, n)
        or _counted_beside(view, n)
        or _between_days(view, n)
        or _from_day_to_day(view, n)
        or _one_sided(view, n)
        or _onward(view, n)
        or sabbath_at(view, n)
        or stretch_at(view, n)
    )


def _ends(view: View, n: int) -> tuple[date | None, date | None, int] | None:
    """First and last day of the day or stretch at `n`, and where it ends."""
    day = day_at(view, n)
    if day is not None:
        body = day.bodies[0] if day.bodies else None
        return (body.on, body.on, day.end) if isinstance(body, Day) else None
    stretch = stretch_at(view, n) or sabbath_at(view, n)
    if stretch is None or not stretch.bodies:
        return None
    body = stretch.bodies[0]
    if isinstance(body, Day):
        return body.on, body.on, stretch.end
    return (body.first, body.last, stretch.end) if isinstance(body, Range) else None


def _one_sided(view: View, n: int) -> Match | None:
    """ "Until Thursday" (inclusive), "before Thursday", "after Tuesday"."""
    kind = view.kind(n)
    if kind not in (Kind.UNTIL, Kind.BEFORE, Kind.AFTER):
        return None
    found = _ends(view, n + 1)
    if found is None:
        return None
    first, last, end = found
    if kind is Kind.UNTIL:
        return Match(end, (Range(None, last),)) if last else None
    if kind is Kind.BEFORE:
        return Match(end, (Range(None, first - timedelta(days=1)),)) if first else None
    return Match(end, (Range(last + timedelta(days=1), None),)) if last else None


def _not_before(view: View, n: int) -> Match | None:
    """ "Not before Tuesday" is from it on, "not after" is until it."""
    if view.kind(n) is not Kind.NO or view.kind(n + 1) not in (Kind.BEFORE, Kind.AFTER):
        return None
    found = _ends(view, n + 2)
    if found is None:
        return None
    first, last, end = found
    before = view.kind(n + 1) is Kind.BEFORE
    return Match(end, (Range(first, None) if before else Range(None, last),))


def _no_later(view: View, n: int) -> Match | None:
    """ "No later than Thursday", "later than Tuesday", "on Thursday at the latest"."""
    denied = view.kind(n) is Kind.NO
    j = n + 1 if denied else n
    late = view.kind(j) is Kind.LATE
    if view.kind(j) not in (Kind.EARLY, Kind.LATE):
        return None
    at_the = view.at(j - 1).key == _AT_THE and view.at(j).has("ה")
    if not at_the and not view.at(j + 1).has("מ"):
        return None
    found = _ends(view, j + 1)
    if found is None:
        return None
    first, last, end = found
    if late is (denied or at_the):
        return Match(end, (Range(None, last),)) if last else None
    if denied or at_the:
        return Match(end, (Range(first, None),)) if first else None
    beyond = Range(last + timedelta(days=1), None) if late and last else None
    return None if beyond is None else Match(end, (beyond,))


def _until_the_end_of_today(view: View, n: int) -> Match | None:
    """ "Until the end of the day": today, whatever the hour."""
    ends = view.kind(n + 1) is Kind.EDGE and view.at(n + 1).value == END
    if view.kind(n) is not Kind.UNTIL or not ends or view.at(n + 2).key != _THE_DAY:
        return None
    return Match(n + 3, (Range(None, view.today),))


def _counted_beside(view: View, n: int) -> Match | None:
    """ "A day after the holiday", "a week before Passover"."""
    if view.at(n).prefix not in ("", "ב", "ו") or view.kind(n - 1) is Kind.MORE:
        return None
    found = duration_at(view, n)
    if found is None or found[0].minutes or view.kind(found[1]) not in (Kind.AFTER, Kind.BEFORE):
        return None
    length, j = found
    ends = _ends(view, j + 1)
    if ends is None or ends[0] is None or ends[1] is None:
        return None
    if view.kind(j) is Kind.AFTER:
        day = add_months(ends[1], length.months) + timedelta(days=length.days)
    else:
        day = add_months(ends[0], -length.months) - timedelta(days=length.days)
    return Match(ends[2], (Day(day),))


def _second_day(view: View, n: int, first: date, *, joins: bool) -> tuple[date, int] | None:
    """The day that closes a range: a weekday is the first such on or after the range's start.

    `joins`: "and" may stand between the two ("between Monday and Wednesday").
    """
    item = view.at(n)
    j = n + 1 if item.kind is Kind.UNTIL else n
    if j == n and not (item.has("ל") or (joins and item.joined)):
        return None
    found = day_at(view, j)
    day = single_day(found)
    if found is None or day is None:
        return None
    if day.recipe is Recipe.WEEKDAY and day.weekday is not None and not day.alternatives:
        return weekday_from(first, day.weekday), found.end
    return day.on, found.end


def _closed(view: View, n: int, *, joins: bool = False) -> Match | None:
    """Two days with "to", "until" or "and" between them; the first may borrow the second's month."""
    first = day_at(view, n)
    if first is None:
        return _borrowed_month(view, n)
    day = single_day(first)
    if day is None:
        return None
    if day.recipe is Recipe.DAY_OF_MONTH:
        borrowed = _borrowed_month(view, n)
        if borrowed is not None:
            return borrowed
    second = _second_day(view, first.end, day.on, joins=joins)
    if second is None or second[0] < day.on:
        return None
    return Match(second[1], (Range(day.on, second[0], within=_weekdays(day, second[0])),))


def _weekdays(first: Day, last: date) -> tuple[int, int] | None:
    """ "Sunday to Tuesday" are days of any week: of the one that is said beside them."""
    if first.recipe is not Recipe.WEEKDAY or first.weekday is None:
        return None
    end = weekday_of(last)
    return (first.weekday, end) if first.weekday <= end else None


def _borrowed_month(view: View, n: int) -> Match | None:
    """ "Between the first and the fifth of December"."""
    item = view.at(n)
    if item.kind not in (Kind.NUM, Kind.ORD) or not 1 <= item.value <= 31:
        return None
    j = n + 2 if view.kind(n + 1) is Kind.UNTIL else n + 1
    if j == n + 1 and not (view.at(j).has("ל") or view.at(j).joined):
        return None
    second = day_at(view, j)
    last = single_day(second)
    if second is None or last is None:
        return None
    named = last.recipe in (Recipe.DAY_OF_MONTH, Recipe.DAY_AND_MONTH, Recipe.FIXED)
    if not named or view.kind(j) not in (Kind.NUM, Kind.ORD) or item.value > last.on.day:
        return None
    return Match(second.end, (Range(last.on.replace(day=item.value), last.on),))


def _between_days(view: View, n: int) -> Match | None:
    return _closed(view, n + 1, joins=True) if view.kind(n) is Kind.BETWEEN else None


def _from_day_to_day(view: View, n: int) -> Match | None:
    """ "From Sunday until Wednesday", "Sunday until Wednesday", "1-5 December"."""
    j = n + 1 if view.kind(n) is Kind.FROM else n
    item = view.at(j)
    if item.kind is Kind.SPAN and view.kind(j + 1) is Kind.MONTH:
        return _dashed(view, j)
    found = _closed(view, j)
    if found is None:
        return None
    pointing = item.has("מ") and not view.moving
    if pointing or any(view.kind(k) is Kind.UNTIL for k in range(j, found.end)):
        return found
    return None


def _dashed(view: View, n: int) -> Match | None:
    begin, _, last, _ = view.at(n).parts
    month = view.at(n + 1).value
    year = next_month(view.today, month)
    length = month_end(year, month).day
    if not 1 <= begin < last <= length:
        return None
    return Match(n + 2, (Range(date(year, month, begin), date(year, month, last)),))


def _onward(view: View, n: int) -> Match | None:
    """ "From Tuesday on", "starting on Tuesday"."""
    j = n + 1 if view.kind(n) is Kind.FROM else n
    if not view.at(j).has("מ"):
        return None
    found = _ends(view, j)
    if found is None or found[0] is None:
        return None
    first, _, end = found
    if any(view.kind(k) is Kind.MORE for k in range(j, end)):
        return None  # "from today in a week" is one day
    onward = view.kind(end) is Kind.ONWARD
    before = view.at(n - 1)
    of_appointment = before.key in _APPOINTMENT or before.kind in (Kind.EXCEPT, Kind.MINUS)
    if not onward and j == n and (view.moving or of_appointment):
        return None
    return Match(end + 1 if onward else end, (Range(first, None),))
