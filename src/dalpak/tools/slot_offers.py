"""A freed time and those who wait for one: who is next, and what becomes of an offer.

The time is held for the person as a call holds one, under the same policy and the same lock, only
longer; the offer is the holder. Taking it books; declining or letting it pass frees it for the
next. How the person is told, and how the answer comes, is decided elsewhere.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from dalpak.domain.events import appointment_created, slot_freed
from dalpak.domain.follow_up import OfferStatus, SlotOffer
from dalpak.domain.records import Appointment, AppointmentStatus, Lead, WaitlistEntry
from dalpak.domain.slots import Slot
from dalpak.domain.walltime import minute_of
from dalpak.ports.store import Claim, Claimed, Writing
from dalpak.tools.context import Office
from dalpak.tools.diary import Wish, free_days

LEAST_TIME = timedelta(minutes=10)
"""To read a message and answer it; a time nearer than that is offered to nobody."""
GET_READY = timedelta(minutes=30)
"""Between the last moment to say yes and the visit."""

Welcome = Callable[[str], Awaitable[bool]]
"""May this phone be written to?"""


@dataclass(frozen=True, slots=True)
class FreedTime:
    resource_id: str
    start: datetime
    end: datetime


async def offer_to_next(
    w: Writing, office: Office, offer_id: str, freed: FreedTime, keep: timedelta, welcome: Welcome
) -> SlotOffer | None:
    """Hold the time for the first who waits and whom it suits; None when there is nobody.

    Repeating it under the same id gives the same offer.
    """
    await w.lock_resources([freed.resource_id])
    known = await w.offer(offer_id)
    if known is not None:
        return known
    for entry in await w.waitlist():
        lead = await w.lead(entry.lead_id)
        if lead is None or lead.phone is None or not await welcome(lead.phone):
            continue
        found = await _suiting(w, office, entry, freed)
        until = min(office.now + keep, found[0].start - GET_READY) if found else office.now
        if found is None or until < office.now + LEAST_TIME:
            continue
        offer = await _hold(w, office, offer_id, entry, lead, found, until)
        if offer is not None:
            return offer
    return None


async def _suiting(
    w: Writing, office: Office, entry: WaitlistEntry, freed: FreedTime
) -> tuple[Slot, Wish] | None:
    """The visit that this person wants in the freed time, at its beginning where that is free."""
    service = office.visit(entry.service_ids)
    day = office.local(freed.start).date()
    if service is None or not entry.first_day <= day <= entry.last_day:
        return None
    wish = Wish(service, entry.resource_id, more_service_ids=entry.service_ids[1:])
    if all(r.id != freed.resource_id for r in wish.able(office)):
        return None
    here = replace(wish, resource_id=freed.resource_id)
    length = timedelta(minutes=service.duration_min)
    # Who let it pass is not offered the same time again a quarter of an hour later.
    for past in await w.offers(entry_id=entry.id):
        near = past.start < freed.end and past.start + length > freed.start
        if near and past.resource_id == freed.resource_id:
            return None
    low, high = entry.window
    async for slots in free_days(w, office, here, day, day):
        suiting = [
            slot
            for slot in slots
            if slot.start < freed.end
            and slot.end > freed.start
            and low <= minute_of(office.local(slot.start).time()) < high
        ]
        if suiting:
            return min(suiting, key=lambda s: (abs(s.start - freed.start), s.start)), here
    return None


async def _hold(
    w: Writing,
    office: Office,
    offer_id: str,
    entry: WaitlistEntry,
    lead: Lead,
    found: tuple[Slot, Wish],
    until: datetime,
) -> SlotOffer | None:
    slot, wish = found
    claimed = await w.claim(
        Claim(
            resource_id=slot.resource_id,
            service_id=entry.service_ids[0],
            more_service_ids=wish.more_service_ids,
            start=slot.start,
            end=slot.end,
            block_start=slot.block_start,
            block_end=slot.block_end,
            holder=offer_id,
            idem_key=offer_id,
            hold_until=until,
            call_id=entry.call_id,
        ),
        office.now,
    )
    if not isinstance(claimed, Claimed):
        return None
    return await w.make_offer(
        SlotOffer(
            id=offer_id,
            entry_id=entry.id,
            lead_id=lead.id,
            appointment_id=claimed.appointment.id,
            phone=lead.phone or "",
            resource_id=slot.resource_id,
            start=slot.start,
            status=OfferStatus.OPEN,
            expires_at=until,
            created_at=office.now,
        )
    )


# -- the answer ------------------------------------------------------------------------------------


async def open_offer_to(w: Writing, phone: str, now: datetime) -> SlotOffer | None:
    """The newest offer that this person can still take."""
    offers = await w.offers(phone=phone)
    return next((o for o in offers if o.status is OfferStatus.OPEN and o.expires_at > now), None)


async def accept_offer(w: Writing, offer_id: str, now: datetime) -> Appointment | None:
    """Book what was offered, as a call would; None when it is too late. Repeating it gives the same
    appointment."""
    offer = await _locked(w, offer_id)
    if offer is None:
        return None
    if offer.status is OfferStatus.ACCEPTED:
        row = await w.appointment(offer.appointment_id)
        return row if row is not None and row.status is AppointmentStatus.BOOKED else None
    if offer.status is not OfferStatus.OPEN:
        return None
    lead = await w.lead(offer.lead_id)
    booked = await w.confirm(
        offer.appointment_id,
        holder=offer.id,
        lead_id=offer.lead_id,
        name=lead.name if lead else None,
        phone=offer.phone,
        now=now,
    )
    if not isinstance(booked, Appointment):
        return None
    await w.settle_offer(offer.id, OfferStatus.ACCEPTED)
    await w.close_waitlist_entry(offer.entry_id)
    await w.publish(appointment_created(w.scope.business_id, booked.id, now))
    return booked


async def end_offer(w: Writing, offer_id: str, status: OfferStatus, now: datetime) -> bool:
    """Declined or passed: the time is free for the next who waits. True if this call did it."""
    offer = await _locked(w, offer_id)
    if offer is None or not await w.settle_offer(offer_id, status):
        return False
    held = await w.appointment(offer.appointment_id)
    await w.release(offer.appointment_id, holder=offer.id)
    if held is not None and held.start > now:
        await w.publish(
            slot_freed(
                w.scope.business_id,
                offer.appointment_id,
                offer.id,
                resource_id=offer.resource_id,
                start=held.start,
                end=held.end,
                at=now,
            )
        )
    return True


async def _locked(w: Writing, offer_id: str) -> SlotOffer | None:
    """The offer as it stands once its resource is ours: yes and no may come at one moment."""
    offer = await w.offer(offer_id)
    if offer is None:
        return None
    await w.lock_resources([offer.resource_id])
    return await w.offer(offer_id)
