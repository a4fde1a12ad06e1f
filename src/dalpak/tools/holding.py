"""Holding a chosen slot for this call, and finding the slot that is meant: shared by the tools that
book and the tools that move.

Policy is decided again inside each transaction, under the lock of everybody who could take the
visit. Nothing is spoken here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from dalpak.domain.booking import Accepted, Decision, NeedsPhone, Taken, suggest
from dalpak.domain.booking import Request as TimeRequest
from dalpak.domain.records import Appointment, AppointmentStatus
from dalpak.domain.slots import Slot
from dalpak.ports.agent import CollectDigits, ToolOutcome
from dalpak.ports.store import Claim, Claimed, Reading, Writing
from dalpak.tools.calendar import offer, refuse, shown
from dalpak.tools.context import HOLD_FOR, CallContext, Office
from dalpak.tools.diary import Wish, busy_between, judge
from dalpak.tools.gate import GateReason, Hold, Offer, Own
from dalpak.tools.spec import BadArguments, fail

PHONE_DIGITS = 15
HOLD_TRIES = 3
"""Idempotency keys tried for one hold: an older one may belong to a hold that was given back."""


def need_phone() -> ToolOutcome:
    """SPEC C3: the call then waits for the keypad."""
    return fail(
        "need_phone",
        "this business books nobody without a phone number",
        directive=CollectDigits("phone", PHONE_DIGITS),
    )


def not_confirmed(reason: GateReason) -> ToolOutcome:
    return fail("not_confirmed", str(reason))


# -- judging again ---------------------------------------------------------------------------------


def wish_for(ctx: CallContext, office: Office, chosen: Offer, moving: Own | None = None) -> Wish:
    """What the chosen slot is for. BadArguments when the business stopped offering it."""
    service = office.visit(chosen.service_ids)
    if service is None:
        raise BadArguments("the service is no longer offered")
    hold = ctx.gate.hold
    return Wish(
        service,
        None if chosen.any_staff else chosen.resource_id,
        hold.appointment_id if hold else None,
        more_service_ids=chosen.more_service_ids,
        moving=moving,
    )


async def decide_again(tx: Writing, office: Office, wish: Wish, chosen: Offer) -> Decision:
    """Lock, then judge with what is true now; holding a slot shortens its notice by the hold."""
    # A cap counts the whole business; without one, only those who could take the visit matter.
    capped = office.policy.per_day_cap is not None
    await tx.lock_resources([r.id for r in (office.resources if capped else wish.able(office))])
    local = office.local(chosen.start)
    at = local.timetz().replace(tzinfo=None)
    return await judge(tx, office, wish, local.date(), at, grace=HOLD_FOR)


def refused(ctx: CallContext, office: Office, wish: Wish, decision: Decision) -> ToolOutcome:
    if isinstance(decision, Accepted | NeedsPhone):
        return need_phone()
    return refuse(ctx, office, wish, decision)


async def taken(
    reading: Reading, ctx: CallContext, office: Office, wish: Wish, start: datetime
) -> ToolOutcome:
    """Somebody was faster than the diary that was read."""
    suggestions = await nearest(reading, office, wish, start)
    return refuse(ctx, office, wish, Taken(tuple(suggestions)))


async def nearest(reading: Reading, office: Office, wish: Wish, start: datetime) -> Sequence[Slot]:
    """The two bookable visits nearest to an instant, where there are two."""
    return suggest(
        TimeRequest.of_instant(
            start, office.zone, resource_id=wish.resource_id, prefer=wish.prefer
        ),
        office.policy,
        wish.service,
        office.resources,
        await busy_between(reading, office, office.today, office.last_day, without=wish.moved_id),
        office.now,
        ignoring=wish.own_hold,
    )


# -- holding ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Held:
    hold: Hold
    holds: int


async def hold(
    tx: Writing, ctx: CallContext, office: Office, wish: Wish, chosen: Offer
) -> Held | ToolOutcome | None:
    """Claim the slot inside the transaction, or say what else is free.

    None when the policy allows it and the claim is refused: somebody else's, or the caller's own
    old time stands there.
    """
    decision = await decide_again(tx, office, wish, chosen)
    if not isinstance(decision, Accepted):
        return refused(ctx, office, wish, decision)
    own = ctx.gate.hold
    if own is not None and own.slot_id == chosen.id and office.now + HOLD_FOR / 3 < own.until:
        return Held(own, ctx.gate.holds)
    if own is not None:
        await tx.release(own.appointment_id, holder=ctx.call_id)
    return await claim(tx, ctx, office, chosen, decision.slot)


async def claim(
    tx: Writing, ctx: CallContext, office: Office, chosen: Offer, slot: Slot
) -> Held | None:
    for n in range(ctx.gate.holds, ctx.gate.holds + HOLD_TRIES):
        claimed = await tx.claim(
            Claim(
                resource_id=slot.resource_id,
                service_id=chosen.service_id,
                more_service_ids=chosen.more_service_ids,
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
        if not isinstance(claimed, Claimed):
            return None
        row = claimed.appointment
        same = row.service_ids == chosen.service_ids and row.end == slot.end
        if same and _is_live(row, office.now):
            assert row.hold_until is not None
            return Held(Hold(row.id, chosen.id, row.hold_until), n + 1)
    return None


def _is_live(row: Appointment, now: datetime) -> bool:
    return (
        row.status is AppointmentStatus.HELD and row.hold_until is not None and row.hold_until > now
    )


# -- which slot is meant ---------------------------------------------------------------------------


async def asked_slot(
    reading: Reading, ctx: CallContext, office: Office, slot: str, wish: Wish | None
) -> Offer | ToolOutcome:
    """The offer that is meant; a start that was never offered is judged, for its reason."""
    offered = ctx.gate.offer_of(slot)
    if offered is not None:
        return offered
    local = _read_start(slot, office)
    if local is None:
        return not_confirmed(GateReason.NOT_OFFERED)
    same = [o for o in ctx.gate.offers if o.start == local]
    chosen = ctx.gate.chosen
    if same:
        return chosen if chosen in same else same[-1]
    if wish is None:
        return fail("unknown_service", "this business has no services")
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
