"""Questions to the store, all inside one tenant's scope. Nothing here writes."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import and_, or_

from dalpak.domain.records import (
    Appointment,
    AppointmentStatus,
    Business,
    Busy,
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
from dalpak.ports.store import PolicyRow
from dalpak.store import models as m
from dalpak.store.claims import overlapping
from dalpak.store.follow_reading import SqlFollowUpReading
from dalpak.store.limits import MAX_ROWS
from dalpak.store.rows import (
    as_appointment,
    as_business,
    as_busy,
    as_call,
    as_event,
    as_lead,
    as_message,
    as_resource,
    as_service,
    as_trace,
    as_turn,
    as_waitlist_entry,
)
from dalpak.store.tenancy import Condition, Scoped


class SqlReading(SqlFollowUpReading):
    """`ports.store.Reading` on one open transaction."""

    def __init__(self, db: Scoped) -> None:
        self._db = db

    @property
    def scope(self) -> TenantScope:
        return self._db.scope

    async def business(self) -> Business:
        row = await self._db.one(m.business)
        if row is None:
            raise ScopeError(f"no business {self.scope.business_id!r}")
        return as_business(row)

    async def policy(self) -> PolicyRow:
        row = await self._db.one(m.policy)
        return PolicyRow({}, 0) if row is None else PolicyRow(row.raw, row.version)

    async def services(self) -> Sequence[Service]:
        order = (m.service.c.position, m.service.c.id)
        return [as_service(r) for r in await self._db.all(m.service, order_by=order)]

    async def resources(self) -> Sequence[Resource]:
        order = (m.resource.c.position, m.resource.c.id)
        return [as_resource(r) for r in await self._db.all(m.resource, order_by=order)]

    async def busy(self, start: datetime, end: datetime, now: datetime) -> Sequence[Busy]:
        c = m.appointment.c
        rows = await self._db.all(
            m.appointment,
            overlapping(start, end),
            or_(
                c.status == AppointmentStatus.BOOKED,
                and_(c.status == AppointmentStatus.HELD, c.hold_until > now),
            ),
            order_by=(c.block_start, c.id),
        )
        return [as_busy(r) for r in rows]

    async def appointment(self, appointment_id: str) -> Appointment | None:
        row = await self._db.one(m.appointment, m.appointment.c.id == appointment_id)
        return None if row is None else as_appointment(row)

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
        c = m.appointment.c
        conditions: list[Condition] = [c.status == AppointmentStatus.BOOKED]
        if start is not None:
            conditions.append(c.start_at >= start)
        if end is not None:
            conditions.append(c.start_at < end)
        if phone is not None:
            conditions.append(c.phone == phone)
        if phone_ending is not None:
            conditions.append(c.phone.endswith(phone_ending, autoescape=True))
        if resource_id is not None:
            conditions.append(c.resource_id == resource_id)
        if call_id is not None:
            conditions.append(c.call_id == call_id)
        order = (c.start_at, c.id)
        rows = await self._db.all(m.appointment, *conditions, order_by=order, limit=MAX_ROWS)
        return [as_appointment(r) for r in rows]

    async def waitlist(self, *, lead_id: str | None = None) -> Sequence[WaitlistEntry]:
        c = m.waitlist.c
        conditions: list[Condition] = [c.status == "waiting"]
        if lead_id is not None:
            conditions.append(c.lead_id == lead_id)
        order = (c.created_at, c.id)
        rows = await self._db.all(m.waitlist, *conditions, order_by=order, limit=MAX_ROWS)
        return [as_waitlist_entry(r) for r in rows]

    async def lead(self, lead_id: str) -> Lead | None:
        row = await self._db.one(m.lead, m.lead.c.id == lead_id)
        return None if row is None else as_lead(row)

    async def call(self, call_id: str) -> CallRecord | None:
        row = await self._db.one(m.call_log, m.call_log.c.id == call_id)
        return None if row is None else as_call(row)

    async def calls(self, limit: int = 50) -> Sequence[CallRecord]:
        c = m.call_log.c
        order = (c.started_at.desc(), c.id.desc())
        rows = await self._db.all(m.call_log, order_by=order, limit=min(limit, MAX_ROWS))
        return [as_call(r) for r in rows]

    async def turns(self, call_id: str) -> Sequence[TurnRecord]:
        c = m.turn.c
        rows = await self._db.all(m.turn, c.call_id == call_id, order_by=(c.number,))
        return [as_turn(r) for r in rows]

    async def traces(self, call_id: str) -> Sequence[TraceRecord]:
        c = m.agent_trace.c
        rows = await self._db.all(m.agent_trace, c.call_id == call_id, order_by=(c.id,))
        return [as_trace(r) for r in rows]

    async def messages(
        self,
        *,
        appointment_id: str | None = None,
        call_id: str | None = None,
        limit: int = 200,
    ) -> Sequence[MessageRecord]:
        """Newest first; all conditions must hold."""
        c = m.message.c
        conditions: list[Condition] = []
        if appointment_id is not None:
            conditions.append(c.appointment_id == appointment_id)
        if call_id is not None:
            conditions.append(c.call_id == call_id)
        order = (c.created_at.desc(), c.id.desc())
        bound = min(limit, MAX_ROWS)
        rows = await self._db.all(m.message, *conditions, order_by=order, limit=bound)
        return [as_message(r) for r in rows]

    async def events(self, aggregate_id: str) -> Sequence[StoredEvent]:
        c = m.event.c
        rows = await self._db.all(
            m.event, c.aggregate_id == aggregate_id, order_by=(c.at, c.id), limit=MAX_ROWS
        )
        return [as_event(r) for r in rows]

    async def known_calendar_token(self, subject: str) -> str | None:
        row = await self._db.one(m.calendar_token, m.calendar_token.c.subject == subject)
        return None if row is None else str(row.secret)
