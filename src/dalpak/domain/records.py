"""The nouns of the business as plain values: what the store keeps and the tools and flows read.

Instants are aware datetimes in UTC. Phone numbers are E.164 (`+9725…`). Ids are opaque strings.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class TenantScope:
    """Whose rows may be touched. Every repository call is made inside one; there is no default."""

    business_id: str


@dataclass(frozen=True, slots=True)
class Business:
    id: str
    name: str
    phone: str
    """The number that callers dial, E.164."""
    timezone: str
    language: str = "he"
    address: str = ""
    owner_phone: str | None = None
    """Where the call's summary goes and where a caller who wants a person is transferred, E.164."""
    prompt: str = ""
    """The business's own words for the agent; policy hints in it are merged by `get_business_policy`."""
    greeting: str = ""
    facts: dict[str, str] = field(default_factory=dict)
    """Answers the agent may give, by topic (`parking`, `payment`, …)."""
    ipa: str | None = None
    """How the name sounds, for the espeak-ng voice."""


@dataclass(frozen=True, slots=True)
class Service:
    id: str
    name: str
    duration_min: int
    price: int | None = None
    """Whole shekels; None when it is not told by phone."""
    aliases: tuple[str, ...] = ()
    buffer_before_min: int = 0
    buffer_after_min: int = 0
    resource_ids: tuple[str, ...] = ()
    """Who can give it; empty means everyone."""
    ipa: str | None = None


@dataclass(frozen=True, slots=True)
class Resource:
    """A member of staff, a chair or a room: what an appointment occupies."""

    id: str
    name: str
    capacity: int = 1
    aliases: tuple[str, ...] = ()
    ipa: str | None = None


@dataclass(frozen=True, slots=True)
class Busy:
    """A live hold or appointment: [start, end) and the [block_start, block_end) with its buffers."""

    appointment_id: str
    resource_id: str
    lane: int
    start: datetime
    end: datetime
    block_start: datetime
    block_end: datetime


class AppointmentStatus(StrEnum):
    HELD = "held"
    BOOKED = "booked"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    DONE = "done"
    NO_SHOW = "no_show"


@dataclass(frozen=True, slots=True)
class Appointment:
    id: str
    business_id: str
    resource_id: str
    service_id: str
    start: datetime
    end: datetime
    status: AppointmentStatus
    lead_id: str | None
    call_id: str | None
    name: str | None
    phone: str | None
    hold_until: datetime | None
    created_at: datetime
    version: int = 1
    more_service_ids: tuple[str, ...] = ()
    """What else is done in the same visit, after `service_id`."""
    updated_at: datetime | None = None
    """When it was last booked, moved or cancelled."""

    @property
    def service_ids(self) -> tuple[str, ...]:
        """Everything that is done in the visit."""
        return (self.service_id, *self.more_service_ids)


@dataclass(frozen=True, slots=True)
class WaitlistEntry:
    """Somebody who would come if a time became free. Who it is, is in the lead."""

    id: str
    lead_id: str
    call_id: str | None
    service_ids: tuple[str, ...]
    resource_id: str | None
    """None: anybody of the staff."""
    first_day: date
    last_day: date
    """The business's calendar days, both included."""
    window: tuple[int, int]
    """[from, to) of starts that suit, in minutes of the business's wall clock."""
    created_at: datetime
    status: str = "waiting"
    """"waiting" | "booked" (an offered time was taken)."""


@dataclass(frozen=True, slots=True)
class Lead:
    id: str
    phone: str | None
    name: str | None
    note: str = ""
    call_id: str | None = None


class CallEnd(StrEnum):
    """Why a call ended. `internal_error` must never be seen (reliability I1)."""

    CALLER = "caller"
    AGENT = "agent"
    MAX_DURATION = "max_duration"
    CARRIER = "carrier"
    TRANSFERRED = "transferred"
    DRAINED = "drained"
    CRASHED = "crashed"
    INTERNAL_ERROR = "internal_error"


@dataclass(frozen=True, slots=True)
class CallRecord:
    """One row of CallLog."""

    id: str
    business_id: str
    transport: str
    """"twilio" | "browser" | "terminal"."""
    external_id: str
    """Twilio's CallSid; unique."""
    account_id: str
    caller: str | None
    called: str | None
    started_at: datetime
    last_seen_at: datetime
    ended_at: datetime | None = None
    end_reason: CallEnd | None = None
    stream_id: str | None = None
    checkpoint: dict[str, object] | None = None
    """The agent's state after the last turn, so that another process can go on."""
    confirmed: tuple[str, ...] = ()
    """Numbers that were keyed, or read back and agreed to, in this call, E.164."""


@dataclass(frozen=True, slots=True)
class TurnRecord:
    """One turn of a call with its latency marks in milliseconds (SPEC H2); None where a mark did not happen."""

    call_id: str
    number: int
    said: str
    """What the caller said or keyed; digits of a phone number are masked."""
    heard: str
    """What the caller really heard of the answer (mark-confirmed)."""
    started_at: datetime
    stt_first_partial_ms: int | None = None
    stt_final_ms: int | None = None
    ai_latency_ms: int | None = None
    tts_ready_ms: int | None = None
    total_ms: int | None = None
    tts_send_lag_ms: int | None = None
    heard_ms: int | None = None
    """When the answer was in the caller's ear, as a mark told it; `total_ms` is when it was sent."""
    interrupted: bool = False


@dataclass(frozen=True, slots=True)
class TraceRecord:
    """One AgentTrace row (SPEC H3): a tool call with the shape of its arguments, never their PII."""

    call_id: str
    turn: int
    tool: str
    args: dict[str, object]
    ok: bool
    reason: str
    latency_ms: int
    at: datetime


@dataclass(frozen=True, slots=True)
class MessageRecord:
    """A message to a customer or to the business, with how its delivery stands."""

    id: str
    business_id: str
    idem_key: str
    channel: str
    """"outbox" | "whatsapp_cloud" | "twilio_whatsapp" | "twilio_sms" | "baileys"."""
    to: str | None
    kind: str
    """A key of `language/<code>/message_templates.py`: "confirmation" | "reminder" …"""
    text: str
    state: str
    """Of its last delivery (`domain/follow_up.py`), or "skipped": nothing was or will be sent."""
    reason: str
    """Why nothing was sent, or the provider's error code; empty when all is well."""
    appointment_id: str | None
    call_id: str | None
    created_at: datetime
    language: str = "he"
    parts: tuple[str, ...] = ()
    """The values of the text's placeholders in order, for providers that send templates."""


@dataclass(frozen=True, slots=True)
class StoredEvent:
    id: str
    type: str
    aggregate_id: str
    at: datetime
