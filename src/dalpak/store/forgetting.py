"""What is kept about one person in one business, found by their number, and erased.

Rows that others build on (a lead, an appointment, a message) stay as facts without a person: a time
was taken, something was sent. The rest goes. Who may ask for it and what becomes of the files is
decided by the command (`cli/forget.py`).
"""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement, Text, and_, cast, or_

from dalpak.domain.follow_up import ConsentAnswer
from dalpak.domain.phones import spoken_digits
from dalpak.store import models as m
from dalpak.store.rows import AnyRow
from dalpak.store.tenancy import Condition, Scoped

DIGEST: Final = "sha256:"
"""Begins what stands in the place of a number that asked for no more messages."""


def digest_of(business_id: str, phone: str) -> str:
    """By which a STOP is still honoured when the number is no longer kept. Who has this database can
    try all numbers against it: it keeps the wish, and is no secret."""
    return DIGEST + hashlib.sha256(f"{business_id}:{phone}".encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Found:
    """Ids of the rows that hold something of one person."""

    leads: tuple[str, ...]
    appointments: tuple[str, ...]
    calls: tuple[str, ...]
    """Made by this person, or in which the number was told."""
    live_calls: int
    """Of these, the ones that are going on: they would write it all anew."""
    messages: tuple[str, ...]
    replies: tuple[str, ...]
    offers: tuple[str, ...]
    consents: int
    opted_out: bool
    """The last word about messages was a no: that is kept, as a digest."""

    @property
    def nothing(self) -> bool:
        listed = (self.leads, self.appointments, self.calls, self.messages, self.replies)
        return not (any(listed) or self.offers or self.consents)


async def find(db: Scoped, phone: str) -> Found:
    """All that is kept under the number (E.164), in every table."""
    leads = await db.all(m.lead, m.lead.c.phone == phone)
    lead_ids = [row.id for row in leads]
    a = m.appointment.c
    visits = await db.all(m.appointment, or_(a.phone == phone, a.lead_id.in_(lead_ids)))
    told_in = {row.call_id for row in (*leads, *visits) if row.call_id}
    c = m.call_log.c
    calls = await db.all(
        m.call_log,
        or_(
            c.id.in_(told_in),
            c.caller == phone,
            _holds(c.confirmed, phone),
            _holds(c.checkpoint, phone),
        ),
    )
    said = await db.all(m.consent, m.consent.c.phone == phone, order_by=(m.consent.c.id,))
    refusals = (ConsentAnswer.OPTED_OUT, ConsentAnswer.DECLINED)
    return Found(
        leads=tuple(lead_ids),
        appointments=_ids(visits),
        calls=_ids(calls),
        live_calls=sum(row.ended_at is None for row in calls),
        messages=await _messages(db, phone, _ids(visits), _ids(calls)),
        replies=_ids(await db.all(m.inbound, m.inbound.c.sender == phone)),
        offers=_ids(await db.all(m.slot_offer, m.slot_offer.c.phone == phone)),
        consents=len(said),
        opted_out=bool(said) and said[-1].answer in refusals,
    )


async def _messages(
    db: Scoped, phone: str, visits: Collection[str], calls: Collection[str]
) -> tuple[str, ...]:
    """To this person, about their visits, and what the business was told of them."""
    business = await db.one(m.business)
    owner = business.owner_phone if business is not None else None
    c = m.message.c
    to_the_business = and_(c.recipient == owner, c.call_id.in_(calls))
    named = [c.text.contains(form, autoescape=True) for form in (phone, spoken_digits(phone))]
    theirs = or_(c.recipient == phone, c.appointment_id.in_(visits), to_the_business, *named)
    return _ids(await db.all(m.message, theirs))


def _ids(rows: Sequence[AnyRow]) -> tuple[str, ...]:
    return tuple(row.id for row in rows)


def _holds(column: ColumnElement[object], phone: str) -> Condition:
    return cast(column, Text).contains(phone, autoescape=True)


async def erase(db: Scoped, phone: str, found: Found) -> None:
    """Take the person out of every row. Repeating it changes nothing."""
    await _people(db, found)
    await _calls(db, phone, found)
    await _writing(db, phone, found)


async def _people(db: Scoped, found: Found) -> None:
    leads, c = m.lead.c.id.in_(found.leads), m.waitlist.c
    await db.update(m.lead, leads, phone=None, name=None, note="", call_id=None)
    await db.delete(m.waitlist, c.lead_id.in_(found.leads))
    # The time stays taken: whoever did not ask to cancel it still has it.
    visits = m.appointment.c.id.in_(found.appointments)
    await db.update(m.appointment, visits, phone=None, name=None)
    # No row is taken away from under a flow that waits for its answer.
    await db.update(m.slot_offer, m.slot_offer.c.id.in_(found.offers), phone="")


async def _calls(db: Scoped, phone: str, found: Found) -> None:
    c = m.call_log.c
    for row in await db.all(m.call_log, c.id.in_(found.calls)):
        kept = [number for number in row.confirmed if number != phone]
        caller = None if row.caller == phone else row.caller
        await db.update(m.call_log, c.id == row.id, caller=caller, checkpoint=None, confirmed=kept)
    await db.update(m.turn, m.turn.c.call_id.in_(found.calls), said="", heard="")
    await db.update(m.agent_trace, m.agent_trace.c.call_id.in_(found.calls), args={})


async def _writing(db: Scoped, phone: str, found: Found) -> None:
    c, business = m.message.c, await db.one(m.business)
    messages = c.id.in_(found.messages)
    owner = business.owner_phone if business is not None else None
    # Without a text nothing is sent any more; one that waits is told as forgotten.
    await db.update(m.message, messages, text="", parts=[])
    await db.update(m.message, messages, c.recipient.is_distinct_from(owner), recipient=None)
    # A provider's id for a message holds the number in it (Meta's does).
    await db.delete(m.delivery, m.delivery.c.message_id.in_(found.messages))
    await db.delete(m.inbound, m.inbound.c.id.in_(found.replies))
    await _consents(db, phone, found)


async def _consents(db: Scoped, phone: str, found: Found) -> None:
    table, by_number = m.consent, m.consent.c.phone == phone
    last = await db.all(table, by_number, order_by=(table.c.id.desc(),), limit=1)
    await db.delete(table, by_number)
    if found.opted_out and last:
        values = {
            "phone": digest_of(db.scope.business_id, phone),
            "answer": last[0].answer,
            "source": last[0].source,
            "call_id": None,
            "wording": "",
            "at": last[0].at,
        }
        await db.insert(table, values)
