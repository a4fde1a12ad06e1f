"""`calendar.my_appointments`, and whose an appointment is: nobody hears of or touches another's.

An appointment is the caller's own when the carrier vouches for the number it was booked with, when
this very call booked it, or when name and last digits of its number were told. A number that was
only keyed or said proves nothing by itself. Nothing is written here.
"""

from collections.abc import Sequence
from typing import Annotated

from msgspec import Meta

from dalpak.domain.changes import Change, in_time, is_upcoming, same_person
from dalpak.domain.records import Appointment
from dalpak.language.base import Spoken, say
from dalpak.ports.agent import ToolOutcome
from dalpak.ports.store import Reading
from dalpak.tools.context import CallContext, Office, read_office
from dalpak.tools.gate import Own
from dalpak.tools.spec import Args, BadArguments, fail

MAX_TOLD = 10
"""Appointments given to an agent, the next ones."""
MAX_SPOKEN = 3
"""Appointments said aloud in one answer."""
DIGITS = "0123456789"


class MyAppointments(Args, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: (
        Annotated[str, Meta(max_length=400, description="only if the number is not known")] | None
    ) = None
    last4: (
        Annotated[str, Meta(max_length=16, description="last four digits of the number")] | None
    ) = None


async def my_appointments(ctx: CallContext, args: MyAppointments) -> ToolOutcome:
    """The caller's own coming appointments; without a vouched number, name and digits are asked."""
    async with ctx.store.reading(ctx.scope) as reading:
        office = await read_office(reading, ctx)
        told = _told_details(ctx, args)
        if told is not None and not ctx.gate.may_look_up("|".join(told)):
            return fail("too_many_tries", "this call tried enough names and numbers")
        rows = await _own_rows(reading, ctx, office)
        if told is not None:
            rows += await _rows_of(reading, office, *told)
    found = {row.id: row for row in sorted(rows, key=lambda r: (r.start, r.id))}
    if not found:
        return _none(ctx, asked=told is not None)
    listed = list(found.values())[:MAX_TOLD]
    for row in listed:
        ctx.gate.identified(own_of(row))
    return ToolOutcome(
        {"ok": True, "appointments": [_shown(office, row) for row in listed]},
        say=_spoken(ctx, office, listed),
    )


def _none(ctx: CallContext, *, asked: bool) -> ToolOutcome:
    if asked:
        return _say_none("nobody of this name and number has a coming appointment", ctx)
    if ctx.caller_phone is None:
        return fail(
            "need_identity",
            "ask for the name and the last four digits of the number it was booked with",
        )
    return _say_none("none under this number; it may be booked under another name and number", ctx)


def _say_none(reason: str, ctx: CallContext) -> ToolOutcome:
    data: dict[str, object] = {"ok": False, "error": "no_appointment", "reason": reason}
    return ToolOutcome(data, say=ctx.language.phrase("no_appointment"))


# -- whose it is -----------------------------------------------------------------------------------


def own_of(row: Appointment) -> Own:
    return Own(row.id, row.start, row.end, row.resource_id, row.service_ids)


def is_own(ctx: CallContext, row: Appointment) -> bool:
    by_number = ctx.caller_phone is not None and row.phone == ctx.caller_phone
    return by_number or row.call_id == ctx.call_id or ctx.gate.own(row.id) is not None


async def own_appointment(
    reading: Reading, ctx: CallContext, office: Office, appointment_id: str
) -> Appointment | ToolOutcome:
    """The coming appointment, if it is the caller's. Another's and none at all look the same."""
    row = await reading.appointment(appointment_id)
    if row is None or not is_own(ctx, row):
        return fail("not_yours", "my_appointments tells which appointments may be changed")
    if not is_upcoming(row, office.now):
        return fail("no_appointment", "it is not booked any more, or it is over")
    ctx.gate.identified(own_of(row))
    return row


async def _own_rows(reading: Reading, ctx: CallContext, office: Office) -> list[Appointment]:
    """By the vouched number, by this call, and what was told before."""
    rows: list[Appointment] = []
    if ctx.caller_phone is not None:
        rows += await reading.appointments(start=office.now, phone=ctx.caller_phone)
    rows += await reading.appointments(start=office.now, call_id=ctx.call_id)
    known = [await reading.appointment(own.id) for own in ctx.gate.owned]
    rows += [row for row in known if row is not None]
    return [row for row in rows if is_upcoming(row, office.now)]


def _told_details(ctx: CallContext, args: MyAppointments) -> tuple[str, str] | None:
    """Name and digits that the caller told: the last four, else a whole number that was keyed."""
    name = args.name or ctx.gate.name
    if args.last4 is not None:
        digits = "".join(c for c in args.last4 if c in DIGITS)
        if len(digits) != len(args.last4.strip()) or len(digits) != 4:
            raise BadArguments("last4: expected four digits")
        return (name, digits) if name else None
    keyed = ctx.gate.phone
    if name and keyed and keyed != ctx.caller_phone:
        return name, keyed
    return None


async def _rows_of(reading: Reading, office: Office, name: str, digits: str) -> list[Appointment]:
    rows = await reading.appointments(start=office.now, phone_ending=digits)
    return [r for r in rows if is_upcoming(r, office.now) and same_person(r, name, digits)]


# -- as data, and in words -------------------------------------------------------------------------


def _shown(office: Office, row: Appointment) -> dict[str, object]:
    staff = next((r.name for r in office.resources if r.id == row.resource_id), "")
    return {
        "appointment_id": row.id,
        "start_iso": office.local(row.start).isoformat(),
        "end_iso": office.local(row.end).isoformat(),
        "service_ids": list(row.service_ids),
        "services": [s.name for s in map(office.service, row.service_ids) if s],
        "resource_id": row.resource_id,
        "staff": staff,
        "may_reschedule": in_time(office.policy, Change.RESCHEDULE, row.start, office.now),
        "may_cancel": in_time(office.policy, Change.CANCEL, row.start, office.now),
    }


def _spoken(ctx: CallContext, office: Office, rows: Sequence[Appointment]) -> Spoken:
    words = ctx.language
    if len(rows) == 1:
        (row,) = rows
        return words.phrase("your_appointment_is", **spoken_visit(ctx, office, row))
    each = [say(*spoken_visit(ctx, office, row).values()) for row in rows[:MAX_SPOKEN]]
    return words.phrase(
        "your_appointments_are", appointments=words.speech.listing(each, last="and")
    )


def spoken_visit(ctx: CallContext, office: Office, row: Appointment) -> dict[str, Spoken]:
    """`service` and `when` of a row, as phrases want them."""
    return {
        "service": office.spoken_services(ctx.language, row.service_ids),
        "when": ctx.language.speech.moment(office.local(row.start), office.local(office.now)),
    }
