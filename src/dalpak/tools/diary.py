"""What the tools ask of the diary inside one transaction: free days, and a judgement with its
suggestions.

The rules are in `domain/`; this loads the appointments that they need, few at first, more only for
a refusal.
"""

from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from dalpak.domain.booking import Accepted, Decision, NeedsPhone, Request, decide
from dalpak.domain.records import Busy, Resource, Service
from dalpak.domain.slots import NO_GRACE, Slot, free_slots
from dalpak.ports.store import Reading
from dalpak.tools.context import Office
from dalpak.tools.gate import Own

NEAR = timedelta(days=4)
"""Days loaded around the asked one; most suggestions come from there."""
CHUNK_DAYS = 10
_EDGE = timedelta(days=2)
"""A zone's offset, a long visit and its buffers reach this far out of their day."""


async def busy_between(
    reading: Reading, office: Office, first: date, last: date, *, without: str | None = None
) -> Sequence[Busy]:
    """Everything that can matter to the local days `first` to `last`, both included.

    `without` is an appointment that is about to move: where it stands now is free for it.
    """
    start = datetime.combine(first, time(), UTC) - _EDGE
    end = datetime.combine(last, time(), UTC) + _EDGE + timedelta(days=1)
    busy = await reading.busy(start, end, office.now)
    return [b for b in busy if b.appointment_id != without]


@dataclass(frozen=True, slots=True)
class Wish:
    """A service, and who should give it: None for anybody."""

    service: Service
    """Several in one visit are one here, with their lengths summed."""
    resource_id: str | None = None
    own_hold: str | None = None
    """The appointment row that this call holds itself; it blocks nobody here."""
    more_service_ids: tuple[str, ...] = ()
    moving: Own | None = None
    """The appointment that shall move; it stays with its staff where that is possible."""

    @property
    def moved_id(self) -> str | None:
        return self.moving.id if self.moving else None

    @property
    def prefer(self) -> str | None:
        return self.moving.resource_id if self.moving else None

    def able(self, office: Office) -> Sequence[Resource]:
        return office.who_can(self.service, self.resource_id)


async def free_days(
    reading: Reading, office: Office, wish: Wish, first: date, last: date
) -> AsyncIterator[list[Slot]]:
    """Free slots day by day through the booking window; a day without any is left out."""
    day, last = max(first, office.today), min(last, office.last_day)
    while day <= last:
        until = min(last, day + timedelta(days=CHUNK_DAYS - 1))
        busy = await busy_between(reading, office, day, until, without=wish.moved_id)
        for each in days_of(day, until):
            slots = free_slots(
                office.policy,
                wish.service,
                each,
                busy,
                office.now,
                resources=wish.able(office),
                ignoring=wish.own_hold,
                prefer=wish.prefer,
            )
            if slots:
                yield list(slots)
        day = until + timedelta(days=1)


def days_of(first: date, last: date) -> Iterator[date]:
    """Every day from `first` to `last`, both included."""
    for n in range((last - first).days + 1):
        yield first + timedelta(days=n)


async def judge(
    reading: Reading,
    office: Office,
    wish: Wish,
    day: date,
    at: time,
    *,
    phone_known: bool = True,
    grace: timedelta = NO_GRACE,
) -> Decision:
    """`decide` with as much of the diary as its answer needs."""
    request = Request(day, at, wish.resource_id, phone_known, prefer=wish.prefer)
    asked = min(max(day, office.today), office.last_day)
    first, last = max(office.today, asked - NEAR), min(office.last_day, asked + NEAR)

    async def over(first: date, last: date) -> Decision:
        return decide(
            request,
            office.policy,
            wish.service,
            office.resources,
            await busy_between(reading, office, first, last, without=wish.moved_id),
            office.now,
            ignoring=wish.own_hold,
            grace=grace,
        )

    decision = await over(first, last)
    if isinstance(decision, Accepted | NeedsPhone):
        return decision
    days = [office.local(s.start).date() for s in decision.suggestions]
    if days and first <= min(days) and max(days) <= last:
        return decision
    # A suggestion from a day whose appointments were not loaded proves nothing.
    return await over(office.today, office.last_day)
