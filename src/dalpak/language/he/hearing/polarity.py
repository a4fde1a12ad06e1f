"""Which of the things said are wanted: negation, correction and alternatives.

"Not A (but) B", "A, sorry, B", "A does not suit me", "anything except A", "A or B". The result keeps
every body with its sign; what the wanted ones add up to is decided in combine.py.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

from dalpak.language.he.hearing.lexicon import Kind
from dalpak.language.he.hearing.nodes import (
    Body,
    Clock,
    Day,
    Impossible,
    Moment,
    Node,
    Part,
    Pick,
    Range,
    Window,
)
from dalpak.language.he.hearing.normalise import keys_of
from dalpak.language.he.hearing.view import View


class Axis(IntEnum):
    """Bodies on one axis replace one another; on different axes they add up."""

    DAY = 0
    HOUR = 1
    PART = 2
    PICK = 3


def axis_of(body: Body) -> Axis:
    match body:
        case Day() | Range() | Moment() | Impossible():
            return Axis.DAY
        case Clock() | Window():
            return Axis.HOUR
        case Part():
            return Axis.PART
        case Pick():
            return Axis.PICK


@dataclass(slots=True)
class Value:
    """One body with its sign; `dropped` values were replaced by a later one."""

    node: Node
    body: Body
    refused: bool = False
    fixes: bool = False
    """A word of correction stands before it."""
    either: bool = False
    """An "or" stands before it."""
    excepted: bool = False
    """Refused by "except", not by "no"."""
    after_no: bool = False
    """A "no" stands before it, parted by a pause: an answer, not a refusal of the value."""
    conditional: bool = False
    """ "If not A then B": both will do."""
    chosen: bool = False
    """A word of preference stands before it ("only", "rather")."""
    inherits: "Value | None" = None
    """The refused value that it directly follows ("not Tuesday at three")."""
    dropped: bool = False
    replaced: "Value | None" = None
    """The value that this one takes the place of."""

    @property
    def axis(self) -> Axis:
        return axis_of(self.body)

    @property
    def wanted(self) -> bool:
        return not (self.refused or self.dropped)


_THROUGH = frozenset(
    keys_of("""את ב על דווקא יכול יכולה יכולים רוצה רוצים מתאים מתאימה לי טוב טובה נוח נוחה אפשר
    אפשרי מסתדר מסתדרת פנוי פנויה בא אוכל בשעה השעה ממש כל עובד עובדת זמין זמינה לבוא להגיע לקבוע
    לנו של גם תור בשביל יהיה הכי""")
)
"""Words over which a "no" reaches the value behind them ("I cannot tomorrow")."""

_ABLE = frozenset(
    keys_of("""יכול יכולה יכולים מתאים מתאימה מתאימים טוב טובה נוח נוחה מסתדר מסתדרת אפשרי אפשר פנוי
    פנויה פנויים בא באה אוכל נוכל עובד רלוונטי זמין זמינה אהיה נהיה אסתדר הולך""")
)
"""Words that with "no" before them refuse what was said before ("tomorrow does not suit")."""

_BETWEEN = frozenset(keys_of("אני זה לי כבר ממש גם אבל פחות אנחנו בטוח לצערי היא הוא"))
"""Words that may stand between a value and the "no" that refuses it."""

_IF, _AND_NOT = "אם", "ולא"
_NOT_REFUSING = frozenset({"למה", "ולמה", "איך", _IF})
"""Before "no" these make it an invitation or a condition."""

_BUSY = frozenset(keys_of("עובד עובדת עסוק עסוקה בעבודה תפוס תפוסה"))
_PREFER = frozenset(keys_of("רק דווקא עדיף כן מעדיף מעדיפה"))
_PAUSE = frozenset(keys_of("רגע שנייה"))
_MEANT = frozenset(keys_of("אמרתי התכוונתי"))
_IN_PLACE_OF = frozenset(keys_of("במקום"))
_WITHOUT = frozenset(keys_of("בלי ללא"))
_LESS = frozenset(keys_of("פחות"))


def values_of(view: View, nodes: Sequence[Node]) -> list[Value]:
    """The bodies with their signs, in the order in which they were said."""
    values: list[Value] = []
    end = 0
    for node in nodes:
        twin = bool(values) and values[-1].node.start == node.start
        value = Value(node, node.body)
        if twin:
            before = values[-1]
            value.refused, value.fixes = before.refused, before.fixes
            value.either = before.either
        else:
            _read_gap(view, values, value, end)
        values.append(value)
        end = node.end
    _refuse_last(view, values, end, len(view.items))
    _settle(values)
    for value in values:
        if value.inherits is not None:
            value.refused = value.inherits.refused and not value.inherits.excepted
    return values


def _read_gap(view: View, values: list[Value], value: Value, start: int) -> None:
    """Set the flags of `value` from the items between the one before it and itself."""
    gap = range(start, value.node.start)
    used = _refuse_last(view, values, start, value.node.start)
    for n in gap:
        item = view.at(n)
        if item.kind in (Kind.FIX, Kind.INSTEAD) or item.key in _PAUSE:
            value.fixes = True
            value.chosen = value.chosen or item.key in _MEANT
        elif item.kind is Kind.OR:
            value.either = True
        elif item.kind is Kind.EXCEPT or item.key in _IN_PLACE_OF or item.key in _WITHOUT:
            value.refused = value.excepted = True
        if item.key in _PREFER:
            value.chosen = True
        if item.key in _BUSY and isinstance(value.body, Window):
            _outside(value, value.body)
    if _both_days(view, values, value, gap):
        value.either = True
    if values and values[-1].conditional and values[-1].axis is value.axis:
        value.either = True
    no = next((n for n in reversed(gap) if view.kind(n) is Kind.NO), None)
    if no is not None and view.at(no - 1).key in _NOT_REFUSING:
        value.conditional = view.at(no - 1).key == _IF
        return
    if no is not None and values and view.at(no).key == _AND_NOT:
        values[-1].chosen = True
    if no is not None:
        _apply_no(view, value, no, spent=used == no)
        if used == no and values and values[-1].axis is value.axis:
            value.refused = False
    elif values and values[-1].refused and not value.chosen and _goes_on(view, value, gap):
        value.refused, value.excepted = True, values[-1].excepted
    elif values and not gap and values[-1].refused and values[-1].axis is not value.axis:
        value.inherits = values[-1]


def _outside(value: Value, busy: Window) -> None:
    """ "I work until five": the hours after it are meant; "from nine to five" are refused."""
    if busy.start is None or busy.end is None:
        value.body = Window(busy.end, busy.start)
    else:
        value.refused = value.excepted = True


def _both_days(view: View, values: list[Value], value: Value, gap: range) -> bool:
    """ "On Monday and on Wednesday": either will do."""
    if not values or gap or not isinstance(value.body, Day):
        return False
    return isinstance(values[-1].body, Day) and view.at(value.node.start).joined


def _goes_on(view: View, value: Value, gap: range) -> bool:
    """ "Not Tuesday or Wednesday", "except Sunday and Tuesday"."""
    return value.either or (not gap and view.at(value.node.start).joined)


def _apply_no(view: View, value: Value, no: int, *, spent: bool) -> None:
    between = range(no + 1, value.node.start)
    paused = any(view.at(n).boundary for n in (*between, value.node.start))
    if paused:
        value.after_no = not spent
        return
    if all(view.at(n).key in _THROUGH for n in between):
        value.refused = True
    elif not spent:
        value.after_no = True


def _refuse_last(view: View, values: list[Value], start: int, end: int) -> int | None:
    """Refuse the last value if "does not suit" follows it; the place of that "no", or None."""
    if not values:
        return None
    for n in range(start, end):
        item = view.at(n)
        if item.kind is Kind.NO:
            after = view.at(n + 1)
            last = n + 1 >= len(view.items)
            if last or after.key in _ABLE:
                values[-1].refused = True
                return n
            return None
        if item.key in _BUSY:
            values[-1].refused = True
            return n
        if item.key in _LESS and view.at(n + 1).key in _ABLE:
            values[-1].refused = True
            return n
        if item.key not in _BETWEEN:
            return None
    return None


def _settle(values: list[Value]) -> None:
    """Drop what a later value of the same axis replaces."""
    for k, value in enumerate(values):
        earlier = [v for v in values[:k] if v.axis is value.axis and v.wanted]
        later = [v for v in values[k + 1 :] if v.axis is value.axis and not v.refused]
        if value.refused and not value.excepted and earlier and not later:
            if not earlier[-1].chosen and earlier[-1].node.end <= value.node.start:
                _replace(earlier, value)
                value.refused = False
        elif value.wanted and (value.fixes or value.after_no) and earlier:
            _replace(earlier, value)


def _replace(earlier: list[Value], value: Value) -> None:
    for old in earlier:
        old.dropped = True
    value.replaced = earlier[-1]
