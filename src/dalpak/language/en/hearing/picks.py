"""Choosing among the offered times by place: "the first", "the second one", "the later one"."""

from dalpak.language.base import Asked
from dalpak.language.en.hearing.lexicon import LAST, Kind
from dalpak.language.en.hearing.normalise import words
from dalpak.language.en.hearing.view import View
from dalpak.language.neutral import Match, Pick

LAST_PICK = -1

_OPTION = words("one option time slot appointment choice hour offer")
_NUMBERED = words("number option")
_EARLY, _LATE = words("earlier early earliest former"), words("later late latest latter")


def pick_rule(view: View, n: int) -> Match | None:
    """An offer by its number in the list, or as the earlier or later one."""
    offered = view.context.offered
    if not offered or not (len(offered) > 1 or view.context.asked is Asked.CHOICE):
        return None
    j = n + 1 if view.key(n) == "the" else n
    item = view.at(j)
    end = j + 2 if view.key(j + 1) in _OPTION and not view.at(j + 1).boundary else j + 1
    defined = j > n or end > j + 1
    if item.kind is Kind.ORD and item.value <= len(offered):
        return _ordinal(view, n, j, end, defined=defined)
    if item.key == LAST and defined:
        return Match(end, (Pick(LAST_PICK),))
    if item.key in _EARLY | _LATE and defined:
        order = sorted(range(len(offered)), key=lambda k: offered[k])
        return Match(end, (Pick(order[0 if item.key in _EARLY else -1] + 1),))
    number = view.at(n + 1)
    numbered = item.key in _NUMBERED and j == n and number.kind is Kind.NUM
    if numbered and 1 <= number.value <= len(offered):
        return Match(n + 2, (Pick(number.value),))
    return None


def _ordinal(view: View, n: int, j: int, end: int, *, defined: bool) -> Match | None:
    after = view.at(j + 1)
    dated = (
        after.kind is Kind.MONTH
        or after.key == "of"
        or view.kind(n - 1)
        in (
            Kind.MONTH,
            Kind.WEEKDAY,
        )
    )
    offered_day = any(o.day == view.at(j).value for o in view.context.offered)
    named = end > j + 1
    if dated or after.kind is Kind.UNIT or (offered_day and not named):
        return None
    if not defined and not view.plain(j + 1):
        return None
    return Match(end, (Pick(view.at(j).value),))
