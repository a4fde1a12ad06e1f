"""Lengths of time as words: "an hour and a half", "two weeks", "ten days"."""

from dataclasses import dataclass

from dalpak.language.he.hearing.lexicon import DAY, HOUR, MINUTE, MONTH, WEEK, YEAR, Kind
from dalpak.language.he.hearing.view import View

_MONTHS_PLURAL = ("חודשים", "בחודשים")
_OTHER_PLURALS = ("ימים", "שבועות", "שעות", "דקות")


@dataclass(frozen=True, slots=True)
class Duration:
    days: int = 0
    months: int = 0
    minutes: int = 0


def duration_at(view: View, n: int) -> tuple[Duration, int] | None:
    """The duration that begins at item `n` and the item after it."""
    item, after = view.at(n), view.at(n + 1)
    if item.kind in (Kind.HALF, Kind.QUARTER) and after.kind is Kind.UNIT and not after.prefix:
        if after.value == HOUR:
            return Duration(minutes=30 if item.kind is Kind.HALF else 15), n + 2
        return None
    if item.kind is Kind.THREE and view.at(n + 1).key == "רבעי":
        return (Duration(minutes=45), n + 3) if view.at(n + 2).value == HOUR else None
    if item.kind is Kind.NUM and item.value > 0 and not after.prefix:
        if after.kind is Kind.UNIT:
            return _with_tail(view, n + 2, item.value, after.value)
        if after.kind is Kind.DAY and view.kind(n + 2) not in (Kind.ORD, Kind.LETTER):
            return Duration(days=item.value), n + 2
        return None
    if item.kind is Kind.DUAL:
        return _with_tail(view, n + 1, 2, item.value)
    if item.kind is Kind.DAY and after.kind not in (Kind.ORD, Kind.WEEKDAY, Kind.LETTER):
        return Duration(days=1), _past_one(view, n + 1)
    if item.kind is Kind.UNIT and item.prefix in ("", "ב", "כ", "ו"):
        return _one(view, n)
    return None


def _one(view: View, n: int) -> tuple[Duration, int] | None:
    """A unit without a number: one of it, or two where only spelling tells the dual."""
    item = view.at(n)
    if item.key in _MONTHS_PLURAL:
        return Duration(months=2), n + 1
    if item.key.endswith(_OTHER_PLURALS):
        return None
    after = view.at(n + 1)
    if after.kind in (Kind.NEXT, Kind.NEAR, Kind.THIS, Kind.LAST):
        return None
    if item.value == WEEK and after.kind is Kind.UNIT and after.value == DAY:
        return Duration(days=7), n + 2
    return _with_tail(view, _past_one(view, n + 1), 1, item.value)


def _past_one(view: View, n: int) -> int:
    item = view.at(n)
    return n + 1 if item.kind is Kind.NUM and item.value == 1 and not item.prefix else n


def _with_tail(view: View, end: int, count: int, unit: int) -> tuple[Duration, int]:
    """A count of units, with "and a half" and "and ten minutes" where they follow."""
    tail = view.at(end)
    joined = tail.joined and not tail.boundary
    if joined and tail.kind is Kind.HALF:
        half = {HOUR: Duration(minutes=30), WEEK: Duration(days=4), MONTH: Duration(days=15)}
        return _sum(_plain(count, unit), half.get(unit, Duration())), end + 1
    if unit == HOUR and joined and tail.kind is Kind.QUARTER:
        return _sum(_plain(count, unit), Duration(minutes=15)), end + 1
    if unit == HOUR and joined and tail.kind is Kind.NUM and 1 <= tail.value < 60:
        named = view.at(end + 1)
        past = end + 2 if named.kind is Kind.UNIT and named.value == MINUTE else end + 1
        return _sum(_plain(count, unit), Duration(minutes=tail.value)), past
    if joined and unit != MINUTE:
        more = duration_at(view, end)
        if more is not None and not (unit == HOUR and (more[0].days or more[0].months)):
            return _sum(_plain(count, unit), more[0]), more[1]
    return _plain(count, unit), end


_ONE = {
    DAY: Duration(days=1),
    WEEK: Duration(days=7),
    MONTH: Duration(months=1),
    YEAR: Duration(months=12),
    HOUR: Duration(minutes=60),
    MINUTE: Duration(minutes=1),
}


def _plain(count: int, unit: int) -> Duration:
    one = _ONE[unit]
    return Duration(one.days * count, one.months * count, one.minutes * count)


def _sum(a: Duration, b: Duration) -> Duration:
    return Duration(a.days + b.days, a.months + b.months, a.minutes + b.minutes)
