"""What a written reply means where it is clear: stop, start, cancel, change, yes, no; and our answers to
it. Pure.

Only whole replies of known words count, in any language we have: whoever writes a sentence with
something else in it is read by a person. The words are in `<code>/reply_words.py`; what is done
about a reply is decided by the flow.
"""

import unicodedata
from enum import StrEnum

from dalpak.language.en.reply_words import ANSWERS as ENGLISH_ANSWERS
from dalpak.language.en.reply_words import REPLY_WORDS as ENGLISH
from dalpak.language.he.reply_words import ANSWERS as HEBREW_ANSWERS
from dalpak.language.he.reply_words import REPLY_WORDS as HEBREW

MAX_WORDS = 8
"""A longer reply says more than one word of it does."""


class ReplyMeaning(StrEnum):
    STOP = "stop"
    START = "start"
    CANCEL = "cancel"
    CHANGE = "change"
    YES = "yes"
    NO = "no"
    COURTESY = "courtesy"
    """Thanks and greetings: nothing is asked."""
    FREE = "free"
    """Anything else: for a person."""


_NO_WORDS_OF_THEIR_OWN = (ReplyMeaning.COURTESY, ReplyMeaning.FREE)
_ANSWERS = {"he": HEBREW_ANSWERS, "en": ENGLISH_ANSWERS}
_WORDS = {
    meaning: frozenset(ENGLISH[meaning.value].split() + HEBREW[meaning.value].split())
    for meaning in ReplyMeaning
    if meaning not in _NO_WORDS_OF_THEIR_OWN
}
_BESIDE = frozenset(ENGLISH["beside"].split() + HEBREW["beside"].split())
"""Words that may stand beside any of them and change nothing."""


def reply_meaning(text: str) -> ReplyMeaning:
    """The one meaning that every word of the reply agrees with, else `free`."""
    words = _words(text)
    if not words or len(words) > MAX_WORDS:
        return ReplyMeaning.FREE
    telling = [w for w in words if w not in _BESIDE]
    if not telling:
        return ReplyMeaning.COURTESY
    found = [m for m, known in _WORDS.items() if all(w in known for w in telling)]
    return found[0] if len(found) == 1 else ReplyMeaning.FREE


def answer_text(language: str, key: str, **values: str) -> str:
    """What we write back. KeyError names an unknown language or key, or a value that is missing."""
    return _ANSWERS[language][key].format(**values)


def _words(text: str) -> list[str]:
    """Lower case, without vowel points, punctuation, direction marks and skin tones."""
    kept = []
    for char in unicodedata.normalize("NFKD", text.casefold()):
        category = unicodedata.category(char)
        if category in {"Mn", "Cf", "Sk"}:
            continue
        kept.append(" " if category[0] in "PZC" else char)
    return "".join(kept).split()
