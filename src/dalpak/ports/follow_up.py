"""What flows and webhooks may ask of the database about messages, replies, consent and offers.

Part of the store port (`store.py`), with its rules: one tenant's scope, one transaction, no commit.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

from dalpak.domain.follow_up import (
    ConsentAnswer,
    ConsentRecord,
    DeliveryRecord,
    InboundRecord,
    MessagingRow,
    OfferStatus,
    SlotOffer,
    TemplateRow,
)
from dalpak.domain.message_caps import Sent
from dalpak.domain.records import MessageRecord


class FollowUpReading(Protocol):
    """Questions."""

    async def message(self, message_id: str) -> MessageRecord | None: ...
    async def deliveries(self, message_id: str) -> Sequence[DeliveryRecord]:
        """In the order in which they were begun."""
        ...

    async def delivery(self, delivery_id: str) -> DeliveryRecord | None: ...
    async def sent(self, phone: str, call_id: str | None, *, since: datetime) -> Sequence[Sent]:
        """What left, or may have left, to this number since then, and for this call ever."""
        ...

    async def consent(self, phone: str) -> ConsentRecord | None:
        """The last answer of this person; None when nobody ever asked."""
        ...

    async def inbound(self, inbound_id: str) -> InboundRecord | None: ...
    async def inbounds(
        self, *, sender: str | None = None, since: datetime | None = None, limit: int = 50
    ) -> Sequence[InboundRecord]:
        """Newest first."""
        ...

    async def messaging(self) -> MessagingRow:
        """Version 0 and empty when the business never saved any."""
        ...

    async def templates(self) -> Sequence[TemplateRow]: ...
    async def known_events(self, event_ids: Collection[str]) -> frozenset[str]:
        """Those of the given ids that were published already."""
        ...

    async def offer(self, offer_id: str) -> SlotOffer | None: ...
    async def offers(
        self, *, phone: str | None = None, entry_id: str | None = None
    ) -> Sequence[SlotOffer]:
        """Newest first, of every status."""
        ...


class FollowUpWriting(Protocol):
    """Changes."""

    async def lock_appointment(self, appointment_id: str) -> None:
        """Nobody changes or cancels it until this transaction ends; nothing if there is none."""
        ...

    async def lock_message(self, message_id: str) -> None:
        """The same for a message and its deliveries: one sender at a time."""
        ...

    async def lock_sending(self, phone: str, call_id: str | None) -> None:
        """The same for whatever is about to be sent to this number, or for this call, rows or none.
        The last lock of a transaction: whoever has it waits for no other."""
        ...

    async def begin_delivery(self, delivery: DeliveryRecord) -> DeliveryRecord:
        """Insert, or return the row that has this `idem_key` already."""
        ...

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
        """What the sender knows. A receipt that came first and says more stays; a None keeps what
        is there."""
        ...

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
        """What the provider told: the highest state wins, in any order, any number of times.

        The message follows its delivery; a failure publishes `delivery.failed`. True if it changed
        something."""
        ...

    async def record_inbound(self, record: InboundRecord) -> bool:
        """Keep it and publish `message.received`. False, and nothing written, if this channel and
        provider id are known."""
        ...

    async def settle_inbound(
        self,
        inbound_id: str,
        *,
        meaning: str,
        outcome: str,
        subject_id: str | None = None,
        now: datetime,
    ) -> bool:
        """Say once what it meant and what was done. False when that was said before."""
        ...

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
        """Add an answer; the same answer again changes nothing."""
        ...

    async def save_messaging(self, raw: dict[str, object]) -> MessagingRow:
        """Raises PolicyError, with the field and the reason; then the saved one stays in force."""
        ...

    async def save_template(self, language: str, kind: str, text: str | None) -> None:
        """`text` in place of the built-in words; None brings those back. Not checked here."""
        ...

    async def forget_messages(self, *, before: datetime, limit: int) -> int:
        """Take the personal data out of at most `limit` messages, replies and past offers each that
        are older; how many. What became of a message stays, its words and its number do not."""
        ...

    async def make_offer(self, offer: SlotOffer) -> SlotOffer | None:
        """Insert; None when this time was offered to this wish before."""
        ...

    async def settle_offer(self, offer_id: str, status: OfferStatus) -> bool:
        """open -> `status`. True if this call did it."""
        ...

    async def close_waitlist_entry(self, entry_id: str) -> None:
        """Its wish is fulfilled: it waits no longer."""
        ...
