"""Changes to the store, all inside one tenant's scope and one transaction. Claims have a file of
their own.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, case, func

from dalpak.clock import Clock
from dalpak.domain.events import Event, call_ended, slot_freed
from dalpak.domain.policy import Policy
from dalpak.domain.records import (
    Appointment,
    CallEnd,
    CallRecord,
    Lead,
    MessageRecord,
    TraceRecord,
    TurnRecord,
    WaitlistEntry,
)
from dalpak.errors import ScopeError
from dalpak.ports.store import Claim, Claimed, Move, NotBooked, PolicyRow, SlotTaken
from dalpak.store import models as m
from dalpak.store.claims import Claims
from dalpak.store.follow_writing import SqlFollowUpWriting
from dalpak.store.reading import SqlReading
from dalpak.store.rows import (
    as_call,
    as_lead,
    as_message,
    as_waitlist_entry,
    call_values,
    message_values,
    waitlist_values,
)
from dalpak.store.tenancy import Scoped

OnEvent = Callable[[Event, Connection], None]

NOTE_CHARS: Final = 2_000
"""A lead's note is a few sentences; a caller who talks for an hour does not fill the database."""


class SqlWriting(SqlReading, SqlFollowUpWriting):
    """`ports.store.Writing` on one open transaction."""

    def __init__(self, db: Scoped, clock: Clock, on_event: OnEvent | None) -> None:
        super().__init__(db)
        self._clock = clock
        self._on_event = on_event
        self._claims = Claims(db, clock.new_id)

    # -- booking -------------------------------------------------------------------------------

    async def lock_resources(self, resource_ids: Sequence[str]) -> None:
        await self._claims.lock(resource_ids)

    async def claim(self, claim: Claim, now: datetime) -> Claimed | SlotTaken:
        return await self._claims.claim(claim, now)

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
        return await self._claims.confirm(
            appointment_id, holder=holder, lead_id=lead_id, name=name, phone=phone, now=now
        )

    async def release(self, appointment_id: str, *, holder: str) -> bool:
        return await self._claims.release(appointment_id, holder=holder, now=self._clock.now())

    async def reschedule(
        self, appointment_id: str, to: Move, *, now: datetime
    ) -> Appointment | SlotTaken | NotBooked:
        # Locked first, and always after its resource: nobody moves it between the two readings.
        await self._claims.lock([to.resource_id])
        await self.lock_appointment(appointment_id)
        before = await self.appointment(appointment_id)
        moved = await self._claims.reschedule(appointment_id, to, now=now)
        if before is not None and isinstance(moved, Appointment) and moved.version > before.version:
            await self._tell_freed(before, moved.version, now)
        return moved

    async def cancel(self, appointment_id: str, *, now: datetime) -> bool:
        if not await self._claims.cancel(appointment_id, now=now):
            return False
        cancelled = await self.appointment(appointment_id)
        if cancelled is not None:
            await self._tell_freed(cancelled, cancelled.version, now)
        return True

    async def _tell_freed(self, row: Appointment, version: int, now: datetime) -> None:
        if row.end > now:
            await self.publish(
                slot_freed(
                    row.business_id,
                    row.id,
                    str(version),
                    resource_id=row.resource_id,
                    start=row.start,
                    end=row.end,
                    at=now,
                )
            )

    async def join_waitlist(self, entry: WaitlistEntry) -> WaitlistEntry:
        values = waitlist_values(entry)
        key = ("business_id", "lead_id", "wish")
        if await self._db.insert_unless_there(m.waitlist, values, key=key):
            return entry
        c = m.waitlist.c
        same = (c.lead_id == entry.lead_id, c.wish == values["wish"])
        # The same wish again, after an earlier one came true.
        await self._db.update(m.waitlist, *same, status=entry.status)
        row = await self._db.one(m.waitlist, *same)
        if row is None:
            raise ScopeError("a waitlist entry vanished between two statements")
        return as_waitlist_entry(row)

    # -- leads ---------------------------------------------------------------------------------

    async def find_or_create_lead(
        self, *, phone: str | None, name: str | None, call_id: str | None, now: datetime
    ) -> Lead:
        lead = await self._known_lead(phone, call_id)
        if lead is None:
            values = {
                "id": self._clock.new_id("lead_"),
                "phone": phone,
                "name": name,
                "note": "",
                "call_id": call_id,
                "created_at": now,
            }
            key = ("business_id", "phone")
            if await self._db.insert_unless_there(m.lead, values, key=key):
                return Lead(id=str(values["id"]), phone=phone, name=name, call_id=call_id)
            lead = await self._known_lead(phone, call_id)
            if lead is None:
                raise ScopeError("a lead vanished between two statements")
        changes: dict[str, object] = {}
        if name and not lead.name:
            changes["name"] = name
        if phone and not lead.phone:
            changes["phone"] = phone
        if changes:
            await self._db.update(m.lead, m.lead.c.id == lead.id, **changes)
        return await self._read_lead(lead.id) if changes else lead

    async def _known_lead(self, phone: str | None, call_id: str | None) -> Lead | None:
        """By phone; else the one that this call left before it told a phone."""
        c = m.lead.c
        if phone:
            row = await self._db.one(m.lead, c.phone == phone)
            if row is not None:
                return as_lead(row)
        if call_id:
            order = (c.created_at, c.id)
            nameless = (c.call_id == call_id, c.phone.is_(None))
            for row in await self._db.all(m.lead, *nameless, order_by=order, limit=1):
                return as_lead(row)
        return None

    async def _read_lead(self, lead_id: str) -> Lead:
        lead = await self.lead(lead_id)
        if lead is None:
            raise ScopeError(f"no lead {lead_id!r} in this business")
        return lead

    async def note_lead(self, lead_id: str, note: str) -> None:
        """Add a line to what the business should know; the same words are not added twice."""
        kept = m.lead.c.note
        longer = func.substr(kept + "\n" + note, 1, NOTE_CHARS)
        changed = await self._db.update(
            m.lead,
            m.lead.c.id == lead_id,
            note=case(
                (kept == "", note[:NOTE_CHARS]),
                (kept.contains(note, autoescape=True), kept),
                else_=longer,
            ),
        )
        _require(changed, f"no lead {lead_id!r} in this business")

    # -- events --------------------------------------------------------------------------------

    async def publish(self, event: Event) -> bool:
        self._db.require_mine(event.business_id)
        values = {
            "id": event.id,
            "type": event.type,
            "aggregate_id": event.aggregate_id,
            "payload": event.payload,
            "at": event.at,
        }
        if not await self._db.insert_unless_there(m.event, values, key=("id",)):
            return False
        on_event = self._on_event
        if on_event is not None:
            await self._db.transaction.run_sync(lambda connection: on_event(event, connection))
        return True

    # -- calls ---------------------------------------------------------------------------------

    async def open_call(self, call: CallRecord) -> CallRecord:
        self._db.require_mine(call.business_id)
        if await self._db.insert_unless_there(m.call_log, call_values(call), key=("external_id",)):
            return call
        row = await self._db.one(m.call_log, m.call_log.c.external_id == call.external_id)
        if row is None:
            raise ScopeError("this external id belongs to a call of another business")
        return as_call(row)

    async def touch_call(
        self, call_id: str, *, now: datetime, stream_id: str | None = None
    ) -> None:
        changes: dict[str, Any] = {"last_seen_at": now}
        if stream_id is not None:
            changes["stream_id"] = stream_id
        _require(await self._change_call(call_id, **changes), _no_call(call_id))

    async def save_checkpoint(self, call_id: str, state: dict[str, object]) -> None:
        _require(await self._change_call(call_id, checkpoint=state), _no_call(call_id))

    async def confirm_number(self, call_id: str, phone: str) -> None:
        row = await self._db.one(m.call_log, m.call_log.c.id == call_id)
        # A call that could not be logged vouches for nothing, and must not stop a booking.
        if row is not None and phone not in row.confirmed:
            await self._change_call(call_id, confirmed=[*row.confirmed, phone])

    async def _change_call(self, call_id: str, **changes: object) -> int:
        return await self._db.update(m.call_log, m.call_log.c.id == call_id, **changes)

    async def close_call(self, call_id: str, *, reason: CallEnd, now: datetime) -> bool:
        c = m.call_log.c
        is_open = (c.id == call_id, c.ended_at.is_(None))
        changed = await self._db.update(m.call_log, *is_open, ended_at=now, end_reason=reason)
        if changed == 0:
            return False
        await self.publish(call_ended(self.scope.business_id, call_id, now))
        return True

    async def add_turn(self, turn: TurnRecord) -> None:
        values = asdict(turn)
        key = ("business_id", "call_id", "number")
        changes = {name: value for name, value in values.items() if name not in key}
        await self._db.insert_or_update(m.turn, values, key=key, changes=changes)

    async def add_trace(self, trace: TraceRecord) -> None:
        await self._db.insert(m.agent_trace, asdict(trace))

    # -- messages ------------------------------------------------------------------------------

    async def save_message(self, message: MessageRecord) -> MessageRecord:
        self._db.require_mine(message.business_id)
        key = ("business_id", "idem_key")
        if await self._db.insert_unless_there(m.message, message_values(message), key=key):
            return message
        row = await self._db.one(m.message, m.message.c.idem_key == message.idem_key)
        if row is None:
            raise ScopeError("a message vanished between two statements")
        return as_message(row)

    async def set_message_state(self, message_id: str, *, state: str, reason: str = "") -> None:
        now = self._clock.now()
        by_id = m.message.c.id == message_id
        changed = await self._db.update(
            m.message, by_id, state=state, reason=reason, updated_at=now
        )
        _require(changed, f"no message {message_id!r} in this business")

    # -- policy --------------------------------------------------------------------------------

    async def save_policy(self, raw: dict[str, object]) -> PolicyRow:
        Policy.from_json(raw)
        now = self._clock.now()
        row = await self._db.insert_or_update(
            m.policy,
            {"raw": raw, "version": 1, "updated_at": now},
            key=("business_id",),
            changes={"raw": raw, "version": m.policy.c.version + 1, "updated_at": now},
        )
        return PolicyRow(row.raw, row.version)

    # -- calendar links ------------------------------------------------------------------------

    async def calendar_token(self, subject: str, *, new: str, replace: bool = False) -> str:
        secret = m.calendar_token.c.secret
        row = await self._db.insert_or_update(
            m.calendar_token,
            {"subject": subject, "secret": new, "created_at": self._clock.now()},
            key=("business_id", "subject"),
            changes={"secret": new if replace else secret},
        )
        return str(row.secret)


def _require(changed: int, otherwise: str) -> None:
    if changed == 0:
        raise ScopeError(otherwise)


def _no_call(call_id: str) -> str:
    return f"no call {call_id!r} in this business"
