"""Rules for single days: relative, weekday, calendar date, day of the month, so many days from now."""

from datetime import UTC, date, timedelta

from dalpak.language.en.hearing.durations import duration_at
from dalpak.language.en.hearing.lexicon import ALSO_VERBS, COMING, LAST, NEXT, THIS, Kind, Unit
from dalpak.language.en.hearing.normalise import words
from dalpak.language.en.hearing.view import View
from dalpak.language.neutral import (
    MAX_DAYS_AHEAD,
    Body,
    Day,
    Duration,
    Impossible,
    Match,
    Moment,
    Range,
    Recipe,
    add_months,
    add_months_to,
    last_weekday,
    make,
    next_day_and_month,
    next_day_of_month,
    next_month,
    next_weekday,
    nth_weekday,
    week_start,
)

_FIRST_YEAR, _LAST_YEAR = 1900, 2100
_LEADS = words("on for the sometime")
_NOUNS = words("one option time slot appointment choice hour thing offer available opening of week")
"""Nouns that an ordinal counts, so that it is no day of the month."""

_LEADS_TO_MONTH = words("in of by until till before after during this next from")


def day_at(view: View, n: int) -> Match | None:
    """The single day that begins at item `n`; also used by the rules for ranges."""
    return (
        _written(view, n)
        or _day_and_month(view, n)
        or _month_and_day(view, n)
        or _relative(view, n)
        or _weekday(view, n)
        or _day_of_the_month(view, n)
    )


def day_after_leads(view: View, n: int) -> Match | None:
    """The same, past "on", "for" and "the"."""
    return day_at(view, n) or (day_after_leads(view, n + 1) if view.key(n) in _LEADS else None)


def day_rule(view: View, n: int) -> Match | None:
    """A single day, or an instant counted from now."""
    return _at_once(view, n) or _from_now(view, n) or _counted_from(view, n) or day_at(view, n)


# --- relative ----------------------------------------------------------------------------------


def _relative(view: View, n: int) -> Match | None:
    """Today, tomorrow, the day after tomorrow; "tomorrow week"."""
    if view.says(n, "day", "after", "tomorrow"):
        return Match(n + 3, (Day(view.today + timedelta(days=2)),))
    if view.says(n, "the", "day", "after", "tomorrow"):
        return Match(n + 4, (Day(view.today + timedelta(days=2)),))
    item = view.at(n)
    if item.kind is not Kind.RELATIVE:
        return None
    day = view.today + timedelta(days=item.value)
    if view.key(n + 1) == "week" and not view.at(n + 1).boundary:
        return Match(n + 2, (Day(day + timedelta(days=7)),))
    return Match(n + 1, (Day(day),))


def _at_once(view: View, n: int) -> Match | None:
    """ "Now", only as a whole answer: in a sentence it is seldom the time that is wanted."""
    if view.key(n) not in ("now", "immediately") or len(view.items) > 1:
        return None
    return Match(n + 1, (Moment(view.now),))


def _from_now(view: View, n: int) -> Match | None:
    """ "In two days", "in half an hour", "within a week", "in a week on ..."."""
    if view.key(n) not in ("in", "within"):
        return None
    found = duration_at(view, n + 1)
    if found is None:
        return None
    length, end = found
    if view.key(n) == "within" and not length.minutes:
        last = later(view, view.today, length)
        return Match(end, (Range(view.today, last.on),)) if isinstance(last, Day) else None
    if view.key(end) in ("time", "or"):  # "in two weeks' time"
        end += view.key(end) == "time"
    return Match(end, (later(view, view.today, length),))


def later(view: View, base: date, length: Duration) -> Body:
    """`length` after `base` (wall time for days, absolute for hours and minutes)."""
    if length.days > MAX_DAYS_AHEAD or length.months > MAX_DAYS_AHEAD // 28:
        return Impossible()
    if length.minutes:
        if length.minutes > MAX_DAYS_AHEAD * 24 * 60:
            return Impossible()
        now = view.now
        if now.tzinfo is None:
            return Moment(now + timedelta(minutes=length.minutes))
        absolute = now.astimezone(UTC) + timedelta(minutes=length.minutes)
        return Moment(absolute.astimezone(now.tzinfo))
    return Day(add_months(base, length.months) + timedelta(days=length.days), Recipe.OFFSET)


def _counted_from(view: View, n: int) -> Match | None:
    """ "A week from today", "two days after Tuesday", "ten days from now", "three days ago"."""
    found = duration_at(view, n)
    if found is None:
        return None
    length, end = found
    if view.key(end) == "ago" and not length.minutes and length.days <= MAX_DAYS_AHEAD:
        months = min(length.months, MAX_DAYS_AHEAD // 28)
        return Match(end + 1, (Day(add_months(view.today, -months) - timedelta(days=length.days)),))
    if view.key(end) not in ("from", "after", "on") or view.at(end).boundary:
        return None
    if view.says(end, "from", "now"):
        return Match(end + 2, (later(view, view.today, length),))
    base = day_after_leads(view, end + 1)
    if length.minutes or base is None or not isinstance(day := base.bodies[0], Day):
        return None
    return Match(base.end, (later(view, day.on, length),))


# --- weekdays ----------------------------------------------------------------------------------


def _weekday(view: View, n: int) -> Match | None:
    """ "Monday", "next Monday", "this coming Monday", "the last Monday of March"."""
    nth = _nth_of_month(view, n)
    if nth is not None:
        return nth
    j = n
    word = ""
    while view.key(j) in (THIS, NEXT, COMING, LAST, "the", "upcoming") and view.inside(j):
        word = view.key(j) if view.key(j) != "the" else word
        j += 1
    if view.kind(j) is not Kind.WEEKDAY or (j > n and not word):
        return None
    weekday = view.at(j).value
    near = next_weekday(view.today, weekday)
    if word == LAST:
        return Match(j + 1, (Day(last_weekday(view.today, weekday), weekday=weekday),))
    if word == NEXT:
        coming = week_start(view.today) + timedelta(days=7 + weekday)
        other = (near,) if near != coming else ()
        return Match(j + 1, (Day(coming, Recipe.WEEKDAY, other, weekday, unsure=bool(other)),))
    if view.key(j + 1) == "week" and not view.at(j + 1).boundary:  # "Monday week"
        return Match(j + 2, (Day(near + timedelta(days=7)),))
    return Match(j + 1, (Day(near, Recipe.WEEKDAY, (), weekday),))


def _nth_of_month(view: View, n: int) -> Match | None:
    """ "The last (or first) Monday of March"."""
    j = n + 1 if view.key(n) == "the" else n
    item, day = view.at(j), view.at(j + 1)
    last = item.key == LAST
    if day.kind is not Kind.WEEKDAY or not (last or (item.kind is Kind.ORD and item.value <= 5)):
        return None
    if view.key(j + 2) not in ("of", "in"):
        return None
    month, end = _named_month(view, j + 3)
    if month is None:
        return None
    nth = -1 if last else item.value
    found = nth_weekday(*month, day.value, nth)
    if found is not None and found < view.today:
        found = nth_weekday(month[0] + 1, month[1], day.value, nth)
    return Match(end, (Impossible() if found is None else Day(found, weekday=day.value),))


def _named_month(view: View, n: int) -> tuple[tuple[int, int] | None, int]:
    """(year, month) of "March", "the month", "next month"; None for anything else."""
    if view.kind(n) is Kind.MONTH:
        year, end = year_at(view, n + 1)
        number = view.at(n).value
        return (year or next_month(view.today, number), number), end
    j = n + 1 if view.key(n) in ("the", THIS, NEXT) else n
    unit = view.at(j)
    if j == n or unit.kind is not Kind.UNIT or unit.value != Unit.MONTH:
        return None, n
    return add_months_to(view.today.year, view.today.month, int(view.key(n) == NEXT)), j + 1


# --- calendar dates ----------------------------------------------------------------------------


def _written(view: View, n: int) -> Match | None:
    """ "1.12.2026"; where day and month could be each other, both readings come out."""
    item = view.at(n)
    if item.kind is not Kind.DATE:
        return None
    day, month, year = item.parts
    found = dated(view, day, month, year)
    other = dated(view, month, day, year) if "/" in item.key and day <= 12 else None
    if isinstance(found, Day) and isinstance(other, Day) and other.on != found.on:
        return Match(n + 1, (Day(found.on, found.recipe, (other.on,), unsure=True),))
    return Match(n + 1, (found,))


def dated(view: View, day: int, month: int, year: int = 0) -> Day | Impossible:
    """The date, the next such one when no year was said; a date that no calendar has is impossible."""
    found = make(year, month, day) if year else next_day_and_month(view.today, day, month)
    if found is None:
        return Impossible()
    return Day(found, Recipe.FIXED if year else Recipe.DAY_AND_MONTH)


def year_at(view: View, n: int) -> tuple[int, int]:
    """A year that may follow a date, in digits or in pairs: (year or 0, end)."""
    item, after = view.at(n), view.at(n + 1)
    if item.kind is not Kind.NUM:
        return 0, n
    if _FIRST_YEAR <= item.value <= _LAST_YEAR:
        return item.value, n + 1
    century = item.value * 100
    paired = item.value in (19, 20) and after.kind is Kind.NUM and not after.boundary
    if paired and not item.digits and view.today.year - 1 <= century + after.value < 2060:
        return century + after.value, n + 2
    return 0, n


def _month_and_day(view: View, n: int) -> Match | None:
    """ "December first", "December the 1st, 2026", "Dec 1"."""
    month = view.at(n)
    if month.kind is not Kind.MONTH:
        return None
    j = n + 2 if view.key(n + 1) == "the" else n + 1
    day = view.at(j)
    if day.boundary or day.kind not in (Kind.ORD, Kind.NUM) or not 1 <= day.value <= 31:
        return None
    if day.kind is Kind.NUM and (view.key(j + 1) in ("oclock", "am", "pm") or _is_verb(view, n)):
        return None
    year, end = year_at(view, j + 1)
    return Match(end, (dated(view, day.value, month.value, year),))


def _is_verb(view: View, n: int) -> bool:
    """ "May" or "march" as a verb: "may I", "I may two ..."."""
    return view.key(n) in ALSO_VERBS and view.key(n - 1) in ("i", "we", "you", "it", "that", "he")


def _day_and_month(view: View, n: int) -> Match | None:
    """ "The first of December", "1 December", "1st December 2026"."""
    j = n + 1 if view.key(n) == "the" else n
    day = view.at(j)
    if day.kind not in (Kind.ORD, Kind.NUM) or not 1 <= day.value <= 31:
        return None
    k = j + 2 if view.key(j + 1) == "of" else j + 1
    month = view.at(k)
    if month.kind is not Kind.MONTH or month.boundary:
        return None
    if day.kind is Kind.NUM and k == j + 1 and (month.key in ALSO_VERBS and not day.digits):
        return None
    year, end = year_at(view, k + 1)
    return Match(end, (dated(view, day.value, month.value, year),))


def _day_of_the_month(view: View, n: int) -> Match | None:
    """A bare day of the month: "the 15th", "the 15th of next month", "Tuesday the nineteenth"."""
    j = n + 1 if view.key(n) == "the" else n
    day = view.at(j)
    if day.kind is not Kind.ORD:
        return None
    if view.key(j + 1) == "of":
        month, end = _named_month(view, j + 2)
        if month is None:
            return None
        if view.key(j + 2) == "the":
            return Match(end, (_next_day(view, day.value),))
        found = make(*month, day.value)
        return Match(end, (Impossible() if found is None else Day(found),))
    if view.key(j + 1) in _NOUNS and not view.at(j + 1).boundary:
        return None
    beside = view.kind(n - 1) is Kind.WEEKDAY
    if not (j > n or beside or day.digits) or view.kind(j + 1) is Kind.WEEKDAY:
        return None
    return Match(j + 1, (_next_day(view, day.value),))


def _next_day(view: View, day: int) -> Day | Impossible:
    found = next_day_of_month(view.today, day)
    return Impossible() if found is None else Day(found, Recipe.DAY_OF_MONTH)


def leads_to_month(view: View, n: int) -> bool:
    """A month at `n` is meant whole: "in December", "next March"."""
    return view.key(n - 1) in _LEADS_TO_MONTH or (
        view.key(n) not in ALSO_VERBS and view.plain(n - 1)
    )
