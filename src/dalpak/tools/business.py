"""`business.overview`, `business.hours`, `business.facts`: what there is to know, from the
business's rows.

Nothing is invented: what the rows do not say is refused with `unknown`. Nothing is written.
"""

from datetime import date, time, timedelta
from typing import Annotated

from msgspec import Meta

from dalpak.domain.policy import windows_on
from dalpak.domain.records import Resource, Service
from dalpak.domain.walltime import DAY_MIN, WEEKDAYS, clock_text, weekday
from dalpak.domain.windows import ALL_DAY, windows_to_json
from dalpak.language.base import Language, Spoken
from dalpak.ports.agent import ToolOutcome
from dalpak.tools.calendar import Date, Id, read_date
from dalpak.tools.context import CallContext, Office, read_office
from dalpak.tools.spec import Args, NoArgs, fail, succeed

DAYS_TOLD = 7


class Hours(Args, frozen=True, kw_only=True, forbid_unknown_fields=True):
    date: Date | None = None


class Facts(Args, frozen=True, kw_only=True, forbid_unknown_fields=True):
    topic: Annotated[
        str,
        Meta(max_length=40, description="address, price, or a topic of the overview"),
    ]
    service_id: Id | None = None


async def overview(ctx: CallContext, _: NoArgs) -> ToolOutcome:
    """Everything an agent must know to understand a caller, in one read."""
    async with ctx.store.reading(ctx.scope) as reading:
        office = await read_office(reading, ctx)
    policy = office.policy
    usual = {d: ALL_DAY if policy.allow_24_7 else policy.opening_hours.get(d, ()) for d in WEEKDAYS}
    return succeed(
        name=office.business.name,
        now_iso=office.local(office.now).isoformat(),
        timezone=policy.timezone,
        hours={d: [[_clock(a), _clock(b)] for a, b in windows] for d, windows in usual.items()},
        services=[
            {**_named(s), "duration_min": s.duration_min, "price": s.price} for s in office.services
        ],
        staff=[_named(r) for r in office.resources],
        topics=["address", "price", *office.business.facts],
    )


def _named(thing: Service | Resource) -> dict[str, object]:
    return {
        "id": thing.id,
        "name": thing.name,
        "aliases": list(thing.aliases),
        "ipa": thing.ipa,
    }


def _clock(minute: int) -> str:
    """Midnight at the end of a day is told as 23:59: no clock time is called 24:00 everywhere."""
    return clock_text(min(minute, DAY_MIN - 1))


async def hours(ctx: CallContext, args: Hours) -> ToolOutcome:
    """Opening hours of a day, or of the coming week, exceptions and holidays in it."""
    first = read_date(args.date) if args.date else None
    async with ctx.store.reading(ctx.scope) as reading:
        office = await read_office(reading, ctx)
    day = first or office.today
    days = [day] if first else [day + timedelta(days=n) for n in range(DAYS_TOLD)]
    policy = office.policy
    return ToolOutcome(
        {
            "ok": True,
            "now_iso": office.local(office.now).isoformat(),
            "days": [
                {
                    "date": d.isoformat(),
                    "weekday": weekday(d),
                    "windows": windows_to_json(windows_on(policy, d)),
                }
                for d in days
            ],
        },
        say=_spoken_hours(ctx.language, office, day),
    )


def _spoken_hours(language: Language, office: Office, day: date) -> Spoken:
    spoken = language.speech.day(day, office.today)
    windows = windows_on(office.policy, day)
    if not windows:
        return language.phrase("closed_all_day", day=spoken)
    told = [_spoken_window(language, window) for window in windows]
    return language.phrase(
        "hours_day", day=spoken, windows=language.speech.listing(told, last="and")
    )


def _spoken_window(language: Language, window: tuple[int, int]) -> Spoken:
    start, end = (language.speech.clock(time(m // 60 % 24, m % 60)) for m in window)
    return language.phrase("hours_window", open=start, close=end)


async def facts(ctx: CallContext, args: Facts) -> ToolOutcome:
    """One answer from the business's rows."""
    async with ctx.store.reading(ctx.scope) as reading:
        office = await read_office(reading, ctx)
    match args.topic:
        case "address":
            address = office.business.address
            if not address:
                return _unknown(office)
            return ToolOutcome(
                {"ok": True, "topic": "address", "value": address},
                say=ctx.language.phrase("address", address=Spoken(address)),
            )
        case "price":
            return _price(ctx, office, args.service_id)
        case topic if topic in office.business.facts:
            value = office.business.facts[topic]
            return ToolOutcome(
                {"ok": True, "topic": topic, "value": value},
                say=ctx.language.phrase("fact", fact=Spoken(value.rstrip("."))),
            )
        case _:
            return _unknown(office)


def _price(ctx: CallContext, office: Office, service_id: str | None) -> ToolOutcome:
    only = office.services[0].id if len(office.services) == 1 else None
    wanted = service_id or ctx.gate.service_id or only
    if wanted is None:
        names = [{"service_id": s.id, "name": s.name} for s in office.services]
        return fail("need_service", "the price of which service?", services=names)
    service = office.service(wanted)
    if service is None:
        return fail("unknown_service", "no such service")
    data: dict[str, object] = {"ok": True, "topic": "price", "service_id": service.id}
    if service.price is None:
        return ToolOutcome({**data, "price": None}, say=ctx.language.phrase("price_unknown"))
    return ToolOutcome(
        {**data, "price": service.price},
        say=ctx.language.phrase(
            "price",
            service=Spoken(service.name, service.ipa),
            price=ctx.language.speech.money(service.price),
        ),
    )


def _unknown(office: Office) -> ToolOutcome:
    topics = ["address", "price", *office.business.facts]
    return fail("unknown", "the business did not say", topics=topics)
