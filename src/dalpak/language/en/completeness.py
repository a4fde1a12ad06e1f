"""Has an English speaker who falls silent after these words finished? Decided by the last words and our last question.

It only ever makes us wait longer, never shorter: a wrong "open" costs half a second, a wrong "complete" cuts somebody
off. No time and no voice here; how long "longer" is stands in `call/limits.py`.
"""

from collections.abc import Sequence

from dalpak.language.base import Asked, Completeness
from dalpak.language.en.hearing.lexicon import NUMBERS
from dalpak.language.en.hearing.normalise import Token, tokens_of
from dalpak.language.en.hearing.phones import read_phone
from dalpak.language.neutral import fits_plan
from dalpak.language.unfinished import number_goes_on

_OPEN = frozenset(
    tuple(phrase.split())
    for phrase in """
    a|an|the|of|on|in|at|to|for|from|with|by|about|around|between|before|after|until|till|and|or|but|because|if|
    so|that|than|like|i|im|id|id like|i want|i want to|i would like|i would like to|i need|i need to|id like to|
    can i|could i|may i|do you|are you|is it|what|when|how|which|my|my name|my name is|my number|my number is|
    this is|its|it is|the name is|the number is|maybe|uh|um|er|erm|hmm|well|you know|i mean|let me see|
    let me think|hold on|i think
    """.replace("\n", " ").split("|")
)
"""Words after which a sentence goes on."""

_NOUGHT = frozenset({"oh", "o", "zero"})

_HESITATIONS = frozenset("uh uhh um umm er erm hm hmm hmmm ah eh".split())
"""No words; to a yes/no question such a hum may be a yes."""

_ALONE = frozenset("what when how so like maybe well that".split())
"""These are whole when they are all that is said."""

_LONGEST_ENDING = max(map(len, _OPEN))


def completeness(text: str, asked: Asked) -> Completeness:
    """`text` is all that the caller said in this turn so far."""
    tokens = tokens_of(text)
    if not tokens:
        return Completeness.COMPLETE
    if asked is not Asked.YES_NO and all(token.key in _HESITATIONS for token in tokens):
        return Completeness.HESITATION
    if _number_in_progress(tokens, asked):
        return Completeness.DIGITS
    if text.rstrip().endswith(("?", ".", "!")):
        return Completeness.COMPLETE
    return Completeness.OPEN if _ends_open([t.key for t in tokens]) else Completeness.COMPLETE


def _number_in_progress(tokens: Sequence[Token], asked: Asked) -> bool:
    """The last word is a digit of a number that goes on."""
    heard = read_phone(tokens, frozenset(), asked=True)
    if heard is None:
        return asked is Asked.PHONE and _is_number(tokens[-1])
    last = len(tokens) - 1 in heard.taken
    return last and number_goes_on(heard.number, asked, whole=fits_plan(heard.number))


def _is_number(token: Token) -> bool:
    return token.is_digits or token.key in NUMBERS or token.key in _NOUGHT


def _ends_open(words: Sequence[str]) -> bool:
    if len(words) == 1 and (words[0] in _ALONE or words[0] in _HESITATIONS):
        return False
    return any(
        tuple(words[-many:]) in _OPEN for many in range(1, min(len(words), _LONGEST_ENDING) + 1)
    )
