"""What an utterance says beside a name: without it, no word could be told from a name.

A name is any word at all, so whatever else the grammar can read is read first. Only then is what is
left a name, if it stands without words that lead to one. Nothing here reads the name itself.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from dalpak.language.base import HearingContext, Intent
from dalpak.language.he.hearing.answers import answer_words
from dalpak.language.he.hearing.given_names import GIVEN_NAMES
from dalpak.language.he.hearing.intents import APPOINTMENT, read_intent
from dalpak.language.he.hearing.items import items_of
from dalpak.language.he.hearing.lexicon import Kind
from dalpak.language.he.hearing.nodes import Node
from dalpak.language.he.hearing.normalise import Token, keys_of
from dalpak.language.he.hearing.phrases import PhraseBook
from dalpak.language.he.hearing.scan import scan, spent_tokens
from dalpak.language.he.hearing.view import View
from dalpak.language.he.hearing.wishes import preference_words

_WITH_A_NAME = frozenset({None, Intent.BOOK, Intent.GOODBYE})
"""Wishes that people put beside their name; with any other the utterance is about that."""

_QUESTIONS = frozenset(keys_of("מה מי איך איפה מתי כמה למה איזה איזו אילו האם לאן מאיפה"))
_CLAUSE = frozenset(keys_of("אתה אתם אתן אנחנו הם הן לכם שלכם אצלכם אליכם אתכם אפשר ניתן אין אל"))
"""Words that make a sentence to the business, not a name."""

_AND_OR_IN = "ובלמ"
"""Prefix letters that a word of question takes."""

_SMALL_TALK: PhraseBook[bool] = PhraseBook(
    ((True, "מה שלומך|מה שלומכם|מה נשמע|מה העניינים|מה המצב|מה קורה|תודה לכם|שלום לכם"),)
)
_NAMES_TOO = frozenset({Kind.ORD, Kind.MONTH, Kind.HEBREW_MONTH, Kind.WEEKDAY, Kind.HOLIDAY})
"""Words of time by which people are called as well, as long as they stand bare."""


@dataclass(frozen=True, slots=True)
class Beside:
    """`spent`: tokens that are no name. `clear`: the utterance may hold a name. `orders`: it asks
    for an appointment, so that it does so in a sentence, not in a name."""

    spent: frozenset[int]
    clear: bool
    orders: bool


def read_beside(tokens: Sequence[Token], skip: Collection[int], context: HearingContext) -> Beside:
    """Everything but the name; `skip` are tokens that were read already."""
    wish = read_intent(tokens, skip, offered=bool(context.offered))
    small_talk = {n for f in _SMALL_TALK.find(tokens, skip) for n in range(f.start, f.end)}
    spent = wish.spent | answer_words(tokens, skip) | small_talk | preference_words(tokens)
    spent |= _times(tokens, skip, context)
    rest = [t.whole for n, t in enumerate(tokens) if n not in spent and n not in skip]
    clear = wish.intent in _WITH_A_NAME and not any(_is_clause(w) for w in rest)
    orders = wish.intent is Intent.BOOK and any(w in APPOINTMENT for w in rest)
    return Beside(frozenset(spent), clear, orders)


def _is_clause(word: str) -> bool:
    if word in _CLAUSE or word in _QUESTIONS:
        return True
    return word[:1] in _AND_OR_IN and word[1:] in _QUESTIONS


def _times(
    tokens: Sequence[Token], skip: Collection[int], context: HearingContext
) -> frozenset[int]:
    """Tokens of days and hours that can be nothing else."""
    view = View(items_of(tokens, skip), context)
    nodes = scan(view, booking_words=False)
    return spent_tokens(view, tuple(n for n in nodes if not _may_be_a_name(view, n)))


def _may_be_a_name(view: View, node: Node) -> bool:
    items = [view.at(n) for n in range(node.start, node.end)]
    return all(
        item.key in GIVEN_NAMES or (item.kind in _NAMES_TOO and not item.prefix) for item in items
    )
