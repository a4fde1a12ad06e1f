"""Rules for stretches of hours: after, before, until, between, from-to, "not before"."""

from dalpak.language.base import PartOfDay
from dalpak.language.he.hearing.lexicon import PARTS, Kind
from dalpak.language.he.hearing.nodes import Clock, Match, Window
from dalpak.language.he.hearing.times import Said, clock_at
from dalpak.language.he.hearing.view import View

_NOON = Clock(12, 0, exact=True)
_PART_ENDS = {PartOfDay.NOON: _NOON, PartOfDay.EVENING: Clock(18, 0, exact=True)}
_MORE = ("יותר", "הכי")
_AT_THE = "לכל"


def window_rule(view: View, n: int) -> Match | None:
    """Any window that begins at item `n`."""
    return (
        _negated(view, n)
        or _between(view, n)
        or _from_to(view, n)
        or _digits_span(view, n)
        or _one_sided(view, n)
        or _compared(view, n)
        or _onward(view, n)
    )


def _skip_hour_of(view: View, n: int) -> int:
    """Past "the hours" in "between the hours ..."."""
    item = view.at(n)
    return n + 1 if item.key in ("השעות", "שעות", "בשעות", "לשעות") else n


def _second(view: View, n: int) -> Said | None:
    """The upper end of a range: "to five", "until five", "and five"."""
    item = view.at(n)
    if item.kind is Kind.UNTIL:
        return _counted_checked(view, n + 1, clock_at(view, n + 1, forced=True))
    if item.has("ל") or item.joined:
        return _counted_checked(view, n, clock_at(view, n, forced=True))
    return None


def _counted_checked(view: View, n: int, said: Said | None) -> Said | None:
    """Nothing where the number counts what follows it ("until three people")."""
    if said is not None and said.end == n + 1 and view.noun_after(said.end):
        return None
    return said


def _with_part(view: View, said: Said | None) -> Said | None:
    """The end of a range with its own part of day ("from ten in the morning")."""
    if said is None:
        return None
    item = view.at(said.end)
    if item.kind is not Kind.PART or not item.has("ב") or item.boundary:
        return said
    at = said.clock.readings(PARTS[item.value])[0]
    return Said(Clock(at.hour, at.minute, exact=True), said.end + 1, sure=True)


def _between(view: View, n: int) -> Match | None:
    if view.kind(n) is not Kind.BETWEEN:
        return None
    start = _skip_hour_of(view, n + 1)
    for bare, no_to in ((False, True), (True, True), (False, False)):
        first = clock_at(view, start, forced=True, bare=bare, no_to=no_to)
        first = _with_part(view, first)
        if first is None:
            continue
        second = _second(view, first.end)
        if second is not None:
            second = _with_part(view, second) if first.clock.exact else second
        if second is not None:
            return Match(second.end, (Window(first.clock, second.clock),))
    return None


def _from_to(view: View, n: int) -> Match | None:
    """ "From nine to twelve", "nine until twelve"; with "to", a "from" is needed."""
    j = n + 1 if view.kind(n) is Kind.FROM else n
    item = view.at(j)
    first = _with_part(view, clock_at(view, j, forced=item.has("מ")))
    if first is None or view.counts_before(n) or (view.at(n).has("ל") and not item.has("מ")):
        return None
    link = view.at(first.end)
    pointing = item.has("מ") and link.has("ל") and not view.moving
    if link.kind is not Kind.UNTIL and not pointing:
        return None
    second = _second(view, first.end)
    if first.clock.exact:
        second = _with_part(view, second)
    if second is None:
        return None
    return Match(second.end, (Window(first.clock, second.clock),))


def _digits_span(view: View, n: int) -> Match | None:
    """ "10-12" and "10:00-12:30", where an hour can be meant."""
    item = view.at(n)
    if item.kind is not Kind.SPAN or item.parts[0] > 24 or item.parts[2] > 24:
        return None
    if view.kind(n + 1) is Kind.MONTH or view.noun_after(n + 1):
        return None
    first, second = (
        Clock(item.parts[k] % 24, item.parts[k + 1], not 1 <= item.parts[k] <= 12) for k in (0, 2)
    )
    sure = bool(item.prefix) or ":" in item.key or view.kind(n - 1) is Kind.BETWEEN
    return Match(n + 1, (Window(first, second),), weak=not sure)


def _one_sided(view: View, n: int) -> Match | None:
    """ "After three", "before ten", "until one", "until noon"."""
    kind = view.kind(n)
    if kind not in (Kind.AFTER, Kind.BEFORE, Kind.UNTIL):
        return None
    part = view.at(n + 1)
    if kind is Kind.UNTIL and part.kind is Kind.PART and PARTS[part.value] in _PART_ENDS:
        return Match(n + 2, (Window(None, _PART_ENDS[PARTS[part.value]]),))
    said = _counted_checked(view, n + 1, clock_at(view, n + 1, forced=True))
    if said is None or view.at(n + 1).boundary:
        return None
    return Match(said.end, (_opened(kind is Kind.AFTER, said.clock),))


def _opened(after: bool, clock: Clock) -> Window:
    return Window(clock, None) if after else Window(None, clock)


def _negated(view: View, n: int) -> Match | None:
    """ "Not before ten", "no later than six", "not after eight"."""
    if view.kind(n) is not Kind.NO:
        return None
    kind = view.kind(n + 1)
    if kind in (Kind.AFTER, Kind.BEFORE):
        said = clock_at(view, n + 2, forced=True)
        if said is not None:
            return Match(said.end, (_opened(kind is Kind.BEFORE, said.clock),))
    compared = _compared(view, n + 1)
    if compared is not None and isinstance(window := compared.bodies[0], Window):
        return Match(compared.end, (Window(window.end, window.start),))
    return None


def _at_the(view: View, n: int) -> Match | None:
    """ "At the latest at five"."""
    if view.at(n - 1).key != _AT_THE or not view.at(n).has("ה"):
        return None
    said = clock_at(view, n + 1, forced=True)
    return (
        None
        if said is None
        else Match(said.end, (_opened(view.kind(n) is Kind.EARLY, said.clock),))
    )


def _compared(view: View, n: int) -> Match | None:
    """ "Later than four", "earlier than noon"."""
    j = n + 1 if view.at(n).key in _MORE else n
    kind = view.kind(j)
    if kind in (Kind.EARLY, Kind.LATE) and (found := _at_the(view, j)) is not None:
        return found
    if kind not in (Kind.EARLY, Kind.LATE) or not view.at(j + 1).has("מ"):
        return None
    if view.kind(j + 1) is Kind.PART:
        if PARTS[view.at(j + 1).value] is PartOfDay.NOON:
            return Match(j + 2, (_opened(kind is Kind.LATE, _NOON),))
        return None
    said = clock_at(view, j + 1, forced=True)
    return None if said is None else Match(said.end, (_opened(kind is Kind.LATE, said.clock),))


def _onward(view: View, n: int) -> Match | None:
    """ "From four on", "starting at four", and "from noon"."""
    j = n + 1 if view.kind(n) is Kind.FROM else n
    item = view.at(j)
    if item.kind is Kind.PART and item.has("מ") and PARTS[item.value] is PartOfDay.NOON:
        return Match(_past_onward(view, j + 1), (Window(_NOON, None),))
    said = _counted_checked(view, j, clock_at(view, j, forced=item.has("מ")))
    if said is None or (not item.has("מ") and view.counts_before(n)):
        return None
    end = _past_onward(view, said.end)
    if not item.has("מ") and end == said.end:
        return None
    return Match(end, (Window(said.clock, None),))


def _past_onward(view: View, n: int) -> int:
    return n + 1 if view.kind(n) is Kind.ONWARD else n
