"""Telephone numbers as callers say and type them, and the Israeli numbering plan they must fit.

Spoken digits come one by one, in pairs and in hundreds; where a row can be read in two ways, the
reading that fits the plan wins. A number that fits none is still given back, marked invalid.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from dalpak.language.he.hearing.lexicon import HUNDREDS, Kind, look_up
from dalpak.language.he.hearing.normalise import Token, keys_of
from dalpak.language.he.hearing.phrases import PhraseBook

MAX_READINGS = 64
"""Readings of one row of words that are weighed."""

_LONGEST = 15
"""Digits of the longest number of any country (E.164)."""

_MIN_ASKED, _MIN_UNASKED = 3, 9

# Assigned ranges after the leading 0, from libphonenumber's metadata for Israel. Two-digit keys
# have a rest of 7 digits, of which the given first ones are assigned.
_MOBILE: dict[str, str] = {
    "50": "023456789",
    "51": "023456789",
    "52": "023456789",
    "53": "0123456789",
    "54": "23456789",
    "56": "0123456789",
    "58": "34567",
    "59": "23456789",
}
_MOBILE_55 = frozenset(
    "01 20 21 22 23 24 25 26 27 28 29 30 31 32 33 43 44 45 50 51 52 55 56 58 59 66 67 68 70 71 72 76 77"
    " 87 88 89 91 92 93 94 95 96 97 98 99".split()
)
_MOBILE_55_LONG = frozenset(
    "400 401 402 403 404 410 460 461 465 466 467 468 469"
    " 570 571 572 578 579 800 801 802 860 861 862".split()
)
_VOIP = frozenset(
    "18 22 23 32 33 37 47 62 65 68 70 71 72 73 74 75 76 77 78 79 82 92 93 94 95 96 97 98 99".split()
)
_VOIP_LONG = frozenset(
    ["2800", "2801"]
    + [f"{p}{d}" for p in ("380", "385") for d in "0123456789"]
    + [f"388{d}" for d in "012358"]
    + [f"{p}{d}" for p in ("833", "855", "877", "881") for d in "0123456789"]
)


def is_valid(number: str) -> bool:
    """True for an assigned Israeli number: national digits with the leading 0."""
    if not number.startswith("0") or not number.isdecimal():
        return False
    rest = number[1:]
    if rest[:1] == "5" and len(rest) == 9:
        if rest[:2] == "55":
            return rest[2:4] in _MOBILE_55 or rest[2:5] in _MOBILE_55_LONG
        return rest[2] in _MOBILE.get(rest[:2], "")
    if rest[:1] == "7" and len(rest) == 9:
        return rest[1:3] in _VOIP or rest[1:5] in _VOIP_LONG
    if len(rest) != 8:
        return False
    if rest[0] == "2":
        return rest[1] != "9" or rest[2] != "0"
    return rest[0] in "3489"


def fits_plan(number: str) -> bool:
    """True for the right length and beginning, assigned or not."""
    if number.startswith(("05", "07")):
        return len(number) == 10
    return len(number) == 9 and number[:1] == "0" and number[1:2] in "23489"


def national(digits: str) -> str:
    """The number with its leading 0 instead of the country code."""
    if digits.startswith("00972"):
        digits = "972" + digits[5:]
    digits = digits.removeprefix("+")
    if digits.startswith("972") and len(digits) >= 11:
        digits = digits[3:]
        return digits if digits.startswith("0") else "0" + digits
    without_zero = len(digits) == 9 and digits[0] in "57"
    return "0" + digits if without_zero and is_valid("0" + digits) else digits


@dataclass(frozen=True, slots=True)
class Heard:
    """A number with the tokens it took."""

    number: str
    valid: bool
    taken: frozenset[int]


_TWICE = frozenset({"פעמיים", "כפול", "דאבל", "דבל"})
_TIMES = frozenset({"פעמים"})
"""Compared unfolded: only the second yod parts "twice" from "times"."""

_IGNORED = frozenset(keys_of("מקף ואז ועוד רווח קידומת ו"))
_PLUS = frozenset(keys_of("פלוס"))
_AT = "ב"
"""A number with this before it is a day or an hour."""

_HOUR = frozenset(keys_of("בשעה לשעה השעה"))
_CORRECTS = frozenset(keys_of("סליחה טעות טעיתי לא בעצם תיקון אופס"))
_RESTART = _CORRECTS | frozenset(keys_of("רגע שנייה שניה"))

_MANY: dict[str, str] = {
    key: digit
    for digit, words in {
        "0": "אפסים",
        "1": "אחדים אחדות",
        "2": "שתיימים",
        "3": "שלישיות שלושות",
        "4": "רביעיות ארבעות",
        "5": "חמישיות חמשות",
        "6": "שישיות ששיות",
        "7": "שביעיות שבעות",
        "8": "שמיניות שמונות",
        "9": "תשיעיות תשעות",
    }.items()
    for key in keys_of(words)
}
"""A digit as a thing that there are several of: "three noughts"."""
_COUNTS = {key: n for n, key in enumerate(keys_of("שתי שלוש ארבע"), start=2)} | {
    key: n for n, key in enumerate(keys_of("שני שלושה ארבעה"), start=2)
}


def read_phone(tokens: Sequence[Token], *, asked: bool) -> Heard | None:
    """The number that the utterance holds. `asked`: the question was for one, so a part will do."""
    runs = _runs(tokens)
    readings = [(start, end, _best(options)) for start, end, options in runs]
    least = _MIN_ASKED if asked else _MIN_UNASKED
    readings = [r for r in readings if r[2] and (asked or len(r[2]) >= least)]
    if not readings:
        return None
    number = _last_said(tokens, [(s, e, n) for s, e, n in readings])
    if len(number) < least or len(number) > _LONGEST or (not asked and not fits_plan(number)):
        return None
    taken = frozenset(n for start, end, _ in readings for n in range(start, end))
    return Heard(number, is_valid(number), taken)


def _last_said(tokens: Sequence[Token], runs: list[tuple[int, int, str]]) -> str:
    """The number after corrections: said anew, or only its end said anew."""
    number = runs[0][2]
    for before, run in pairwise(runs):
        between = {t.whole for t in tokens[before[1] : run[0]]}
        if not between & _RESTART:
            joined = national(number + run[2])
            number = joined if not fits_plan(number) else number
        elif fits_plan(number) and not run[2].startswith("0") and len(run[2]) < len(number):
            number = number[: -len(run[2])] + run[2]
        else:
            number = _mended(number, run[2], hesitates=not between & _CORRECTS)
    return number


def _mended(number: str, again: str, *, hesitates: bool) -> str:
    """A number broken off and gone on with; after a correction its last digits are said anew."""
    if fits_plan(again):
        return again
    for lost in range(0 if hesitates else 1, len(number)):
        whole = number[: len(number) - lost] + again
        if fits_plan(whole):
            return whole
    return again


def _best(options: list[str]) -> str:
    """The reading that is a valid number, else one that fits the plan, else the first."""
    numbers = [national(o) for o in options]
    for test in (is_valid, fits_plan):
        for number in numbers:
            if test(number):
                return number
    return numbers[0] if numbers else ""


def _runs(tokens: Sequence[Token]) -> list[tuple[int, int, list[str]]]:
    """Unbroken rows of number words: (start, end, readings of the row, the most usual first)."""
    out: list[tuple[int, int, list[str]]] = []
    n = 0
    while n < len(tokens):
        options, end, start = [(0, "")], n, n
        while end < len(tokens):
            step = _step(tokens, end)
            if step is None:
                break
            pieces, end = step
            # The less usual reading of one word counts against the reading of the whole row.
            weighed = [(odd + k, o + p) for odd, o in options for k, p in enumerate(pieces)]
            options = sorted(weighed, key=lambda row: row[0])[:MAX_READINGS]
        hour = start > 0 and tokens[start - 1].whole in _HOUR
        if end > start and options[0][1] and not hour:
            out.append((start, end, [digits for _, digits in options]))
        n = max(end, n + 1)
    return out


def _value(tokens: Sequence[Token], n: int) -> tuple[int, str, str] | None:
    """The number of one word, its prefix and its gender, if digits are said with such a word."""
    if n >= len(tokens) or tokens[n].is_digits:
        return None
    found = look_up(tokens[n].whole)
    if found is None or found[1].kind is not Kind.NUM or found[0] not in ("", "ו"):
        return None
    return found[1].value, found[0], found[1].form


def _step(tokens: Sequence[Token], n: int) -> tuple[list[str], int] | None:
    """The digits that the word at `n` (with those it governs) stands for, and where they end."""
    token = tokens[n]
    if token.is_digits and token.prefix.endswith(_AT):
        return None
    if token.is_digits:
        digits = "".join(c for c in token.key if c.isdecimal() or c == "+")
        other = any(not (c.isdecimal() or c in "+-.") for c in token.key)
        return None if other else _doubled(tokens, n + 1, [digits])
    if token.whole in _PLUS:
        return ["+"], n + 1
    if token.whole in _IGNORED:
        return [""], n + 1
    if token.raw in _TWICE:
        step = _spoken(tokens, n + 1)
        return None if step is None else ([p + p for p in step[0]], step[1])
    if token.whole in _COUNTS and n + 1 < len(tokens) and tokens[n + 1].whole in _MANY:
        return [_MANY[tokens[n + 1].whole] * _COUNTS[token.whole]], n + 2
    value = _value(tokens, n)
    if value is not None and n + 2 < len(tokens) and tokens[n + 1].raw in _TIMES:
        repeated = _spoken(tokens, n + 2)
        if repeated is not None and 2 <= value[0] <= 9:
            return [p * value[0] for p in repeated[0]], repeated[1]
    step = _spoken(tokens, n)
    return None if step is None else _doubled(tokens, step[1], step[0])


def _doubled(tokens: Sequence[Token], n: int, pieces: list[str]) -> tuple[list[str], int]:
    """ "Five twice": the last digit again, unless "twice" belongs to the number after it."""
    if n < len(tokens) and tokens[n].raw in _TWICE and _value(tokens, n + 1) is None:
        return [p + p[-1:] for p in pieces], n + 1
    return pieces, n


def _spoken(tokens: Sequence[Token], n: int) -> tuple[list[str], int] | None:
    """Digits of one spoken number: "four" 4, "forty-five" 45, "three hundred twenty" 320."""
    if n < len(tokens) and tokens[n].is_digits and tokens[n].key.isdecimal():
        return [tokens[n].key], n + 1
    first = _value(tokens, n)
    if first is None:
        return None
    value, _, gender = first
    if 2 <= value <= 9 and n + 1 < len(tokens) and tokens[n + 1].whole in HUNDREDS:
        return _hundreds(tokens, n + 2, value)
    if value in (100, 200):
        return _hundreds(tokens, n + 1, value // 100)
    if value in (1000, 2000):
        return _thousands(tokens, n + 1, value)
    if value >= 100:
        return None
    return _tens(tokens, n, value, gender)


def _thousands(tokens: Sequence[Token], n: int, thousands: int) -> tuple[list[str], int]:
    """ "A thousand two hundred thirty-four": the last four digits in one number."""
    rest = _spoken(tokens, n)
    below = [int(p) for p in rest[0] if len(p) <= 3] if rest is not None else []
    if rest is None or not below:
        return [f"{thousands}"], n
    return [f"{thousands + p}" for p in below], rest[1]


def _tens(tokens: Sequence[Token], n: int, value: int, gender: str) -> tuple[list[str], int]:
    """Digits of a number below a hundred, the usual reading first."""
    after = _value(tokens, n + 1)
    if after is None:
        return [str(value)], n + 1
    if 1 <= value <= 9 and _is_ten(after):
        # "One ten" is eleven, or the end of one pair and the next. Digits are said in the feminine,
        # and in a feminine eleven to nineteen the ten is not the feminine "ten".
        teen, apart = str(value + 10), f"{value}10"
        two_numbers = after[2] == "f" and "f" in gender
        return [apart, teen] if two_numbers else [teen, apart], n + 2
    if 20 <= value <= 90 and 1 <= after[0] <= 9:
        joined = str(value + after[0])
        if after[1] == "ו":
            return [joined], n + 2
        of_hundreds = n + 2 < len(tokens) and tokens[n + 2].whole in HUNDREDS
        if _is_ten(_value(tokens, n + 2)) or of_hundreds:
            return [str(value)], n + 1  # the unit begins a number of its own: "forty eleven"
        return [str(value) + str(after[0]), joined], n + 2
    return [str(value)], n + 1


def _is_ten(value: tuple[int, str, str] | None) -> bool:
    return value is not None and value[:2] == (10, "")


def _hundreds(tokens: Sequence[Token], n: int, hundreds: int) -> tuple[list[str], int]:
    """ "Three hundred" with what belongs to it; said apart, the rest may also be its own digits."""
    rest = _value(tokens, n)
    if rest is None or not 1 <= rest[0] < 100:
        return [f"{hundreds}00"], n
    pieces, end = _tens(tokens, n, rest[0], rest[2])
    closed = [f"{hundreds}{int(p):02d}" for p in pieces if len(p) <= 2]
    apart = [f"{hundreds}00{p}" for p in pieces]
    return (closed if rest[1] == "ו" else closed + apart), end


_OWN: PhraseBook[bool] = PhraseBook(
    (
        (
            True,
            """שאני מתקשר ממנו|שאני מתקשרת ממנו|שממנו אני מתקשר|שממנו אני מתקשרת|שממנו התקשרתי|
            שהתקשרתי ממנו|שאני מדבר ממנו|שאני מדברת ממנו|שממנו אני מדבר|שממנו אני מדברת|
            שאני מצלצל ממנו|שאני מצלצלת ממנו|שחייגתי ממנו|שממנו חייגתי|ממנו אני מתקשר|
            ממנו אני מתקשרת|המספר הזה|למספר הזה|מהמספר הזה|במספר הזה|הטלפון הזה|לטלפון הזה|
            מהטלפון הזה|בטלפון הזה|הנייד הזה|לנייד הזה|מהנייד הזה|אותו מספר|אותו המספר|לאותו מספר|
            לאותו המספר|אותו טלפון|אותו הטלפון|שמופיע לך|שמופיע לכם|שמופיע אצלך|שמופיע אצלכם|
            שמופיע על הצג|שמופיע על המסך|המספר שמופיע|מה שמופיע|שרואים אצלך|שאתה רואה|
            שאת רואה|זה שמופיע|לזה שאני מתקשר|המספר שאני מתקשר|הטלפון שאני מתקשר|
            ממנו אני מדבר|ממנו אני מדברת|שעל הצג|לפלאפון הזה|הפלאפון הזה|בפלאפון הזה|
            על הצג|המספר שיש לכם|המספר שיש לך|המספר שרשום אצלכם|המספר שרשום אצלך|
            המספר שהתקשרתי|הטלפון ממנו התקשרתי|המספר ממנו התקשרתי|המספר הנוכחי|המספר של השיחה|
            למספר שאני מתקשר|לטלפון שאני מתקשר|זה המספר שלי|זה המספר|מהמספר שאני מתקשר""",
        ),
    )
)


def wants_own_number(tokens: Sequence[Token]) -> bool:
    """ "The number I am calling from"."""
    return bool(_OWN.find(tokens))
