"""The messenger port: one text to one person."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class OutgoingMessage:
    """`idem_key` is the same on every retry; a provider that can deduplicate is given it."""

    idem_key: str
    to: str
    text: str
    kind: str
    repeated: bool = False
    """An earlier attempt was interrupted and may have arrived: reconcile first, never resend blindly."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """`state`: recorded | accepted | failed | unknown (the request may or may not have arrived)."""

    state: str
    provider_id: str | None = None
    reason: str = ""


class Messenger(Protocol):
    name: str

    async def send(self, message: OutgoingMessage) -> Delivery:
        """Raises ProviderError only before anything can have reached the provider."""
        ...
