"""What a simulated caller can do in its turn, and what it remembers of the call. Values only."""

from dataclasses import dataclass, field

from dalpak.simulator.evals.listening import ChangeTold, ReadBack


@dataclass(frozen=True, slots=True)
class Say:
    text: str


@dataclass(frozen=True, slots=True)
class Press:
    keys: str


@dataclass(frozen=True, slots=True)
class Quiet:
    """Says nothing until the front desk speaks again."""


@dataclass(frozen=True, slots=True)
class HangUp:
    pass


Act = Say | Press | Quiet | HangUp


@dataclass(frozen=True, slots=True)
class Consent:
    """A read-back that the caller said yes to."""

    turn: int
    told: ReadBack


@dataclass(slots=True)
class Ledger:
    """What a conversation is graded with, beside the database."""

    turns: int = 0
    consents: list[Consent] = field(default_factory=list)
    changes: list[ChangeTold] = field(default_factory=list)
    """Moves and cancellations that the caller said yes to."""
    waits: int = 0
    """Wishes for the waiting list that the caller said yes to."""
    told: set[str] = field(default_factory=set)
    """Keys of every phrase that was heard."""
    gave_up: bool = False
    booked_after: list[int] = field(default_factory=list)
    """The caller's turns until each confirmation."""
    provoked: int = 0
    """Turns in which the caller said what nobody could make sense of, or keyed half a number."""
