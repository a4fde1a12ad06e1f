"""Israeli telephone numbers as English speakers say and type them.

Spoken digits come one by one, in pairs and doubled; where a row can be read in two ways, the
reading that fits the plan wins. A number that fits none is still given back, marked invalid.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import pairwise

from dalpak.language.en.hearing.lexicon import NUMBERS
from dalpak.language.en.hearing.normalise import Token, words
from dalpak.language.en.hearing.phrases import PhraseBook
from dalpak.language.neutral import fits_plan, is_valid, national

MAX_READINGS = 64
"""Readings of one row of words that are weighed."""

_LONGEST = 15
"""Digits of the longest number of any country (E.164)."""

_MIN_ASKED, _MIN_UNASKED = 3, 9
_ZERO = words("oh o zero nought naught")
_REPEATS = {"double": 2, "triple": 3, "treble": 3}
_IGNORED = words("dash hyphen space and then slash")
_RESTART = words("sorry no wait actually correction mistake oops mean again")


@dataclass(frozen=True, slots=True)
class Heard:
    """A number with the tokens it took."""

    number: str
    valid: bool
    taken: frozenset[int]


def read_phone(tokens: Sequence[Token], skip: Collection[int], *, asked: bool) -> Heard | None:
    """The number that the utterance holds. `asked`: the question was for one, so a part will do."""
    least = _MIN_ASKED if asked else _MIN_UNASKED
    readings = [(s, e, _best(options)) for s, e, options in _runs(tokens, skip)]
    readings = [r for r in readings if r[2] and (asked or len(r[2]) >= least)]
    if not readings:
        return None
    number = _last_said(tokens, readings)
    if not least <= len(number) <= _LONGEST or (not asked and not fits_plan(number)):
        return None
    taken = frozenset(n for start, end, _ in readings for n in range(start, end))
    return Heard(number, is_valid(number), taken)


def _last_said(tokens: Sequence[Token], runs: list[tuple[int, int, str]]) -> str:
    """The number after corrections: said anew, or only its end said anew."""
    number = runs[0][2]
    for before, run in pairwise(runs):
        corrected = any(t.key in _RESTART for t in tokens[before[1] : run[0]])
        if not corrected:
            number = number if fits_plan(number) else national(number + run[2])
        elif fits_plan(number) and not run[2].startswith("0") and len(run[2]) < len(number):
            number = number[: -len(run[2])] + run[2]
        else:
            number = _end_replaced(number, run[2])
    return number


def _end_replaced(number: str, again: str) -> str:
    """The beginning of `number` with `again` after it where that makes a number, else `again`."""
    if again.startswith("0"):
        return again
    joined = (number[:keep] + again for keep in range(len(number) - 1, 0, -1))
    return next((whole for whole in joined if is_valid(whole)), again)


def _best(options: list[str]) -> str:
    """The reading that is a valid number, else one that fits the plan, else the first."""
    numbers = [national(o) for o in options]
    for test in (is_valid, fits_plan):
        for number in numbers:
            if test(number):
                return number
    return numbers[0] if numbers else ""


def _runs(tokens: Sequence[Token], skip: Collection[int]) -> list[tuple[int, int, list[str]]]:
    """Unbroken rows of number words: (start, end, readings of the whole row)."""
    out: list[tuple[int, int, list[str]]] = []
    n = 0
    while n < len(tokens):
        options, end, start = [""], n, n
        while end < len(tokens) and end not in skip:
            step = _step(tokens, end)
            if step is None or (step[0] == [""] and end == start):
                break
            pieces, end = step
            options = [o + p for o in options for p in pieces][:MAX_READINGS]
        if end > start and options[0]:
            out.append((start, end, options))
        n = max(end, n + 1)
    return out


def _step(tokens: Sequence[Token], n: int) -> tuple[list[str], int] | None:
    """The digits that the word at `n` (with those it governs) stands for, and where they end."""
    token = tokens[n]
    if token.is_digits:
        digits = "".join(c for c in token.key if c.isdecimal() or c == "+")
        other = any(not (c.isdecimal() or c in "+-./") for c in token.key)
        return None if other else ([digits], n + 1)
    if token.key == "plus":
        return ["+"], n + 1
    if token.key in _IGNORED:
        return [""], n + 1
    if token.key in _REPEATS:
        step = _step(tokens, n + 1) if n + 1 < len(tokens) else None
        if step is None or len(step[0][0]) != 1:
            return None
        return [p * _REPEATS[token.key] for p in step[0] if len(p) == 1], step[1]
    if token.key in _ZERO:
        return ["0"], n + 1
    return _spoken(tokens, n)


def _spoken(tokens: Sequence[Token], n: int) -> tuple[list[str], int] | None:
    """Digits of one spoken number: "four" 4, "forty-five" 45 or 40 5, "five hundred" 500."""
    value = NUMBERS.get(tokens[n].key)
    if value is None:
        return None
    after = tokens[n + 1].key if n + 1 < len(tokens) else ""
    if after == "hundred" and 1 <= value <= 9:
        return [f"{value}00"], n + 2
    unit = NUMBERS.get(after, 0)
    if value >= 20 and 1 <= unit <= 9:
        return [str(value + unit), f"{value}{unit}"], n + 2
    return [str(value)], n + 1


_OWN: PhraseBook[bool] = PhraseBook(
    (
        (
            True,
            """i'm calling from|i am calling from|i called from|i'm phoning from|i'm ringing from|
            calling you from|this number|this phone|this one|the same number|same number|
            my current number|the number you see|you see on the screen|that you see|you can see|
            on your screen|number i'm using|the one i called|caller id|the current number|
            the number of this call|that's my number|the one i'm on|the phone i'm on""",
        ),
    )
)


def wants_own_number(tokens: Sequence[Token]) -> bool:
    """ "The number I am calling from"."""
    return bool(_OWN.find(tokens))
