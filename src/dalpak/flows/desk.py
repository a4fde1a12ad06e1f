"""What a flow is and what it is given: its ports, and the two ways it may fail.

Nothing here decides, sends or stores.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from dalpak.clock import Clock
from dalpak.errors import DalpakError
from dalpak.language.base import Language
from dalpak.ports.engine import FlowContext
from dalpak.ports.messenger import Messenger
from dalpak.ports.store import Store


@dataclass(frozen=True, slots=True)
class Desk:
    """The ports of a running flow. The store belongs to the flow loop, never to the voice loop."""

    store: Store
    messenger: Messenger
    language_of: Callable[[str], Language]
    """By the business's language code."""
    clock: Clock
    summary_to: str
    """"business" | "caller": who reads the summary of a call."""
    links_to: str = ""
    """Origin of links in messages; empty while nobody outside could follow one."""


Payload = Mapping[str, str]
"""Ids only: a flow reads the facts when it runs."""

Flow = Callable[[FlowContext, Desk, Payload], Awaitable[str]]
"""Returns the state of the message it was about; the engine keeps it as the flow's result."""


@dataclass(eq=False)
class Poison(DalpakError):
    """Running it again cannot help: unknown flow, missing row. Goes to the dead letters at once."""

    code: str

    def __str__(self) -> str:
        return self.code


def id_of(payload: Payload, name: str) -> str:
    """One id of the payload. Raises Poison when it is not there: no retry brings it."""
    value = payload.get(name)
    if not isinstance(value, str) or not value:
        raise Poison(f"no_{name}")
    return value


@dataclass(eq=False)
class StepFailed(DalpakError):
    """A step failed. `code` is a provider's code or the name of an exception, never its text."""

    step: str
    code: str
    cause: str
    """"provider" (waiting helps), "fault" (ours; waiting may help) or "poison" (it does not)."""

    def __str__(self) -> str:
        return f"{self.step}: {self.code}"
