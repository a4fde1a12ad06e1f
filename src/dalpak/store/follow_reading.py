"""Questions about messages, replies, consent and offers, all inside one tenant's scope."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Final

from dalpak.domain.follow_up import (
    ConsentRecord,
    DeliveryRecord,
    InboundRecord,
    MessagingRow,
    SlotOffer,
    TemplateRow,
)
from dalpak.domain.message_caps import Sent
from dalpak.domain.records import MessageRecord
from dalpak.store import models as m
from dalpak.store.follow_rows import (
    as_consent,
    as_delivery,
    as_inbound,
    as_offer,
    as_sent,
    as_template,
)
from dalpak.store.forgetting import digest_of
from dalpak.store.limits import MAX_ROWS
from dalpak.store.rows import as_message
from dalpak.store.tenancy import Condition, Scoped

LEFT: Final = ("sending", "unknown", "accepted", "sent", "delivered", "read")
"""States in which a message has left, or may have."""
LONGEST_WAIT: Final = timedelta(days=7)
"""Between writing a message down and sending it: an outage is waited for a day, a limit for hours.
It bounds the search."""


class SqlFollowUpReading:
    """`ports.follow_up.FollowUpReading` on one open transaction."""

    _db: Scoped

    async def message(self, message_id: str) -> MessageRecord | None:
        row = await self._db.one(m.message, m.message.c.id == message_id)
        return None if row is None else as_message(row)

    async def deliveries(self, message_id: str) -> Sequence[DeliveryRecord]:
        c = m.delivery.c
        order = (c.created_at, c.id)
        rows = await self._db.all(m.delivery, c.message_id == message_id, order_by=order)
        return [as_delivery(r) for r in rows]

    async def delivery(self, delivery_id: str) -> DeliveryRecord | None:
        row = await self._db.one(m.delivery, m.delivery.c.id == delivery_id)
        return None if row is None else as_delivery(row)

    async def sent(self, phone: str, call_id: str | None, *, since: datetime) -> Sequence[Sent]:
        c, d = m.message.c, m.delivery.c
        left = c.state.in_(LEFT)
        recent = (c.recipient == phone, c.created_at >= since - LONGEST_WAIT)
        found = list(await self._db.all(m.message, left, *recent, limit=MAX_ROWS))
        if call_id:
            found += await self._db.all(m.message, left, c.call_id == call_id, limit=MAX_ROWS)
        messages = {row.id: row for row in found if row.recipient}
        begun = await self._db.all(m.delivery, d.message_id.in_(messages), d.state.in_(LEFT))
        sent = [as_sent(messages[row.message_id], row) for row in begun]
        return [one for one in sent if one.at > since or (call_id and one.call_id == call_id)]

    async def consent(self, phone: str) -> ConsentRecord | None:
        c = m.consent.c
        known_by = (phone, digest_of(self._db.scope.business_id, phone))
        order = (c.id.desc(),)
        rows = await self._db.all(m.consent, c.phone.in_(known_by), order_by=order, limit=1)
        return as_consent(rows[0]) if rows else None

    async def inbound(self, inbound_id: str) -> InboundRecord | None:
        row = await self._db.one(m.inbound, m.inbound.c.id == inbound_id)
        return None if row is None else as_inbound(row)

    async def inbounds(
        self, *, sender: str | None = None, since: datetime | None = None, limit: int = 50
    ) -> Sequence[InboundRecord]:
        c = m.inbound.c
        conditions: list[Condition] = []
        if sender is not None:
            conditions.append(c.sender == sender)
        if since is not None:
            conditions.append(c.received_at >= since)
        order = (c.received_at.desc(), c.id.desc())
        bound = min(limit, MAX_ROWS)
        rows = await self._db.all(m.inbound, *conditions, order_by=order, limit=bound)
        return [as_inbound(r) for r in rows]

    async def messaging(self) -> MessagingRow:
        row = await self._db.one(m.messaging)
        return MessagingRow({}, 0) if row is None else MessagingRow(row.raw, row.version)

    async def templates(self) -> Sequence[TemplateRow]:
        c = m.message_template.c
        rows = await self._db.all(m.message_template, order_by=(c.language, c.kind))
        return [as_template(r) for r in rows]

    async def known_events(self, event_ids: Collection[str]) -> frozenset[str]:
        known: set[str] = set()
        asked = sorted(set(event_ids))
        for first in range(0, len(asked), MAX_ROWS):
            part = asked[first : first + MAX_ROWS]
            known |= {row.id for row in await self._db.all(m.event, m.event.c.id.in_(part))}
        return frozenset(known)

    async def offer(self, offer_id: str) -> SlotOffer | None:
        row = await self._db.one(m.slot_offer, m.slot_offer.c.id == offer_id)
        return None if row is None else as_offer(row)

    async def offers(
        self, *, phone: str | None = None, entry_id: str | None = None
    ) -> Sequence[SlotOffer]:
        c = m.slot_offer.c
        conditions: list[Condition] = []
        if phone is not None:
            conditions.append(c.phone == phone)
        if entry_id is not None:
            conditions.append(c.entry_id == entry_id)
        order = (c.created_at.desc(), c.id.desc())
        rows = await self._db.all(m.slot_offer, *conditions, order_by=order, limit=MAX_ROWS)
        return [as_offer(r) for r in rows]
