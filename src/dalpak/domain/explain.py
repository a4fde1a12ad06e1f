"""Why a day looks as it does: every step of it, offered or not, and why not. For people who write a
policy and wonder.

It asks the same functions that offer and accept; no rule of its own, and no words for callers.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from enum import StrEnum

from dalpak.domain.booking import Closed, Request, Taken, TooSoon, why_not
from dalpak.domain.holidays import holidays_on
from dalpak.domain.policy import HolidayRule, Policy, windows_on
from dalpak.domain.records import Busy, Resource, Service
from dalpak.domain.slots import free_slots, grid, visit_of, who_can
from dalpak.domain.walltime import DAY_MIN, instant, local_day, weekday

OFFERED = "offered"


class Detail(StrEnum):
    """The rule behind a refusal, finer than its code."""

    NONE = ""
    OUTSIDE_HOURS = "outside_hours"
    ENDS_AFTER_CLOSING = "ends_after_closing"
    PAST = "past"
    NOTICE = "notice"
    ALL_BUSY = "all_busy"
    DAY_FULL = "day_full"
    NOBODY_GIVES_IT = "nobody_gives_it"


@dataclass(frozen=True, slots=True)
class Step:
    """One possible start. `code` is `offered` or the code that a refusal of it has."""

    minute: int
    """Wall minutes since midnight."""
    code: str
    detail: Detail
    free: tuple[str, ...]
    """Ids of those who could take it."""
    blocking: tuple[Busy, ...]
    """What stands in the way of the others."""


def explain(
    policy: Policy,
    service: Service | None,
    day: date,
    busy: Sequence[Busy],
    now: datetime,
    *,
    resources: Sequence[Resource],
) -> tuple[Step, ...]:
    """Every step of the day: the grid inside opening hours, the clock's steps outside them."""
    able = who_can(service, resources)
    free: dict[datetime, list[str]] = {}
    for resource in able:
        for slot in free_slots(policy, service, day, busy, now, resources=[resource]):
            free.setdefault(slot.start, []).append(resource.id)
    ids = {r.id for r in able}
    diary = [b for b in busy if b.resource_id in ids]
    today = sum(local_day(policy.zone, b.start) == day for b in busy)
    full = policy.per_day_cap is not None and today >= policy.per_day_cap
    return tuple(
        _step(policy, service, day, minute, free, diary, now, full=full, anybody=bool(able))
        for minute in _steps(policy, day)
    )


def _steps(policy: Policy, day: date) -> Iterator[int]:
    windows = windows_on(policy, day)
    inside = {minute for window in windows for minute in grid(policy, window)}
    outside = {
        minute
        for minute in range(0, DAY_MIN, policy.slot_size_min)
        if not any(start <= minute < end for start, end in windows)
    }
    yield from sorted(inside | outside)


def _step(
    policy: Policy,
    service: Service | None,
    day: date,
    minute: int,
    free: dict[datetime, list[str]],
    diary: Sequence[Busy],
    now: datetime,
    *,
    full: bool,
    anybody: bool,
) -> Step:
    start = instant(policy.zone, day, minute)
    if start is not None and start in free:
        return Step(minute, OFFERED, Detail.NONE, tuple(free[start]), ())
    refusal = why_not(Request(day, time(minute // 60, minute % 60)), policy, service, now)
    detail = Detail.NONE
    blocking: tuple[Busy, ...] = ()
    if refusal is Closed:
        inside = any(begin <= minute < end for begin, end in windows_on(policy, day))
        detail = Detail.ENDS_AFTER_CLOSING if inside else Detail.OUTSIDE_HOURS
    elif refusal is TooSoon and start is not None:
        detail = Detail.PAST if start < now.astimezone(UTC) else Detail.NOTICE
    elif refusal is Taken and start is not None:
        visit = visit_of(policy, service)
        low, high = start - visit.before, start + visit.length + visit.after
        detail = Detail.ALL_BUSY if anybody else Detail.NOBODY_GIVES_IT
        if full:
            detail = Detail.DAY_FULL
        else:
            blocking = tuple(b for b in diary if b.block_start < high and low < b.block_end)
    return Step(minute, refusal.code, detail, (), blocking)


def hours_come_from(policy: Policy, day: date) -> str:
    """Which rule gave the day its hours: `exception 2026-12-25`, `holiday pesach: closed`, `sun`."""
    for key in (day.isoformat(), f"{day:%m-%d}"):
        if key in policy.exceptions:
            return f"exception {key}"
    chosen = {
        name: policy.holidays[name]
        for name in holidays_on(day)
        if policy.holidays.get(name, HolidayRule.NORMAL) is not HolidayRule.NORMAL
    }
    usual = "open all day" if policy.allow_24_7 else weekday(day)
    if not chosen or not windows_on(_usual(policy), day):
        return usual
    closed = [name for name, rule in chosen.items() if rule is HolidayRule.CLOSED]
    if closed:
        return f"holiday {closed[0]}: closed"
    return f"holiday {next(iter(chosen))}: short ({usual})"


def _usual(policy: Policy) -> Policy:
    """The same week without its holidays."""
    return Policy(
        timezone=policy.timezone,
        allow_24_7=policy.allow_24_7,
        opening_hours=policy.opening_hours,
    )
