"""`slot.freed`: offer the time to the first who waits for one, and to the next if nothing comes of
it.

One flow is one person: the offer that is declined, passes or cannot be sent publishes `slot.freed`
anew. Who is next and what an answer does is in `tools/slot_offers.py`.
"""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from dalpak.domain.follow_up import OfferStatus, SlotOffer
from dalpak.domain.messaging import chain_of, rules_of
from dalpak.domain.records import TenantScope
from dalpak.domain.reminders import quiet_until
from dalpak.flows.deliver import Compose, Draft, deliver, refuses, unreachable
from dalpak.flows.desk import Desk, Payload, Poison, Postponed, id_of, instant_of
from dalpak.flows.visit import visit_values
from dalpak.ports.engine import FlowContext
from dalpak.ports.store import Writing
from dalpak.tools.context import open_office
from dalpak.tools.messages import text_of
from dalpak.tools.slot_offers import FreedTime, end_offer, offer_to_next

KIND = "waitlist_offer"
SENT = frozenset({"recorded", "accepted", "sent", "delivered", "read", "unknown"})


async def offer_freed_slot(context: FlowContext, desk: Desk, payload: Payload) -> str:
    """Payload: business_id, appointment_id, resource_id, start, end."""
    scope = TenantScope(id_of(payload, "business_id"))
    # Of the flow: whoever chooses again after a crash finds the choice that was made.
    offer_id = f"offer:{context.flow_id}"
    freed = FreedTime(
        id_of(payload, "resource_id"), instant_of(payload, "start"), instant_of(payload, "end")
    )

    async def choose() -> bool:
        return await _choose(desk, scope, offer_id, freed)

    if not await context.step("choose", choose):
        return "nobody_waits"
    async with desk.store.reading(scope) as r:
        offer = await r.offer(offer_id)
    if offer is None:
        raise Poison("no_such_offer")

    async def send() -> str:
        return await deliver(desk, scope, f"{context.flow_id}:send", _message(desk, offer))

    state = str(await context.step("send", send))
    if state in SENT:
        await context.sleep_until(offer.expires_at.isoformat())

    async def end() -> bool:
        async with desk.store.writing(scope) as w:
            return await end_offer(w, offer.id, OfferStatus.EXPIRED, desk.clock.now())

    passed = await context.step("end", end)
    return "passed" if passed else "answered"


async def _choose(desk: Desk, scope: TenantScope, offer_id: str, freed: FreedTime) -> bool:
    """Make the offer; False when there is nobody to make one to."""
    async with desk.store.writing(scope) as w:
        office = await open_office(w, desk.policies, desk.clock.now())
        rules = rules_of((await w.messaging()).raw)
        if not rules.waitlist_offers or freed.start <= office.now:
            return False
        awake = quiet_until(rules, ZoneInfo(office.business.timezone), office.now)
        if awake is not None:
            raise Postponed(awake, "quiet")
        chain = chain_of(rules, desk.messengers)

        async def welcome(phone: str) -> bool:
            return not (unreachable(phone, desk, chain) or await refuses(w, rules, phone))

        keep = timedelta(minutes=rules.waitlist_hold_min)
        return await offer_to_next(w, office, offer_id, freed, keep, welcome) is not None


def _message(desk: Desk, offer: SlotOffer) -> Compose:
    async def compose(w: Writing) -> Draft:
        await w.lock_appointment(offer.appointment_id)
        row, lead = await w.appointment(offer.appointment_id), await w.lead(offer.lead_id)
        if row is None:
            raise Poison("no_such_appointment")
        business = await w.business()
        until = _clock(offer.expires_at, business.timezone)
        values = await visit_values(desk, w, row) | {"until": until}
        values["name"] = (lead.name if lead else None) or ""
        now = await w.offer(offer.id)
        is_open = now is not None and now.status is OfferStatus.OPEN
        return Draft(
            kind=KIND,
            to=offer.phone,
            text=await text_of(w, business.language, KIND, values),
            values=values,
            language=business.language,
            skip="" if is_open and offer.expires_at > desk.clock.now() else "expired",
            appointment_id=row.id,
            # Of whoever wished to wait.
            call_id=row.call_id,
            # The time is not kept for who may not be told now: whoever waits next is asked.
            good_until=desk.clock.now(),
        )

    return compose


def _clock(instant: datetime, zone: str) -> str:
    return f"{instant.astimezone(ZoneInfo(zone)):%H:%M}"
