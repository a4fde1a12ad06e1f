"""What the grammar builds out of items: hours, windows, days, stretches of days, picks of an offer.

Values only, with the arithmetic that belongs to them. Which reading of an hour is meant is decided
in resolve.py, what a sentence as a whole means in combine.py.
"""

from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum, auto

from dalpak.language.base import PartOfDay


@dataclass(frozen=True, slots=True)
class Clock:
    """An hour as said. `exact` means that it can be read in one way only (16:45, midnight)."""

    hour: int
    minute: int = 0
    exact: bool = False

    def readings(self, part: PartOfDay | None = None) -> tuple[time, ...]:
        """Every wall time it may be, earliest first; one when it is exact or `part` is known."""
        if self.exact or not 1 <= self.hour <= 12:
            return (time(self.hour % 24, self.minute),)
        half = self.hour % 12
        if part is None:
            return time(half, self.minute), time(half + 12, self.minute)
        return (time(_in_part(half, part), self.minute),)


def _in_part(half: int, part: PartOfDay) -> int:
    """The hour of the day of a clock-face hour (12 is 0 here) in a part of the day."""
    match part:
        case PartOfDay.MORNING:
            return half if half else 12
        case PartOfDay.NOON:
            return half if half in (10, 11) else half + 12
        case PartOfDay.AFTERNOON:
            return half + 12
        case PartOfDay.EVENING:
            return half + 12 if half else 0
        case PartOfDay.NIGHT:
            return half + 12 if half >= 7 else half


@dataclass(frozen=True, slots=True)
class Window:
    """Between two hours; None is an open end."""

    start: Clock | None
    end: Clock | None


@dataclass(frozen=True, slots=True)
class Part:
    part: PartOfDay


class Recipe(StrEnum):
    """How a day was named, so that a week or month said elsewhere in the sentence can refine it."""

    FIXED = auto()
    WEEKDAY = auto()
    DAY_OF_MONTH = auto()
    DAY_AND_MONTH = auto()
    OFFSET = auto()
    """So many days from now."""
    SOFT_TODAY = auto()
    """"This evening": today, unless another day is named."""


@dataclass(frozen=True, slots=True)
class Day:
    """A calendar day. `weekday` counts from Sunday = 0 and is set when the day was named by it."""

    on: date
    recipe: Recipe = Recipe.FIXED
    alternatives: tuple[date, ...] = ()
    weekday: int | None = None
    unsure: bool = False
    """Only the caller can tell."""
    source: bool = False
    """The day of the appointment that exists ("the one of Monday", "from Monday")."""
    target: bool = False
    """Said with "to": where an appointment is moved."""


@dataclass(frozen=True, slots=True)
class Range:
    """A stretch of days, both ends inclusive; None is an open end."""

    first: date | None
    last: date | None
    whole: str = ""
    """"week" or "month" when it can hold a weekday or a day of the month said beside it."""
    within: tuple[int, int] | None = None
    """First and last weekday (Sunday = 0) of a part of a week ("the middle of the week")."""


@dataclass(frozen=True, slots=True)
class Moment:
    """An instant counted from now ("in half an hour"), local to the business."""

    at: datetime


@dataclass(frozen=True, slots=True)
class Pick:
    """One of the offered times: 1-based, -1 the last."""

    index: int


@dataclass(frozen=True, slots=True)
class Impossible:
    """A date that no calendar has (31 November): to be asked again, never bent into another."""


Body = Clock | Window | Part | Day | Range | Moment | Pick | Impossible


@dataclass(frozen=True, slots=True)
class Node:
    """A body over the items [start, end). `weak` needs support from the rest of the sentence."""

    start: int
    end: int
    body: Body
    weak: bool = False


@dataclass(frozen=True, slots=True)
class Match:
    """What a rule found: one or more bodies (this evening = today + evening), and where it ended."""

    end: int
    bodies: tuple[Body, ...]
    weak: bool = False
