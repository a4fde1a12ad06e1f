"""`calendar.read_back` and `calendar.create_appointment`: the two steps that book.

The read-back holds the chosen slot for this call and says what would be booked; creating confirms
the hold, after the gate has seen the read-back heard and a clear yes. Policy is decided again
inside each transaction. What is spoken comes from the committed row. What is offered is in
calendar.py.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated

from msgspec import Meta

from dalpak.domain.booking import Accepted, Decision, NeedsPhone, Taken, suggest
from dalpak.domain.booking import Request as TimeRequest
from dalpak.domain.events import appointment_created
from dalpak.domain.phones import spoken_digits
from dalpak.domain.records import Appointment, AppointmentStatus
from dalpak.domain.slots import Slot
from dalpak.language.base import Spoken
from dalpak.ports.agent import CollectDigits, ToolOutcome
from dalpak.ports.store import Claim, Claimed, Reading, SlotTaken, Writing
from dalpak.tools.calendar import offer, refuse, shown
from dalpak.tools.context import HOLD_FOR, CallContext, Office, read_office
from dalpak.tools.diary import Wish, busy_between, judge
from dalpak.tools.gate import GateReason, Hold, Offer
from dalpak.tools.spec import Args, BadArguments, NoArgs, fail

PHONE_DIGITS = 15
HOLD_TRIES = 3
"""Idempotency keys tried for one hold: an older one may belong to a hold that was given back."""


class CreateAppointment(Args, frozen=True, kw_only=True, forbid_unknown_fields=True):
    slot: Annotated[str, Meta(max_length=40, description="the slot_id, or its start_iso")]
    nonce: Annotated[str, Meta(max_length=64, description="the nonce of read_back")] = ""


def need_phone() -> ToolOutcome:
    """SPEC C3: the call then waits for the keypad."""
    return fail(
        "need_phone",
        "this business books nobody without a phone number",
        directive=CollectDigits("phone", PHONE_DIGITS),
    )


# -- reading back ----------------------------------------------------------------------------------


async def read_back(ctx: CallContext, _: NoArgs) -> ToolOutcome:
    """Hold the chosen slot for this call, and say what would be booked."""
    chosen = ctx.gate.chosen
    if chosen is None:
        return fail("no_slot", "choose a slot first")
    async with ctx.store.writing(ctx.scope) as tx:
        office = await read_office(tx, ctx)
        missing = _missing(ctx, office)
        if missing is not None:
            return missing
        held = await _hold(tx, ctx, office, chosen)
        if isinstance(held, ToolOutcome):
            return held
    ctx.gate.hold, ctx.gate.holds = held.hold, held.holds
    nonce = ctx.clock.new_id("rb_")
    refused = ctx.gate.mint(nonce)
    if refused is not None:
        return _not_confirmed(refused)
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
    service = office.service(chosen.service_id)
    slots = {
        "when": words.speech.moment(office.local(chosen.start), office.local(office.now)),
        "service": Spoken(service.name, service.ipa) if service else Spoken(""),
    }
    if gate.name:
        slots["name"] = Spoken(gate.name)
    # The number that the caller calls from needs no reading back: the carrier vouches for it.
    if gate.phone and (gate.phone != ctx.caller_phone or not gate.name):
        slots["phone"] = words.speech.digits(spoken_digits(gate.phone))
    if not gate.name:
        return words.phrase("read_back_no_name", **slots)
    return words.phrase("read_back" if "phone" in slots else "read_back_no_phone", **slots)


@dataclass(frozen=True, slots=True)
class _Held:
    hold: Hold
    holds: int


async def _hold(
    tx: Writing, ctx: CallContext, office: Office, chosen: Offer
) -> _Held | ToolOutcome:
    """Claim the slot inside the transaction, or say what else is free."""
    wish, decision = await _decide_again(tx, ctx, office, chosen)
    if not isinstance(decision, Accepted):
        return _refused(ctx, office, wish, decision)
    own = ctx.gate.hold
    if own is not None and own.slot_id == chosen.id and office.now + HOLD_FOR / 3 < own.until:
        return _Held(own, ctx.gate.holds)
    if own is not None:
        await tx.release(own.appointment_id, holder=ctx.call_id)
    return await _claim(tx, ctx, office, wish, chosen, decision.slot)


async def _decide_again(
    tx: Writing, ctx: CallContext, office: Office, chosen: Offer
) -> tuple[Wish, Decision]:
    """Lock, then judge with what is true now; holding a slot shortens its notice by the hold."""
    service = office.service(chosen.service_id)
    if service is None:
        raise BadArguments("the service is no longer offered")
    hold = ctx.gate.hold
    wish = Wish(
        service,
        None if chosen.any_staff else chosen.resource_id,
        hold.appointment_id if hold else None,
    )
    # A cap counts the whole business; without one, only those who could take the visit matter.
    capped = office.policy.per_day_cap is not None
    await tx.lock_resources([r.id for r in (office.resources if capped else wish.able(office))])
    local = office.local(chosen.start)
    at = local.timetz().replace(tzinfo=None)
    return wish, await judge(tx, office, wish, local.date(), at, grace=HOLD_FOR)


async def _claim(
    tx: Writing, ctx: CallContext, office: Office, wish: Wish, chosen: Offer, slot: Slot
) -> _Held | ToolOutcome:
    for n in range(ctx.gate.holds, ctx.gate.holds + HOLD_TRIES):
        claimed = await tx.claim(
            Claim(
                resource_id=slot.resource_id,
                service_id=chosen.service_id,
                start=slot.start,
                end=slot.end,
                block_start=slot.block_start,
                block_end=slot.block_end,
                holder=ctx.call_id,
                idem_key=f"{ctx.call_id}:{slot.start.isoformat()}:{slot.resource_id}:{n}",
                hold_until=office.now + HOLD_FOR,
                call_id=ctx.call_id,
            ),
            office.now,
        )
        match claimed:
            case SlotTaken():
                return await _taken(tx, ctx, office, wish, slot.start)
            case Claimed(appointment=row) if _is_live(row, office.now):
                assert row.hold_until is not None
                return _Held(Hold(row.id, chosen.id, row.hold_until), n + 1)
            case _:
                continue
    return await _taken(tx, ctx, office, wish, slot.start)


def _is_live(row: Appointment, now: datetime) -> bool:
    return (
        row.status is AppointmentStatus.HELD and row.hold_until is not None and row.hold_until > now
    )


async def _taken(
    reading: Reading, ctx: CallContext, office: Office, wish: Wish, start: datetime
) -> ToolOutcome:
    """Somebody was faster than the diary that was read."""
    busy = await busy_between(reading, office, office.today, office.last_day)
    suggestions = suggest(
        TimeRequest.of_instant(start, office.zone, resource_id=wish.resource_id),
        office.policy,
        wish.service,
        office.resources,
        busy,
        office.now,
        ignoring=wish.own_hold,
    )
    return refuse(ctx, office, wish, Taken(suggestions))


def _refused(ctx: CallContext, office: Office, wish: Wish, decision: Decision) -> ToolOutcome:
    if isinstance(decision, Accepted | NeedsPhone):
        return need_phone()
    return refuse(ctx, office, wish, decision)


# -- creating --------------------------------------------------------------------------------------


async def create_appointment(ctx: CallContext, args: CreateAppointment) -> ToolOutcome:
    """Book what was read back and agreed to. Repeating it gives the same appointment."""
    async with ctx.store.reading(ctx.scope) as reading:
        office = await read_office(reading, ctx)
        chosen = await _asked_slot(reading, ctx, office, args.slot)
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
        return _not_confirmed(reason)
    async with ctx.store.writing(ctx.scope) as tx:
        office = await read_office(tx, ctx)
        row_or_refusal = await _book(tx, ctx, office, chosen)
        if isinstance(row_or_refusal, ToolOutcome):
            return row_or_refusal
        await tx.publish(appointment_created(ctx.scope.business_id, row_or_refusal.id, office.now))
    ctx.gate.created(chosen.id, row_or_refusal.id)
    return _booked(ctx, office, row_or_refusal)


async def _asked_slot(
    reading: Reading, ctx: CallContext, office: Office, slot: str
) -> Offer | ToolOutcome:
    """The offer that is meant; a start that was never offered is judged, for its reason."""
    offered = ctx.gate.offer_of(slot)
    if offered is not None:
        return offered
    local = _read_start(slot, office)
    if local is None:
        return _not_confirmed(GateReason.NOT_OFFERED)
    same = [o for o in ctx.gate.offers if o.start == local]
    chosen = ctx.gate.chosen
    if same:
        return chosen if chosen in same else same[-1]
    service = office.service(ctx.gate.service_id)
    if service is None:
        return fail("unknown_service", "this business has no services")
    wish = Wish(service)
    at = local.timetz().replace(tzinfo=None)
    decision = await judge(
        reading, office, wish, local.date(), at, phone_known=ctx.gate.phone is not None
    )
    match decision:
        case NeedsPhone():
            return need_phone()
        case Accepted(slot=found):
            # Free, but nobody was told of it: now it is offered, and may be chosen.
            return fail(
                "not_confirmed",
                GateReason.NOT_OFFERED,
                suggestions=[shown(office, offer(ctx, wish, found))],
            )
        case _:
            return refuse(ctx, office, wish, decision)


def _read_start(text: str, office: Office) -> datetime | None:
    """An ISO start in the business's zone; without an offset it is wall time there already."""
    try:
        start = datetime.fromisoformat(text)
        return start.replace(tzinfo=office.zone) if start.tzinfo is None else office.local(start)
    except (ValueError, OverflowError):
        return None


async def _book(
    tx: Writing, ctx: CallContext, office: Office, chosen: Offer
) -> Appointment | ToolOutcome:
    hold = ctx.gate.hold
    earlier = await tx.appointment(hold.appointment_id) if hold else None
    if earlier is not None and earlier.status is AppointmentStatus.BOOKED:
        # The commit of an earlier try succeeded and its answer was lost.
        return earlier
    wish, decision = await _decide_again(tx, ctx, office, chosen)
    if not isinstance(decision, Accepted):
        if hold is not None:
            await tx.release(hold.appointment_id, holder=ctx.call_id)
        return _refused(ctx, office, wish, decision)
    if hold is None or hold.slot_id != chosen.id or hold.until <= office.now:
        held = await _claim(tx, ctx, office, wish, chosen, decision.slot)
        if isinstance(held, ToolOutcome):
            return held
        hold, ctx.gate.holds = held.hold, held.holds
    name, phone = ctx.gate.name, ctx.gate.phone
    lead = await tx.find_or_create_lead(phone=phone, name=name, call_id=ctx.call_id, now=office.now)
    confirmed = await tx.confirm(
        hold.appointment_id,
        holder=ctx.call_id,
        lead_id=lead.id,
        name=name,
        phone=phone,
        now=office.now,
    )
    if isinstance(confirmed, SlotTaken):
        return await _taken(tx, ctx, office, replace(wish, own_hold=None), chosen.start)
    return confirmed


def _booked(ctx: CallContext, office: Office, row: Appointment) -> ToolOutcome:
    """The fact, from the committed row."""
    service = office.service(row.service_id)
    when = ctx.language.speech.moment(office.local(row.start), office.local(office.now))
    name = Spoken(service.name, service.ipa) if service else Spoken("")
    return ToolOutcome(
        {
            "ok": True,
            "appointment_id": row.id,
            "start_iso": office.local(row.start).isoformat(),
            "end_iso": office.local(row.end).isoformat(),
        },
        say=ctx.language.phrase("booked", when=when, service=name),
    )


def _not_confirmed(reason: GateReason) -> ToolOutcome:
    return fail("not_confirmed", str(reason))
