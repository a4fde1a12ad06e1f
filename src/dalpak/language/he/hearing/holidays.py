"""Rules for holidays by name, with their eves, their last evenings and what comes after them."""

from datetime import date, timedelta

from dalpak.language.base import PartOfDay
from dalpak.language.he.hearing.hebrew_calendar import (
    HOLIDAYS,
    last_autumn_feast,
    next_feast,
    next_half_feast,
    next_holiday,
)
from dalpak.language.he.hearing.items import HALF_FEAST, THE_FEAST, THE_FEASTS
from dalpak.language.he.hearing.lexicon import PARTS, Kind
from dalpak.language.he.hearing.nodes import Day, Match, Part, Range
from dalpak.language.he.hearing.view import View


def holiday_at(view: View, n: int) -> Match | None:
    """A holiday, its eve, or the evening on which it ends."""
    item, after = view.at(n), view.at(n + 1)
    if item.kind is Kind.HOLIDAY:
        return _whole(view, n)
    if after.kind is not Kind.HOLIDAY:
        return None
    found = occurrence(view, after.value)
    if found is None:
        return None
    if item.kind is Kind.PART and PARTS[item.value] is PartOfDay.EVENING:
        return Match(n + 2, (Day(found[0] - timedelta(days=1)),))
    if item.kind is Kind.OUT_OF:
        return Match(n + 2, (Day(found[1]), Part(PartOfDay.EVENING)))
    return None


def _whole(view: View, n: int) -> Match | None:
    found = occurrence(view, view.at(n).value)
    if found is None:
        return None
    first, last = max(found[0], view.today), found[1]
    return Match(n + 1, (Day(first) if found[0] == last else Range(first, last),))


def occurrence(view: View, value: int) -> tuple[date, date] | None:
    """First and last day of a HOLIDAY item's next occurrence."""
    if value == THE_FEAST:
        return next_feast(view.today)
    if value == HALF_FEAST:
        return next_half_feast(view.today)
    if value == THE_FEASTS:
        last = last_autumn_feast(view.today)
        return None if last is None else (last, last)
    return next_holiday(HOLIDAYS[value], view.today)
