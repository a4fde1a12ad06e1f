"""Rules for whole stretches of days: weeks, weekends, months, years, and what a Sabbath gives its
name to.

Where a stretch begins or ends another one ("until the end of the week") is decided in ranges.py.
"""

from datetime import date, timedelta

from dalpak.language.base import PartOfDay
from dalpak.language.he.hearing.calendar_math import (
    add_months,
    add_months_to,
    month_end,
    next_month,
    next_weekday,
    week_start,
    weekday_from,
    weekday_of,
)
from dalpak.language.he.hearing.durations import duration_at
from dalpak.language.he.hearing.holidays import holiday_at
from dalpak.language.he.hearing.lexicon import END, MIDDLE, MONTH, PARTS, START, WEEK, YEAR, Kind
from dalpak.language.he.hearing.nodes import Day, Match, Part, Range, Recipe
from dalpak.language.he.hearing.normalise import keys_of
from dalpak.language.he.hearing.view import View

_FRIDAY, _SATURDAY = 5, 6
_EDGE_OF_WEEK = {START: (0, 2), MIDDLE: (2, 4), END: (_FRIDAY, _SATURDAY)}
"""First and last weekday of the beginning, the middle and the end of a week."""

_FEW_DAYS = 3
_CALLED = frozenset(keys_of("אני שמי עם"))
"""After these a bare month is somebody's name."""
_THE_ONE_AFTER = frozenset(keys_of("שאחרי שלאחר שאחריו שלאחריו"))


def stretch_at(view: View, n: int) -> Match | None:
    """A week, a weekend, a month, a year or a holiday that begins at item `n`."""
    return (
        _edge(view, n)
        or _weekend(view, n)
        or _coming(view, n)
        or _week(view, n)
        or _month(view, n)
        or holiday_at(view, n)
    )


# --- weeks, months -----------------------------------------------------------------------------


def _week(view: View, n: int) -> Match | None:
    """This week (what is left of it), next week, last week."""
    item = view.at(n)
    if item.kind is not Kind.UNIT or item.value != WEEK or "שבועות" in item.key:
        return None
    start = week_start(view.today)
    match view.kind(n + 1):
        case Kind.NEXT:
            return Match(n + 2, (_days(start + timedelta(days=7), 7, "week"),))
        case Kind.LAST if view.tells:
            return Match(n + 2, ())
        case Kind.LAST:
            return Match(n + 2, (_days(start - timedelta(days=7), 7, "week"),))
        case Kind.THIS | Kind.NEAR:
            return Match(n + 2, (Range(view.today, start + timedelta(days=6), "week"),))
        case _:
            if view.at(n + 1).key in _THE_ONE_AFTER or after_next(view, n + 1):
                end = n + 3 if after_next(view, n + 1) else n + 2
                return Match(end, (_days(start + timedelta(days=14), 7, "week"),))
            if not item.has("ה"):
                return None
            return Match(n + 1, (Range(view.today, start + timedelta(days=6), "week"),))


def after_next(view: View, n: int) -> bool:
    """ "After the next"."""
    return view.kind(n) is Kind.AFTER and view.kind(n + 1) is Kind.NEXT


def _days(first: date, count: int, whole: str = "") -> Range:
    return Range(first, first + timedelta(days=count - 1), whole)


def _coming(view: View, n: int) -> Match | None:
    """ "In the coming two weeks", "in the next days"."""
    item = view.at(n)
    if item.kind not in (Kind.UNIT, Kind.DUAL, Kind.NUM):
        return None
    if item.kind is Kind.UNIT and item.key in ("הימים", "בימים"):
        if view.kind(n + 1) is Kind.NEAR:
            return Match(n + 2, (Range(view.today, view.today + timedelta(days=_FEW_DAYS)),))
        return None
    if item.kind is Kind.UNIT:
        return None
    found = duration_at(view, n)
    if found is None or view.kind(found[1]) not in (Kind.NEAR, Kind.NEXT) or not found[0].days:
        return None
    return Match(found[1] + 1, (Range(view.today, view.today + timedelta(days=found[0].days)),))


def _weekend(view: View, n: int) -> Match | None:
    item = view.at(n)
    if item.kind is Kind.WEEKEND:
        j = n + 1
    elif item.kind is Kind.EDGE and item.value == END and view.at(n + 1).value == WEEK:
        if view.kind(n + 1) is not Kind.UNIT:
            return None
        j = n + 2
    else:
        return None
    friday = weekday_from(view.today, _FRIDAY)
    if weekday_of(view.today) == _SATURDAY:
        friday = view.today - timedelta(days=1)
    first, end = friday, j
    match view.kind(j):
        case Kind.NEXT:
            first, end = week_start(view.today) + timedelta(days=7 + _FRIDAY), j + 1
        case Kind.LAST:
            first, end = week_start(view.today) - timedelta(days=7 - _FRIDAY), j + 1
        case Kind.THIS | Kind.NEAR:
            end = j + 1
        case _:
            pass
    saturday = first + timedelta(days=1)
    begin = first if view.kind(j) is Kind.LAST else max(first, view.today)
    return Match(end, (Range(begin, saturday, "week", (_FRIDAY, _SATURDAY)),))


def _edge(view: View, n: int) -> Match | None:
    """Beginning, middle or end of a week or a month."""
    item = view.at(n)
    if item.kind is not Kind.EDGE:
        return None
    unit = view.at(n + 1)
    if unit.kind is Kind.UNIT and unit.value == WEEK and item.value != END:
        return _edge_of_week(view, n + 1, item.value)
    if unit.kind is Kind.UNIT and unit.value == YEAR:
        return _edge_of_year(view, n + 1, item.value)
    month = _month(view, n + 1, any_prefix=True)
    if month is None or not isinstance(whole := month.bodies[0], Range) or whole.last is None:
        return None
    found = _third(whole.last, item.value)
    if found[1] < view.today:
        found = _third(month_end(*add_months_to(whole.last.year, whole.last.month, 1)), item.value)
    return Match(month.end, (Range(max(found[0], view.today), found[1], "month"),))


def _third(last: date, edge: int) -> tuple[date, date]:
    """Beginning, middle or end of the month that ends on `last`."""
    first, end = {START: (1, 10), MIDDLE: (11, 20), END: (21, last.day)}[edge]
    return last.replace(day=first), last.replace(day=end)


def _edge_of_year(view: View, n: int, edge: int) -> Match:
    """January, the two months of the middle, December: of this year or, when past, of the next."""
    end = n + 2 if view.kind(n + 1) in (Kind.NEXT, Kind.THIS, Kind.NEAR) else n + 1
    year = view.today.year + (view.kind(n + 1) is Kind.NEXT)
    first, last = {START: (1, 1), MIDDLE: (6, 7), END: (12, 12)}[edge]
    if month_end(year, last) < view.today:
        year += 1
    begin = max(date(year, first, 1), view.today)
    return Match(end, (Range(begin, month_end(year, last)),))


def _edge_of_week(view: View, n: int, edge: int) -> Match | None:
    begin, last = _EDGE_OF_WEEK[edge]
    start = week_start(view.today)
    end = n + 1
    if view.kind(n + 1) is Kind.NEXT:
        start, end = start + timedelta(days=7), n + 2
    elif view.kind(n + 1) in (Kind.THIS, Kind.NEAR):
        end = n + 2
    if start + timedelta(days=last) < view.today:
        start += timedelta(days=7)
    first = max(start + timedelta(days=begin), view.today)
    return Match(end, (Range(first, start + timedelta(days=last), "week", (begin, last)),))


def _month(view: View, n: int, *, any_prefix: bool = False) -> Match | None:
    """A month by name with "in", this month, next month; next year."""
    item, after = view.at(n), view.at(n + 1)
    today = view.today
    if item.kind is Kind.MONTH:
        if after.kind is Kind.NUM and after.digits and not after.prefix and 1 <= after.value <= 31:
            return None
        year = after.value if after.kind is Kind.NUM and 1900 <= after.value <= 2100 else 0
        modified = after.kind in (Kind.NEXT, Kind.NEAR, Kind.THIS)
        if view.at(n - 1).key in _CALLED and not item.prefix:
            return None
        sure = any_prefix or year or modified or item.has("ב") or item.has("ל") or item.has("מ")
        if not sure and not (view.plain(n - 1) and view.plain(n + 1)):
            return None
        end = n + 2 if year or modified else n + 1
        month_range = _whole_month(year or next_month(today, item.value), item.value, today)
        return Match(end, (month_range,), weak=not sure)
    if item.kind is not Kind.UNIT or item.value not in (MONTH, YEAR) or "חודשים" in item.key:
        return None
    if after.kind is Kind.MONTH and not after.prefix:
        return _month(view, n + 1, any_prefix=True)
    shift = {Kind.NEXT: 1, Kind.LAST: -1, Kind.THIS: 0, Kind.NEAR: 0}.get(after.kind)
    if item.value == MONTH and after_next(view, n + 1):
        year, month = add_months_to(today.year, today.month, 2)
        return Match(n + 3, (_whole_month(year, month, today),))
    if shift is None and not item.has("ה"):
        return None
    end = n + 1 if shift is None else n + 2
    if item.value == YEAR:
        year = today.year + (shift or 0)
        first = date(year, 1, 1) if shift else today
        return Match(end, (Range(first, date(year, 12, 31)),))
    if after.kind is Kind.NEAR:
        return Match(end, (Range(today, add_months(today, 1)),))
    year, month = add_months_to(today.year, today.month, shift or 0)
    return Match(end, (_whole_month(year, month, today),))


def _whole_month(year: int, month: int, today: date) -> Range:
    """The month, without its past days if it is this one."""
    last = month_end(year, month)
    first = last.replace(day=1)
    return Range(today if first < today <= last else first, last, "month")


# --- holy days ---------------------------------------------------------------------------------


def sabbath_at(view: View, n: int) -> Match | None:
    """The eve of Shabbat is Friday; the evening that Shabbat goes out is Saturday's."""
    item = view.at(n)
    sabbath = view.at(n + 1)
    saturday = weekday_from(view.today, _SATURDAY)
    if item.kind is Kind.OUT_OF:
        if sabbath.kind is Kind.WEEKDAY:
            return Match(n + 2, (Day(saturday), Part(PartOfDay.EVENING)))
        if item.key.endswith("ש"):
            return Match(n + 1, (Day(saturday), Part(PartOfDay.EVENING)))
        return None
    if item.kind is not Kind.PART or sabbath.kind is not Kind.WEEKDAY or sabbath.prefix:
        return None
    friday = next_weekday(view.today, _FRIDAY)
    if PARTS[item.value] is PartOfDay.EVENING:
        return Match(n + 2, (Day(friday, Recipe.FIXED),))
    if PARTS[item.value] is PartOfDay.NIGHT:
        return Match(n + 2, (Day(friday), Part(PartOfDay.NIGHT)))
    return None
