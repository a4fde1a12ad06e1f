"""`dalpak policy explain`: a day of a business, step by step, with why each is offered or not.

Read-only, and without anything personal: who booked is nobody's business here.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import groupby
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from dalpak.cli.common import emit_json, fail, settings_for
from dalpak.clock import SystemClock
from dalpak.domain.explain import OFFERED, Detail, Step, explain, hours_come_from
from dalpak.domain.policy import Policy, windows_on
from dalpak.domain.records import Business, Busy, Resource, Service, TenantScope
from dalpak.domain.slots import first_day, last_day, together, visit_of, who_can
from dalpak.domain.walltime import DAY_MIN, clock_text
from dalpak.domain.windows import windows_to_json
from dalpak.store.migrate import schema_version
from dalpak.store.unit_of_work import SqlStore
from dalpak.tools.policy import PolicyCache, get_business_policy

AROUND = timedelta(days=3)

WORDS = {
    Detail.OUTSIDE_HOURS: "closed",
    Detail.ENDS_AFTER_CLOSING: "would end after closing",
    Detail.PAST: "in the past",
    Detail.NOTICE: "nearer than the notice of {notice} min",
    Detail.ALL_BUSY: "taken",
    Detail.DAY_FULL: "the day is full: at most {cap} appointments",
    Detail.NOBODY_GIVES_IT: "nobody gives this service",
}
CODES = {
    "too_far": "after the booking window of {window} days",
    "too_soon": "in the past",
    "does_not_exist": "the clock skips this hour",
    "taken": "taken",
}


@dataclass(frozen=True, slots=True)
class Day:
    """What there is to explain."""

    business: Business
    policy: Policy
    problem: str
    service: Service | None
    names: str
    resources: tuple[Resource, ...]
    day: date
    now: datetime
    busy: Sequence[Busy]

    @property
    def steps(self) -> tuple[Step, ...]:
        return explain(
            self.policy, self.service, self.day, self.busy, self.now, resources=self.resources
        )


def explain_day(
    *, business: str, day: str, services: list[str], staff: str, now: str, db: str, as_json: bool
) -> int:
    try:
        on = date.fromisoformat(day)
    except ValueError:
        return fail(f"DATE: expected YYYY-MM-DD, got {day!r}")
    moment = datetime.fromisoformat(now) if _is_instant(now) else None
    if now and moment is None:
        return fail(f"--now: expected ISO 8601 with a zone, got {now!r}")
    settings = settings_for(db)
    if schema_version(settings.db_url) is None:
        return fail("no database yet: start the server once (make run)")

    async def run() -> Day | str:
        store = SqlStore.open(settings.db_url, SystemClock())
        try:
            return await _read(store, business, on, services, staff, moment or SystemClock().now())
        finally:
            await store.aclose()

    found = asyncio.run(run())
    if isinstance(found, str):
        return fail(found)
    if as_json:
        emit_json(_as_json(found))
    else:
        _draw(found)
    return 0


def _is_instant(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False


async def _read(
    store: SqlStore, wanted: str, on: date, services: list[str], staff: str, now: datetime
) -> Day | str:
    known = list(await store.businesses())
    business = next((b for b in known if wanted in (b.id, b.name, b.phone)), None)
    if business is None:
        return f"BUSINESS: expected one of {', '.join(b.id for b in known)}, got {wanted!r}"
    cache = PolicyCache()
    start = datetime.combine(on, time(), now.tzinfo)
    async with store.reading(TenantScope(business.id)) as reading:
        policy = get_business_policy(
            business.id,
            business.prompt,
            row=await reading.policy(),
            timezone=business.timezone,
            cache=cache,
        )
        all_services, everybody = await reading.services(), await reading.resources()
        busy = await reading.busy(start - AROUND, start + AROUND, now)
    chosen = [_named(all_services, name) for name in services] or list(all_services[:1])
    missing = [name for name, s in zip(services, chosen, strict=False) if s is None]
    if missing:
        return f"--service: expected one of {', '.join(s.id for s in all_services)}, got {missing}"
    given = [s for s in chosen if s is not None]
    service = together(given) if given else None
    if given and service is None:
        return "--service: nobody gives all of these in one visit"
    resources = who_can(service, everybody, _id_of(everybody, staff) if staff else None)
    if staff and not resources:
        return f"--staff: expected one of {', '.join(r.id for r in everybody)}, got {staff!r}"
    names = " + ".join(s.name for s in given)
    problem = cache.problem(business.id)
    return Day(business, policy, problem, service, names, tuple(resources), on, now, busy)


def _named(services: Sequence[Service], name: str) -> Service | None:
    return next((s for s in services if name in (s.id, s.name, *s.aliases)), None)


def _id_of(staff: Sequence[Resource], name: str) -> str:
    return next((r.id for r in staff if name in (r.id, r.name, *r.aliases)), name)


# -- as data ---------------------------------------------------------------------------------------


def _as_json(d: Day) -> dict[str, Any]:
    policy, steps = d.policy, d.steps
    return {
        "business_id": d.business.id,
        "date": d.day.isoformat(),
        "now": d.now.astimezone(policy.zone).isoformat(),
        "timezone": policy.timezone,
        "service_minutes": int(visit_of(policy, d.service).length.total_seconds()) // 60,
        "staff": [r.id for r in d.resources],
        "windows": windows_to_json(windows_on(policy, d.day)),
        "hours_from": hours_come_from(policy, d.day),
        "policy_problem": d.problem,
        "offered": sum(s.code == OFFERED for s in steps),
        "steps": [
            {
                "at": clock_text(s.minute),
                "offered": s.code == OFFERED,
                "code": s.code,
                "why": _why(d, s),
                "free": list(s.free),
                "taken_by": [_span(d, b) for b in s.blocking],
            }
            for s in steps
        ],
    }


def _why(d: Day, step: Step) -> str:
    if step.code == OFFERED:
        return ""
    words = WORDS.get(step.detail) or CODES.get(step.code, step.code)
    return words.format(
        notice=d.policy.min_notice_min,
        cap=d.policy.per_day_cap,
        window=d.policy.booking_window_days,
    )


def _span(d: Day, busy: Busy) -> str:
    """Whose and when, the buffers in it."""
    start, end = (t.astimezone(d.policy.zone) for t in (busy.block_start, busy.block_end))
    return f"{busy.resource_id} {start:%H:%M}-{end:%H:%M}"


# -- for people ------------------------------------------------------------------------------------


def _draw(d: Day) -> None:
    policy, steps = d.policy, d.steps
    console = Console()
    windows = ", ".join(f"{clock_text(a)}-{clock_text(b)}" for a, b in windows_on(policy, d.day))
    visit = visit_of(policy, d.service)
    length = int(visit.length.total_seconds()) // 60
    console.print(Text(f"{d.business.name}, {d.day:%A %Y-%m-%d}", style="bold"))
    console.print(f"  hours     {windows or 'closed'}  ({hours_come_from(policy, d.day)})")
    console.print(f"  visit     {d.names or 'usual'}, {length} min{_buffers(policy, d.service)}")
    console.print(f"  with      {', '.join(r.name for r in d.resources) or 'nobody'}")
    local = d.now.astimezone(policy.zone)
    last = last_day(policy, d.now)
    console.print(f"  now       {local:%Y-%m-%d %H:%M}, notice {policy.min_notice_min} min")
    console.print(f"  window    {first_day(policy, d.now)} to {last}, both included")
    if d.problem:
        console.print(Text(f"  warning   {d.problem}", style="yellow"))
    console.print()
    console.print(_table(d, steps))
    offered = sum(s.code == OFFERED for s in steps)
    console.print(f"\n  {offered} of {len(steps)} steps offered")


def _buffers(policy: Policy, service: Service | None) -> str:
    visit = visit_of(policy, service)
    before, after = (int(t.total_seconds()) // 60 for t in (visit.before, visit.after))
    return f", {before} min before and {after} min after" if before or after else ""


def _table(d: Day, steps: Sequence[Step]) -> Table:
    """A row a step; stretches that are closed, over or too far ahead are one row."""
    names = {r.id: r.name for r in d.resources}
    table = Table("from", "to", "", "why", "who", box=None, header_style="bold")

    def stretch(step: Step) -> object:
        return (step.code, step.detail) if _is_stretch(step) else step.minute

    for _, group in groupby(steps, key=stretch):
        run = list(group)
        first = run[0]
        good = first.code == OFFERED
        until = _end_of(d, run, steps)
        who = ", ".join(names.get(i, i) for i in first.free)
        who = who or ", ".join(_span(d, b) for b in first.blocking)
        table.add_row(
            clock_text(first.minute),
            until,
            Text("●" if good else "○", style="green" if good else "bright_black"),
            Text(_told(d, run), style="green" if good else ""),
            who,
        )
    return table


def _told(d: Day, run: Sequence[Step]) -> str:
    words = _why(d, run[0]) or "offered"
    return f"{words} ({len(run)} steps)" if len(run) > 1 else words


def _is_stretch(step: Step) -> bool:
    return step.detail in {Detail.OUTSIDE_HOURS, Detail.PAST} or step.code in {
        "too_far",
        "too_soon",
    }


def _end_of(d: Day, run: Sequence[Step], steps: Sequence[Step]) -> str:
    """Where a stretch ends; when a visit that starts at the step would."""
    if _is_stretch(run[0]):
        later = [s.minute for s in steps if s.minute > run[-1].minute]
        return clock_text(min(later, default=DAY_MIN))
    length = int(visit_of(d.policy, d.service).length.total_seconds()) // 60
    return clock_text((run[0].minute + length) % DAY_MIN)
