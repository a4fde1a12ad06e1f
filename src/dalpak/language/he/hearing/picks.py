"""Choosing among the offered times by place: "the first", "the second hour", "the later one"."""

from dalpak.language.base import Asked
from dalpak.language.he.hearing.calendar_math import weekday_of
from dalpak.language.he.hearing.items import Item
from dalpak.language.he.hearing.lexicon import HOUR, Kind
from dalpak.language.he.hearing.nodes import Match, Pick
from dalpak.language.he.hearing.normalise import keys_of
from dalpak.language.he.hearing.view import View

LAST = -1

OPTION = frozenset(
    keys_of("""אופציה האופציה אפשרות האפשרות הצעה ההצעה מספר המספר תור התור מועד המועד שעה השעה
    הזמן זמן באופציה באפשרות""")
)
"""Nouns that an offer is called by."""

_MIDDLE, _ODD = frozenset(keys_of("האמצעי האמצעית באמצע")), 3
"""The one between two others."""
_LAST = frozenset(keys_of("האחרון האחרונה אחרון אחרונה"))


def pick_rule(view: View, n: int) -> Match | None:
    """An offer by its number in the list, or as the earlier or later one."""
    offered = view.context.offered
    if not offered or view.kind(n - 1) is Kind.DAY:
        return None
    several = len(offered) > 1 or view.context.asked is Asked.CHOICE
    item = view.at(n)
    if not several:
        return None
    if item.kind is Kind.ORD and item.value <= len(offered):
        return _ordinal(view, n)
    if item.key.removeprefix("ב") in _LAST and item.kind is Kind.LAST:
        before = view.kind(n - 1)
        if before in (Kind.WEEKDAY, Kind.ORD, Kind.UNIT) and view.at(n - 1).value != HOUR:
            return None
        return Match(n + 1, (Pick(LAST),))
    if item.key in _MIDDLE and len(offered) == _ODD:
        return Match(n + 1, (Pick(_ODD // 2 + 1),))
    if item.kind in (Kind.EARLY, Kind.LATE) and _definite(view, n):
        order = sorted(range(len(offered)), key=lambda k: offered[k])
        return Match(n + 1, (Pick(order[0 if item.kind is Kind.EARLY else -1] + 1),))
    return _numbered(view, n)


def _definite(view: View, n: int) -> bool:
    """ "The early one", "the earliest", as against "earlier"."""
    item = view.at(n)
    return item.has("ה") or view.at(n - 1).key in ("הכי", "היותר", "היתר")


def _ordinal(view: View, n: int) -> Match | None:
    item = view.at(n)
    after = view.at(n + 1)
    if after.kind is Kind.MONTH or after.has("ל") or view.noun_after(n + 1):
        return None
    named = view.at(n - 1).key in OPTION
    definite = item.has("ה") or item.form == "f" or named
    if not definite:
        if item.prefix or _offered_on(view, item) or not view.plain(n + 1):
            return None
        if view.kind(n + 1) in (Kind.PART, Kind.NUM, Kind.CLOCK):
            return None
    elif view.counts_before(n) and not named:
        return None
    return Match(n + 1, (Pick(item.value),))


def _offered_on(view: View, item: Item) -> bool:
    """One of the offers is on the weekday of this name."""
    return any(weekday_of(o.date()) == item.value - 1 for o in view.context.offered)


def _numbered(view: View, n: int) -> Match | None:
    """ "Number two", "option one"."""
    number = view.at(n + 1)
    if view.at(n).key not in OPTION or view.kind(n) is Kind.UNIT or number.prefix:
        return None
    if number.kind not in (Kind.NUM, Kind.LETTER):
        return None
    index = number.value + (number.kind is Kind.LETTER)
    return Match(n + 2, (Pick(index),)) if 1 <= index <= len(view.context.offered) else None
