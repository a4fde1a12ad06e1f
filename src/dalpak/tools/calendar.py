"""`calendar.find_slots` and `calendar.choose_slot`: what could be booked, and which of it the
caller takes.

Every slot that leaves here, suggestions too, is registered with the gate as offered. Nothing is
written to the database; what books is in booking.py.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, time
from typing import Annotated

from msgspec import Meta

from dalpak.domain.booking import (
    Accepted,
    Closed,
    NeedsPhone,
    Refusal,
    Request,
    TooFar,
    TooSoon,
    day_part,
    suggest,
)
from dalpak.domain.policy import windows_on
from dalpak.domain.slots import Slot
from dalpak.domain.walltime import minute_of
from dalpak.language.base import PartOfDay
from dalpak.ports.agent import ToolOutcome
from dalpak.ports.store import Reading
from dalpak.tools.context import CallContext, Office, read_office
from dalpak.tools.diary import Wish, busy_between, days_of, free_days, judge
from dalpak.tools.gate import Offer, Own
from dalpak.tools.mine import own_appointment, own_of
from dalpak.tools.spec import Args, BadArguments, fail, succeed

DEFAULT_LIMIT = 3
MAX_LIMIT = 100
MAX_SERVICES = 6
"""Services in one visit."""
DAYS_FOR_A_TIME = 7
"""Free days looked at when the caller names an hour but no day."""

Date = Annotated[str, Meta(max_length=10, description="local date, YYYY-MM-DD")]
Clock = Annotated[str, Meta(max_length=5, description="local time, HH:MM")]
Id = Annotated[str, Meta(max_length=64)]

_PART_START = {
    PartOfDay.MORNING: "05:00",
    PartOfDay.NOON: "12:00",
    PartOfDay.AFTERNOON: "15:00",
    PartOfDay.EVENING: "18:00",
    PartOfDay.NIGHT: "22:00",
}


class FindSlots(Args, frozen=True, kw_only=True, forbid_unknown_fields=True):
    date: Date | None = None
    date_to: Annotated[str, Meta(max_length=10, description="last date of a range")] | None = None
    time: Clock | None = None
    window_from: Annotated[str, Meta(max_length=5, description="not before, HH:MM")] | None = None
    window_to: Annotated[str, Meta(max_length=5, description="starts before, HH:MM")] | None = None
    part_of_day: PartOfDay | None = None
    service_id: Id | None = None
    service_ids: (
        Annotated[list[Id], Meta(max_length=MAX_SERVICES, description="all of one visit")] | None
    ) = None
    staff_id: Annotated[str, Meta(max_length=64, description="null for anyone")] | None = None
    moving: (
        Annotated[str, Meta(max_length=64, description="appointment_id that shall move")] | None
    ) = None
    limit: Annotated[int, Meta(ge=1, le=MAX_LIMIT)] | None = None


class ChooseSlot(Args, frozen=True, kw_only=True, forbid_unknown_fields=True):
    slot_id: Annotated[str, Meta(max_length=16, description="a slot_id from find_slots")]


@dataclass(frozen=True, slots=True)
class _Query:
    """What was asked, read and checked."""

    first: date | None
    last: date | None
    at: time | None
    window: tuple[time | None, time | None]
    part: PartOfDay | None
    limit: int

    @property
    def is_one_day(self) -> bool:
        return self.first is not None and self.last in (None, self.first)

    def suits(self, local: time) -> bool:
        after, before = self.window
        return (
            (after is None or local >= after)
            and (before is None or local < before)
            and (self.part is None or day_part(minute_of(local)) == self.part)
        )

    @property
    def nearest_to(self) -> time:
        """The hour to suggest around when none was named."""
        if self.at is not None:
            return self.at
        if self.window[0] is not None:
            return self.window[0]
        return time.fromisoformat(_PART_START[self.part]) if self.part else time(0)


async def find_slots(ctx: CallContext, args: FindSlots) -> ToolOutcome:
    """Free slots for what was asked, or why there are none and two others instead."""
    query = _read(args)
    async with ctx.store.reading(ctx.scope) as reading:
        office = await read_office(reading, ctx)
        wish = await _wished(reading, ctx, office, args)
        if isinstance(wish, ToolOutcome):
            return wish
        exact: Slot | None = None
        if query.at is not None and query.first is not None and query.is_one_day:
            decision = await judge(reading, office, wish, query.first, query.at)
            if not isinstance(decision, Accepted | NeedsPhone):
                return refuse(ctx, office, wish, decision)
            exact = decision.slot
        found = await _search(reading, office, wish, query)
        if not found and exact is None:
            return await _nothing(ctx, reading, office, wish, query)
    if asked_services(args.service_id, args.service_ids):
        ctx.gate.service_id, ctx.gate.more_service_ids = wish.service.id, wish.more_service_ids
    slots = [exact, *(s for s in found if s != exact)] if exact else found
    offers = [offer(ctx, wish, s) for s in slots[: query.limit]]
    return succeed(slots=[shown(office, o) for o in offers], exact=offers[0].id if exact else None)


async def choose_slot(ctx: CallContext, args: ChooseSlot) -> ToolOutcome:
    """Take one of the slots offered in this call."""
    async with ctx.store.reading(ctx.scope) as reading:
        office = await read_office(reading, ctx)
    chosen = ctx.gate.choose(args.slot_id)
    if chosen is None:
        return fail("not_offered", "choose a slot_id that find_slots returned in this call")
    return succeed(**shown(office, chosen))


async def _wished(
    reading: Reading, ctx: CallContext, office: Office, args: FindSlots
) -> Wish | ToolOutcome:
    services = asked_services(args.service_id, args.service_ids)
    if args.moving is None:
        return wish_of(ctx, office, services, args.staff_id)
    row = await own_appointment(reading, ctx, office, args.moving)
    if isinstance(row, ToolOutcome):
        return row
    # What is done in the visit stays as it was booked.
    return wish_of(ctx, office, row.service_ids, args.staff_id, moving=own_of(row))


# -- shared with the other tools of the calendar ---------------------------------------------------


def asked_services(one: str | None, several: Sequence[str] | None) -> tuple[str, ...]:
    """The services that an agent named, each once."""
    return tuple(dict.fromkeys((*((one,) if one else ()), *(several or ()))))


def wish_of(
    ctx: CallContext,
    office: Office,
    service_ids: Sequence[str] = (),
    staff_id: str | None = None,
    *,
    moving: Own | None = None,
) -> Wish | ToolOutcome:
    """The services and member of staff asked for; those of the call so far, else the usual one."""
    ids = tuple(service_ids) or _of_the_call(ctx, office)
    if not ids or any(office.service(i) is None for i in ids):
        names = [{"service_id": s.id, "name": s.name} for s in office.services]
        return fail("unknown_service", "no such service", services=names)
    service = office.visit(ids)
    if service is None:
        return fail("not_together", "nobody gives all of these in one visit; book them apart")
    hold = ctx.gate.hold.appointment_id if ctx.gate.hold else None
    wish = Wish(service, staff_id, hold, ids[1:], moving)
    if not wish.able(office):
        staff = [{"staff_id": r.id, "name": r.name} for r in office.who_can(service)]
        return fail("unknown_staff", "nobody of that id gives this service", staff=staff)
    return wish


def _of_the_call(ctx: CallContext, office: Office) -> tuple[str, ...]:
    usual = office.service(ctx.gate.service_id)
    return (usual.id, *ctx.gate.more_service_ids) if usual else ()


def offer(ctx: CallContext, wish: Wish, slot: Slot) -> Offer:
    """Register a slot as offered in this call."""
    return ctx.gate.offer(
        start=slot.start,
        end=slot.end,
        resource_id=slot.resource_id,
        service_id=wish.service.id,
        more_service_ids=wish.more_service_ids,
        any_staff=wish.resource_id is None,
    )


def shown(office: Office, offered: Offer) -> dict[str, object]:
    """A slot as an agent sees it, on the business's wall clock."""
    return {
        "slot_id": offered.id,
        "start_iso": office.local(offered.start).isoformat(),
        "end_iso": office.local(offered.end).isoformat(),
        "resource_id": offered.resource_id,
    }


def refuse(ctx: CallContext, office: Office, wish: Wish, refusal: Refusal) -> ToolOutcome:
    """Why not, and the two suggestions, offered."""
    return fail(
        refusal.code,
        _REASONS[refusal.code].format(
            step=office.policy.slot_size_min,
            notice=office.policy.min_notice_min,
            window=office.policy.booking_window_days,
        ),
        suggestions=[shown(office, offer(ctx, wish, s)) for s in refusal.suggestions],
    )


_REASONS = {
    "off_grid": "not a start time: they come every {step} minutes",
    "too_soon": "in the past, or nearer than {notice} minutes",
    "too_far": "further ahead than {window} days",
    "closed": "outside opening hours, or the visit would not end before closing",
    "taken": "no longer free",
    "does_not_exist": "the clock skips this hour on that night",
}


# -- searching -------------------------------------------------------------------------------------


def read_date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadArguments("no such date; expected YYYY-MM-DD") from None


def read_clock(text: str) -> time:
    try:
        return time.fromisoformat(text) if len(text) == 5 else time.fromisoformat("")
    except ValueError:
        raise BadArguments("no such time; expected HH:MM") from None


def _read(args: FindSlots) -> _Query:
    first = read_date(args.date) if args.date else None
    last = read_date(args.date_to) if args.date_to else None
    if first and last and last < first:
        raise BadArguments("date_to is before date")
    return _Query(
        first=first,
        last=last,
        at=read_clock(args.time) if args.time else None,
        window=(
            read_clock(args.window_from) if args.window_from else None,
            read_clock(args.window_to) if args.window_to else None,
        ),
        part=args.part_of_day,
        limit=args.limit or DEFAULT_LIMIT,
    )


async def _search(reading: Reading, office: Office, wish: Wish, query: _Query) -> list[Slot]:
    """Slots that suit, the best first: nearest to the named hour, else from early to late."""
    first = query.first or office.today
    last = query.last or query.first or office.last_day
    days: list[list[Slot]] = []
    async for day in free_days(reading, office, wish, first, last):
        suiting = [s for s in day if query.suits(office.local(s.start).time())]
        if suiting:
            days.append(suiting)
        if _enough(query, days):
            break
    slots = [s for day in days for s in day]
    if query.at is not None:
        asked = minute_of(query.at)
        return sorted(
            slots, key=lambda s: (abs(minute_of(office.local(s.start).time()) - asked), s.start)
        )
    if query.last is not None and not query.is_one_day:
        return _over_days(days, query.limit)
    if len(days) == 1:
        return spread(slots, query.limit)
    return slots


def _enough(query: _Query, days: list[list[Slot]]) -> bool:
    if query.at is not None:
        return len(days) >= DAYS_FOR_A_TIME
    if query.last is not None:
        return len(days) >= query.limit
    return sum(len(day) for day in days) >= query.limit


def spread(slots: Sequence[Slot], count: int) -> list[Slot]:
    """`count` of them, evenly over the whole, the first always in it."""
    if len(slots) <= count:
        return list(slots)
    if count == 1:
        return [slots[0]]
    last = len(slots) - 1
    return [slots[round(n * last / (count - 1))] for n in range(count)]


def _over_days(days: list[list[Slot]], count: int) -> list[Slot]:
    """The first of each day, then more of each while there is room; in order of time."""
    picked = [day[0] for day in days][:count]
    picked += [s for day in days for s in day[1:]][: count - len(picked)]
    return sorted(picked, key=lambda s: s.start)


async def _nothing(
    ctx: CallContext, reading: Reading, office: Office, wish: Wish, query: _Query
) -> ToolOutcome:
    """Nothing suits: say which rule it was, and suggest what is nearest to the wish."""
    first = query.first or office.today
    last = query.last or query.first or office.last_day
    busy = await busy_between(reading, office, office.today, office.last_day, without=wish.moved_id)
    suggestions = suggest(
        Request(first, query.nearest_to, wish.resource_id, prefer=wish.prefer),
        office.policy,
        wish.service,
        office.resources,
        busy,
        office.now,
        ignoring=wish.own_hold,
    )
    refusal: Refusal | None = None
    if first > office.last_day:
        refusal = TooFar(suggestions)
    elif last < office.today:
        refusal = TooSoon(suggestions)
    elif not any(windows_on(office.policy, day) for day in _asked_days(office, first, last)):
        refusal = Closed(suggestions)
    if refusal is not None:
        return refuse(ctx, office, wish, refusal)
    return fail(
        "none_free",
        "nothing free that suits",
        suggestions=[shown(office, offer(ctx, wish, s)) for s in suggestions],
    )


def _asked_days(office: Office, first: date, last: date) -> Iterator[date]:
    return days_of(max(first, office.today), min(last, office.last_day))
