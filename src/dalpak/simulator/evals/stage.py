"""Where a conversation takes place: the front desk as the evals need it, and one call's record.

The real front desk is put together above this layer and handed in; nothing here knows it.
"""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol

from dalpak.domain.records import CallEnd
from dalpak.simulator.evals.goals import Goal


@dataclass(frozen=True, slots=True)
class Row:
    """An appointment that stands in the diary after the call; `start` in the business's zone."""

    start: datetime
    service_id: str
    staff_id: str
    name: str
    phone: str


@dataclass(frozen=True, slots=True)
class Aftermath:
    """The final state, read from the database, and how the call ended."""

    rows: tuple[Row, ...]
    """Booked in this call."""
    note: str
    """What was noted for the business under the caller's number; empty for nothing."""
    end: CallEnd | None
    own: tuple[Row, ...] = ()
    """What stands of the caller's from before the call, by time."""
    waits: tuple[date, ...] = ()
    """First days of what is written down on the waiting list."""


@dataclass(slots=True)
class Reply:
    """What the front desk said since the caller's last act."""

    texts: list[str] = field(default_factory=list)
    over: bool = False


class Exchange(Protocol):
    """One call that is going on."""

    async def greeting(self) -> Reply: ...
    async def say(self, text: str) -> Reply: ...
    async def press(self, keys: str) -> Reply: ...
    async def wait(self) -> Reply:
        """Say nothing until the front desk speaks again."""
        ...

    async def hang_up(self) -> None: ...
    async def aftermath(self, phones: Sequence[str]) -> Aftermath:
        """After the end. `phones` in E.164: under which a note may have been left."""
        ...


class FrontDesk(Protocol):
    def call(self, goal: Goal, seed: int) -> AbstractAsyncContextManager[Exchange]:
        """A call to a salon of its own: its diary, its owner, the moment and the caller's number
        are the goal's."""
        ...
