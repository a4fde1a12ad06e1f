"""May this visit be booked, and if not, why not and what instead?

`decide` accepts exactly what `free_slots` offers; everything else is a refusal with a reason and,
where two exist, exactly two suggestions. No words for the caller here, and nothing is written.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import ClassVar, Self
from zoneinfo import ZoneInfo

from dalpak.domain.policy import Policy, windows_on
from dalpak.domain.records import Busy, Resource, Service
from dalpak.domain.slots import (
    NO_GRACE,
    Slot,
    earliest_start,
    first_day,
    fitting_starts,
    free_slots,
    grid,
    last_day,
    visit_of,
    who_can,
)
from dalpak.domain.walltime import DAY_MIN, instant, minute_of

SUGGESTIONS = 2

_PARTS = ((5, "morning"), (12, "noon"), (15, "afternoon"), (18, "evening"), (22, "night"))
"""First hour of each part of the day as Hebrew speakers name them; night runs to five."""


def day_part(minute: int) -> str:
    """`morning` 5-12, `noon` 12-15, `afternoon` 15-18, `evening` 18-22, `night`."""
    hour = minute // 60
    return next((name for first, name in reversed(_PARTS) if hour >= first), "night")


def part_window(part: str) -> tuple[int, int]:
    """[from, to) in minutes of the day it begins in: the night's share ends at midnight."""
    firsts = [(hour * 60, name) for hour, name in _PARTS]
    begin = next(minute for minute, name in firsts if name == part)
    return begin, min((m for m, _ in firsts if m > begin), default=DAY_MIN)


@dataclass(frozen=True, slots=True)
class Request:
    """What a caller asks for, in the business's wall time: that is how people say it."""

    day: date
    at: time
    """`fold=1` means the second of two equal hours when the clock goes back; it is never
    bookable."""
    resource_id: str | None = None
    phone_known: bool = True
    prefer: str | None = None
    """Of several who could, this one where free: a visit that moves stays with its staff."""

    @classmethod
    def of_instant(
        cls,
        start: datetime,
        zone: ZoneInfo,
        *,
        resource_id: str | None = None,
        prefer: str | None = None,
    ) -> Self:
        """Of an aware instant."""
        if start.tzinfo is None:
            raise TypeError("expected an aware datetime")
        local = start.astimezone(zone)
        at = local.timetz().replace(tzinfo=None)
        return cls(local.date(), at, resource_id, prefer=prefer)

    @property
    def minute(self) -> int:
        return minute_of(self.at)


@dataclass(frozen=True, slots=True)
class Accepted:
    code: ClassVar[str] = "accepted"
    slot: Slot


@dataclass(frozen=True, slots=True)
class Refused:
    """Why not, and two bookable visits instead, by start; fewer only if there are no two."""

    code: ClassVar[str] = "refused"
    suggestions: tuple[Slot, ...] = ()


class OffGrid(Refused):
    __slots__ = ()
    code = "off_grid"


class TooSoon(Refused):
    """In the past, or nearer than the notice the business wants."""

    __slots__ = ()
    code = "too_soon"


class TooFar(Refused):
    __slots__ = ()
    code = "too_far"


class Closed(Refused):
    """Outside opening hours, or the visit would not end before closing."""

    __slots__ = ()
    code = "closed"


class Taken(Refused):
    """Everybody who could is busy, or the day is full."""

    __slots__ = ()
    code = "taken"


class DoesNotExist(Refused):
    """The clock skips this hour on that night."""

    __slots__ = ()
    code = "does_not_exist"


@dataclass(frozen=True, slots=True)
class NeedsPhone:
    """The time is free, but this business books nobody without a number."""

    code: ClassVar[str] = "need_phone"
    slot: Slot
    suggestions: tuple[Slot, ...] = ()


Refusal = OffGrid | TooSoon | TooFar | Closed | Taken | DoesNotExist
Decision = Accepted | Refusal | NeedsPhone


def decide(
    request: Request,
    policy: Policy,
    service: Service | None,
    resources: Sequence[Resource],
    busy: Sequence[Busy],
    now: datetime,
    *,
    ignoring: str | None = None,
    grace: timedelta = NO_GRACE,
) -> Decision:
    """Judge the request, and suggest where it is refused.

    `busy` must cover every day that suggestions may come from; with less, suggestions are fewer or
    stale, the judgement of the asked day is not. `grace` shortens the notice: a caller who holds a
    slot has time.
    """
    able = who_can(service, resources, request.resource_id)
    offered = free_slots(
        policy,
        service,
        request.day,
        busy,
        now,
        resources=able,
        ignoring=ignoring,
        prefer=request.prefer,
        grace=grace,
    )
    asked = _instant_of(request, policy)
    slot = next((s for s in offered if s.start == asked), None)
    if slot is not None:
        if policy.require_phone_before_booking and not request.phone_known:
            return NeedsPhone(slot)
        return Accepted(slot)
    refusal = why_not(request, policy, service, now, grace)
    return refusal(suggest(request, policy, service, able, busy, now, ignoring=ignoring))


def suggest(
    request: Request,
    policy: Policy,
    service: Service | None,
    resources: Sequence[Resource],
    busy: Sequence[Busy],
    now: datetime,
    *,
    ignoring: str | None = None,
) -> tuple[Slot, ...]:
    """Two bookable visits instead of the one asked for, by start; fewer only if there are no two.

    The nearest before and after in the same part of that day; else the next free ones after it,
    through the booking window; else the last ones before it.
    """
    able = who_can(service, resources, request.resource_id)
    wanted = (request.day, request.at)

    def on(day: date) -> tuple[Slot, ...]:
        return free_slots(
            policy,
            service,
            day,
            busy,
            now,
            resources=able,
            ignoring=ignoring,
            prefer=request.prefer,
        )

    def wall(slot: Slot) -> tuple[date, time]:
        local = slot.start.astimezone(policy.zone)
        return local.date(), local.time()

    same_part = [
        s for s in on(request.day) if day_part(minute_of(wall(s)[1])) == day_part(request.minute)
    ]
    picked = [s for s in same_part if wall(s) < wanted][-1:]
    picked += [s for s in same_part if wall(s) > wanted][:1]
    for day, ahead in _days_around(request.day, first_day(policy, now), last_day(policy, now)):
        if len(picked) >= SUGGESTIONS:
            break
        here = on(day) if ahead else reversed(on(day))
        side = [s for s in here if (wall(s) > wanted) == ahead and wall(s) != wanted]
        picked += [s for s in side if s not in picked][: SUGGESTIONS - len(picked)]
    return tuple(sorted(picked, key=lambda s: s.start))


def _days_around(asked: date, first: date, last: date) -> Iterator[tuple[date, bool]]:
    """From the asked day to the last, then (False) from the asked day back to the first."""
    start = max(asked, first)
    for n in range((last - start).days + 1):
        yield start + timedelta(days=n), True
    start = min(asked, last)
    for n in range((start - first).days + 1):
        yield start - timedelta(days=n), False


def _instant_of(request: Request, policy: Policy) -> datetime | None:
    """None where the wall time is skipped, is not a whole minute, or is the second of two."""
    if request.at.second or request.at.microsecond:
        return None
    if not date.min < request.day < date.max:
        return None
    found = instant(policy.zone, request.day, request.minute)
    if found is None or (request.at.fold and _comes_twice(found, policy)):
        return None
    return found


def _comes_twice(found: datetime, policy: Policy) -> bool:
    local = found.astimezone(policy.zone)
    return local.utcoffset() != local.replace(fold=1).utcoffset()


def _is_skipped(request: Request, policy: Policy) -> bool:
    return instant(policy.zone, request.day, request.minute) is None


def why_not(
    request: Request,
    policy: Policy,
    service: Service | None,
    now: datetime,
    grace: timedelta = NO_GRACE,
) -> type[Refusal]:
    """The reason that helps the caller most, for a request that `free_slots` does not hold."""
    in_window = first_day(policy, now) <= request.day <= last_day(policy, now)
    if in_window and _is_skipped(request, policy):
        return DoesNotExist
    if _off_grid(request, policy):
        return OffGrid
    if request.day > last_day(policy, now):
        return TooFar
    asked = _instant_of(request, policy)
    if request.day < first_day(policy, now) or asked is None:
        return TooSoon
    if asked.astimezone(UTC) < earliest_start(policy, now, grace):
        return TooSoon
    return Taken if _fits(request, policy, service, asked) else Closed


def _off_grid(request: Request, policy: Policy) -> bool:
    """Not a start time: inside opening hours the window's grid decides, outside them the
    clock's."""
    if request.at.second or request.at.microsecond or request.at.fold:
        return True
    for window in windows_on(policy, request.day):
        if window[0] <= request.minute < window[1]:
            return request.minute not in grid(policy, window)
    return request.minute % policy.slot_size_min != 0


def _fits(request: Request, policy: Policy, service: Service | None, asked: datetime) -> bool:
    starts = fitting_starts(policy, visit_of(policy, service), request.day)
    return any(start == asked for start, _ in starts)
