"""The caller's name, out of "my name is ...", "under the name of ...", or a bare answer.

A first name may be a word of time (April, May, June): when a name was asked for, or a carrier phrase
leads to it, it is a name.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from dalpak.language.en.hearing.lexicon import (
    ALSO_VERBS,
    NUMBERS,
    ORDINAL_WORDS,
    PART_WORDS,
    PLAIN,
    RELATIVE,
    UNITS,
    WEEKDAYS,
)
from dalpak.language.en.hearing.normalise import Token, words
from dalpak.language.en.hearing.phrases import PhraseBook

MAX_WORDS = 4
"""Words of the longest name that is taken."""

_CARRIERS: PhraseBook[bool] = PhraseBook(
    (
        (
            True,
            """my name is|my name's|name is|the name is|the name's|name's|my full name is|
            my first name is|my surname is|my last name is|under the name|under the name of|
            in the name of|on the name of|under|i'm called|i am called|they call me|
            put it under|name|for the name|it's under""",
        ),
        (
            False,
            """call me|this is|it's|it is|i'm|i am|that's|for|put down|write|write down|here is""",
        ),
    )
)
"""True leads to a name anywhere; False only when a name was asked for."""

_SURNAME = (("last", "name"), ("family", "name"), ("first", "name"), ("surname",))
_TITLES = words("mr mrs ms miss dr doctor")
_EDGE = words(
    """yes yeah um uh er well so ok okay sure of course please hi hello hey thanks thank you it's it
    is i'm im i am this the name my full that's that speaking here good fine certainly just under
    for sorry oh great perfect and wait no actually last first family surname put down write"""
)
"""Words that stand around a name and are not part of it."""

_STOP = (
    PLAIN
    | _EDGE
    | words(
        """number phone mobile with spelled spelt like as the who whose from calling tomorrow today
        book back haircut cut on at when before can we did he she they but because until every
        reservation again later also plus spelling mister what why how"""
    )
) - words("may will sat mar")
_NOT_A_NAME = words(
    """why what who how where when want need have give tell say know number phone later cancel book
    speak talk person human agent anonymous private secret repeat again pardon question already
    told bye goodbye don't can't won't isn't not wrong change move price cost much open close
    address hours available earlier nothing understand hear"""
)
_CORRECTS = words("sorry actually no mean wait correction not")
_TIME_WORDS = frozenset(
    {*NUMBERS, *ORDINAL_WORDS, *PART_WORDS, *RELATIVE, *UNITS, *WEEKDAYS} - {"sun", "sat", "wed"}
)


@dataclass(frozen=True, slots=True)
class HeardName:
    name: str
    taken: frozenset[int]


def read_name(tokens: Sequence[Token], skip: Collection[int], *, asked: bool) -> HeardName | None:
    """The name in the utterance; `asked`: the question was for it, so it may stand bare."""
    for found in _CARRIERS.find(tokens, skip):
        if not (found.label or asked):
            continue
        heard = _after(tokens, found.end, skip)
        if heard is not None:
            heard = _corrected(tokens, heard, skip)
            return HeardName(heard.name, heard.taken | frozenset(range(found.start, found.end)))
    return _bare(tokens, skip) if asked else None


def _part_of_name(tokens: Sequence[Token], n: int, *, first: bool) -> bool:
    token = tokens[n]
    if token.is_digits or token.key in _NOT_A_NAME or token.key in _TIME_WORDS:
        return False
    if not first and token.boundary:
        return False
    if token.key in ALSO_VERBS:
        return first or token.raw[:1].isupper()
    return token.key not in _STOP and not (token.key == "a" or not token.key[:1].isalpha())


def _after(tokens: Sequence[Token], start: int, skip: Collection[int]) -> HeardName | None:
    """The words of a name from `start` on."""
    n = start
    while n < len(tokens) and n not in skip and (tokens[n].key in _EDGE | _TITLES):
        if tokens[n].key in ("no", "not"):
            break
        n += 1
    picked: list[int] = []
    while n < len(tokens) and n not in skip and len(picked) < MAX_WORDS:
        label = next((s for s in _SURNAME if _stands(tokens, n, ("and", *s))), None)
        label = label or next((s for s in _SURNAME if _stands(tokens, n, s)), None)
        if label is not None:
            n += len(label) + (tokens[n].key == "and")
            n += int(n < len(tokens) and tokens[n].key == "is")
            continue
        if not _part_of_name(tokens, n, first=not picked):
            break
        picked.append(n)
        n += 1
    return _heard(tokens, picked)


def _stands(tokens: Sequence[Token], n: int, keys: tuple[str, ...]) -> bool:
    return tuple(t.key for t in tokens[n : n + len(keys)]) == keys


def _heard(tokens: Sequence[Token], picked: list[int]) -> HeardName | None:
    if not picked:
        return None
    name = "".join(("-" if tokens[n].glued else " ") + tokens[n].raw for n in picked)
    return HeardName(name.lstrip(" -"), frozenset(picked))


def _corrected(tokens: Sequence[Token], heard: HeardName, skip: Collection[int]) -> HeardName:
    """The name said anew after "sorry" or "I mean", if there is one."""
    n = max(heard.taken) + 1
    if n < len(tokens) and (tokens[n].key in _CORRECTS or tokens[n].key == "i"):
        while n < len(tokens) and tokens[n].key in _CORRECTS | words("i it's is the name my"):
            n += 1
        again = _after(tokens, n, skip)
        if again is not None:
            return HeardName(again.name, heard.taken | again.taken)
    return heard


def _bare(tokens: Sequence[Token], skip: Collection[int]) -> HeardName | None:
    """A name without a carrier: what is left when the words around it are taken off."""
    kept = [n for n in range(len(tokens)) if n not in skip]
    if any(tokens[n].key in _NOT_A_NAME - _CORRECTS for n in kept):
        return None
    while kept and tokens[kept[0]].key in _EDGE | _TITLES:
        kept.pop(0)
    while kept and tokens[kept[-1]].key in _EDGE:
        kept.pop()
    if not kept:
        return None
    if tokens[kept[0]].key == "not":
        rest = [n for n in kept[1:] if tokens[n].key not in _CORRECTS | _EDGE]
        return _heard(tokens, rest[len(rest) // 2 :]) if len(rest) in (2, 4) else None
    heard = _after(tokens, kept[0], skip)
    if heard is None:
        return None
    corrected = _corrected(tokens, heard, skip)
    rest = [n for n in kept if n not in corrected.taken]
    rest = [n for n in rest if tokens[n].key not in _EDGE | _CORRECTS | words("i mean")]
    spelled = bool(rest) and tokens[rest[0]].key in words("with spelled spelt as like")
    return corrected if not rest or len(heard.taken) >= 2 or spelled else None
