"""One pass over the items: at every place the first rule that fits gives its bodies.

The order of RULES is the only priority there is: what is longer or surer comes first.
"""

from collections.abc import Callable
from dataclasses import replace

from dalpak.language.base import Asked
from dalpak.language.he.hearing.days import day_rule
from dalpak.language.he.hearing.lexicon import Kind
from dalpak.language.he.hearing.nodes import Body, Day, Match, Node
from dalpak.language.he.hearing.normalise import keys_of
from dalpak.language.he.hearing.picks import OPTION, pick_rule
from dalpak.language.he.hearing.ranges import range_rule
from dalpak.language.he.hearing.times import clock_rule, part_rule
from dalpak.language.he.hearing.view import View
from dalpak.language.he.hearing.windows import window_rule

Rule = Callable[[View, int], Match | None]

RULES: tuple[Rule, ...] = (
    pick_rule,
    range_rule,
    day_rule,
    window_rule,
    part_rule,
    clock_rule,
)

_SKIPPED = frozenset({Kind.WORD, Kind.TAKEN, Kind.OR, Kind.FIX, Kind.INSTEAD, Kind.EXACTLY})
"""Items at which no rule begins, save the words below."""

WORDS_THAT_BEGIN = frozenset(
    keys_of("האמצעי האמצעית באמצע לפנות ולפנות לפנהצ לפנצ חצות בחצות לחצות יותר הכי")
    + tuple(OPTION)
)


def scan(view: View, *, booking_words: bool) -> tuple[Node, ...]:
    """Every body of the utterance in order, the weak ones only where something supports them."""
    nodes: list[Node] = []
    n = 0
    while n < len(view.items):
        match = _first_match(view, n)
        if match is None:
            n += 1
            continue
        nodes.extend(Node(n, match.end, _pointed(view, n, b), match.weak) for b in match.bodies)
        n = match.end
    return _supported(view, nodes, booking_words=booking_words)


def _first_match(view: View, n: int) -> Match | None:
    item = view.at(n)
    dated = view.kind(n + 1) is Kind.HEBREW_MONTH
    if item.kind in _SKIPPED and item.key not in WORDS_THAT_BEGIN and not dated:
        return None
    for rule in RULES:
        match = rule(view, n)
        if match is not None:
            return match
    return None


def _pointed(view: View, n: int, body: Body) -> Body:
    """A day with what its preposition says: from it, to it, of it."""
    if not isinstance(body, Day):
        return body
    item = view.at(n)
    source = item.has("מ") or view.kind(n - 1) is Kind.OF
    return replace(body, source=source, target=item.has("ל"))


def _supported(view: View, nodes: list[Node], *, booking_words: bool) -> tuple[Node, ...]:
    if view.context.asked in (Asked.NAME, Asked.PHONE):
        return tuple(node for node in nodes if not node.weak)
    strong = any(not node.weak for node in nodes)
    if strong or booking_words or view.asked_when or _says_nothing_else(view, nodes):
        return tuple(nodes)
    return tuple(node for node in nodes if not node.weak)


def spent_tokens(view: View, nodes: tuple[Node, ...]) -> frozenset[int]:
    """Tokens that the grammar of time has read, so that they are no answer as well."""
    spent: set[int] = set()
    for node in nodes:
        last = node.end
        while view.kind(last) is Kind.EXACTLY:
            last += 1
        first, end = view.at(node.start).start, view.at(last - 1).end
        spent.update(range(first, end))
    return frozenset(spent)


def _says_nothing_else(view: View, nodes: list[Node]) -> bool:
    """The rest of the utterance is plain words only."""
    covered = {n for node in nodes for n in range(node.start, node.end)}
    return all(n in covered or view.plain(n) for n in range(len(view.items)))
