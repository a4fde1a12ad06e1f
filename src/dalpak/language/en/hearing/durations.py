"""Lengths of time as words: "an hour and a half", "two weeks", "ten days", "a fortnight"."""

from dalpak.language.en.hearing.lexicon import Kind, Unit
from dalpak.language.en.hearing.view import View
from dalpak.language.neutral import Duration

_ONE = {
    Unit.MINUTE: Duration(minutes=1),
    Unit.HOUR: Duration(minutes=60),
    Unit.DAY: Duration(days=1),
    Unit.WEEK: Duration(days=7),
    Unit.MONTH: Duration(months=1),
    Unit.YEAR: Duration(months=12),
    Unit.FORTNIGHT: Duration(days=14),
}
_HALVES = {
    Unit.HOUR: Duration(minutes=30),
    Unit.WEEK: Duration(days=4),
    Unit.MONTH: Duration(days=15),
}


def duration_at(view: View, n: int) -> tuple[Duration, int] | None:
    """The duration that begins at item `n` and the item after it."""
    if view.says(n, "half", "an") or view.says(n, "half", "a"):
        return (Duration(minutes=30), n + 3) if _unit(view, n + 2) is Unit.HOUR else None
    if view.says(n, "a", "half") and _unit(view, n + 2) is Unit.HOUR:
        return Duration(minutes=30), n + 3
    if view.says(n, "a", "quarter", "of", "an") and _unit(view, n + 4) is Unit.HOUR:
        return Duration(minutes=15), n + 5
    if view.says(n, "a", "couple"):
        return _counted(view, n + 3 if view.key(n + 2) == "of" else n + 2, 2)
    if view.key(n) in ("a", "an"):
        return _counted(view, n + 1, 1)
    item = view.at(n)
    if item.kind is Kind.NUM and item.value > 0:
        return _counted(view, n + 1, item.value)
    fortnight = item.kind is Kind.UNIT and item.value == Unit.FORTNIGHT
    return (_ONE[Unit.FORTNIGHT], n + 1) if fortnight else None


def _unit(view: View, n: int) -> Unit | None:
    return Unit(view.at(n).value) if view.kind(n) is Kind.UNIT else None


def _counted(view: View, n: int, count: int) -> tuple[Duration, int] | None:
    """A count of units, with "and a half" and "and ten minutes" where they follow."""
    if view.says(n, "and", "a", "half"):  # "one and a half hours"
        unit = _unit(view, n + 3)
        return None if unit is None else (_sum(_times(unit, count), _HALVES.get(unit)), n + 4)
    unit = _unit(view, n)
    if unit is None:
        return None
    length, end = _times(unit, count), n + 1
    if view.says(end, "and", "a", "half"):
        return _sum(length, _HALVES.get(unit)), end + 3
    more = view.at(end + 1)
    minutes = more.kind is Kind.NUM and _unit(view, end + 2) is Unit.MINUTE
    if unit is Unit.HOUR and view.key(end) == "and" and minutes:
        return _sum(length, Duration(minutes=more.value)), end + 3
    return length, end


def _times(unit: Unit, count: int) -> Duration:
    one = _ONE[unit]
    return Duration(one.days * count, one.months * count, one.minutes * count)


def _sum(a: Duration, b: Duration | None) -> Duration:
    if b is None:
        return a
    return Duration(a.days + b.days, a.months + b.months, a.minutes + b.minutes)
