"""Rules for stretches of hours: after, before, until, by, between, from-to, "not before"."""

from dalpak.language.en.hearing.lexicon import AT, ONWARD, UNTIL, Kind
from dalpak.language.en.hearing.normalise import words
from dalpak.language.en.hearing.times import Said, clock_at, opened
from dalpak.language.en.hearing.view import View
from dalpak.language.neutral import Clock, Match, Window

_AFTER = words("after past")
_BEFORE = words("before by") | (UNTIL - words("through thru"))
_ANY_TIME = words("any anytime time sometime the")
_HOURS = words("the hours hour of")
_LINKS = UNTIL | words("to")

_COMPARED: tuple[tuple[tuple[str, ...], bool], ...] = (
    (("no", "earlier", "than"), True),
    (("not", "earlier", "than"), True),
    (("not", "before"), True),
    (("later", "than"), True),
    (("at", "the", "earliest"), True),
    (("starting", "from"), True),
    (("starting", "at"), True),
    (("starting",), True),
    (("beginning", "at"), True),
    (("as", "of"), True),
    (("no", "later", "than"), False),
    (("not", "later", "than"), False),
    (("not", "after"), False),
    (("earlier", "than"), False),
    (("up", "to"), False),
    (("up", "until"), False),
)
"""Words before an hour, and whether it is the beginning of the window."""


def window_rule(view: View, n: int) -> Match | None:
    """Any window that begins at item `n`."""
    return (
        _between(view, n)
        or _from_to(view, n)
        or _digits_span(view, n)
        or _compared(view, n)
        or _one_sided(view, n)
        or _onward(view, n)
    )


def _hour_after(view: View, n: int, *, no_to: bool = False) -> Said | None:
    """An hour that something before it demands; nothing where it counts what follows it."""
    said = clock_at(view, n, forced=True, no_to=no_to)
    if said is None or view.at(n).boundary:
        return None
    bare = said.end == n + 1 and view.kind(n) is Kind.NUM
    return None if bare and view.names_a_thing(n) else said


def _between(view: View, n: int) -> Match | None:
    if view.key(n) != "between":
        return None
    start = view.skip(n + 1, _HOURS)
    for no_to in (True, False):
        first = _hour_after(view, start, no_to=no_to)
        if first is None or view.key(first.end) not in ("and", *_LINKS):
            continue
        second = _hour_after(view, first.end + 1)
        if second is not None:
            return Match(second.end, (Window(first.clock, second.clock),))
    return None


def _from_to(view: View, n: int) -> Match | None:
    """ "From nine to twelve", "nine until twelve", "three to five"."""
    pointed = view.key(n) == "from"
    start = view.skip(n + 1, _HOURS) if pointed else n
    first = clock_at(view, start, forced=pointed, no_to=pointed)
    if first is None and not pointed:
        return None
    if first is None or (pointed and view.moving) or view.at(first.end).boundary:
        return None
    if view.key(first.end) not in _LINKS or (view.moving and view.key(first.end) == "to"):
        return None
    second = _hour_after(view, first.end + 1)
    if second is None or (not pointed and view.names_a_thing(start)):
        return None
    return Match(second.end, (Window(first.clock, second.clock),))


def _digits_span(view: View, n: int) -> Match | None:
    """ "10-12" and "10:00-12:30", where an hour can be meant."""
    item = view.at(n)
    if item.kind is not Kind.SPAN or item.parts[0] > 24 or item.parts[2] > 24:
        return None
    if view.names_a_thing(n) or view.kind(n + 1) is Kind.MONTH:
        return None
    first, second = (
        Clock(item.parts[k] % 24, item.parts[k + 1], not 1 <= item.parts[k] <= 12) for k in (0, 2)
    )
    sure = ":" in item.key or view.key(n - 1) in AT | {"between", "from"}
    return Match(n + 1, (Window(first, second),), weak=not sure)


def _one_sided(view: View, n: int) -> Match | None:
    """ "After three", "any time before ten", "until one", "by noon"."""
    start = view.skip(n, _ANY_TIME)
    key = view.key(start)
    if key not in _AFTER | _BEFORE or view.kind(start) is not Kind.WORD:
        return None
    if key == "past" and start == n:
        return None
    said = _hour_after(view, start + 1)
    return None if said is None else Match(said.end, (opened(key in _AFTER, said.clock),))


def _compared(view: View, n: int) -> Match | None:
    """ "No later than four", "earlier than noon", "not before ten"."""
    for phrase, after in _COMPARED:
        if view.says(n, *phrase):
            said = _hour_after(view, n + len(phrase))
            if said is not None:
                return Match(_past_onward(view, said.end), (opened(after, said.clock),))
    return None


def _onward(view: View, n: int) -> Match | None:
    """ "From four (on)", "four onwards", "four or later", "four at the earliest"."""
    pointed = view.key(n) == "from"
    said = _hour_after(view, n + 1) if pointed else clock_at(view, n)
    if said is None or (pointed and view.moving):
        return None
    if view.says(said.end, "or", "earlier") or view.says(said.end, "at", "the", "latest"):
        end = said.end + (2 if view.key(said.end) == "or" else 3)
        return Match(end, (opened(False, said.clock),))
    if view.says(said.end, "or", "later") or view.says(said.end, "or", "after"):
        return Match(said.end + 2, (opened(True, said.clock),))
    if view.says(said.end, "at", "the", "earliest"):
        return Match(said.end + 3, (opened(True, said.clock),))
    end = _past_onward(view, said.end)
    if not pointed and (end == said.end or not said.sure):
        return None
    return Match(end, (opened(True, said.clock),))


def _past_onward(view: View, n: int) -> int:
    """Past "onwards" or "and on", but not past the "on" of "on Monday"."""
    if view.says(n, "and", "on"):
        return n + 2
    key = view.key(n)
    if key in ONWARD and key != "later":
        before_day = view.kind(n + 1) in (Kind.WEEKDAY, Kind.MONTH, Kind.ORD)
        return n if key == "on" and (before_day or view.key(n + 1) == "the") else n + 1
    return n
