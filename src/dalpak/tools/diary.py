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

NEAR = timedelta(days=4)
"""Days loaded around the asked one; most suggestions come from there."""
CHUNK_DAYS = 10
_EDGE = timedelta(days=2)
"""A zone's offset, a long visit and its buffers reach this far out of their day."""


async def busy_between(reading: Reading, office: Office, first: date, last: date) -> Sequence[Busy]:
    """Everything that can matter to the local days `first` to `last`, both included."""
    start = datetime.combine(first, time(), UTC) - _EDGE
    end = datetime.combine(last, time(), UTC) + _EDGE + timedelta(days=1)
    return await reading.busy(start, end, office.now)


@dataclass(frozen=True, slots=True)
class Wish:
    """A service, and who should give it: None for anybody."""

    service: Service
    resource_id: str | None = None
    own_hold: str | None = None
    """The appointment row that this call holds itself; it blocks nobody here."""

    def able(self, office: Office) -> Sequence[Resource]:
        return office.who_can(self.service, self.resource_id)


async def free_days(
    reading: Reading, office: Office, wish: Wish, first: date, last: date
) -> AsyncIterator[list[Slot]]:
    """Free slots day by day through the booking window; a day without any is left out."""
    day, last = max(first, office.today), min(last, office.last_day)
    while day <= last:
        until = min(last, day + timedelta(days=CHUNK_DAYS - 1))
        busy = await busy_between(reading, office, day, until)
        for each in days_of(day, until):
            slots = free_slots(
                office.policy,
                wish.service,
                each,
                busy,
                office.now,
                resources=wish.able(office),
                ignoring=wish.own_hold,
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
    request = Request(day, at, wish.resource_id, phone_known)
    asked = min(max(day, office.today), office.last_day)
    first, last = max(office.today, asked - NEAR), min(office.last_day, asked + NEAR)

    async def over(first: date, last: date) -> Decision:
        return decide(
            request,
            office.policy,
            wish.service,
            office.resources,
            await busy_between(reading, office, first, last),
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
