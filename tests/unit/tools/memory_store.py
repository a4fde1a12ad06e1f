"""ports.store in memory: one lock, one snapshot per transaction, rolled back by putting it back.

It claims as the real store does: lanes, live holds, idempotency keys, holders.
"""

import asyncio
import copy
from collections.abc import AsyncIterator, Callable, Generator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from typing import Any

from dalpak.domain.events import Event, call_ended
from dalpak.domain.follow_up import ConsentAnswer, ConsentRecord, MessagingRow
from dalpak.domain.records import (
    Appointment,
    AppointmentStatus,
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
from dalpak.errors import ScopeError
from dalpak.ports.store import Claim, Claimed, Move, NotBooked, PolicyRow, SlotTaken

LIVE = (AppointmentStatus.HELD, AppointmentStatus.BOOKED)


@dataclass
class Row:
    appointment: Appointment
    lane: int
    block_start: datetime
    block_end: datetime
    holder: str
    idem_key: str

    def blocks(self, now: datetime) -> bool:
        a = self.appointment
        held = a.status is AppointmentStatus.HELD and a.hold_until is not None
        return a.status is AppointmentStatus.BOOKED or (held and a.hold_until > now)


@dataclass
class Tables:
    """Everything of one tenant."""

    business: Business
    policy: PolicyRow
    services: list[Service] = field(default_factory=list)
    resources: list[Resource] = field(default_factory=list)
    rows: dict[str, Row] = field(default_factory=dict)
    leads: dict[str, Lead] = field(default_factory=dict)
    calls: dict[str, CallRecord] = field(default_factory=dict)
    turns: dict[tuple[str, int], TurnRecord] = field(default_factory=dict)
    traces: list[TraceRecord] = field(default_factory=list)
    messages: dict[str, MessageRecord] = field(default_factory=dict)
    events: dict[str, Event] = field(default_factory=dict)
    waitlist: list[WaitlistEntry] = field(default_factory=list)
    tokens: dict[str, str] = field(default_factory=dict)
    consents: list[ConsentRecord] = field(default_factory=list)
    messaging: dict[str, object] = field(default_factory=dict)

    def copy(self) -> "Tables":
        """Everything in it is frozen but the rows."""
        kept = {f.name: copy.copy(getattr(self, f.name)) for f in fields(self)}
        return Tables(**{**kept, "rows": {i: copy.copy(r) for i, r in self.rows.items()}})


class MemoryTransaction:
    def __init__(self, scope: TenantScope, tables: Tables, new_id: Callable[[str], str]) -> None:
        self.scope, self._t, self._new_id = scope, tables, new_id
        self.locked: set[str] = set()

    # -- reading -----------------------------------------------------------------------------------

    async def business(self) -> Business:
        return self._t.business

    async def policy(self) -> PolicyRow:
        return self._t.policy

    async def services(self) -> Sequence[Service]:
        return self._t.services

    async def resources(self) -> Sequence[Resource]:
        return self._t.resources

    async def busy(self, start: datetime, end: datetime, now: datetime) -> Sequence[Busy]:
        return [
            Busy(
                r.appointment.id,
                r.appointment.resource_id,
                r.lane,
                r.appointment.start,
                r.appointment.end,
                r.block_start,
                r.block_end,
            )
            for r in self._t.rows.values()
            if r.blocks(now) and r.block_start < end and start < r.block_end
        ]

    async def appointment(self, appointment_id: str) -> Appointment | None:
        row = self._t.rows.get(appointment_id)
        return row.appointment if row else None

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
        found = (r.appointment for r in self._t.rows.values())
        return sorted(
            (
                a
                for a in found
                if a.status is AppointmentStatus.BOOKED
                and (start is None or a.start >= start)
                and (end is None or a.start < end)
                and (phone is None or a.phone == phone)
                and (phone_ending is None or (a.phone or "").endswith(phone_ending))
                and (resource_id is None or a.resource_id == resource_id)
                and (call_id is None or a.call_id == call_id)
            ),
            key=lambda a: a.start,
        )

    async def lead(self, lead_id: str) -> Lead | None:
        return self._t.leads.get(lead_id)

    async def call(self, call_id: str) -> CallRecord | None:
        return self._t.calls.get(call_id)

    async def calls(self, limit: int = 50) -> Sequence[CallRecord]:
        return sorted(self._t.calls.values(), key=lambda c: c.started_at, reverse=True)[:limit]

    async def turns(self, call_id: str) -> Sequence[TurnRecord]:
        return [t for t in self._t.turns.values() if t.call_id == call_id]

    async def traces(self, call_id: str) -> Sequence[TraceRecord]:
        return [t for t in self._t.traces if t.call_id == call_id]

    async def messages(
        self,
        *,
        appointment_id: str | None = None,
        call_id: str | None = None,
        limit: int = 200,
    ) -> Sequence[MessageRecord]:
        return [
            m
            for m in self._t.messages.values()
            if appointment_id in (None, m.appointment_id) and call_id in (None, m.call_id)
        ][:limit]

    async def events(self, aggregate_id: str) -> Sequence[StoredEvent]:
        return [
            StoredEvent(e.id, e.type, e.aggregate_id, e.at)
            for e in self._t.events.values()
            if e.aggregate_id == aggregate_id
        ]

    # -- claims ------------------------------------------------------------------------------------

    async def lock_resources(self, resource_ids: Sequence[str]) -> None:
        known = {r.id for r in self._t.resources}
        if not set(resource_ids) <= known:
            raise ScopeError("no such resource")
        self.locked |= set(resource_ids)

    async def claim(self, claim: Claim, now: datetime) -> Claimed | SlotTaken:
        assert claim.resource_id in self.locked, "a claim without its lock"
        for row in self._t.rows.values():
            if row.idem_key == claim.idem_key:
                return Claimed(row.appointment, repeated=True)
        capacity = next(r.capacity for r in self._t.resources if r.id == claim.resource_id)
        taken = {
            r.lane
            for r in self._t.rows.values()
            if r.appointment.resource_id == claim.resource_id
            and r.blocks(now)
            and r.block_start < claim.block_end
            and claim.block_start < r.block_end
        }
        lane = next((n for n in range(capacity) if n not in taken), None)
        if lane is None:
            return SlotTaken()
        appointment = Appointment(
            id=self._new_id("appt_"),
            business_id=self.scope.business_id,
            resource_id=claim.resource_id,
            service_id=claim.service_id,
            start=claim.start,
            end=claim.end,
            status=AppointmentStatus.HELD,
            lead_id=None,
            call_id=claim.call_id,
            name=None,
            phone=None,
            hold_until=claim.hold_until,
            created_at=now,
            more_service_ids=claim.more_service_ids,
        )
        self._t.rows[appointment.id] = Row(
            appointment, lane, claim.block_start, claim.block_end, claim.holder, claim.idem_key
        )
        return Claimed(appointment, repeated=False)

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
        row = self._t.rows.get(appointment_id)
        if row is None or row.holder != holder:
            return SlotTaken()
        if row.appointment.status is AppointmentStatus.BOOKED:
            return row.appointment
        if not row.blocks(now):
            return SlotTaken()
        row.appointment = replace(
            row.appointment,
            status=AppointmentStatus.BOOKED,
            hold_until=None,
            lead_id=lead_id,
            name=name,
            phone=phone,
        )
        return row.appointment

    async def release(self, appointment_id: str, *, holder: str) -> bool:
        row = self._t.rows.get(appointment_id)
        if row is None or row.holder != holder:
            return False
        if row.appointment.status is not AppointmentStatus.HELD:
            return False
        row.appointment = replace(row.appointment, status=AppointmentStatus.EXPIRED)
        return True

    async def reschedule(
        self, appointment_id: str, to: Move, *, now: datetime
    ) -> Appointment | SlotTaken | NotBooked:
        assert to.resource_id in self.locked, "a move without its lock"
        row = self._t.rows.get(appointment_id)
        if row is None or row.appointment.status is not AppointmentStatus.BOOKED:
            return NotBooked()
        there = (row.appointment.resource_id, row.appointment.start, row.appointment.end)
        if there == (to.resource_id, to.start, to.end):
            return row.appointment
        capacity = next(r.capacity for r in self._t.resources if r.id == to.resource_id)
        taken = {
            r.lane
            for r in self._t.rows.values()
            if r is not row
            and r.appointment.resource_id == to.resource_id
            and r.blocks(now)
            and r.block_start < to.block_end
            and to.block_start < r.block_end
        }
        lane = next((n for n in range(capacity) if n not in taken), None)
        if lane is None:
            return SlotTaken()
        row.lane, row.block_start, row.block_end = lane, to.block_start, to.block_end
        row.appointment = replace(
            row.appointment,
            resource_id=to.resource_id,
            start=to.start,
            end=to.end,
            version=row.appointment.version + 1,
        )
        return row.appointment

    async def cancel(self, appointment_id: str, *, now: datetime) -> bool:
        row = self._t.rows.get(appointment_id)
        if row is None or row.appointment.status is not AppointmentStatus.BOOKED:
            return False
        row.appointment = replace(
            row.appointment,
            status=AppointmentStatus.CANCELLED,
            version=row.appointment.version + 1,
        )
        return True

    async def waitlist(self, *, lead_id: str | None = None) -> Sequence[WaitlistEntry]:
        return [e for e in self._t.waitlist if lead_id in (None, e.lead_id)]

    async def join_waitlist(self, entry: WaitlistEntry) -> WaitlistEntry:
        for known in self._t.waitlist:
            same = replace(entry, id=known.id, call_id=known.call_id, created_at=known.created_at)
            if same == known:
                return known
        self._t.waitlist.append(entry)
        return entry

    async def known_calendar_token(self, subject: str) -> str | None:
        return self._t.tokens.get(subject)

    async def calendar_token(self, subject: str, *, new: str, replace: bool = False) -> str:
        if replace:
            self._t.tokens[subject] = new
        return self._t.tokens.setdefault(subject, new)

    # -- messages ----------------------------------------------------------------------------------

    async def messaging(self) -> MessagingRow:
        return MessagingRow(self._t.messaging, 1)

    async def consent(self, phone: str) -> ConsentRecord | None:
        return next((c for c in reversed(self._t.consents) if c.phone == phone), None)

    async def record_consent(
        self,
        phone: str,
        answer: ConsentAnswer,
        *,
        source: str,
        wording: str = "",
        call_id: str | None = None,
        now: datetime,
    ) -> None:
        self._t.consents.append(ConsentRecord(phone, answer, source, call_id, wording, now))

    # -- the rest ----------------------------------------------------------------------------------

    async def find_or_create_lead(
        self, *, phone: str | None, name: str | None, call_id: str | None, now: datetime
    ) -> Lead:
        leads = self._t.leads.values()
        lead = next((x for x in leads if phone and x.phone == phone), None) or next(
            (x for x in leads if x.phone is None and call_id and x.call_id == call_id), None
        )
        if lead is None:
            lead = Lead(self._new_id("lead_"), phone, name, call_id=call_id)
        lead = replace(lead, name=lead.name or name, phone=lead.phone or phone)
        self._t.leads[lead.id] = lead
        return lead

    async def note_lead(self, lead_id: str, note: str) -> None:
        lead = self._t.leads[lead_id]
        self._t.leads[lead_id] = replace(lead, note=f"{lead.note}\n{note}".strip())

    async def publish(self, event: Event) -> bool:
        if event.id in self._t.events:
            return False
        self._t.events[event.id] = event
        return True

    async def open_call(self, call: CallRecord) -> CallRecord:
        known = [c for c in self._t.calls.values() if c.external_id == call.external_id]
        return known[0] if known else self._t.calls.setdefault(call.id, call)

    async def touch_call(
        self, call_id: str, *, now: datetime, stream_id: str | None = None
    ) -> None:
        call = self._t.calls[call_id]
        self._t.calls[call_id] = replace(
            call, last_seen_at=now, stream_id=stream_id or call.stream_id
        )

    async def save_checkpoint(self, call_id: str, state: dict[str, object]) -> None:
        self._t.calls[call_id] = replace(self._t.calls[call_id], checkpoint=state)

    async def confirm_number(self, call_id: str, phone: str) -> None:
        call = self._t.calls.get(call_id)
        if call is not None and phone not in call.confirmed:
            self._t.calls[call_id] = replace(call, confirmed=(*call.confirmed, phone))

    async def close_call(self, call_id: str, *, reason: CallEnd, now: datetime) -> bool:
        call = self._t.calls[call_id]
        if call.ended_at is not None:
            return False
        self._t.calls[call_id] = replace(call, ended_at=now, end_reason=reason)
        return await self.publish(call_ended(self.scope.business_id, call_id, now))

    async def add_turn(self, turn: TurnRecord) -> None:
        self._t.turns[(turn.call_id, turn.number)] = turn

    async def add_trace(self, trace: TraceRecord) -> None:
        self._t.traces.append(trace)

    async def save_message(self, message: MessageRecord) -> MessageRecord:
        known = [m for m in self._t.messages.values() if m.idem_key == message.idem_key]
        return known[0] if known else self._t.messages.setdefault(message.id, message)

    async def set_message_state(self, message_id: str, *, state: str, reason: str = "") -> None:
        self._t.messages[message_id] = replace(
            self._t.messages[message_id], state=state, reason=reason
        )

    async def save_policy(self, raw: dict[str, object]) -> PolicyRow:
        self._t.policy = PolicyRow(raw, self._t.policy.version + 1)
        return self._t.policy


class OthersRun:
    """Awaited: every other ready task goes first."""

    def __await__(self) -> Generator[None, None, None]:
        yield


class MemoryStore:
    """`fail_next` makes the next commit raise; `lose_answer` commits and then raises."""

    def __init__(self, *tenants: Tables) -> None:
        self._tenants = {t.business.id: t for t in tenants}
        self._gate = asyncio.Lock()
        self._numbered = 0
        self._tokens: dict[str, tuple[CallRecord, datetime]] = {}
        self.fail_next = False
        self.lose_answer = False
        self.slow: Callable[[], Any] | None = None

    def _new_id(self, prefix: str) -> str:
        self._numbered += 1
        return f"{prefix}{self._numbered}"

    def tables(self, business_id: str) -> Tables:
        if business_id not in self._tenants:
            raise ScopeError("no such business")
        return self._tenants[business_id]

    @asynccontextmanager
    async def reading(self, scope: TenantScope) -> AsyncIterator[MemoryTransaction]:
        if self.slow is not None:
            await self.slow()
        yield MemoryTransaction(scope, self.tables(scope.business_id), self._new_id)

    @asynccontextmanager
    async def writing(self, scope: TenantScope) -> AsyncIterator[MemoryTransaction]:
        async with self._gate:
            before = self.tables(scope.business_id).copy()
            try:
                # Others run while this one works, as with a real database.
                await OthersRun()
                yield MemoryTransaction(scope, self.tables(scope.business_id), self._new_id)
                if self.fail_next:
                    raise OSError("disk full")
            except BaseException:
                self.fail_next = False
                self._tenants[scope.business_id] = before
                raise
        if self.lose_answer:
            self.lose_answer = False
            raise OSError("connection lost after commit")

    async def business_by_number(self, called: str) -> Business | None:
        found = (t.business for t in self._tenants.values() if t.business.phone == called)
        return next(found, None)

    async def businesses(self) -> Sequence[Business]:
        return [t.business for t in self._tenants.values()]

    async def scope_of_call(
        self, *, call_id: str = "", external_id: str = ""
    ) -> tuple[TenantScope, CallRecord] | None:
        for tenant in self._tenants.values():
            for call in tenant.calls.values():
                if call.id == call_id or (external_id and call.external_id == external_id):
                    return TenantScope(tenant.business.id), call
        return None

    async def mint_stream_token(
        self, *, digest: str, call: CallRecord, expires_at: datetime
    ) -> None:
        self._tokens[digest] = (call, expires_at)

    async def redeem_stream_token(
        self, *, digest: str, external_id: str, account_id: str, now: datetime
    ) -> CallRecord | None:
        call, expires_at = self._tokens.get(digest, (None, now))
        if call is None or (call.external_id, call.account_id) != (external_id, account_id):
            return None
        del self._tokens[digest]
        return call if now < expires_at else None

    async def stale_calls(self, *, before: datetime) -> Sequence[CallRecord]:
        calls = (c for t in self._tenants.values() for c in t.calls.values())
        return [c for c in calls if c.ended_at is None and c.last_seen_at < before]

    async def aclose(self) -> None:
        self._tenants.clear()
