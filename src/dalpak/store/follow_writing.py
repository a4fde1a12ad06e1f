"""Changes to messages, replies, consent and offers, inside one tenant's scope and transaction.

A receipt is merged in one statement whose condition is the rank of states: two receipts at once
cannot step on each other on any database. Whom to write to and what is decided by the flows.
"""

from abc import abstractmethod
from datetime import datetime
from typing import Final

from sqlalchemy import Table, func

from dalpak.clock import Clock
from dalpak.domain.events import Event, delivery_failed, message_received
from dalpak.domain.follow_up import (
    ConsentAnswer,
    DeliveryRecord,
    InboundRecord,
    MessagingRow,
    OfferStatus,
    SlotOffer,
)
from dalpak.domain.messaging import MessagingRules
from dalpak.domain.receipts import RANK, merged
from dalpak.errors import ScopeError
from dalpak.store import models as m
from dalpak.store.follow_reading import SqlFollowUpReading
from dalpak.store.follow_rows import as_delivery, offer_values
from dalpak.store.tenancy import Condition

MASK: Final = "••••••"
"""As `logs.mask_phone` writes numbers."""


class SqlFollowUpWriting(SqlFollowUpReading):
    """`ports.follow_up.FollowUpWriting` on one open transaction."""

    _clock: Clock

    @abstractmethod
    async def publish(self, event: Event) -> bool: ...

    async def lock_appointment(self, appointment_id: str) -> None:
        c = m.appointment.c
        await self._db.update(m.appointment, c.id == appointment_id, version=c.version)

    async def lock_message(self, message_id: str) -> None:
        c = m.message.c
        await self._db.update(m.message, c.id == message_id, state=c.state)

    async def lock_sending(self, phone: str, call_id: str | None) -> None:
        # Always the call's first: two transactions never wait for one another.
        for name in filter(None, (call_id, phone)):
            await self._db.lock_name(name)

    # -- deliveries ----------------------------------------------------------------------------

    async def begin_delivery(self, delivery: DeliveryRecord) -> DeliveryRecord:
        self._db.require_mine(delivery.business_id)
        values = {
            "id": delivery.id,
            "message_id": delivery.message_id,
            "channel": delivery.channel,
            "idem_key": delivery.idem_key,
            "state": delivery.state,
            "reason": delivery.reason,
            "code": delivery.code,
            "provider_id": delivery.provider_id,
            "attempts": delivery.attempts,
            "created_at": delivery.created_at,
            "updated_at": delivery.updated_at,
        }
        key = ("business_id", "idem_key")
        if await self._db.insert_unless_there(m.delivery, values, key=key):
            return delivery
        row = await self._db.one(m.delivery, m.delivery.c.idem_key == delivery.idem_key)
        if row is None:
            raise ScopeError("a delivery vanished between two statements")
        return as_delivery(row)

    async def set_delivery_state(
        self,
        delivery_id: str,
        *,
        state: str,
        reason: str = "",
        code: str = "",
        provider_id: str | None = None,
        attempts: int | None = None,
    ) -> None:
        c = m.delivery.c
        facts: dict[str, object] = {"updated_at": self._clock.now()}
        if provider_id is not None:
            facts["provider_id"] = provider_id
        if attempts is not None:
            facts["attempts"] = attempts
        if not await self._db.update(m.delivery, c.id == delivery_id, **facts):
            raise ScopeError(f"no delivery {delivery_id!r} in this business")
        # A promise that arrived while the sender still waited for its answer is not taken back.
        told = [known for known, rank in RANK.items() if rank > max(RANK[state], RANK["unknown"])]
        changed = await self._db.update(
            m.delivery,
            c.id == delivery_id,
            c.state.not_in(told),
            state=state,
            reason=reason,
            code=code,
        )
        if changed:
            await self._message_follows(delivery_id)

    async def record_receipt(
        self,
        delivery_id: str,
        *,
        state: str,
        reason: str = "",
        code: str = "",
        provider_id: str | None = None,
        now: datetime,
    ) -> bool:
        c = m.delivery.c
        facts = {} if provider_id is None else {"provider_id": provider_id}
        lower = [known for known in RANK if merged(known, state) != known]
        changed = await self._db.update(
            m.delivery,
            c.id == delivery_id,
            c.state.in_(lower),
            state=state,
            reason=reason,
            code=code,
            updated_at=now,
            **facts,
        )
        if not changed:
            return False
        delivery = await self._message_follows(delivery_id)
        if state == "failed":
            await self.publish(
                delivery_failed(self._db.scope.business_id, delivery.message_id, delivery.id, now)
            )
        return True

    async def _message_follows(self, delivery_id: str) -> DeliveryRecord:
        """The message is where its last delivery is."""
        delivery = await self.delivery(delivery_id)
        if delivery is None:
            raise ScopeError(f"no delivery {delivery_id!r} in this business")
        last = (await self.deliveries(delivery.message_id))[-1]
        if last.id == delivery.id:
            await self._db.update(
                m.message,
                m.message.c.id == delivery.message_id,
                m.message.c.state != "skipped",
                channel=delivery.channel,
                state=delivery.state,
                reason=delivery.reason,
                updated_at=self._clock.now(),
            )
        return delivery

    # -- replies and consent -------------------------------------------------------------------

    async def record_inbound(self, record: InboundRecord) -> bool:
        self._db.require_mine(record.business_id)
        values = {
            "id": record.id,
            "channel": record.channel,
            "provider_id": record.provider_id,
            "sender": record.sender,
            "text": record.text,
            "answers": record.answers,
            "meaning": record.meaning,
            "outcome": record.outcome,
            "subject_id": record.subject_id,
            "received_at": record.received_at,
            "handled_at": record.handled_at,
        }
        key = ("business_id", "channel", "provider_id")
        if not await self._db.insert_unless_there(m.inbound, values, key=key):
            return False
        await self.publish(message_received(record.business_id, record.id, record.received_at))
        return True

    async def settle_inbound(
        self,
        inbound_id: str,
        *,
        meaning: str,
        outcome: str,
        subject_id: str | None = None,
        now: datetime,
    ) -> bool:
        c = m.inbound.c
        changed = await self._db.update(
            m.inbound,
            c.id == inbound_id,
            c.handled_at.is_(None),
            meaning=meaning,
            outcome=outcome,
            subject_id=subject_id,
            handled_at=now,
        )
        return changed == 1

    async def record_consent(
        self,
        phone: str,
        answer: ConsentAnswer,
        *,
        source: str,
        wording: str = "",
        call_id: str | None = None,
        now: datetime,
    ) -> None:
        last = await self.consent(phone)
        if last is not None and (last.answer, last.call_id) == (answer, call_id):
            return
        values = {
            "phone": phone,
            "answer": answer,
            "source": source,
            "call_id": call_id,
            "wording": wording,
            "at": now,
        }
        await self._db.insert(m.consent, values)

    # -- a business's rules and texts ----------------------------------------------------------

    async def save_messaging(self, raw: dict[str, object]) -> MessagingRow:
        MessagingRules.from_json(raw)
        now = self._clock.now()
        row = await self._db.insert_or_update(
            m.messaging,
            {"raw": raw, "version": 1, "updated_at": now},
            key=("business_id",),
            changes={"raw": raw, "version": m.messaging.c.version + 1, "updated_at": now},
        )
        return MessagingRow(row.raw, row.version)

    async def save_template(self, language: str, kind: str, text: str | None) -> None:
        c = m.message_template.c
        if text is None:
            await self._db.delete(m.message_template, c.language == language, c.kind == kind)
            return
        now = self._clock.now()
        await self._db.insert_or_update(
            m.message_template,
            {"language": language, "kind": kind, "text": text, "updated_at": now},
            key=("business_id", "language", "kind"),
            changes={"text": text, "updated_at": now},
        )

    # -- what is not kept for ever -------------------------------------------------------------

    async def forget_messages(self, *, before: datetime, limit: int) -> int:
        c, i, o = m.message.c, m.inbound.c, m.slot_offer.c
        # An emptied text marks what was forgotten: no message is written without one.
        old = await self._ids(m.message, c.created_at < before, c.text != "", limit=limit)
        if old:
            ending = func.substr(c.recipient, func.length(c.recipient) - 1)
            masked = func.substr(c.recipient, 1, 5).concat(MASK).concat(ending)
            await self._db.update(m.message, c.id.in_(old), text="", parts=[], recipient=masked)
            # A provider's id for a message holds the number in it (Meta's does).
            await self._db.delete(m.delivery, m.delivery.c.message_id.in_(old))
        replies = await self._ids(m.inbound, i.received_at < before, limit=limit)
        if replies:
            await self._db.delete(m.inbound, i.id.in_(replies))
        offers = await self._ids(m.slot_offer, o.start_at < before, limit=limit)
        if offers:
            await self._db.delete(m.slot_offer, o.id.in_(offers))
        return len(old) + len(replies) + len(offers)

    async def _ids(self, table: Table, *conditions: Condition, limit: int) -> list[str]:
        rows = await self._db.all(table, *conditions, order_by=(table.c.id,), limit=limit)
        return [row.id for row in rows]

    # -- offers to those who wait --------------------------------------------------------------

    async def make_offer(self, offer: SlotOffer) -> SlotOffer | None:
        key = ("business_id", "entry_id", "resource_id", "start_at")
        values = offer_values(offer)
        return offer if await self._db.insert_unless_there(m.slot_offer, values, key=key) else None

    async def settle_offer(self, offer_id: str, status: OfferStatus) -> bool:
        c = m.slot_offer.c
        is_open = (c.id == offer_id, c.status == OfferStatus.OPEN)
        return await self._db.update(m.slot_offer, *is_open, status=status) == 1

    async def close_waitlist_entry(self, entry_id: str) -> None:
        await self._db.update(m.waitlist, m.waitlist.c.id == entry_id, status="booked")
