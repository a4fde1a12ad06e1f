"""Rules for hours: the clock in its English forms, and parts of the day.

Each rule looks at one place of a View and gives a Match or None. Which half of the day a bare hour
means is decided later, from opening hours.
"""

from dataclasses import dataclass

from dalpak.language.base import Asked, PartOfDay
from dalpak.language.en.hearing.lexicon import (
    ABOUT,
    AT,
    MERIDIEM,
    PARTS,
    PAST,
    THIS,
    TO,
    Kind,
    Unit,
)
from dalpak.language.en.hearing.normalise import words
from dalpak.language.en.hearing.view import View
from dalpak.language.neutral import Clock, Day, Match, Part, Recipe, Window

_MINUTES_TO = frozenset({5, 10, 15, 20, 25})
"""Minutes that are said before the hour without the word "minutes" ("twenty to six")."""

_NOON, _MIDNIGHT = Clock(12, 0, exact=True), Clock(0, 0, exact=True)
_FIXED = {"noon": _NOON, "midnight": _MIDNIGHT}
_LEADS_TO_PART = words("in at on during for the a early late mid sometime any time later")
_ARTICLE_A = words("a")


@dataclass(frozen=True, slots=True)
class Said:
    """A clock with where it ended, and whether it stands without help."""

    clock: Clock
    end: int
    sure: bool


def clock_at(view: View, n: int, *, forced: bool = False, no_to: bool = False) -> Said | None:
    """The clock that begins at item `n`.

    `forced`: something before it says that an hour must follow. `no_to`: a "to" after the first
    number belongs to somebody else ("between three and ten to five" does not, "from ten to five"
    does).
    """
    start = view.skip(n, AT | ABOUT)
    forced = forced or start > n
    if start > n and view.kind(start) is Kind.UNIT:
        return None
    to_the_hour = None if no_to else _minutes_to(view, start)
    return to_the_hour or _minutes_past(view, start) or _hour_first(view, start, forced)


def _minutes(view: View, n: int) -> tuple[int, int, bool] | None:
    """A count of minutes at `n`: (minutes, end, is it surely minutes)."""
    n = view.skip(n, _ARTICLE_A)
    item = view.at(n)
    if item.key in ("half", "quarter") and item.kind is Kind.WORD:
        return 30 if item.key == "half" else 15, n + 1, True
    if item.kind is not Kind.NUM or not 1 <= item.value < 60:
        return None
    unit = view.at(n + 1)
    if unit.kind is Kind.UNIT and unit.value == Unit.MINUTE:
        return item.value, n + 2, True
    return item.value, n + 1, False


def _hour_number(view: View, n: int) -> tuple[int, int, bool] | None:
    """An hour that minutes refer to: (hour, end, is it exact)."""
    if view.key(n) in _FIXED:
        return _FIXED[view.key(n)].hour, n + 1, True
    item = view.at(n)
    if item.kind is not Kind.NUM or not 1 <= item.value <= 24:
        return None
    end = n + 2 if view.key(n + 1) == "oclock" else n + 1
    return item.value, end, item.value > 12


def _minutes_to(view: View, n: int) -> Said | None:
    """ "A quarter to seven", "ten (minutes) to four"."""
    minutes = _minutes(view, n)
    if minutes is None or view.key(minutes[1]) not in TO or view.at(minutes[1]).boundary:
        return None
    count, j, named = minutes
    hour = _hour_number(view, j + 1)
    if hour is None or count == 30 or not (named or count in _MINUTES_TO):
        return None
    if not named and view.key(j) not in ("to", "till"):
        return None
    value, end, exact = hour
    before = value - 1 if value > 1 else 12 if not exact else 23
    return _with_half(view, Said(Clock(before, 60 - count, exact and before > 12), end, sure=True))


def _minutes_past(view: View, n: int) -> Said | None:
    """ "A quarter past three", "twenty past three", "half three"."""
    minutes = _minutes(view, n)
    if minutes is None:
        return None
    count, j, named = minutes
    british = count == 30 and named and view.key(j) not in PAST
    hour = _hour_number(view, j if british else j + 1)
    if hour is None or view.at(j).boundary or not (british or view.key(j) in PAST):
        return None
    if british and view.kind(j) is not Kind.NUM:
        return None
    value, end, exact = hour
    return _with_half(view, Said(Clock(value % 24, count, exact and value != 12), end, sure=True))


def _hour_first(view: View, n: int, forced: bool) -> Said | None:
    """The hour first: "three", "three thirty", "five oh five", "16:45", "3 pm", "noon"."""
    item = view.at(n)
    if item.key in _FIXED:
        return Said(_FIXED[item.key], n + 1, sure=True)
    if item.kind is Kind.CLOCK:
        hour, minute = item.parts
        return _with_half(view, Said(Clock(hour, minute, not 1 <= hour <= 12), n + 1, sure=True))
    if item.kind is not Kind.NUM:
        return None
    packed = _packed(view, n, forced)
    if packed is not None:
        return packed
    if not 0 <= item.value <= 24:
        return None
    if item.value == 12 and view.key(n + 1) in _FIXED:
        return Said(_FIXED[view.key(n + 1)], n + 2, sure=True)
    exact = not 1 <= item.value <= 12
    if view.key(n + 1) == "oclock":
        return _with_half(view, Said(Clock(item.value % 24, 0, exact), n + 2, sure=True))
    after = _minutes_after_hour(view, n + 1)
    if after is None:
        return _with_half(view, Said(Clock(item.value % 24, 0, exact), n + 1, sure=forced))
    return _with_half(view, Said(Clock(item.value % 24, after[0], exact), after[1], sure=True))


def _minutes_after_hour(view: View, n: int) -> tuple[int, int] | None:
    """ "Thirty", "oh five"; never a number that begins or counts something else."""
    item, after = view.at(n), view.at(n + 1)
    if item.boundary:
        return None
    if item.key in ("oh", "o") or (item.kind is Kind.NUM and item.value == 0):
        digit = after.kind is Kind.NUM and not after.boundary and 1 <= after.value <= 9
        return (after.value, n + 2) if digit else None
    if item.kind is not Kind.NUM or not 10 <= item.value < 60:
        return None
    if after.kind in (Kind.UNIT, Kind.MONTH) or after.key in TO - {"before"} | PAST | {"oclock"}:
        return None
    return item.value, n + 1


def _packed(view: View, n: int, forced: bool) -> Said | None:
    """An hour and minutes as one number: "1530", "330 pm", "fifteen hundred"."""
    item = view.at(n)
    if not 100 <= item.value <= 2359:
        return None
    hour, minute = divmod(item.value, 100)
    sure = forced or _half_after(view, n + 1) is not None
    year = 1900 <= item.value <= 2100
    if hour > 23 or minute > 59 or not (sure or (view.asked_when and not year)):
        return None
    return _with_half(view, Said(Clock(hour, minute, hour > 12 or hour == 0), n + 1, sure))


def _half_after(view: View, n: int) -> tuple[int, int] | None:
    """An "am" or "pm" at `n`, also as two letters: (hours to add, end)."""
    if view.key(n) in MERIDIEM:
        return MERIDIEM[view.key(n)], n + 1
    if view.key(n) in ("a", "p") and view.key(n + 1) == "m":
        return MERIDIEM[view.key(n) + "m"], n + 2
    return None


def _with_half(view: View, said: Said) -> Said:
    """The clock with the "am" or "pm" that follows it."""
    half = _half_after(view, said.end)
    if half is None or view.at(said.end).boundary:
        return said
    hour = said.clock.hour % 12 + half[0]
    return Said(Clock(hour, said.clock.minute, exact=True), half[1], sure=True)


# --- rules -------------------------------------------------------------------------------------


def clock_rule(view: View, n: int) -> Match | None:
    """An hour, weak where only its company can say that it is one."""
    said = clock_at(view, n)
    if said is None:
        return None
    first = view.skip(n, AT | ABOUT)
    bare = said.end == first + 1 and view.kind(first) is Kind.NUM
    if bare and view.names_a_thing(first):
        return None
    if bare and first > n and view.key(n) == "like" and not view.asked_when:
        return None
    parted = view.kind(said.end) is Kind.PART or _part_after(view, said.end)
    if said.sure or parted:
        return Match(said.end, (said.clock,))
    if view.context.asked in (Asked.NAME, Asked.PHONE):
        return None
    if not (view.plain(n - 1) and (view.plain(said.end) or view.asked_when)):
        return None
    return Match(said.end, (said.clock,), weak=True)


def _part_after(view: View, n: int) -> bool:
    """ "... in the morning", "... at night" follows, in one breath."""
    if view.at(n).boundary or view.key(n) not in ("in", "at", "this"):
        return False
    return view.kind(view.skip(n, _LEADS_TO_PART | {THIS})) is Kind.PART


_AFTER_WORK = {
    "work": PartOfDay.EVENING,
    "school": PartOfDay.AFTERNOON,
    "lunch": PartOfDay.AFTERNOON,
}


def part_rule(view: View, n: int) -> Match | None:
    """A part of the day, and today with it in "this evening"."""
    if view.key(n) == "tonight":
        return Match(n + 1, (Day(view.today, Recipe.SOFT_TODAY), Part(PartOfDay.EVENING)))
    if view.key(n) == THIS and view.kind(n + 1) is Kind.PART:
        part = PARTS[view.at(n + 1).value]
        return Match(n + 2, (Day(view.today, Recipe.SOFT_TODAY), Part(part)))
    if view.says(n, "first", "thing"):
        return Match(n + 2, (Part(PartOfDay.MORNING),))
    if view.key(n) in PAST and view.key(n + 1) in _AFTER_WORK:
        return Match(n + 2, (Part(_AFTER_WORK[view.key(n + 1)]),))
    if view.says(n, "before", "lunch"):
        return Match(n + 2, (Part(PartOfDay.MORNING),))
    if view.says(n, "lunch", "time"):
        return Match(n + 2, (Part(PartOfDay.NOON),))
    if view.key(n) in ABOUT and view.key(n + 1) == "noon":
        return Match(n + 2, (Part(PartOfDay.NOON),))
    item = view.at(n)
    return Match(n + 1, (Part(PARTS[item.value]),)) if item.kind is Kind.PART else None


def opened(after: bool, clock: Clock) -> Window:
    """The window that begins, or ends, with this hour."""
    return Window(clock, None) if after else Window(None, clock)
