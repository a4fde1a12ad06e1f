"""Words to items: each token gets its meaning from the lexicon, and number words become numbers.

An item is what the rules match on. Nothing here knows today's date.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from dalpak.language.en.hearing.holidays import NAMES
from dalpak.language.en.hearing.lexicon import (
    MONTHS,
    NUMBERS,
    ORDINAL_WORDS,
    PART_WORDS,
    RELATIVE,
    UNITS,
    WEEKDAYS,
    Kind,
)
from dalpak.language.en.hearing.normalise import Token

_SUFFIXES = frozenset({"st", "nd", "rd", "th"})


@dataclass(frozen=True, slots=True)
class Item:
    """One or more tokens [start, end) with one meaning."""

    kind: Kind
    start: int
    end: int
    value: int = 0
    key: str = ""
    boundary: bool = False
    digits: bool = False
    parts: tuple[int, ...] = ()
    """CLOCK: hour, minute. DATE: day, month, year or 0. SPAN: hour, minute, hour, minute."""


def items_of(tokens: Sequence[Token], taken: Collection[int] = ()) -> tuple[Item, ...]:
    """The items of an utterance; tokens in `taken` were read by someone else and are left out."""
    out: list[Item] = []
    n = 0
    while n < len(tokens):
        if n in taken:
            out.append(Item(Kind.TAKEN, n, n + 1, boundary=tokens[n].boundary))
        else:
            free = _free_run(tokens, n, taken)
            out.append(_holiday(free, n) or _number(free, n) or _single(free, n))
        n = out[-1].end
    return tuple(out)


def _free_run(tokens: Sequence[Token], n: int, taken: Collection[int]) -> Sequence[Token]:
    """The tokens up to the next one that is taken, so that no item reaches over it."""
    end = next((k for k in range(n, len(tokens)) if k in taken), len(tokens))
    return tokens[:end]


def _holiday(tokens: Sequence[Token], n: int) -> Item | None:
    for name, value in NAMES.get(tokens[n].key, ()):
        if tuple(t.key for t in tokens[n : n + len(name)]) == name:
            end = n + len(name)
            return Item(Kind.HOLIDAY, n, end, value, tokens[n].key, tokens[n].boundary)
    return None


_TABLES: tuple[tuple[Kind, dict[str, int]], ...] = (
    (Kind.WEEKDAY, WEEKDAYS),
    (Kind.MONTH, MONTHS),
    (Kind.UNIT, {word: int(unit) for word, unit in UNITS.items()}),
    (Kind.RELATIVE, RELATIVE),
    (Kind.PART, PART_WORDS),
)


def _single(tokens: Sequence[Token], n: int) -> Item:
    token = tokens[n]
    if token.is_digits:
        return _digits(tokens, n)
    key = token.key
    for kind, table in _TABLES:
        if key in table:
            return Item(kind, n, n + 1, table[key], key, token.boundary)
    if key.endswith("s") and key[:-1] in WEEKDAYS:  # "Sundays", "Sunday's"
        return Item(Kind.WEEKDAY, n, n + 1, WEEKDAYS[key[:-1]], key, token.boundary)
    return Item(Kind.WORD, n, n + 1, 0, key, token.boundary)


# --- number words ------------------------------------------------------------------------------


def _number(tokens: Sequence[Token], n: int) -> Item | None:
    """A cardinal or an ordinal of one or more words from token `n`."""
    if tokens[n].is_digits:
        return None
    token = tokens[n]
    small = _below_hundred(tokens, n)
    if small is None:
        return None
    value, end, ordinal = small
    if not ordinal:
        value, end = _times(tokens, value, end, "hundred", 100)
        value, end = _times(tokens, value, end, "thousand", 1000)
    kind = Kind.ORD if ordinal else Kind.NUM
    return Item(kind, n, end, value, token.key, token.boundary)


def _below_hundred(tokens: Sequence[Token], n: int) -> tuple[int, int, bool] | None:
    """(value, end, is it an ordinal) of one or two words."""
    key = tokens[n].key
    if key in ORDINAL_WORDS:
        return ORDINAL_WORDS[key], n + 1, True
    if key not in NUMBERS:
        return None
    value = NUMBERS[key]
    if value >= 20 and n + 1 < len(tokens) and not tokens[n + 1].boundary:
        after = tokens[n + 1].key
        if 1 <= NUMBERS.get(after, 0) <= 9:
            return value + NUMBERS[after], n + 2, False
        if value <= 30 and 1 <= ORDINAL_WORDS.get(after, 0) <= 9:
            return value + ORDINAL_WORDS[after], n + 2, True
    return value, n + 1, False


def _times(
    tokens: Sequence[Token], value: int, end: int, word: str, factor: int
) -> tuple[int, int]:
    """The value times a hundred or a thousand where that word follows, with what is added to it."""
    if end >= len(tokens) or tokens[end].key != word or not 1 <= value <= 99:
        return value, end
    value, end = value * factor, end + 1
    more = end + 1 if end < len(tokens) and tokens[end].key == "and" else end
    rest = _below_hundred(tokens, more) if more < len(tokens) else None
    if rest is None or rest[2] or rest[0] == 0 or tokens[more].boundary:
        return value, end
    return value + rest[0], rest[1]


# --- digits ------------------------------------------------------------------------------------


def _digits(tokens: Sequence[Token], n: int) -> Item:
    """The item of a token that begins with a digit."""
    token = tokens[n]
    key = token.key

    def item(kind: Kind, value: int = 0, parts: tuple[int, ...] = (), end: int = n + 1) -> Item:
        return Item(kind, n, end, value, key, token.boundary, True, parts)

    if key.isdecimal():
        if len(key) > 4:
            return item(Kind.WORD)
        suffixed = n + 1 < len(tokens) and tokens[n + 1].key in _SUFFIXES
        if suffixed and 1 <= int(key) <= 31:
            return item(Kind.ORD, int(key), end=n + 2)
        return item(Kind.NUM, int(key))
    clock = clock_digits(key, ":")
    if clock is not None:
        return item(Kind.CLOCK, 0, clock)
    for mark in "/.-":
        numbers = _split(key, mark)
        written = None if numbers is None else _day_month_year(numbers, mark)
        if written is not None:
            return item(Kind.DATE, 0, written)
    clock = clock_digits(key, ".")
    if clock is not None:
        return item(Kind.CLOCK, 0, clock)
    span = _span(key)
    return item(Kind.SPAN, 0, span) if span is not None else item(Kind.WORD)


def clock_digits(key: str, mark: str) -> tuple[int, int] | None:
    """ "10:30" as (hour, minute)."""
    parts = key.split(mark)
    if len(parts) != 2 or not all(p.isdecimal() and len(p) <= 2 for p in parts):
        return None
    hour, minute = int(parts[0]), int(parts[1])
    return (hour % 24, minute) if hour <= 24 and minute < 60 else None


def _split(key: str, mark: str) -> list[int] | None:
    pieces = key.split(mark)
    if len(pieces) not in (2, 3) or not all(p.isdecimal() and len(p) <= 4 for p in pieces):
        return None
    return [int(p) for p in pieces]


def _day_month_year(numbers: list[int], mark: str) -> tuple[int, ...] | None:
    """Day, month, year (0 when unsaid); a month first only where no other reading exists."""
    if len(numbers) == 3 and numbers[0] > 31:
        year, month, day = numbers
    else:
        day, month = numbers[:2]
        year = numbers[2] if len(numbers) == 3 else 0
        if month > 12 >= day and mark == "/":
            day, month = month, day
    if len(numbers) == 2 and mark == "-":
        return None
    if not (1 <= day <= 31 and 1 <= month <= 12):
        return None
    if 0 < year < 100:
        year += 2000
    return day, month, year


def _span(key: str) -> tuple[int, ...] | None:
    ends = key.split("-")
    if len(ends) != 2:
        return None
    out: list[int] = []
    for end in ends:
        clock = (int(end), 0) if end.isdecimal() and len(end) <= 2 else clock_digits(end, ":")
        if clock is None or clock[0] > 31:
            return None
        out.extend(clock)
    return tuple(out)
