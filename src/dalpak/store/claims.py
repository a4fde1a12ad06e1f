"""Claims: how one of many callers gets a slot. Lock row, lane, and the database's own constraint
behind both.

1. `UPDATE resource SET version = version + 1` serialises all claims on a resource, on every
   database.
2. A live row with the same idempotency key is the answer to a retry.
3. Stale holds in range are flipped to `expired`: a constraint over ranges cannot know what time it
   is.
4. The lowest lane without a live overlap is taken; capacity is the number of lanes.
5. The insert may still be refused by the constraint (somebody wrote past this file): that is
   SlotTaken too.

A booking moves by one UPDATE of its own row, under the lock of where it goes: leaving a place needs
no lock, and its own old time never stands in its way.

No policy here: what may be booked at all is decided by `domain/` before a claim is made.
"""

from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import and_
from sqlalchemy.exc import IntegrityError

from dalpak.domain.records import Appointment, AppointmentStatus
from dalpak.errors import ScopeError
from dalpak.ports.store import Claim, Claimed, Move, NotBooked, SlotTaken
from dalpak.store.models import LIVE, OVERLAP_CONSTRAINT, appointment, resource
from dalpak.store.rows import AnyRow, as_appointment
from dalpak.store.tenancy import Condition, Scoped

_c = appointment.c


def overlapping(start: datetime, end: datetime) -> Condition:
    """Blocks that touch the half-open interval [start, end) in more than an edge."""
    return and_(_c.block_end > start, _c.block_start < end)


class Claims:
    """The claims of one writing transaction; remembers which resources it has locked."""

    def __init__(self, db: Scoped, new_id: Callable[[str], str]) -> None:
        self._db = db
        self._new_id = new_id
        self._capacity: dict[str, int] = {}

    async def lock(self, resource_ids: Sequence[str]) -> None:
        for resource_id in sorted(set(resource_ids) - self._capacity.keys()):
            capacities = await self._db.update_returning(
                resource,
                resource.c.capacity,
                resource.c.id == resource_id,
                version=resource.c.version + 1,
            )
            if not capacities:
                raise ScopeError(f"no resource {resource_id!r} in this business")
            self._capacity[resource_id] = int(capacities[0])

    async def claim(self, claim: Claim, now: datetime) -> Claimed | SlotTaken:
        await self.lock([claim.resource_id])
        await self._expire_stale(claim, now)
        known = await self._db.one(appointment, _c.idem_key == claim.idem_key)
        if known is not None and not _may_be_revived(known, now):
            return Claimed(as_appointment(known), repeated=True)
        lane = await self._free_lane(claim)
        if lane is None:
            return SlotTaken()
        values = _held(claim, lane, now)
        try:
            async with self._db.transaction.savepoint():
                if known is None:
                    created = {"id": self._new_id("appt_"), "created_at": now, "version": 1}
                    row = await self._db.insert_returning(appointment, {**values, **created})
                    return Claimed(as_appointment(row), repeated=False)
                await self._db.update(
                    appointment, _c.id == known.id, version=_c.version + 1, **values
                )
        except IntegrityError as e:
            if OVERLAP_CONSTRAINT in str(e.orig):
                return SlotTaken()
            # The same key arrived at another resource at the same moment: that claim is the answer.
            known = await self._db.one(appointment, _c.idem_key == claim.idem_key)
            if known is None:
                raise
            return Claimed(as_appointment(known), repeated=True)
        return Claimed(await self._read(known.id), repeated=False)

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
        changed = await self._db.update(
            appointment,
            _c.id == appointment_id,
            _c.holder == holder,
            _c.status == AppointmentStatus.HELD,
            _c.hold_until > now,
            status=AppointmentStatus.BOOKED,
            hold_until=None,
            lead_id=lead_id,
            name=name,
            phone=phone,
            updated_at=now,
            version=_c.version + 1,
        )
        if changed == 1:
            return await self._read(appointment_id)
        row = await self._db.one(
            appointment,
            _c.id == appointment_id,
            _c.holder == holder,
            _c.status == AppointmentStatus.BOOKED,
        )
        return SlotTaken() if row is None else as_appointment(row)

    async def release(self, appointment_id: str, *, holder: str, now: datetime) -> bool:
        changed = await self._db.update(
            appointment,
            _c.id == appointment_id,
            _c.holder == holder,
            _c.status == AppointmentStatus.HELD,
            status=AppointmentStatus.EXPIRED,
            updated_at=now,
            version=_c.version + 1,
        )
        return changed == 1

    async def reschedule(
        self, appointment_id: str, to: Move, *, now: datetime
    ) -> Appointment | SlotTaken | NotBooked:
        await self.lock([to.resource_id])
        await self._expire_stale(to, now)
        mine = (_c.id == appointment_id, _c.status == AppointmentStatus.BOOKED)
        row = await self._db.one(appointment, *mine)
        if row is None:
            return NotBooked()
        if (row.resource_id, row.start_at, row.end_at) == (to.resource_id, to.start, to.end):
            return as_appointment(row)
        lane = await self._free_lane(to, ignoring=appointment_id)
        if lane is None:
            return SlotTaken()
        try:
            async with self._db.transaction.savepoint():
                changed = await self._db.update(
                    appointment,
                    *mine,
                    resource_id=to.resource_id,
                    lane=lane,
                    start_at=to.start,
                    end_at=to.end,
                    block_start=to.block_start,
                    block_end=to.block_end,
                    updated_at=now,
                    version=_c.version + 1,
                )
        except IntegrityError as e:
            if OVERLAP_CONSTRAINT in str(e.orig):
                return SlotTaken()
            raise
        # Cancelled by another transaction between the two statements.
        return await self._read(appointment_id) if changed == 1 else NotBooked()

    async def cancel(self, appointment_id: str, *, now: datetime) -> bool:
        changed = await self._db.update(
            appointment,
            _c.id == appointment_id,
            _c.status == AppointmentStatus.BOOKED,
            status=AppointmentStatus.CANCELLED,
            updated_at=now,
            version=_c.version + 1,
        )
        return changed == 1

    async def _expire_stale(self, place: Claim | Move, now: datetime) -> None:
        await self._db.update(
            appointment,
            _c.resource_id == place.resource_id,
            _c.status == AppointmentStatus.HELD,
            _c.hold_until <= now,
            overlapping(place.block_start, place.block_end),
            status=AppointmentStatus.EXPIRED,
            updated_at=now,
            version=_c.version + 1,
        )

    async def _free_lane(self, place: Claim | Move, ignoring: str | None = None) -> int | None:
        rows = await self._db.all(
            appointment,
            _c.resource_id == place.resource_id,
            _c.status.in_(LIVE),
            overlapping(place.block_start, place.block_end),
        )
        taken = {row.lane for row in rows if row.id != ignoring}
        lanes = range(self._capacity[place.resource_id])
        return next((lane for lane in lanes if lane not in taken), None)

    async def _read(self, appointment_id: str) -> Appointment:
        row = await self._db.one(appointment, _c.id == appointment_id)
        if row is None:
            raise ScopeError(f"no appointment {appointment_id!r} in this business")
        return as_appointment(row)


def _may_be_revived(row: AnyRow, now: datetime) -> bool:
    """A hold that lapsed or was given back may be asked for again in the same words; nothing else
    may.

    A booking that was cancelled stays cancelled when a late retry of its tool call arrives.
    """
    if row.status == AppointmentStatus.HELD:
        return bool(row.hold_until <= now)
    return bool(row.status == AppointmentStatus.EXPIRED)


def _held(claim: Claim, lane: int, now: datetime) -> dict[str, object]:
    return {
        "resource_id": claim.resource_id,
        "service_id": claim.service_id,
        "more_service_ids": list(claim.more_service_ids),
        "lane": lane,
        "start_at": claim.start,
        "end_at": claim.end,
        "block_start": claim.block_start,
        "block_end": claim.block_end,
        "status": AppointmentStatus.HELD,
        "hold_until": claim.hold_until,
        "holder": claim.holder,
        "idem_key": claim.idem_key,
        "call_id": claim.call_id,
        "lead_id": None,
        "name": None,
        "phone": None,
        "updated_at": now,
    }
