"""Rules for single days: relative, weekday, calendar date, day of the month, so many days from now."""

from datetime import UTC, date, timedelta

from dalpak.language.he.hearing.calendar_math import (
    MAX_DAYS_AHEAD,
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
from dalpak.language.he.hearing.durations import Duration, duration_at
from dalpak.language.he.hearing.hebrew_calendar import letters_value, next_hebrew_date
from dalpak.language.he.hearing.items import Item
from dalpak.language.he.hearing.lexicon import MONTH, Kind
from dalpak.language.he.hearing.nodes import Body, Day, Impossible, Match, Moment, Range, Recipe
from dalpak.language.he.hearing.normalise import keys_of
from dalpak.language.he.hearing.view import View

_FIRST_YEAR, _LAST_YEAR = 1900, 2100
_MINUTES = frozenset({5, 10, 15, 20, 25})
"""Numbers that are minutes when "to <hour>" follows them."""

_THE_DAY, _OBJECT = "היום", "את"
""""Today" is also "the day", which an object marker or an "of" beside it tells."""

_SELF = frozenset(keys_of("אני הייתי מי הוא היא אתה אנחנו"))
"""After these a bare ordinal is a place in a row ("I am first")."""

_WITHIN = ("תוך", "בתוך")
_LAST_LETTER = 5
"""Friday: the last weekday that has a letter."""

_CONSTRUCT_TWO = 2
"""The ordinal that is also "two" before a noun."""

_SECONDARY = (Kind.NEXT, Kind.NEAR, Kind.THIS, Kind.LAST)


def day_at(view: View, n: int) -> Match | None:
    """The single day that begins at item `n`; also used by the rules for ranges."""
    return (
        _written(view, n)
        or _calendar(view, n)
        or _month_first(view, n)
        or _hebrew_date(view, n)
        or _relative(view, n)
        or _weekday(view, n)
        or _article_day(view, n)
    )


def single_day(match: Match | None) -> Day | None:
    """The day of a match that is nothing else."""
    body = match.bodies[0] if match is not None and match.bodies else None
    return body if isinstance(body, Day) else None


def day_rule(view: View, n: int) -> Match | None:
    """A single day, or an instant counted from now."""
    return _at_once(view, n) or _from_now(view, n) or _past(view, n) or _counted_from(view, n) or day_at(view, n)


# --- relative ----------------------------------------------------------------------------------


def _relative(view: View, n: int) -> Match | None:
    """Today, tomorrow; "tomorrow in a week"."""
    item = view.at(n)
    if item.kind is not Kind.RELATIVE:
        return None
    if item.key == _THE_DAY and (view.at(n - 1).key == _OBJECT or view.kind(n + 1) is Kind.OF):
        return None
    if item.value < 0 and view.tells:
        return Match(n + 1, ())
    return _and_later(view, n + 1, Day(view.today + timedelta(days=item.value)))


def _and_later(view: View, end: int, day: Day) -> Match:
    """The day, moved on when "in a week" follows it."""
    if view.kind(end) is Kind.MORE:
        found = duration_at(view, end + 1)
        if found is not None and found[0].days and not found[0].minutes:
            return Match(found[1], (Day(day.on + timedelta(days=found[0].days)),))
    return Match(end, (day,))


def _at_once(view: View, n: int) -> Match | None:
    """ "Now", only as a whole answer: in a sentence it is seldom the time that is wanted."""
    if view.kind(n) is not Kind.NOW or len(view.items) > 1:
        return None
    return Match(n + 1, (Moment(view.now),))


def _from_now(view: View, n: int) -> Match | None:
    """ "In two days", "in half an hour", "within a week", "in a week on ..."."""
    more = view.at(n)
    if more.kind is not Kind.MORE:
        return None
    found = duration_at(view, n + 1)
    if found is None:
        return None
    length, end = found
    base = _measured_from(view, end)
    if base is not None:
        return Match(base[1], (_later(view, base[0], length),))
    if more.key in _WITHIN and not length.minutes:
        last = _later(view, view.today, length)
        return Match(end, (Range(view.today, last.on),)) if isinstance(last, Day) else None
    return Match(end, (_later(view, view.today, length),))


def _later(view: View, base: date, length: Duration) -> Body:
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
    day = add_months(base, length.months) + timedelta(days=length.days)
    return Day(day, Recipe.OFFSET)


def _measured_from(view: View, n: int) -> tuple[date, int] | None:
    """A day with "from": the start of a count ("a week from Tuesday")."""
    item = view.at(n)
    if not item.has("מ") or item.boundary:
        return None
    found = day_at(view, n)
    day = single_day(found)
    return None if found is None or day is None else (day.on, found.end)


def _counted_from(view: View, n: int) -> Match | None:
    """ "A week from today", "two days after tomorrow"."""
    item = view.at(n)
    if item.prefix not in ("", "ב", "ו") or view.kind(n - 1) is Kind.MORE:
        return None
    found = duration_at(view, n)
    if found is None or found[0].minutes:
        return None
    length, end = found
    base = _measured_from(view, end)
    if base is None and view.kind(end) is Kind.AFTER and view.kind(end + 1) is not Kind.PART:
        after = day_at(view, end + 1)
        day = single_day(after)
        if after is not None and day is not None:
            base = day.on, after.end
    return None if base is None else Match(base[1], (_later(view, base[0], length),))


def _past(view: View, n: int) -> Match | None:
    """ "Seven days ago"."""
    if view.kind(n) is not Kind.BEFORE or view.at(n + 1).prefix:
        return None
    found = duration_at(view, n + 1)
    if found is None:
        return None
    length, end = found
    if length.days > MAX_DAYS_AHEAD or length.months > MAX_DAYS_AHEAD // 28:
        return None
    if view.tells:
        return Match(end, ())
    if length.minutes:
        return Match(end, (Moment(view.now - timedelta(minutes=length.minutes)),))
    return Match(end, (Day(add_months(view.today, -length.months) - timedelta(days=length.days)),))


# --- weekdays ----------------------------------------------------------------------------------


def _weekday(view: View, n: int) -> Match | None:
    item = view.at(n)
    if item.kind is Kind.DAY:
        named = view.at(n + 1)
        weekday = _weekday_number(named)
        if weekday is None or named.prefix or named.boundary:
            return None
        return _modified(view, n + 2, weekday)
    if item.kind is Kind.WEEKDAY:
        return _modified(view, n + 1, item.value)
    if item.kind is not Kind.ORD or item.form != "m":
        return None
    weekday = _weekday_number(item)
    if weekday is None or (item.value == _CONSTRUCT_TWO and _counts(view, n + 1)):
        return None
    modified = view.kind(n + 1) in _SECONDARY
    if item.has("ה") and not modified:
        return None
    prefixed = item.has("ב")
    if not prefixed and not modified:
        timed = view.kind(n + 1) in (Kind.PART, Kind.CLOCK) or _at_hour(view, n + 1)
        if view.counts_before(n) or view.at(n - 1).key in _SELF:
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


def _weekday_number(item: Item) -> int | None:
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
    later = _and_later(view, n, Day(near))
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
    year, end = _year(view, end)
    found = nth_weekday(year or next_month(view.today, month.value), month.value, weekday, nth)
    if found is not None and found < view.today and not year:
        found = nth_weekday(view.today.year + 1, month.value, weekday, nth)
    return Match(end, (Impossible() if found is None else Day(found, weekday=weekday),))


# --- calendar dates ----------------------------------------------------------------------------


def _written(view: View, n: int) -> Match | None:
    item = view.at(n)
    if item.kind is not Kind.DMY:
        return None
    day, month, year = item.parts
    return Match(n + 1, (_date(view, day, month, year),))


def _date(view: View, day: int, month: int, year: int = 0) -> Day | Impossible:
    today = view.today
    found = make(year, month, day) if year else next_day_and_month(today, day, month)
    if found is None:
        return Impossible()
    recipe = Recipe.FIXED if year else Recipe.DAY_AND_MONTH
    return Day(found, recipe)


def _year(view: View, n: int) -> tuple[int, int]:
    """A year that may follow a date: (year or 0, end)."""
    j = n + 1 if view.at(n).key in ("שנת", "לשנת", "בשנת") else n
    item = view.at(j)
    if item.kind is Kind.NUM and _FIRST_YEAR <= item.value <= _LAST_YEAR:
        return item.value, j + 1
    return 0, n


def _calendar(view: View, n: int) -> Match | None:
    """A day number with its month: "the third of December", "15 of the month", "3 to 12"."""
    item = view.at(n)
    if item.kind is Kind.ORD:
        if item.form != "m":
            return None
    elif item.kind is not Kind.NUM or not 1 <= item.value <= 31:
        return None
    j = n + 1
    after = view.at(j)
    if after.boundary:
        return None
    if after.kind is Kind.UNIT and after.value == MONTH and after.prefix in ("ל", "ב", "ה", "של"):
        return _of_this_month(view, j + 1, item.value)
    if after.kind is Kind.OF and view.kind(j + 1) is Kind.MONTH:
        j, after = j + 1, view.at(j + 1)
    if after.kind is Kind.MONTH and after.prefix in ("", "ב", "ל", "ה"):
        year, end = _year(view, j + 1)
        return Match(end, (_date(view, item.value, after.value, year),))
    if view.kind(n - 1) is not Kind.BETWEEN and _numeric_month(item, after):
        if _names_month(view.at(j + 1)):
            return None
        year, end = _year(view, j + 1)
        return Match(end, (_date(view, item.value, after.value, year),))
    return None


def _of_this_month(view: View, n: int, day: int) -> Match | None:
    """A day "of the month": the next time it comes, or in the month that is named."""
    kind = view.kind(n)
    if kind is Kind.MONTH:
        year, end = _year(view, n + 1)
        return Match(end, (_date(view, day, view.at(n).value, year),))
    if kind is Kind.NEXT:
        year, month = add_months_to(view.today.year, view.today.month, 1)
        found = make(year, month, day)
        return Match(n + 1, (Impossible() if found is None else Day(found),))
    return Match(n + 1 if kind in (Kind.THIS, Kind.NEAR) else n, (_day_of_month(view, day),))


def _day_of_month(view: View, day: int) -> Day | Impossible:
    found = next_day_of_month(view.today, day)
    return Impossible() if found is None else Day(found, Recipe.DAY_OF_MONTH)


def _numeric_month(day: Item, month: Item) -> bool:
    """True for "the third to twelve" as 3/12, false where the first number is minutes."""
    if month.prefix != "ל" or month.boundary or not 1 <= month.value <= 12:
        return False
    if month.kind is Kind.ORD:
        between_weekdays = day.kind is Kind.ORD and not (day.has("ה") or day.has("ב"))
        return month.form == "m" and not (between_weekdays and day.value <= _LAST_LETTER + 1)
    if month.kind is not Kind.NUM or "מ" in day.prefix:
        return False
    if day.kind is Kind.ORD or day.has("ה"):
        return True
    if day.digits and month.digits:
        return day.has("ב") or day.value not in _MINUTES
    if month.form == "m":
        return True
    return day.value not in _MINUTES and (day.value > 24 or day.form != "f")


def _names_month(item: Item) -> bool:
    return item.kind is Kind.MONTH or (item.kind is Kind.UNIT and item.value == MONTH)


def _month_first(view: View, n: int) -> Match | None:
    """ "August 8", "April 14, 2015": digits only, or a count would be read as a date."""
    item, day = view.at(n), view.at(n + 1)
    if item.kind is not Kind.MONTH or day.kind is not Kind.NUM or not day.digits or day.prefix:
        return None
    if not 1 <= day.value <= 31 or view.noun_after(n + 2):
        return None
    year, end = _year(view, n + 2)
    return Match(end, (_date(view, day.value, item.value, year),))


def _hebrew_date(view: View, n: int) -> Match | None:
    """ "25 Kislev", in letters or in words."""
    item, month = view.at(n), view.at(n + 1)
    if month.kind is not Kind.HEBREW_MONTH or month.prefix not in ("ב", "ל"):
        return None
    if item.kind in (Kind.NUM, Kind.ORD):
        day: int | None = item.value
    elif item.kind in (Kind.WORD, Kind.LETTER):
        key = item.key.removeprefix(item.prefix)
        day = letters_value(key) or letters_value(key[1:] if key[:1] in "בהל" else "")
    else:
        return None
    found = next_hebrew_date(month.value, day, view.today) if day and day <= 30 else None
    return None if found is None else Match(n + 2, (Day(found),))


def _article_day(view: View, n: int) -> Match | None:
    """A bare day of the month: "the 15th", "on the 27th", "Tuesday the nineteenth"."""
    item = view.at(n)
    if item.kind is not Kind.NUM or not 1 <= item.value <= 31 or view.noun_after(n + 1):
        return None
    dated = view.at(n - 1).key in ("תאריך", "בתאריך", "לתאריך", "התאריך")
    if item.has("ה"):
        beside_weekday = view.kind(n - 1) in (Kind.ORD, Kind.WEEKDAY, Kind.LETTER)
        if not item.digits and item.value <= 10 and not beside_weekday:
            return None
        weak = not (item.digits or beside_weekday)
    elif not (dated or (item.value > 24 and item.digits and item.has("ב"))):
        return None
    else:
        weak = False
    if not item.digits and view.counts_before(n):
        return None
    return Match(n + 1, (_day_of_month(view, item.value),), weak)
