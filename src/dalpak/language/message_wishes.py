"""What a caller says by the way about being written to: "and don't send me WhatsApp". Pure.

The patterns are in `<code>/message_wishes.py`. A yes or a no to a question about it is understood as
every other answer is; who may be written to is not decided here.
"""

import re
from dataclasses import dataclass

from dalpak.language.en.message_wishes import JOINS as ENGLISH_JOINS
from dalpak.language.en.message_wishes import REFUSES as ENGLISH_REFUSES
from dalpak.language.en.message_wishes import WANTS as ENGLISH_WANTS
from dalpak.language.he.message_wishes import JOINS as HEBREW_JOINS
from dalpak.language.he.message_wishes import REFUSES as HEBREW_REFUSES
from dalpak.language.he.message_wishes import WANTS as HEBREW_WANTS

_PATTERNS = {
    "he": (HEBREW_REFUSES, HEBREW_WANTS, HEBREW_JOINS),
    "en": (ENGLISH_REFUSES, ENGLISH_WANTS, ENGLISH_JOINS),
}
_EDGES = " ,.;:!?-"


@dataclass(frozen=True, slots=True)
class MessageWish:
    wanted: bool
    words: str
    """Those that say it."""
    rest: str
    """What else was said, to be understood without them; may be empty."""


def message_wish(language: str, text: str) -> MessageWish | None:
    """None when nothing is said about it. A refusal beats a wish: asking again costs less."""
    refuses, wants, joins = _PATTERNS.get(language, (None, None, frozenset[str]()))
    for pattern, wanted in ((refuses, False), (wants, True)):
        found = pattern.search(text) if pattern is not None else None
        if found is not None:
            before = _without_joins(text[: found.start()], joins)
            after = _without_joins(text[found.end() :], joins)
            return MessageWish(wanted, found[0].strip(_EDGES), f"{before} {after}".strip())
    return None


def _without_joins(text: str, joins: frozenset[str]) -> str:
    """Without the "but" that led to what was cut out."""
    words = re.split(r"\s+", text.strip(_EDGES))
    while words and words[-1].strip(_EDGES) in joins:
        words.pop()
    while words and words[0].strip(_EDGES) in joins:
        words.pop(0)
    return " ".join(words).strip(_EDGES)
