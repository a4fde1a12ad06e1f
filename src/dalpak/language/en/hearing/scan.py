"""One pass over the items: at every place the first rule that fits gives its bodies.

The order of RULES is the only priority there is: what is longer or surer comes first.
"""

from collections.abc import Callable
from dataclasses import replace

from dalpak.language.base import Asked
from dalpak.language.en.hearing.days import day_rule
from dalpak.language.en.hearing.intents import MOVE
from dalpak.language.en.hearing.lexicon import Kind
from dalpak.language.en.hearing.normalise import words
from dalpak.language.en.hearing.picks import pick_rule
from dalpak.language.en.hearing.ranges import range_rule
from dalpak.language.en.hearing.times import clock_rule, part_rule
from dalpak.language.en.hearing.view import View
from dalpak.language.en.hearing.windows import window_rule
from dalpak.language.neutral import Body, Day, Match, Node

Rule = Callable[[View, int], Match | None]

RULES: tuple[Rule, ...] = (
    pick_rule,
    range_rule,
    day_rule,
    window_rule,
    part_rule,
    clock_rule,
)

_SOURCES = words("from of")


def scan(view: View, *, booking_words: bool) -> tuple[Node, ...]:
    """Every body of the utterance in order, the weak ones only where something supports them."""
    nodes: list[Node] = []
    n = 0
    while n < len(view.items):
        match = None if view.kind(n) is Kind.TAKEN else _first_match(view, n)
        if match is None:
            n += 1
            continue
        nodes.extend(Node(n, match.end, _pointed(view, n, b), match.weak) for b in match.bodies)
        n = match.end
    return _supported(view, nodes, booking_words=booking_words)


def _first_match(view: View, n: int) -> Match | None:
    for rule in RULES:
        match = rule(view, n)
        if match is not None:
            return match
    return None


def _pointed(view: View, n: int, body: Body) -> Body:
    """A day with what its preposition says, where an appointment is moved: from it, to it."""
    if not isinstance(body, Day) or not view.moving:
        return body
    before = view.key(n - 1)
    verb = next((k for k, item in enumerate(view.items) if item.key in MOVE), n)
    mine = view.key(n + 1) in ("appointment", "booking", "visit", "one")  # "my Monday appointment"
    source = before in _SOURCES or mine or n < verb  # "it is on Monday, can I move it to Tuesday"
    return replace(body, source=source, target=before in ("to", "for"))


def _supported(view: View, nodes: list[Node], *, booking_words: bool) -> tuple[Node, ...]:
    if view.context.asked in (Asked.NAME, Asked.PHONE):
        return tuple(node for node in nodes if not node.weak)
    strong = any(not node.weak for node in nodes)
    if strong or booking_words or view.asked_when or _says_nothing_else(view, nodes):
        return tuple(nodes)
    return tuple(node for node in nodes if not node.weak)


def _says_nothing_else(view: View, nodes: list[Node]) -> bool:
    """The rest of the utterance is plain words only."""
    covered = {n for node in nodes for n in range(node.start, node.end)}
    return all(n in covered or view.plain(n) for n in range(len(view.items)))
