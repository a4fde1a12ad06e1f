"""What is free: the start times of a day that policy, service and diary all allow.

Offering a slot and accepting it both come through `free_slots`; nothing else in the project decides
what is free. Reasons and suggestions are in booking.py.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

from dalpak.domain.policy import Anchor, Policy, open_until, windows_on
from dalpak.domain.records import Busy, Resource, Service
from dalpak.domain.walltime import closing_instant, instant, local_day
from dalpak.domain.windows import Windows

NO_GRACE = timedelta(0)
_NET = timedelta(days=3)
"""Wider than a zone's offset, the longest visit and its buffers together."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A bookable visit. All instants are aware, UTC; the block is the visit with its buffers."""

    start: datetime
    end: datetime
    resource_id: str
    block_start: datetime
    block_end: datetime


@dataclass(frozen=True, slots=True)
class Visit:
    """What a service takes of the diary."""

    length: timedelta
    before: timedelta
    after: timedelta


def visit_of(policy: Policy, service: Service | None) -> Visit:
    """The service's length and buffers; the longer of its own buffer and the policy's counts."""
    length = service.duration_min if service else policy.default_service_min
    before = max(policy.buffer_before_min, service.buffer_before_min if service else 0)
    after = max(policy.buffer_after_min, service.buffer_after_min if service else 0)
    return Visit(timedelta(minutes=length), timedelta(minutes=before), timedelta(minutes=after))


def together(services: Sequence[Service]) -> Service | None:
    """Several services in one visit as one: lengths and prices summed, given by one who gives all.

    None when nobody gives all of them. The longest of their buffers counts; between them there is
    none.
    """
    first, *more = services
    if not more:
        return first
    limits = [set(s.resource_ids) for s in services if s.resource_ids]
    able = set.intersection(*limits) if limits else set()
    if limits and not able:
        return None
    prices = [s.price for s in services if s.price is not None]
    return replace(
        first,
        duration_min=sum(s.duration_min for s in services),
        price=sum(prices) if len(prices) == len(services) else None,
        buffer_before_min=max(s.buffer_before_min for s in services),
        buffer_after_min=max(s.buffer_after_min for s in services),
        resource_ids=tuple(sorted(able)),
    )


def who_can(
    service: Service | None, resources: Iterable[Resource], resource_id: str | None = None
) -> tuple[Resource, ...]:
    """Resources that give the service, or the one asked for if it does."""
    return tuple(
        r
        for r in resources
        if (resource_id is None or r.id == resource_id)
        and (service is None or not service.resource_ids or r.id in service.resource_ids)
    )


def first_day(policy: Policy, now: datetime) -> date:
    """Today, by the business's calendar."""
    return local_day(policy.zone, now)


def last_day(policy: Policy, now: datetime) -> date:
    """The last day of the booking window, included."""
    return first_day(policy, now) + timedelta(days=policy.booking_window_days)


def earliest_start(policy: Policy, now: datetime, grace: timedelta = NO_GRACE) -> datetime:
    """The first instant that may be booked: notice is absolute, and the boundary itself is kept."""
    return now.astimezone(UTC) + timedelta(minutes=policy.min_notice_min) - grace


def grid(policy: Policy, window: tuple[int, int]) -> range:
    """Start minutes of one window. Bookings never move it."""
    step = policy.slot_size_min
    first = window[0]
    if policy.grid_anchor is Anchor.CLOCK:
        first = -(-first // step) * step
    return range(first, window[1], step)


def fitting_starts(policy: Policy, visit: Visit, day: date) -> Iterator[tuple[datetime, datetime]]:
    """(start, end) of every visit that fits the opening hours of the day, diary and notice
    aside."""
    windows: Windows = windows_on(policy, day)
    for window in windows:
        closing = closing_instant(policy.zone, day, open_until(policy, day, window[1]))
        for minute in grid(policy, window):
            start = instant(policy.zone, day, minute)
            if start is not None and start + visit.length <= closing:
                yield start, start + visit.length


def free_slots(
    policy: Policy,
    service: Service | None,
    day: date,
    busy: Sequence[Busy],
    now: datetime,
    *,
    resources: Sequence[Resource],
    ignoring: str | None = None,
    prefer: str | None = None,
    grace: timedelta = NO_GRACE,
) -> tuple[Slot, ...]:
    """Bookable visits of a local day, by start, one per start time.

    `busy` must cover the whole local day and its buffers. `ignoring` is the id of the caller's own
    hold or appointment. With several resources each start goes to `prefer` if it is free, else to
    the free one with the fewest visits that day.
    """
    if now.tzinfo is None:
        raise TypeError("expected an aware datetime")
    if not first_day(policy, now) <= day <= last_day(policy, now):
        return ()
    # A cheap net of whole UTC days first: a search over weeks asks this for each of its days.
    midnight = datetime.combine(day, time(), UTC)
    low, high = midnight - _NET, midnight + 2 * _NET
    diary = [
        b
        for b in busy
        if b.block_start < high and low < b.block_end and b.appointment_id != ignoring
    ]
    today = [b for b in diary if local_day(policy.zone, b.start) == day]
    if policy.per_day_cap is not None and len(today) >= policy.per_day_cap:
        return ()
    visit = visit_of(policy, service)
    load = {r.id: sum(b.resource_id == r.id for b in today) for r in resources}
    lanes = {
        r.id: _lanes(policy, r, diary)
        for r in sorted(who_can(service, resources), key=lambda r: (r.id != prefer, load[r.id]))
    }
    earliest = earliest_start(policy, now, grace)
    found: list[Slot] = []
    for start, end in fitting_starts(policy, visit, day):
        if start < earliest:
            continue
        block = (start - visit.before, end + visit.after)
        for resource_id, taken in lanes.items():
            if any(_clear(lane, *block) for lane in taken):
                found.append(Slot(start, end, resource_id, *block))
                break
    return tuple(found)


def _lanes(
    policy: Policy, resource: Resource, diary: Iterable[Busy]
) -> tuple[list[tuple[datetime, datetime]], ...]:
    """Occupied blocks of each lane; a lane beyond the capacity is not offered, whatever lies in
    it."""
    count = min(resource.capacity, policy.capacity or resource.capacity)
    lanes: tuple[list[tuple[datetime, datetime]], ...] = tuple([] for _ in range(max(count, 0)))
    for b in diary:
        if b.resource_id == resource.id and b.lane < len(lanes):
            lanes[b.lane].append((b.block_start, b.block_end))
    return lanes


def _clear(lane: Sequence[tuple[datetime, datetime]], start: datetime, end: datetime) -> bool:
    return all(b_end <= start or end <= b_start for b_start, b_end in lane)
