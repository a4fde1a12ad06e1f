"""The store port: what use cases and flows may ask of the database.

`Store.reading` and `Store.writing` open one short transaction inside a tenant's scope. A writing transaction
on SQLite goes through one gate per process and BEGIN IMMEDIATE. Nothing here commits by itself: leaving the
`async with` without an exception commits, an exception rolls everything back, events included.
"""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from dalpak.domain.events import Event
from dalpak.domain.follow_up import DeliveryRecord
from dalpak.domain.records import (
    Appointment,
    Business,
    Busy,
    CallEnd,
    CallRecord,
    Lead,
    MessageRecord,
    Resource,
    Service,
    StoredEvent,
    TenantScope,
    TraceRecord,
    TurnRecord,
    WaitlistEntry,
)
from dalpak.ports.follow_up import FollowUpReading, FollowUpWriting


@dataclass(frozen=True, slots=True)
class PolicyRow:
    """The business's policy as saved: raw JSON in the vocabulary of SPEC C, and its version."""

    raw: dict[str, object]
    version: int


@dataclass(frozen=True, slots=True)
class Claim:
    """A request to occupy a lane of a resource; block_* include the buffers."""

    resource_id: str
    service_id: str
    start: datetime
    end: datetime
    block_start: datetime
    block_end: datetime
    holder: str
    """The call that holds; only the holder confirms."""
    idem_key: str
    hold_until: datetime
    call_id: str | None
    more_service_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Move:
    """Where an appointment shall go; block_* include the buffers."""

    resource_id: str
    start: datetime
    end: datetime
    block_start: datetime
    block_end: datetime


@dataclass(frozen=True, slots=True)
class SlotTaken:
    """Somebody else has it. An expected outcome, so a value."""


@dataclass(frozen=True, slots=True)
class NotBooked:
    """There is no such booking, or it was cancelled: nothing to move. Expected, so a value."""


@dataclass(frozen=True, slots=True)
class Claimed:
    appointment: Appointment
    repeated: bool
    """True when `idem_key` was already there and nothing new was written."""


class Reading(FollowUpReading, Protocol):
    """Questions, all inside the scope given to `Store.reading`."""

    @property
    def scope(self) -> TenantScope: ...

    async def business(self) -> Business: ...
    async def policy(self) -> PolicyRow: ...
    async def services(self) -> Sequence[Service]: ...
    async def resources(self) -> Sequence[Resource]: ...
    async def busy(self, start: datetime, end: datetime, now: datetime) -> Sequence[Busy]:
        """Live holds (hold_until > now) and bookings whose block overlaps [start, end), every resource."""
        ...

    async def appointment(self, appointment_id: str) -> Appointment | None: ...
    async def appointments(
        self,
        *,
        start: datetime | None = None,
        end: datetime | None = None,
        phone: str | None = None,
        phone_ending: str | None = None,
        resource_id: str | None = None,
        call_id: str | None = None,
    ) -> Sequence[Appointment]:
        """Booked ones, by start; all conditions must hold. `phone_ending` are last digits."""
        ...

    async def waitlist(self, *, lead_id: str | None = None) -> Sequence[WaitlistEntry]:
        """Those who wait, the longest first."""
        ...

    async def lead(self, lead_id: str) -> Lead | None: ...
    async def call(self, call_id: str) -> CallRecord | None: ...
    async def calls(self, limit: int = 50) -> Sequence[CallRecord]:
        """Newest first."""
        ...

    async def turns(self, call_id: str) -> Sequence[TurnRecord]: ...
    async def traces(self, call_id: str) -> Sequence[TraceRecord]: ...
    async def messages(
        self,
        *,
        appointment_id: str | None = None,
        call_id: str | None = None,
        limit: int = 200,
    ) -> Sequence[MessageRecord]: ...
    async def events(self, aggregate_id: str) -> Sequence[StoredEvent]: ...
    async def known_calendar_token(self, subject: str) -> str | None: ...


class Writing(Reading, FollowUpWriting, Protocol):
    """Changes. All of one `async with` happen or none does."""

    async def lock_resources(self, resource_ids: Sequence[str]) -> None:
        """Serialise claims: bump `version` of each, in sorted order. Do this before reading `busy` to decide."""
        ...

    async def claim(self, claim: Claim, now: datetime) -> Claimed | SlotTaken:
        """Expire stale holds in range, take the lowest free lane, insert as `held`; a DB constraint backs it up."""
        ...

    async def confirm(
        self,
        appointment_id: str,
        *,
        holder: str,
        lead_id: str,
        name: str | None,
        phone: str | None,
        now: datetime,
    ) -> Appointment | SlotTaken:
        """held -> booked, only by its holder and only before `hold_until`. Repeating it returns the same row."""
        ...

    async def release(self, appointment_id: str, *, holder: str) -> bool:
        """held -> expired, only by its holder. True if something was freed."""
        ...

    async def reschedule(
        self, appointment_id: str, to: Move, *, now: datetime
    ) -> Appointment | SlotTaken | NotBooked:
        """Move a booking in place: one statement frees the old time and takes the new one.

        Its own old time never stands in its way. Repeating it changes nothing and gives the row.
        Publishes `slot.freed` for the time it left.
        """
        ...

    async def cancel(self, appointment_id: str, *, now: datetime) -> bool:
        """booked -> cancelled, and `slot.freed` published. True if this call did it."""
        ...

    async def join_waitlist(self, entry: WaitlistEntry) -> WaitlistEntry:
        """Insert, or return the row of this lead that asks for the same."""
        ...

    async def find_or_create_lead(
        self, *, phone: str | None, name: str | None, call_id: str | None, now: datetime
    ) -> Lead:
        """By phone within the business; a newly heard name replaces an empty one."""
        ...

    async def note_lead(self, lead_id: str, note: str) -> None: ...

    async def publish(self, event: Event) -> bool:
        """Write the event row and hand it to the flow engine in this transaction. False if its id is known."""
        ...

    async def open_call(self, call: CallRecord) -> CallRecord:
        """Insert, or return the row that has this `external_id` already (Twilio repeats webhooks)."""
        ...

    async def touch_call(
        self, call_id: str, *, now: datetime, stream_id: str | None = None
    ) -> None: ...
    async def save_checkpoint(self, call_id: str, state: dict[str, object]) -> None: ...
    async def confirm_number(self, call_id: str, phone: str) -> None:
        """It was keyed, or read back and agreed to, in this call; nothing for an unknown call."""
        ...

    async def close_call(self, call_id: str, *, reason: CallEnd, now: datetime) -> bool:
        """Close once and publish `call.ended` in the same transaction. False when it was closed before."""
        ...

    async def add_turn(self, turn: TurnRecord) -> None:
        """Insert or replace by (call_id, number)."""
        ...

    async def add_trace(self, trace: TraceRecord) -> None: ...
    async def save_message(self, message: MessageRecord) -> MessageRecord:
        """Insert, or return the row that has this `idem_key` already."""
        ...

    async def set_message_state(self, message_id: str, *, state: str, reason: str = "") -> None: ...
    async def save_policy(self, raw: dict[str, object]) -> PolicyRow:
        """Raises PolicyError, with the field and the reason; then the saved one stays in force."""
        ...

    async def calendar_token(self, subject: str, *, new: str, replace: bool = False) -> str:
        """The secret behind a calendar link of the business; `new` becomes it if there is none.

        `replace` makes `new` the secret in any case: every link made from the old one is dead.
        """
        ...


class Store(Protocol):
    """One per process and event loop."""

    def reading(self, scope: TenantScope) -> AbstractAsyncContextManager[Reading]: ...
    def writing(self, scope: TenantScope) -> AbstractAsyncContextManager[Writing]: ...

    # What must be answered before the tenant is known. Each answers one narrow question.
    async def business_by_number(self, called: str) -> Business | None: ...
    async def businesses(self) -> Sequence[Business]: ...
    async def scope_of_call(
        self, *, call_id: str = "", external_id: str = ""
    ) -> tuple[TenantScope, CallRecord] | None: ...
    async def scope_of_delivery(
        self, *, delivery_id: str = "", channel: str = "", provider_id: str = ""
    ) -> tuple[TenantScope, DeliveryRecord] | None:
        """Whose message a receipt is about: by our id where the provider gave it back, else by its
        own id for the message."""
        ...

    async def mint_stream_token(
        self, *, digest: str, call: CallRecord, expires_at: datetime
    ) -> None: ...
    async def redeem_stream_token(
        self, *, digest: str, external_id: str, account_id: str, now: datetime
    ) -> CallRecord | None:
        """Compare-and-swap: exactly one caller ever gets the call, and only while the token lives."""
        ...

    async def stale_calls(self, *, before: datetime) -> Sequence[CallRecord]:
        """Calls not closed and not seen since `before`, of every tenant: work for the reaper."""
        ...

    async def aclose(self) -> None: ...
