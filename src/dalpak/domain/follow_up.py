"""What follows a booking, as plain values: deliveries, what people wrote back, consent, offers.

The message itself is in `records.py`, which of two tellings counts in `receipts.py`. Instants are
aware datetimes in UTC, phone numbers E.164.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class DeliveryRecord:
    """One message by one messenger. A message has another one only after the first definitely
    failed."""

    id: str
    business_id: str
    message_id: str
    channel: str
    """The messenger's name."""
    idem_key: str
    """The same on every attempt of this delivery."""
    state: str
    """A DeliveryState of `ports/messenger.py`, or "sending": committed before the request."""
    reason: str
    """A reason of `ports/messenger.py:REASON_WORDS`; empty when all is well."""
    code: str
    """The provider's own error code."""
    provider_id: str | None
    attempts: int
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class InboundRecord:
    """What a person wrote to the business. `provider_id` makes a repeated telling recognisable."""

    id: str
    business_id: str
    channel: str
    provider_id: str
    sender: str
    text: str
    received_at: datetime
    answers: str = ""
    """The provider's id of our message that is answered, where it tells."""
    meaning: str = ""
    """What was understood ("stop", "cancel", "yes" …); empty for a free reply."""
    outcome: str = ""
    """What was done about it ("opted_out", "asked_cancel", "told_business" …)."""
    subject_id: str | None = None
    """The appointment or offer that it was about."""
    handled_at: datetime | None = None


class ConsentAnswer(StrEnum):
    """What a person said about being written to. The last answer counts."""

    GRANTED = "granted"
    DECLINED = "declined"
    OPTED_OUT = "opted_out"
    """By an answer to a message (STOP), which no later silence undoes."""


@dataclass(frozen=True, slots=True)
class ConsentRecord:
    """One answer, kept for ever: who, when, by which call or message, and to which words."""

    phone: str
    answer: ConsentAnswer
    source: str
    """"call" | "inbound" | "admin"."""
    call_id: str | None
    wording: str
    at: datetime


class OfferStatus(StrEnum):
    OPEN = "open"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class SlotOffer:
    """A freed time, held for somebody who waits. The hold is the appointment row; its holder is
    `id`."""

    id: str
    entry_id: str
    lead_id: str
    appointment_id: str
    phone: str
    resource_id: str
    start: datetime
    status: OfferStatus
    expires_at: datetime
    created_at: datetime


@dataclass(frozen=True, slots=True)
class MessagingRow:
    """A business's rules of writing as saved: raw JSON (`domain/messaging.py`), and its version."""

    raw: dict[str, object]
    version: int


@dataclass(frozen=True, slots=True)
class TemplateRow:
    """A text that the business wrote in place of the built-in one."""

    language: str
    kind: str
    text: str
    updated_at: datetime
