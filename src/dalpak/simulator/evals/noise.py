"""Misheard words: what a telephone STT does to a sentence, at a given rate of word errors.

Each word is hit by its own dice: dropped, replaced by a common word, written as it sounds, or a
number taken for another. What exactly is drawn from the conversation's seed.
"""

from functools import cache
from random import Random

from dalpak.language.he.evals_noise import ALIKE, COMMON, NUMBERS, PREFIXES

DROP, REPLACE, INSERT = 0.30, 0.20, 0.08
"""Shares of an error's kinds; the rest is a number or a spelling taken for another."""


def garble(text: str, rate: float, rng: Random) -> str:
    """The sentence as it is heard; never empty if it was not."""
    words = text.split()
    heard: list[str] = []
    for word in words:
        if rng.random() >= rate:
            heard.append(word)
            continue
        heard += _error(word, rng)
    return " ".join(heard) if heard else rng.choice(COMMON)


def _error(word: str, rng: Random) -> list[str]:
    kind = rng.random()
    if kind < DROP:
        return []
    if kind < DROP + REPLACE:
        return [rng.choice(COMMON)]
    if kind < DROP + REPLACE + INSERT:
        return [word, rng.choice(COMMON)]
    return [_misheard(word, rng)]


def _misheard(word: str, rng: Random) -> str:
    if any(c.isdecimal() for c in word):
        place = rng.choice([n for n, c in enumerate(word) if c.isdecimal()])
        return f"{word[:place]}{rng.randrange(10)}{word[place + 1 :]}"
    for prefix, stem in (("", word), (word[:1], word[1:])):
        if stem in NUMBERS and prefix in ("", *PREFIXES):
            return prefix + rng.choice(NUMBERS[stem])
    places = [n for n, c in enumerate(word) if _alike(c)]
    if not places:
        return rng.choice(COMMON)
    place = rng.choice(places)
    return f"{word[:place]}{rng.choice(_alike(word[place]))}{word[place + 1 :]}"


def _alike(letter: str) -> list[str]:
    return [other for group in ALIKE if letter in group for other in group if other != letter]


def sounds(text: str) -> str:
    """How a text sounds: spellings that no listener can tell apart become one."""
    return "".join(_heard_as(letter) for letter in text if not letter.isspace())


@cache
def _heard_as(letter: str) -> str:
    """The first of all letters that are written for this one, directly or by way of another."""
    group = {letter}
    for _ in ALIKE:
        group |= {c for g in ALIKE if group & set(g) for c in g}
    return min(group)


def word_errors(said: str, heard: str) -> int:
    """The least number of dropped, added and changed words between the two."""
    a, b = said.split(), heard.split()
    row = list(range(len(b) + 1))
    for n, word in enumerate(a, start=1):
        before, row[0] = row[0], n
        for k, other in enumerate(b, start=1):
            cost = min(row[k] + 1, row[k - 1] + 1, before + (word != other))
            before, row[k] = row[k], cost
    return row[-1]
