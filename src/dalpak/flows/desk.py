"""What a flow is and what it is given: its ports, and the ways it may fail or wait.

Nothing here decides, sends or stores.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from dalpak.clock import Clock
from dalpak.errors import DalpakError
from dalpak.language.base import Language
from dalpak.ports.engine import FlowContext
from dalpak.ports.messenger import Messenger
from dalpak.ports.store import Store
from dalpak.ports.summarizer import Summarizer
from dalpak.tools.policy import PolicyCache


@dataclass(frozen=True, slots=True)
class DeliveryLimits:
    """How an interrupted send is cleared up, by what its messenger can do. Only tests change them."""

    ask_after: timedelta = timedelta(seconds=10)
    """A request that timed out may still be arriving: the provider's list is asked after this."""
    receipt_wait: timedelta = timedelta(seconds=60)
    """Who cannot be asked tells by receipts, within seconds; then the one repetition is made."""
    blind_attempts: int = 2
    """Attempts where nothing ever told what became of one: the first and one repetition."""


@dataclass(frozen=True, slots=True)
class Desk:
    """The ports of a running flow. The store belongs to the flow loop, never to the voice loop."""

    store: Store
    messengers: Mapping[str, Messenger]
    """By name; the first is the installation's own choice."""
    language_of: Callable[[str], Language]
    """By the business's language code."""
    clock: Clock
    summary_to: str
    """"business" | "caller" | "nobody": who reads the summary of a call, where the business has not
    said."""
    links_to: str = ""
    """Origin of links in messages; empty while nobody outside could follow one."""
    summarizer: Summarizer | None = None
    """None: a summary has the recorded facts and no more."""
    limits: DeliveryLimits = DeliveryLimits()
    policies: PolicyCache = field(default_factory=PolicyCache)


Payload = Mapping[str, str]
"""Ids and instants only: a flow reads the facts when it runs."""

Flow = Callable[[FlowContext, Desk, Payload], Awaitable[str]]
"""Returns the state of the message it was about; the engine keeps it as the flow's result."""


@dataclass(eq=False)
class Poison(DalpakError):
    """Running it again cannot help: unknown flow, missing row. Goes to the dead letters at once."""

    code: str

    def __str__(self) -> str:
        return self.code


@dataclass(eq=False)
class Postponed(DalpakError):
    """Not a failure: the flow goes on at `until`, and holds nothing meanwhile."""

    until: datetime
    code: str

    def __str__(self) -> str:
        return f"{self.code} until {self.until.isoformat()}"


def id_of(payload: Payload, name: str) -> str:
    """One value of the payload. Raises Poison when it is not there: no retry brings it."""
    value = payload.get(name)
    if not isinstance(value, str) or not value:
        raise Poison(f"no_{name}")
    return value


def instant_of(payload: Payload, name: str) -> datetime:
    """One instant of the payload, aware. Raises Poison for anything else."""
    try:
        found = datetime.fromisoformat(id_of(payload, name))
    except ValueError:
        raise Poison(f"bad_{name}") from None
    if found.tzinfo is None:
        raise Poison(f"bad_{name}")
    return found


@dataclass(eq=False)
class StepFailed(DalpakError):
    """A step failed. `code` is a provider's code or the name of an exception, never its text."""

    step: str
    code: str
    cause: str
    """"provider" (waiting helps), "fault" (ours; waiting may help) or "poison" (it does not)."""
    retry_after_s: float = 0.0
    """Before this the provider wants no other try."""

    def __str__(self) -> str:
        return f"{self.step}: {self.code}"
