"""Rules for calendar dates: written, spoken with a month, days of the month, Hebrew dates."""

from dalpak.language.he.hearing.calendar_math import (
    add_months_to,
    make,
    next_day_and_month,
    next_day_of_month,
)
from dalpak.language.he.hearing.hebrew_calendar import letters_value, next_hebrew_date
from dalpak.language.he.hearing.items import Item
from dalpak.language.he.hearing.lexicon import MONTH, Kind
from dalpak.language.he.hearing.nodes import Day, Impossible, Match, Recipe
from dalpak.language.he.hearing.view import View

_FIRST_YEAR, _LAST_YEAR = 1900, 2100
_MINUTES = frozenset({5, 10, 15, 20, 25})
"""Numbers that are minutes when "to <hour>" follows them."""

_LAST_WEEKDAY = 6
"""Ordinals up to this one also name weekdays (the sixth is Friday)."""


def written_at(view: View, n: int) -> Match | None:
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


def year_at(view: View, n: int) -> tuple[int, int]:
    """A year that may follow a date: (year or 0, end)."""
    j = n + 1 if view.at(n).key in ("שנת", "לשנת", "בשנת") else n
    item = view.at(j)
    if item.kind is Kind.NUM and _FIRST_YEAR <= item.value <= _LAST_YEAR:
        return item.value, j + 1
    return 0, n


def calendar_at(view: View, n: int) -> Match | None:
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
    if _names_month(after) and after.kind is Kind.UNIT and view.kind(j + 1) is Kind.MONTH:
        j, after = j + 1, view.at(j + 1)
    if after.kind is Kind.UNIT and after.value == MONTH and after.prefix in ("ל", "ב", "ה", "של"):
        return _of_this_month(view, j + 1, item.value)
    if after.kind is Kind.OF and view.kind(j + 1) is Kind.MONTH:
        j, after = j + 1, view.at(j + 1)
    if after.kind is Kind.MONTH and after.prefix in ("", "ב", "ל", "ה"):
        year, end = year_at(view, j + 1)
        return Match(end, (_date(view, item.value, after.value, year),))
    if view.kind(n - 1) is not Kind.BETWEEN and _numeric_month(item, after):
        if _names_month(view.at(j + 1)):
            return None
        year, end = year_at(view, j + 1)
        return Match(end, (_date(view, item.value, after.value, year),))
    return None


def _of_this_month(view: View, n: int, day: int) -> Match | None:
    """A day "of the month": the next time it comes, or in the month that is named."""
    kind = view.kind(n)
    if kind is Kind.MONTH:
        year, end = year_at(view, n + 1)
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
        return month.form == "m" and not (between_weekdays and day.value <= _LAST_WEEKDAY)
    if month.kind is not Kind.NUM or "מ" in day.prefix:
        return False
    if day.kind is Kind.ORD or day.has("ה"):
        return True
    if day.digits and month.digits:
        return day.has("ב") or day.value not in _MINUTES
    if month.form == "m":
        return True
    return day.value not in _MINUTES and (day.value > month.value or day.form != "f")


def _names_month(item: Item) -> bool:
    return item.kind is Kind.MONTH or (item.kind is Kind.UNIT and item.value == MONTH)


def month_first_at(view: View, n: int) -> Match | None:
    """ "August 8", "April 14, 2015": digits only, or a count would be read as a date."""
    item, day = view.at(n), view.at(n + 1)
    if item.kind is not Kind.MONTH or day.kind is not Kind.NUM or not day.digits or day.prefix:
        return None
    if not 1 <= day.value <= 31 or view.noun_after(n + 2):
        return None
    year, end = year_at(view, n + 2)
    return Match(end, (_date(view, day.value, item.value, year),))


def hebrew_date_at(view: View, n: int) -> Match | None:
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


def day_of_month_at(view: View, n: int) -> Match | None:
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
