"""What is free, by counting minutes: an oracle that knows nothing of intervals, lanes or anchors.

It reads the raw hours that a test made, never the policy's own windows.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from dalpak.domain.policy import Anchor, Policy
from dalpak.domain.records import Busy, Resource, Service
from dalpak.domain.walltime import WEEKDAYS

Spans = Sequence[tuple[int, int]]
"""[from, to) in minutes, in any order, overlapping or backward."""


@dataclass(frozen=True)
class Hours:
    """When a business is open, as it was made up: by weekday, by date, by yearly day, by rule."""

    week: Mapping[str, Spans]
    exceptions: Mapping[str, Spans] = field(default_factory=dict)
    all_day: bool = False
    closed_on: frozenset[date] = frozenset()
    """Dates that a holiday rule closes."""
    short_on: frozenset[date] = frozenset()
    short: Spans = ()

    def minutes(self, day: date) -> set[int]:
        for key in (f"{day:%Y-%m-%d}", f"{day:%m-%d}"):
            if key in self.exceptions:
                return _minutes(self.exceptions[key])
        name = WEEKDAYS[int(day.strftime("%w"))]
        usual = set(range(1440)) if self.all_day else _minutes(self.week.get(name, ()))
        if day in self.closed_on:
            return set()
        return usual & _minutes(self.short) if day in self.short_on else usual


def _minutes(spans: Spans) -> set[int]:
    return {m for start, end in spans for m in range(start, end)}


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


def oracle(
    policy: Policy,
    hours: Hours,
    day: date,
    busy: Sequence[Busy],
    now: datetime,
    resources: Sequence[Resource],
    service: Service | None = None,
) -> list[datetime]:
    """The starts that may be booked."""
    zone = policy.zone
    days_ahead = (day - now.astimezone(zone).date()).days
    if not 0 <= days_ahead <= policy.booking_window_days:
        return []
    if policy.per_day_cap is not None:
        booked = sum(b.start.astimezone(zone).date() == day for b in busy)
        if booked >= policy.per_day_cap:
            return []
    able = [
        r
        for r in resources
        if service is None or not service.resource_ids or r.id in service.resource_ids
    ]
    lanes = [taken for r in able for taken in occupied_minutes(policy, busy, r)]
    before, length, after = _visit(policy, service)
    found = []
    for start, closing in _grid(policy, hours, day):
        block = each_minute(start - before, start + length + after)
        if (
            start + length <= closing
            and start >= now + timedelta(minutes=policy.min_notice_min)
            and any(taken.isdisjoint(block) for taken in lanes)
        ):
            found.append(start)
    return found


def _visit(policy: Policy, service: Service | None) -> tuple[timedelta, timedelta, timedelta]:
    minutes = (policy.buffer_before_min, policy.default_service_min, policy.buffer_after_min)
    if service is not None:
        minutes = (
            max(minutes[0], service.buffer_before_min),
            service.duration_min,
            max(minutes[2], service.buffer_after_min),
        )
    before, length, after = (timedelta(minutes=m) for m in minutes)
    return before, length, after


def _grid(policy: Policy, hours: Hours, day: date) -> list[tuple[datetime, datetime]]:
    """Each step of the day that clocks show, with the closing of its window."""
    opened, following = hours.minutes(day), hours.minutes(day + timedelta(days=1))
    clocks = wall_minutes(policy.zone, day)
    opens: dict[int, int] = {}
    for minute in sorted(opened):
        opens[minute] = opens.get(minute - 1, minute)
    closes: dict[int, int] = {}
    for minute in sorted(opened | {m + 1440 for m in following}, reverse=True):
        closes[minute] = closes.get(minute + 1, minute + 1)
    found = []
    for minute in sorted(opened & clocks.keys()):
        origin = 0 if policy.grid_anchor is Anchor.CLOCK else opens[minute]
        if (minute - origin) % policy.slot_size_min == 0:
            found.append((clocks[minute], first_at_or_after(policy.zone, day, closes[minute])))
    return found


@cache
def first_at_or_after(zone: ZoneInfo, day: date, minute: int) -> datetime:
    """A window ends when the clock first shows its end, or first shows anything later."""
    clocks, following = wall_minutes(zone, day), wall_minutes(zone, day + timedelta(days=1))
    if minute < 1440:
        later = [at for m, at in clocks.items() if m >= minute]
        if later:
            return min(later)
    later = [at for m, at in following.items() if m >= max(minute - 1440, 0)]
    return min(later) if later else max(following.values()) + timedelta(minutes=1)


def occupied_minutes(policy: Policy, busy: Sequence[Busy], resource: Resource) -> list[set[int]]:
    """Epoch minutes taken in each lane that the policy lets the resource use, blocks and all."""
    usable = min(resource.capacity, policy.capacity or resource.capacity)
    lanes: list[set[int]] = [set() for _ in range(usable)]
    for b in busy:
        if b.resource_id == resource.id and b.lane < usable:
            lanes[b.lane] |= set(each_minute(b.block_start, b.block_end))
    return lanes


def each_minute(start: datetime, end: datetime) -> range:
    return range(int(start.timestamp()) // 60, int(end.timestamp()) // 60)
