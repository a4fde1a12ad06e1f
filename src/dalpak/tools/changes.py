"""`calendar.reschedule` and `calendar.cancel`, with their read-backs: the caller's own appointments.

The same road as booking: read back, heard, a clear yes, and the rules judged again inside the
transaction that changes the row and publishes the event. Whose an appointment is, is in mine.py.
"""

from collections.abc import Sequence
from typing import Annotated

from msgspec import Meta

from dalpak.domain.booking import Accepted
from dalpak.domain.changes import Change, in_time, notice_of
from dalpak.domain.events import appointment_cancelled, appointment_rescheduled
from dalpak.domain.records import Appointment, AppointmentStatus
from dalpak.domain.slots import Slot
from dalpak.language.base import Spoken
from dalpak.ports.agent import ToolOutcome
from dalpak.ports.store import Move, NotBooked, Reading, SlotTaken, Writing
from dalpak.tools.calendar import offer, shown, wish_of
from dalpak.tools.consent import Purpose
from dalpak.tools.context import HOLD_FOR, CallContext, Office, read_office
from dalpak.tools.diary import Wish
from dalpak.tools.gate import Offer
from dalpak.tools.holding import (
    Held,
    asked_slot,
    decide_again,
    hold,
    nearest,
    not_confirmed,
    refused,
    taken,
    wish_for,
)
from dalpak.tools.mine import own_appointment, own_of, spoken_visit
from dalpak.tools.numbers import agreed
from dalpak.tools.spec import Args, fail

AppointmentId = Annotated[str, Meta(max_length=64, description="from my_appointments")]
Nonce = Annotated[str, Meta(max_length=64, description="the nonce of read_back")]


class Reschedule(Args, frozen=True, kw_only=True, forbid_unknown_fields=True):
    appointment_id: AppointmentId
    slot: Annotated[str, Meta(max_length=40, description="the new slot_id, or its start_iso")]
    nonce: Nonce = ""


class Cancel(Args, frozen=True, kw_only=True, forbid_unknown_fields=True):
    appointment_id: AppointmentId
    nonce: Nonce = ""


# -- moving ----------------------------------------------------------------------------------------


async def read_back_move(ctx: CallContext, appointment_id: str) -> ToolOutcome:
    """Hold the chosen slot for the move where that is possible, and say old and new time."""
    chosen = ctx.gate.chosen
    if chosen is None:
        return fail("no_slot", "choose a slot first")
    async with ctx.store.writing(ctx.scope) as tx:
        office = await read_office(tx, ctx)
        row = await own_appointment(tx, ctx, office, appointment_id)
        if isinstance(row, ToolOutcome):
            return row
        wish = wish_for(ctx, office, chosen, own_of(row))
        wrong = await _not_movable(tx, ctx, office, wish, row, chosen)
        if wrong is not None:
            return wrong
        held = await hold(tx, ctx, office, wish, chosen)
        if isinstance(held, ToolOutcome):
            return held
    # No hold where the appointment's own old time stands in the way: it keeps others out itself.
    ctx.gate.hold = held.hold if isinstance(held, Held) else None
    ctx.gate.holds = held.holds if isinstance(held, Held) else ctx.gate.holds
    visit = spoken_visit(ctx, office, row)
    new = ctx.language.speech.moment(office.local(chosen.start), office.local(office.now))
    return _ask(
        ctx,
        Purpose.RESCHEDULE,
        row,
        {"appointment_id": row.id, **shown(office, chosen)},
        ctx.language.phrase(
            "reschedule_read_back", service=visit["service"], old=visit["when"], when=new
        ),
    )


async def _not_movable(
    reading: Reading, ctx: CallContext, office: Office, wish: Wish, row: Appointment, chosen: Offer
) -> ToolOutcome | None:
    if not in_time(office.policy, Change.RESCHEDULE, row.start, office.now):
        return await _too_late(reading, ctx, office, Change.RESCHEDULE, row)
    if chosen.service_ids != row.service_ids:
        return fail("other_service", "find slots with moving set to this appointment_id")
    if not _stands_there(row, chosen):
        return None
    return fail(
        "same_time",
        "it is at that time already",
        suggestions=_offered(ctx, office, wish, await nearest(reading, office, wish, row.start)),
    )


async def reschedule(ctx: CallContext, args: Reschedule) -> ToolOutcome:
    """Move it to what was read back and agreed to. Repeating it gives the same answer."""
    async with ctx.store.reading(ctx.scope) as reading:
        office = await read_office(reading, ctx)
        row = await own_appointment(reading, ctx, office, args.appointment_id)
        if isinstance(row, ToolOutcome):
            return row
        wish = wish_of(ctx, office, row.service_ids, moving=own_of(row))
        asked = wish if isinstance(wish, Wish) else None
        chosen = await asked_slot(reading, ctx, office, args.slot, asked)
        if isinstance(chosen, ToolOutcome):
            return chosen
    if ctx.gate.changed_to(row.id) == chosen.id and row.start == chosen.start:
        return _moved(ctx, office, row)
    reason = ctx.gate.may_reschedule(row.id, chosen.id, args.nonce)
    if reason is not None:
        return not_confirmed(reason)
    async with ctx.store.writing(ctx.scope) as tx:
        office = await read_office(tx, ctx)
        moved = await _move(tx, ctx, office, args.appointment_id, chosen)
        if isinstance(moved, ToolOutcome):
            return moved
        await agreed(tx, ctx, moved.phone)
        await tx.publish(
            appointment_rescheduled(
                ctx.scope.business_id, moved.id, moved.version, ctx.call_id, office.now
            )
        )
    ctx.gate.rescheduled(own_of(moved), chosen.id)
    return _moved(ctx, office, moved)


async def _move(
    tx: Writing, ctx: CallContext, office: Office, appointment_id: str, chosen: Offer
) -> Appointment | ToolOutcome:
    row = await own_appointment(tx, ctx, office, appointment_id)
    if isinstance(row, ToolOutcome):
        return row
    if _stands_there(row, chosen):
        # The commit of an earlier try succeeded and its answer was lost.
        return row
    if not in_time(office.policy, Change.RESCHEDULE, row.start, office.now, grace=HOLD_FOR):
        return await _too_late(tx, ctx, office, Change.RESCHEDULE, row)
    wish = wish_for(ctx, office, chosen, own_of(row))
    decision = await decide_again(tx, office, wish, chosen)
    if ctx.gate.hold is not None:
        # It kept the new time for this moment; the appointment itself takes its place.
        await tx.release(ctx.gate.hold.appointment_id, holder=ctx.call_id)
    if not isinstance(decision, Accepted):
        return refused(ctx, office, wish, decision)
    slot = decision.slot
    to = Move(slot.resource_id, slot.start, slot.end, slot.block_start, slot.block_end)
    match await tx.reschedule(row.id, to, now=office.now):
        case SlotTaken():
            return await taken(tx, ctx, office, wish, chosen.start)
        case NotBooked():
            return fail("no_appointment", "it is not booked any more")
        case moved:
            return moved


def _stands_there(row: Appointment, chosen: Offer) -> bool:
    same_staff = chosen.any_staff or chosen.resource_id == row.resource_id
    return same_staff and (row.start, row.end) == (chosen.start, chosen.end)


def _moved(ctx: CallContext, office: Office, row: Appointment) -> ToolOutcome:
    """The fact, from the committed row."""
    return ToolOutcome(
        {
            "ok": True,
            "appointment_id": row.id,
            "start_iso": office.local(row.start).isoformat(),
            "end_iso": office.local(row.end).isoformat(),
        },
        say=ctx.language.phrase("rescheduled", **spoken_visit(ctx, office, row)),
    )


# -- cancelling ------------------------------------------------------------------------------------


async def read_back_cancelling(ctx: CallContext, appointment_id: str) -> ToolOutcome:
    """Say which appointment would be cancelled."""
    async with ctx.store.reading(ctx.scope) as reading:
        office = await read_office(reading, ctx)
        row = await own_appointment(reading, ctx, office, appointment_id)
        if isinstance(row, ToolOutcome):
            return row
        if not in_time(office.policy, Change.CANCEL, row.start, office.now):
            return await _too_late(reading, ctx, office, Change.CANCEL, row)
    return _ask(
        ctx,
        Purpose.CANCEL,
        row,
        {"appointment_id": row.id, "start_iso": office.local(row.start).isoformat()},
        ctx.language.phrase("cancel_read_back", **spoken_visit(ctx, office, row)),
    )


async def cancel(ctx: CallContext, args: Cancel) -> ToolOutcome:
    """Cancel what was read back and agreed to. Repeating it gives the same answer."""
    async with ctx.store.writing(ctx.scope) as tx:
        office = await read_office(tx, ctx)
        known = await tx.appointment(args.appointment_id)
        if known is not None and _cancelled_here(ctx, known):
            return _cancelled(ctx, office, known)
        row = await own_appointment(tx, ctx, office, args.appointment_id)
        if isinstance(row, ToolOutcome):
            return row
        reason = ctx.gate.may_cancel(row.id, args.nonce)
        if reason is not None:
            return not_confirmed(reason)
        if not in_time(office.policy, Change.CANCEL, row.start, office.now, grace=HOLD_FOR):
            return await _too_late(tx, ctx, office, Change.CANCEL, row)
        if not await tx.cancel(row.id, now=office.now):
            return fail("no_appointment", "it is not booked any more")
        await agreed(tx, ctx, row.phone)
        await tx.publish(
            appointment_cancelled(ctx.scope.business_id, row.id, ctx.call_id, office.now)
        )
    ctx.gate.cancelled(row.id)
    return _cancelled(ctx, office, row)


def _cancelled_here(ctx: CallContext, row: Appointment) -> bool:
    """This call did it: it says so, or its consent stands and the answer of the commit was lost."""
    if row.status is not AppointmentStatus.CANCELLED:
        return False
    back = ctx.gate.read_back
    lost = back is not None and ctx.gate.may_cancel(row.id, back.nonce) is None
    return lost or ctx.gate.changed_to(row.id) == ""


def _cancelled(ctx: CallContext, office: Office, row: Appointment) -> ToolOutcome:
    return ToolOutcome(
        {
            "ok": True,
            "appointment_id": row.id,
            "cancelled": True,
            "start_iso": office.local(row.start).isoformat(),
        },
        say=ctx.language.phrase("cancelled", **spoken_visit(ctx, office, row)),
    )


# -- both ------------------------------------------------------------------------------------------


def _ask(
    ctx: CallContext, purpose: Purpose, row: Appointment, data: dict[str, object], question: Spoken
) -> ToolOutcome:
    """Mint the nonce that counts once the question was heard."""
    nonce = ctx.clock.new_id("rb_")
    reason = ctx.gate.mint(nonce, purpose, row.id)
    if reason is not None:
        return not_confirmed(reason)
    return ToolOutcome({"ok": True, "nonce": nonce, **data}, say=question, say_tag=nonce)


async def _too_late(
    reading: Reading, ctx: CallContext, office: Office, change: Change, row: Appointment
) -> ToolOutcome:
    """Too near to its start; who may still move it instead of cancelling hears of two times."""
    policy = office.policy
    wish = wish_of(ctx, office, row.service_ids, moving=own_of(row))
    movable = in_time(policy, Change.RESCHEDULE, row.start, office.now)
    instead: list[dict[str, object]] = []
    if change is Change.CANCEL and movable and isinstance(wish, Wish):
        found = await nearest(reading, office, wish, row.start)
        instead = _offered(ctx, office, wish, found)
    minutes = int(notice_of(policy, change).total_seconds()) // 60
    data: dict[str, object] = {
        "ok": False,
        "error": "too_late_to_change",
        "reason": f"nearer to its start than {minutes} minutes",
        "suggestions": instead,
    }
    return ToolOutcome(data, say=ctx.language.phrase("too_late_to_change"))


def _offered(
    ctx: CallContext, office: Office, wish: Wish, slots: Sequence[Slot]
) -> list[dict[str, object]]:
    return [shown(office, offer(ctx, wish, s)) for s in slots]
