"""`calendar.read_back` of a booking and `calendar.create_appointment`: the two steps that book.

The read-back holds the chosen slot for this call and says what would be booked; creating confirms
the hold, after the gate has seen the read-back heard and a clear yes. Policy is decided again
inside each transaction. What is spoken comes from the committed row. What is offered is in
calendar.py, what changes an appointment in changes.py.
"""

from dataclasses import replace
from typing import Annotated

from msgspec import Meta

from dalpak.domain.booking import Accepted
from dalpak.domain.events import appointment_created
from dalpak.domain.phones import spoken_digits
from dalpak.domain.records import Appointment, AppointmentStatus
from dalpak.language.base import Spoken
from dalpak.ports.agent import ToolOutcome
from dalpak.ports.store import SlotTaken, Writing
from dalpak.tools.calendar import shown, wish_of
from dalpak.tools.context import CallContext, Office, read_office
from dalpak.tools.gate import Offer
from dalpak.tools.holding import (
    asked_slot,
    claim,
    decide_again,
    hold,
    need_phone,
    not_confirmed,
    refused,
    taken,
    wish_for,
)
from dalpak.tools.numbers import agreed
from dalpak.tools.spec import Args, fail


class CreateAppointment(Args, frozen=True, kw_only=True, forbid_unknown_fields=True):
    slot: Annotated[str, Meta(max_length=40, description="the slot_id, or its start_iso")]
    nonce: Annotated[str, Meta(max_length=64, description="the nonce of read_back")] = ""


# -- reading back ----------------------------------------------------------------------------------


async def read_back_booking(ctx: CallContext) -> ToolOutcome:
    """Hold the chosen slot for this call, and say what would be booked."""
    chosen = ctx.gate.chosen
    if chosen is None:
        return fail("no_slot", "choose a slot first")
    async with ctx.store.writing(ctx.scope) as tx:
        office = await read_office(tx, ctx)
        missing = _missing(ctx, office)
        if missing is not None:
            return missing
        wish = wish_for(ctx, office, chosen)
        held = await hold(tx, ctx, office, wish, chosen)
        if held is None:
            return await taken(tx, ctx, office, wish, chosen.start)
        if isinstance(held, ToolOutcome):
            return held
    ctx.gate.hold, ctx.gate.holds = held.hold, held.holds
    nonce = ctx.clock.new_id("rb_")
    reason = ctx.gate.mint(nonce)
    if reason is not None:
        return not_confirmed(reason)
    return ToolOutcome(
        {"ok": True, "nonce": nonce, **shown(office, chosen)},
        say=_spoken_read_back(ctx, office, chosen),
        say_tag=nonce,
    )


def _missing(ctx: CallContext, office: Office) -> ToolOutcome | None:
    gate = ctx.gate
    # A caller who only has keys cannot say a name; a number is contact enough then.
    if not gate.name and (ctx.ears() or not gate.phone):
        return fail("need_name", "ask for the caller's name") if ctx.ears() else need_phone()
    if office.policy.require_phone_before_booking and not gate.phone:
        return need_phone()
    return None


def _spoken_read_back(ctx: CallContext, office: Office, chosen: Offer) -> Spoken:
    gate, words = ctx.gate, ctx.language
    slots = {
        "when": words.speech.moment(office.local(chosen.start), office.local(office.now)),
        "service": office.spoken_services(words, chosen.service_ids),
    }
    if gate.name:
        slots["name"] = Spoken(gate.name)
    # The number that the caller calls from needs no reading back: the carrier vouches for it.
    if gate.phone and (gate.phone != ctx.caller_phone or not gate.name):
        slots["phone"] = words.speech.digits(spoken_digits(gate.phone))
    if not gate.name:
        return words.phrase("read_back_no_name", **slots)
    return words.phrase("read_back" if "phone" in slots else "read_back_no_phone", **slots)


# -- creating --------------------------------------------------------------------------------------


async def create_appointment(ctx: CallContext, args: CreateAppointment) -> ToolOutcome:
    """Book what was read back and agreed to. Repeating it gives the same appointment."""
    async with ctx.store.reading(ctx.scope) as reading:
        office = await read_office(reading, ctx)
        wish = wish_of(ctx, office)
        asked = None if isinstance(wish, ToolOutcome) else wish
        chosen = await asked_slot(reading, ctx, office, args.slot, asked)
        if isinstance(chosen, ToolOutcome):
            return chosen
        known = ctx.gate.appointment_of(chosen.id)
        row = await reading.appointment(known) if known else None
    if row is not None and row.status is AppointmentStatus.BOOKED:
        return _booked(ctx, office, row)
    if office.policy.require_phone_before_booking and not ctx.gate.phone:
        return need_phone()
    reason = ctx.gate.may_create(chosen.id, args.nonce)
    if reason is not None:
        return not_confirmed(reason)
    async with ctx.store.writing(ctx.scope) as tx:
        office = await read_office(tx, ctx)
        row_or_refusal = await _book(tx, ctx, office, chosen)
        if isinstance(row_or_refusal, ToolOutcome):
            return row_or_refusal
        await tx.publish(appointment_created(ctx.scope.business_id, row_or_refusal.id, office.now))
    ctx.gate.created(chosen.id, row_or_refusal.id)
    return _booked(ctx, office, row_or_refusal)


async def _book(
    tx: Writing, ctx: CallContext, office: Office, chosen: Offer
) -> Appointment | ToolOutcome:
    own = ctx.gate.hold
    earlier = await tx.appointment(own.appointment_id) if own else None
    if earlier is not None and earlier.status is AppointmentStatus.BOOKED:
        # The commit of an earlier try succeeded and its answer was lost.
        return earlier
    wish = wish_for(ctx, office, chosen)
    decision = await decide_again(tx, office, wish, chosen)
    if not isinstance(decision, Accepted):
        if own is not None:
            await tx.release(own.appointment_id, holder=ctx.call_id)
        return refused(ctx, office, wish, decision)
    if own is None or own.slot_id != chosen.id or own.until <= office.now:
        held = await claim(tx, ctx, office, chosen, decision.slot)
        if held is None:
            return await taken(tx, ctx, office, wish, chosen.start)
        own, ctx.gate.holds = held.hold, held.holds
    name, phone = ctx.gate.name, ctx.gate.phone
    lead = await tx.find_or_create_lead(phone=phone, name=name, call_id=ctx.call_id, now=office.now)
    confirmed = await tx.confirm(
        own.appointment_id,
        holder=ctx.call_id,
        lead_id=lead.id,
        name=name,
        phone=phone,
        now=office.now,
    )
    if isinstance(confirmed, SlotTaken):
        return await taken(tx, ctx, office, replace(wish, own_hold=None), chosen.start)
    await agreed(tx, ctx, phone)
    return confirmed


def _booked(ctx: CallContext, office: Office, row: Appointment) -> ToolOutcome:
    """The fact, from the committed row."""
    when = ctx.language.speech.moment(office.local(row.start), office.local(office.now))
    name = office.spoken_services(ctx.language, row.service_ids)
    return ToolOutcome(
        {
            "ok": True,
            "appointment_id": row.id,
            "start_iso": office.local(row.start).isoformat(),
            "end_iso": office.local(row.end).isoformat(),
        },
        say=ctx.language.phrase("booked", when=when, service=name),
    )
