"""English number words: cardinals up to 999,999, ordinals of the month, years.

Numbers only: what is counted, and how times and dates use them, is in `speech.py` and `dates.py`.
Every leaf is a word that the prompt bank holds, so that a price needs no live voice.
"""

from dalpak.language.base import Spoken, say

LARGEST = 999_999

SMALL: tuple[str, ...] = tuple(
    """zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen
    sixteen seventeen eighteen nineteen""".split()
)
TENS: tuple[str, ...] = tuple("twenty thirty forty fifty sixty seventy eighty ninety".split())
ORDINALS: tuple[str, ...] = tuple(
    """first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth
    fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth twenty-first
    twenty-second twenty-third twenty-fourth twenty-fifth twenty-sixth twenty-seventh twenty-eighth
    twenty-ninth thirtieth thirty-first""".split()
)
"""From the first of the month on."""

HUNDRED = Spoken("hundred")
THOUSAND = Spoken("thousand")
AND = Spoken("and")


def below_hundred(n: int) -> str:
    """0 … 99 as one word."""
    if n < len(SMALL):
        return SMALL[n]
    tens, rest = divmod(n, 10)
    return f"{TENS[tens - 2]}-{SMALL[rest]}" if rest else TENS[tens - 2]


def cardinal(n: int) -> Spoken:
    """A number in words. ValueError outside 0 … LARGEST."""
    if not 0 <= n <= LARGEST:
        raise ValueError(f"a number from 0 to {LARGEST}, not {n}")
    thousands, rest = divmod(n, 1000)
    words: list[Spoken] = []
    if thousands:
        words += [*_below_thousand(thousands), THOUSAND]
    if rest or not thousands:
        words += [AND] if thousands and rest < 100 else []
        words += _below_thousand(rest)
    return say(*words)


def _below_thousand(n: int) -> list[Spoken]:
    hundreds, rest = divmod(n, 100)
    if not hundreds:
        return [Spoken(below_hundred(rest))]
    words = [Spoken(SMALL[hundreds]), HUNDRED]
    return [*words, AND, Spoken(below_hundred(rest))] if rest else words


def year(n: int) -> Spoken:
    """As years are read: in pairs, save the first years of a millennium."""
    century, rest = divmod(n, 100)
    if not 10 <= century <= 99 or (rest < 10 and century % 10 == 0):
        return cardinal(n)
    pair = Spoken(below_hundred(century))
    if rest == 0:
        return say(pair, HUNDRED)
    return say(pair, Spoken(below_hundred(rest) if rest >= 10 else f"oh {SMALL[rest]}"))
