"""The messenger port: one text to one person, what became of it, and what people write back.

A messenger knows one way to reach a phone and nothing of flows, rows or tenants. Whoever sends has
committed a row as `sending` before; whoever repeats has asked `features` how a repetition is made
safe. Which messenger is next when one refuses is not decided here.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class DeliveryState(StrEnum):
    """How far a message has come. `domain/receipts.py` says which of two tellings counts."""

    RECORDED = "recorded"
    """Kept here to be read; nothing leaves the machine."""
    ACCEPTED = "accepted"
    """The provider has it and promises to try."""
    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    FAILED = "failed"
    """Definitely not, and not by this messenger later either: another one may be tried."""
    UNKNOWN = "unknown"
    """It may or may not have left. Never sent again before somebody was asked."""


class Refusal(StrEnum):
    """Why a messenger definitely did not deliver: the `reason` of a `failed` Delivery or Receipt."""

    NOT_ON_WHATSAPP = "not_on_whatsapp"
    BAD_NUMBER = "bad_number"
    TEMPLATE_REFUSED = "template_refused"
    OUTSIDE_WINDOW = "outside_window"
    OPTED_OUT = "opted_out"
    BLOCKED = "blocked"
    RESTRICTED = "restricted"
    """WhatsApp's error 463: the account may not write to new people. Trying again makes it worse."""
    DAILY_CAP = "daily_cap"
    """Our own limit on new people per day, which keeps the account out of `restricted`."""
    NOT_ALLOWED = "not_allowed"
    """The credentials are wrong, or the account may not do this."""
    UNDELIVERABLE = "undeliverable"
    EXPIRED = "expired"
    REFUSED = "refused"
    """Anything else that is definite; the provider's own code is in `code`."""


REASON_WORDS: dict[str, str] = {
    Refusal.NOT_ON_WHATSAPP: "this number is not on WhatsApp",
    Refusal.BAD_NUMBER: "the provider does not take this number",
    Refusal.TEMPLATE_REFUSED: "the message template is missing, paused or does not fit",
    Refusal.OUTSIDE_WINDOW: "the person has not written in 24 hours and there is no template",
    Refusal.OPTED_OUT: "the person asked for no more messages",
    Refusal.BLOCKED: "the person or the carrier blocks messages from this sender",
    Refusal.RESTRICTED: "WhatsApp does not let this account write to new people (error 463)",
    Refusal.DAILY_CAP: "today's limit of new people was reached",
    Refusal.NOT_ALLOWED: "the provider refused the account or its key",
    Refusal.UNDELIVERABLE: "the provider could not deliver it",
    Refusal.EXPIRED: "it was not delivered in time",
    Refusal.REFUSED: "the provider refused it",
    "timeout": "no answer came; it may have arrived",
    "connection_lost": "the connection broke before the answer; it may have arrived",
    "garbage": "the answer could not be read; it may have arrived",
    "unclear": "the provider failed while it had the message; it may have arrived",
    "unreachable": "the provider could not be reached",
    "rate_limited": "the provider asks us to slow down",
    "provider_down": "the provider has a fault",
    "not_connected": "WhatsApp is not connected (dalpak whatsapp status)",
}
"""Every reason of this port in words for people: of a refusal, of `unknown`, and of ProviderError."""


@dataclass(frozen=True, slots=True)
class Features:
    """What a messenger can do; decides how a repetition is made safe and what may be sent."""

    templates: bool = False
    """A person who has not written in 24 hours gets only words that the provider approved before."""
    deduplicates: bool = False
    """The same `idem_key` twice is one message at the other end: repeating is always safe."""
    can_be_asked: bool = False
    """`lookup` knows the provider's own list. False: only a receipt tells."""
    receipts: bool = False
    """Receipts come later and say more than the answer to `send` did."""
    mobiles_only: bool = True
    """A landline cannot be reached this way."""


@dataclass(frozen=True, slots=True)
class OutgoingMessage:
    """`idem_key` is the same on every retry; a provider that can deduplicate is given it."""

    idem_key: str
    to: str
    """E.164."""
    text: str
    """The whole text as a person reads it; what is sent where free text is allowed."""
    kind: str
    """"confirmation" | "reminder" | … : picks the provider's template, with `language`."""
    repeated: bool = False
    """An earlier attempt was interrupted and may have arrived: reconcile first, never resend blindly."""
    delivery_id: str = ""
    """Id of our row: providers that can, give it back with receipts."""
    language: str = "he"
    values: tuple[str, ...] = ()
    """The template's values in order; empty: the template has one value, the whole text on a line."""
    window_open: bool = False
    """The person wrote to us in the last 24 hours, so that free text is allowed."""
    first_tried_at: datetime | None = None
    """When the first attempt began (aware): where `lookup` begins to search."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """The outcome of one `send`, as a DeliveryState, with the reason when it is failed or unknown."""

    state: str
    provider_id: str | None = None
    reason: str = ""
    """A Refusal when failed; "timeout", "connection_lost", "garbage" or "unclear" when unknown."""
    code: str = ""
    """The provider's own error code, for people who look it up."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a provider tells later about one message. May come twice, late, or in any order."""

    provider: str
    """The messenger's name."""
    provider_id: str
    state: DeliveryState
    delivery_id: str = ""
    """Our row's id where the provider gave it back: finds a row whose provider id we never heard."""
    reason: str = ""
    code: str = ""
    at: datetime | None = None
    """When it happened at the provider."""


@dataclass(frozen=True, slots=True)
class Inbound:
    """What a person wrote to us. `provider_id` makes a repeated telling recognisable."""

    provider: str
    provider_id: str
    sender: str
    """E.164, vouched for by the provider; empty where it tells none."""
    receiver: str
    """Our number that it was written to, E.164: whose message it is."""
    text: str
    at: datetime | None = None
    answers: str = ""
    """The provider's id of the message of ours that is answered, where it tells."""


class Messenger(Protocol):
    """One per process; used and closed on one event loop."""

    @property
    def name(self) -> str: ...

    @property
    def features(self) -> Features: ...

    async def send(self, message: OutgoingMessage, /) -> Delivery:
        """Raises ProviderError only before anything can have reached the provider, or where it said
        that it took nothing; `retryable` says whether waiting helps."""
        ...

    async def lookup(self, message: OutgoingMessage, /) -> Delivery | None:
        """What became of an earlier attempt: its Delivery; None when the provider never had it, so
        that it may be sent again; `unknown` when the provider cannot tell.

        Raises ProviderError when it could not be asked."""
        ...

    async def aclose(self) -> None: ...
