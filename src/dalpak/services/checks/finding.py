"""What a check finds and what it is given. No check lives here, and nothing that talks to anybody."""

from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from dalpak.clock import Clock
from dalpak.config import Settings


class State(StrEnum):
    OK = "ok"
    WARNING = "warning"
    """Something works less well than it could; calls are answered."""
    ERROR = "error"
    """What the settings ask for does not work."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the doctor. Neither text ever holds a secret or a caller's data."""

    name: str
    state: State
    found: str
    """What is there, or what is wrong, in plain words."""
    remedy: str = ""
    """The exact setting, command or page that mends it; empty when all is well."""
    took_ms: int | None = None
    """The round trip to the provider, where there was one."""


@dataclass(frozen=True, slots=True)
class Installation:
    """What every check is given."""

    settings: Settings
    clock: Clock
    numbers: Callable[[], Awaitable[Sequence[str]]]
    """The telephone numbers of the businesses, E.164; empty when the database cannot tell."""


Look = Callable[[Installation], Coroutine[Any, Any, Sequence[Finding]]]


@dataclass(frozen=True, slots=True)
class Check:
    """Asked together with all others, each within its own time."""

    name: str
    look: Look
