"""Which of the things said are wanted: negation, correction and alternatives.

"Not A but B", "A, sorry, B", "A does not suit me", "anything but A", "A or B". The result keeps
every body with its sign; what the wanted ones add up to is decided in combine.py.
"""

from collections.abc import Sequence

from dalpak.language.en.hearing.lexicon import Kind
from dalpak.language.en.hearing.normalise import words
from dalpak.language.en.hearing.view import View
from dalpak.language.neutral import Node, Value

_NOT = words("not don't doesn't can't cannot won't couldn't isn't wouldn't never neither without")
_NO = words("no nope nah")
_BUSY = words("busy away occupied unavailable")
_FIX = words("sorry actually correction oops wait instead scratch rather")
_MEANT = words("mean meant")
_EXCEPT = words("except besides excluding")
_ANYTHING = words("anything any anytime everything every all nothing")
_THROUGH = words(
    """do it on at in for the come make work works suit suits me be able to this that want need
    like have really you possible good any is so"""
)
"""Words over which a "not" reaches the value behind them ("I can't do Sunday")."""

_ABLE = words(
    """work works suit suits good great possible ok okay fine convenient free available able make
    it do come"""
)
_BETWEEN = words("i it that is is that's thats i'm im really just day time we are he she sorry for")
"""Words that may stand between a value and the "not" that refuses it."""

_HARD = words("impossible bad difficult hard problem out") | _BUSY
_PREFER = words("only rather prefer preferably better")


def values_of(view: View, nodes: Sequence[Node]) -> list[Value]:
    """The bodies with their signs, in the order in which they were said."""
    values: list[Value] = []
    end = 0
    for node in nodes:
        value = Value(node, node.body)
        if values and values[-1].node.start == node.start:
            before = values[-1]
            value.refused, value.fixes = before.refused, before.fixes
            value.either = before.either
        else:
            _read_gap(view, values, value, end)
        values.append(value)
        end = node.end
    spent = _refuse_last(view, values, end, len(view.items))
    _instead_after(view, values, end, spent)
    _settle(values)
    return values


def _read_gap(view: View, values: list[Value], value: Value, start: int) -> None:
    """Set the flags of `value` from the items between the one before it and itself."""
    gap = range(start, value.node.start)
    spent = _refuse_last(view, values, start, value.node.start)
    for n in gap:
        key = view.key(n)
        if view.kind(n) is Kind.TAKEN:
            continue
        if key == "or":
            value.either = True
        elif key in _EXCEPT or (key == "but" and view.key(n - 1) in _ANYTHING):
            value.refused = value.excepted = True
        elif key in _FIX or key in _MEANT:
            value.fixes = value.fixes or not view.says(n, "instead", "of")
            value.chosen = value.chosen or key in _MEANT
        if key in _PREFER:
            value.chosen = True
        if view.says(n, "instead", "of"):
            value.refused = value.excepted = True
    no = next((n for n in reversed(gap) if n > spent and _denies(view, n)), None)
    if no is not None:
        _apply_no(view, value, no)
    elif value.either and values and values[-1].refused and not value.chosen:
        value.refused = True  # "not Sunday or Monday"
    elif values and not gap and values[-1].refused and values[-1].axis is not value.axis:
        value.refused = not values[-1].excepted


def _denies(view: View, n: int) -> bool:
    """A "no" or "not", or the caller being busy."""
    return view.key(n) in _NOT | _NO or (view.key(n) in _BUSY and view.key(n - 1) != "you")


def _apply_no(view: View, value: Value, no: int) -> None:
    between = range(no + 1, value.node.start)
    paused = any(view.at(n).boundary for n in (*between, value.node.start))
    plural = (
        view.key(value.node.start).endswith("s") and view.kind(value.node.start) is Kind.WEEKDAY
    )
    if view.key(no) in _NO and not plural:
        value.after_no = True
    elif not paused and all(view.key(n) in _THROUGH for n in between):
        value.refused = True


def _refuse_last(view: View, values: list[Value], start: int, end: int) -> int:
    """Refuse the last value if "does not suit" follows it; the place of its last word, or -1."""
    if not values:
        return -1
    for n in range(start, end):
        key = view.key(n)
        if key in _HARD:
            values[-1].refused = True
            return n
        if key in _NOT or (key == "no" and view.key(n + 1) == "good"):
            if view.at(n).boundary and view.key(n) == "not":
                return -1
            after = view.skip(n + 1, words("really so very for me too a be"))
            if after >= len(view.items) or view.key(after) in _ABLE or after == end == n + 1:
                if _objects_to_next(view, n, end):
                    return -1
                values[-1].refused = True
                return max(n, after)
            return -1
        if key not in _BETWEEN:
            return -1
    return -1


def _objects_to_next(view: View, no: int, end: int) -> bool:
    """ "Monday, I can't do Sunday": what is denied stands behind the "not"."""
    if end >= len(view.items):
        return False
    between = range(no + 1, end)
    return all(view.key(n) in _THROUGH for n in between) and not any(
        view.at(n).boundary for n in (*between, end)
    )


def _instead_after(view: View, values: list[Value], end: int, spent: int) -> None:
    """ "Monday, Tuesday instead": the last value takes the place of the one before it."""
    tail = (view.key(n) for n in range(max(end, spent + 1), len(view.items)))
    if values and any(key in ("instead", "rather") for key in tail):
        values[-1].fixes = True


def _settle(values: list[Value]) -> None:
    """Drop what a later value of the same axis replaces."""
    for k, value in enumerate(values):
        earlier = [v for v in values[:k] if v.axis is value.axis and v.wanted]
        if value.wanted and (value.fixes or value.after_no) and earlier:
            for old in earlier:
                old.dropped = True
            value.replaced = earlier[-1]
