"""Words to items: each token gets its meaning from the lexicon, and number words become numbers.

An item is what the rules of times.py and dates.py match on. Nothing here knows today's date.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from dalpak.language.he.hearing.hebrew_calendar import HOLIDAYS
from dalpak.language.he.hearing.lexicon import HUNDREDS, LETTERS, PREFIXES, Kind, Lex, look_up
from dalpak.language.he.hearing.normalise import Token

DIGITS = "d"
"""`Item.form` of a number written in digits."""


@dataclass(frozen=True, slots=True)
class Item:
    """One or more tokens [start, end) with one meaning."""

    kind: Kind
    start: int
    end: int
    value: int = 0
    form: str = ""
    prefix: str = ""
    key: str = ""
    boundary: bool = False
    parts: tuple[int, ...] = ()
    """CLOCK: hour, minute. DMY: day, month, year or 0. SPAN: hour, minute, hour, minute."""

    @property
    def feminine(self) -> bool:
        return "f" in self.form

    @property
    def digits(self) -> bool:
        return self.form == DIGITS

    def has(self, letter: str) -> bool:
        """True if its prefix ends with this letter ("and in" ends with "in"), an article aside."""
        return self.prefix.endswith(letter) or self.prefix.removesuffix("ה").endswith(letter)

    @property
    def joined(self) -> bool:
        """It begins with "and"."""
        return self.prefix.startswith("ו")


def items_of(tokens: Sequence[Token], taken: Collection[int] = ()) -> tuple[Item, ...]:
    """The items of an utterance; tokens in `taken` were read by someone else and are left out."""
    out: list[Item] = []
    n = 0
    while n < len(tokens):
        if n in taken:
            out.append(Item(Kind.TAKEN, n, n + 1, boundary=tokens[n].boundary))
            n += 1
            continue
        item = _holiday(tokens, n) or _number(tokens, n, taken) or _single(tokens, n)
        out.append(item)
        n = item.end
    return tuple(out)


_TEEN_TAIL = "עשר"


def _meaning(tokens: Sequence[Token], n: int) -> tuple[str, Lex] | None:
    """Prefix and lexeme of a word token, whether the prefix is glued or stands apart."""
    token = tokens[n]
    if token.is_digits:
        return None
    found = _prefixed(token)
    if (
        found is not None
        and found[1].kind is Kind.NUM
        and (found[1].value, found[1].form) == (2, "m")
    ):
        # Spelled with one yod it is also "years": a number only as part of "twelve".
        teen = n + 1 < len(tokens) and tokens[n + 1].whole == _TEEN_TAIL
        return found if teen or "יי" in token.raw else None
    return found


def _prefixed(token: Token) -> tuple[str, Lex] | None:
    found = look_up(token.whole) if token.prefix else None
    if found is None:
        found = look_up(token.key)
        if found is not None:
            return token.prefix + found[0], found[1]
    return found


def _single(tokens: Sequence[Token], n: int) -> Item:
    token = tokens[n]
    if token.is_digits:
        return _digits(token, n)
    found = _meaning(tokens, n)
    if found is not None:
        prefix, lex = found
        return Item(lex.kind, n, n + 1, lex.value, lex.form, prefix, token.whole, token.boundary)
    letter = LETTERS.get(token.key)
    if letter is not None and len(token.key) == 1:
        return Item(Kind.LETTER, n, n + 1, letter, "", token.prefix, token.whole, token.boundary)
    return Item(Kind.WORD, n, n + 1, 0, "", token.prefix, token.whole, token.boundary)


# --- holidays -----------------------------------------------------------------------------------

THE_FEAST, THE_FEASTS, HALF_FEAST = -1, -2, -3
"""Values of a HOLIDAY without a name: "the holiday", "the holidays", the days between."""

_NAMELESS = (
    (("חג",), THE_FEAST),
    (("החג",), THE_FEAST),
    (("חגים",), THE_FEASTS),
    (("החגים",), THE_FEASTS),
    (("חול", "המועד"), HALF_FEAST),
)


def _feast_names() -> dict[str, list[tuple[tuple[str, ...], int]]]:
    """Holiday names with their values by first word, the longest first."""
    rows = [(name, value) for value, h in enumerate(HOLIDAYS) for name in h.names]
    names: dict[str, list[tuple[tuple[str, ...], int]]] = {}
    for name, value in sorted((*rows, *_NAMELESS), key=lambda row: -len(row[0])):
        names.setdefault(name[0], []).append((name, value))
    return names


_FEAST_NAMES = _feast_names()


def _holiday(tokens: Sequence[Token], n: int) -> Item | None:
    """The longest holiday name at token `n`, its first word with or without a prefix."""
    token = tokens[n]
    whole = token.whole
    for cut in (0, 1, 2):
        prefix, first = whole[:cut], whole[cut:]
        if cut and prefix not in PREFIXES:
            continue
        for name, value in _FEAST_NAMES.get(first, ()):
            rest = tuple(t.whole for t in tokens[n + 1 : n + len(name)])
            if rest == name[1:] and not (value == THE_FEAST and _other_feast(tokens, n + 1)):
                return Item(
                    Kind.HOLIDAY, n, n + len(name), value, "", prefix, whole, token.boundary
                )
    return None


def _other_feast(tokens: Sequence[Token], n: int) -> bool:
    """ "The feast of ..." something that no table has: another one than the next."""
    if n >= len(tokens) or tokens[n].boundary or tokens[n].is_digits:
        return False
    whole = tokens[n].whole
    return len(whole) > 2 and whole.startswith("ה") and look_up(whole) is None


# --- number words ------------------------------------------------------------------------------


def _number(tokens: Sequence[Token], n: int, taken: Collection[int]) -> Item | None:
    """A cardinal of one or more words from token `n`: 20 and 5, 10+3, 3 hundreds, 2000 and 27."""
    first = _cardinal(tokens, n, taken)
    if first is None:
        return None
    prefix, lex = first
    value, form, end = lex.value, lex.form, n + 1
    value, form, end = _below_hundred(tokens, value, form, end, taken)
    hundreds = _times_hundred(tokens, value, end, taken)
    if hundreds:
        value, end = value * 100, end + 1
    if value >= 100 and value % 100 == 0:
        value, form, end = _rest(tokens, value, form, end, taken)
    token = tokens[n]
    return Item(Kind.NUM, n, end, value, form, prefix, token.whole, token.boundary)


def _cardinal(tokens: Sequence[Token], n: int, taken: Collection[int]) -> tuple[str, Lex] | None:
    if n >= len(tokens) or n in taken:
        return None
    found = _meaning(tokens, n)
    return found if found is not None and found[1].kind is Kind.NUM else None


def _below_hundred(
    tokens: Sequence[Token], value: int, form: str, end: int, taken: Collection[int]
) -> tuple[int, str, int]:
    more = _cardinal(tokens, end, taken)
    if more is None or tokens[end].boundary:
        return value, form, end
    prefix, lex = more
    if 1 <= value <= 9 and lex.value == 10 and not prefix:
        return value + 10, "f" if lex.form == "m" else "m", end + 1
    if 20 <= value <= 90 and prefix == "ו" and 1 <= lex.value <= 9:
        return value + lex.value, lex.form, end + 1
    return value, form, end


def _times_hundred(tokens: Sequence[Token], value: int, end: int, taken: Collection[int]) -> bool:
    return (
        3 <= value <= 9 and end < len(tokens) and end not in taken and tokens[end].whole in HUNDREDS
    )


def _rest(
    tokens: Sequence[Token], value: int, form: str, end: int, taken: Collection[int]
) -> tuple[int, str, int]:
    """What follows a round hundred or thousand: "and fifty", "twenty-seven"."""
    more = _cardinal(tokens, end, taken)
    if more is None or tokens[end].boundary or more[0] not in ("", "ו"):
        return value, form, end
    if not 1 <= more[1].value < 100:
        return value, form, end
    rest, rest_form, rest_end = _below_hundred(tokens, more[1].value, more[1].form, end + 1, taken)
    return value + rest, rest_form, rest_end


# --- digits ------------------------------------------------------------------------------------


def _digits(token: Token, n: int) -> Item:
    """The item of a token that begins with a digit."""

    def item(kind: Kind, value: int = 0, parts: tuple[int, ...] = ()) -> Item:
        return Item(kind, n, n + 1, value, DIGITS, token.prefix, token.whole, token.boundary, parts)

    key = token.key
    if key.isdecimal():
        return item(Kind.NUM, int(key)) if len(key) <= 4 else item(Kind.WORD)
    clock = clock_digits(key)
    if clock is not None:
        return item(Kind.CLOCK, 0, clock)
    for mark in "/.-":
        numbers = _split(key, mark)
        if numbers is None:
            continue
        dmy = _day_month_year(numbers, mark)
        if dmy is not None:
            return item(Kind.DMY, 0, dmy)
        if mark == "." and len(numbers) == 2 and numbers[0] <= 24 and numbers[1] < 60:
            return item(Kind.CLOCK, 0, (numbers[0] % 24, numbers[1]))
    span = _span(key)
    return item(Kind.SPAN, 0, span) if span is not None else item(Kind.WORD)


def clock_digits(key: str) -> tuple[int, int] | None:
    """ "10:30" or "15:23:24" as (hour, minute)."""
    parts = key.split(":")
    if len(parts) not in (2, 3) or not all(p.isdecimal() and len(p) <= 2 for p in parts):
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
        if month > 12 >= day and mark != ".":
            day, month = month, day
    if len(numbers) == 2 and mark == "-":
        return None
    if not (1 <= day <= 31 and 1 <= month <= 12):
        return None
    if 0 < year < 100:
        year += 2000 if year < 70 else 1900
    return day, month, year


def _span(key: str) -> tuple[int, ...] | None:
    ends = key.split("-")
    if len(ends) != 2:
        return None
    out: list[int] = []
    for end in ends:
        clock = (int(end), 0) if end.isdecimal() and len(end) <= 2 else clock_digits(end)
        if clock is None or clock[0] > 31:
            return None
        out.extend(clock)
    return tuple(out)
