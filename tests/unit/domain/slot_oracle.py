"""What is free, by counting minutes: an oracle that knows nothing of intervals, lanes or anchors.

It reads the raw hours that a test made, never the policy's own windows.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from dalpak.domain.policy import Anchor, Policy
from dalpak.domain.records import Busy, Resource, Service
from dalpak.domain.walltime import WEEKDAYS

@cache
def wall_minutes(zone: ZoneInfo, day: date) -> dict[int, datetime]:
    """Minute of the local day -> the first UTC minute at which clocks show it, found by looking."""
    first: dict[int, datetime] = {}
    at = datetime.combine(day, time(), UTC) - timedelta(hours=15)
    for _ in range(54 * 60):
        local = at.astimezone(zone)
        if local.date() == day:
            first.setdefault(local.hour * 60 + local.minute, at)
        at += timedelta(minutes=1)
    return first


def open_minutes(raw: dict[str, list[tuple[int, int]]], day: date) -> set[int]:
    name = WEEKDAYS[int(day.strftime("%w"))]
    return {m for start, end in raw.get(name, []) for m in range(start, end)}


def oracle(
    policy: Policy,
    raw: dict[str, list[tuple[int, int]]],
    day: date,
    busy: list[Busy],
    now: datetime,
    resources: tuple[Resource, ...],
) -> list[datetime]:
    zone = policy.zone
    days_ahead = (day - now.astimezone(zone).date()).days
    if not 0 <= days_ahead <= policy.booking_window_days:
        return []
    if policy.per_day_cap is not None:
        booked = sum(b.start.astimezone(zone).date() == day for b in busy)
        if booked >= policy.per_day_cap:
            return []
    opened = open_minutes(raw, day)
    following = open_minutes(raw, day + timedelta(days=1))
    clocks = wall_minutes(zone, day)
    clocks_after = wall_minutes(zone, day + timedelta(days=1))
    length = timedelta(minutes=policy.default_service_min)
    before = timedelta(minutes=policy.buffer_before_min)
    after = timedelta(minutes=policy.buffer_after_min)
    lanes = [taken for r in resources for taken in occupied_minutes(busy, r)]
    found = []
    for minute in sorted(opened & clocks.keys()):
        anchor = minute
        while anchor - 1 in opened:
            anchor -= 1
        origin = 0 if policy.grid_anchor is Anchor.CLOCK else anchor
        if (minute - origin) % policy.slot_size_min:
            continue
        last = minute
        while last in opened or (last >= 1440 and last - 1440 in following):
            last += 1
        start = clocks[minute]
        closing = first_at_or_after(clocks, clocks_after, last)
        if (
            start + length <= closing
            and start >= now + timedelta(minutes=policy.min_notice_min)
            and any(
                taken.isdisjoint(each_minute(start - before, start + length + after))
                for taken in lanes
            )
        ):
            found.append(start)
    return found


def first_at_or_after(
    clocks: dict[int, datetime], following: dict[int, datetime], minute: int
) -> datetime:
    """A window ends when the clock first shows its end, or first shows anything later."""
    if minute < 1440:
        later = [at for m, at in clocks.items() if m >= minute]
        if later:
            return min(later)
    later = [at for m, at in following.items() if m >= max(minute - 1440, 0)]
    return min(later) if later else max(following.values()) + timedelta(minutes=1)


def occupied_minutes(busy: list[Busy], resource: Resource) -> list[set[int]]:
    """Epoch minutes taken in each lane, blocks and all."""
    lanes: list[set[int]] = [set() for _ in range(resource.capacity)]
    for b in busy:
        if b.resource_id == resource.id:
            lanes[b.lane] |= set(each_minute(b.block_start, b.block_end))
    return lanes


def each_minute(start: datetime, end: datetime) -> range:
    return range(int(start.timestamp()) // 60, int(end.timestamp()) // 60)
