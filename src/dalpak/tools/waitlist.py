"""`calendar.waitlist`: a caller for whom nothing suits is called when something becomes free.

Only where nothing that suits is free: else that is offered instead. Finding who is next when a time
becomes free is not done here.
"""

from dataclasses import dataclass
from datetime import date
from typing import Annotated

from msgspec import Meta

from dalpak.domain.booking import Closed, Refusal, TooFar, TooSoon, part_window
from dalpak.domain.events import lead_left, waitlist_joined
from dalpak.domain.policy import windows_on
from dalpak.domain.records import WaitlistEntry
from dalpak.domain.walltime import DAY_MIN, clock_text, instant, minute_of
from dalpak.domain.windows import Windows, intersect
from dalpak.language.base import PartOfDay
from dalpak.ports.agent import CollectDigits, ToolOutcome
from dalpak.ports.store import Reading
from dalpak.tools.calendar import (
    MAX_SERVICES,
    Date,
    Id,
    asked_services,
    offer,
    read_clock,
    read_date,
    refuse,
    shown,
    wish_of,
)
from dalpak.tools.context import CallContext, Office, read_office
from dalpak.tools.diary import Wish, days_of, free_days
from dalpak.tools.holding import PHONE_DIGITS, nearest
from dalpak.tools.numbers import keyed
from dalpak.tools.spec import Args, BadArguments, fail

MAX_WAITING = 3
"""Wishes of one person that are still to come."""
SUGGESTIONS = 2


class Waitlist(Args, frozen=True, kw_only=True, forbid_unknown_fields=True):
    date: Date | None = None
    date_to: Annotated[str, Meta(max_length=10, description="last date of a range")] | None = None
    window_from: Annotated[str, Meta(max_length=5, description="not before, HH:MM")] | None = None
    window_to: Annotated[str, Meta(max_length=5, description="starts before, HH:MM")] | None = None
    part_of_day: PartOfDay | None = None
    service_id: Id | None = None
    service_ids: (
        Annotated[list[Id], Meta(max_length=MAX_SERVICES, description="all of one visit")] | None
    ) = None
    staff_id: Annotated[str, Meta(max_length=64, description="null for anyone")] | None = None


@dataclass(frozen=True, slots=True)
class _Wanted:
    """Days and starts that would suit."""

    first: date
    last: date
    window: tuple[int, int]

    def suits(self, minute: int) -> bool:
        return self.window[0] <= minute < self.window[1]


async def waitlist(ctx: CallContext, args: Waitlist) -> ToolOutcome:
    """Put the caller on the list for days and hours in which nothing is free."""
    async with ctx.store.writing(ctx.scope) as tx:
        office = await read_office(tx, ctx)
        services = asked_services(args.service_id, args.service_ids)
        wish = wish_of(ctx, office, services, args.staff_id)
        if isinstance(wish, ToolOutcome):
            return wish
        wanted = _read(args, office)
        needless = await _needless(tx, ctx, office, wish, wanted)
        if needless is not None:
            return needless
        if ctx.gate.phone is None:
            return fail(
                "need_phone",
                "without a number nobody can be called",
                directive=CollectDigits("phone", PHONE_DIGITS),
            )
        lead = await tx.find_or_create_lead(
            phone=ctx.gate.phone, name=ctx.gate.name, call_id=ctx.call_id, now=office.now
        )
        entry = _entry(ctx, office, wish, wanted, lead.id)
        waiting = [e for e in await tx.waitlist(lead_id=lead.id) if e.last_day >= office.today]
        if len(waiting) >= MAX_WAITING and all(not _same(e, entry) for e in waiting):
            return fail("too_many", f"{MAX_WAITING} wishes are waiting already", suggestions=[])
        await keyed(tx, ctx)
        kept = await tx.join_waitlist(entry)
        await tx.publish(
            waitlist_joined(ctx.scope.business_id, kept.id, lead.id, ctx.call_id, office.now)
        )
        await tx.note_lead(lead.id, _note(ctx, office, wish, wanted))
        # The staff reads of it as of any other message.
        await tx.publish(lead_left(ctx.scope.business_id, lead.id, ctx.call_id, office.now))
    return ToolOutcome(
        {
            "ok": True,
            "waitlist_id": kept.id,
            "date": wanted.first.isoformat(),
            "date_to": wanted.last.isoformat(),
        },
        say=ctx.language.phrase("waitlisted"),
    )


def _entry(
    ctx: CallContext, office: Office, wish: Wish, wanted: _Wanted, lead_id: str
) -> WaitlistEntry:
    return WaitlistEntry(
        id=ctx.clock.new_id("wait_"),
        lead_id=lead_id,
        call_id=ctx.call_id,
        service_ids=(wish.service.id, *wish.more_service_ids),
        resource_id=wish.resource_id,
        first_day=wanted.first,
        last_day=wanted.last,
        window=wanted.window,
        created_at=office.now,
    )


def _same(one: WaitlistEntry, other: WaitlistEntry) -> bool:
    def wish(e: WaitlistEntry) -> tuple[object, ...]:
        return e.service_ids, e.resource_id, e.first_day, e.last_day, e.window

    return wish(one) == wish(other)


def _read(args: Waitlist, office: Office) -> _Wanted:
    first = read_date(args.date) if args.date else office.today
    last = read_date(args.date_to) if args.date_to else (first if args.date else office.last_day)
    window: Windows = ((0, DAY_MIN),)
    if args.part_of_day is not None:
        window = (part_window(args.part_of_day),)
    start = minute_of(read_clock(args.window_from)) if args.window_from else 0
    end = minute_of(read_clock(args.window_to)) if args.window_to else DAY_MIN
    window = intersect(window, ((start, end),)) if start < end else ()
    if last < first or not window:
        raise BadArguments("an empty range of days or hours")
    return _Wanted(first, last, window[0])


# -- why nobody needs to wait ----------------------------------------------------------------------


async def _needless(
    reading: Reading, ctx: CallContext, office: Office, wish: Wish, wanted: _Wanted
) -> ToolOutcome | None:
    """A refusal with two times where something suits, or where nothing ever could."""
    found = []
    async for day in free_days(reading, office, wish, wanted.first, wanted.last):
        local = [(s, minute_of(office.local(s.start).time())) for s in day]
        found += [s for s, minute in local if wanted.suits(minute)]
        if len(found) >= SUGGESTIONS:
            break
    if found:
        return fail(
            "free",
            "something that suits is free; offer it",
            suggestions=[shown(office, offer(ctx, wish, s)) for s in found[:SUGGESTIONS]],
        )
    refusal = _impossible(office, wanted)
    if refusal is None:
        return None
    near = min(max(wanted.first, office.today), office.last_day)
    around = instant(office.zone, near, wanted.window[0]) or office.now
    return refuse(ctx, office, wish, refusal(tuple(await nearest(reading, office, wish, around))))


def _impossible(office: Office, wanted: _Wanted) -> type[Refusal] | None:
    if wanted.last < office.today:
        return TooSoon
    if wanted.first > office.last_day:
        return TooFar
    days = days_of(max(wanted.first, office.today), min(wanted.last, office.last_day))
    hours: Windows = (wanted.window,)
    if any(intersect(windows_on(office.policy, day), hours) for day in days):
        return None
    return Closed


# -- for the business ------------------------------------------------------------------------------


def _note(ctx: CallContext, office: Office, wish: Wish, wanted: _Wanted) -> str:
    """What the staff reads: which service, which days and hours."""
    words, ids = ctx.language, (wish.service.id, *wish.more_service_ids)
    services = ", ".join(s.name for s in map(office.service, ids) if s)
    days = f"{wanted.first:%d.%m.%Y}"
    if wanted.last != wanted.first:
        days += f" - {wanted.last:%d.%m.%Y}"
    start, end = map(clock_text, wanted.window)
    return words.written("waitlist_note", service=services, days=days, hours=f"{start}-{end}")
