"""Messages, receipts, replies, consent and offers on real databases."""

import asyncio
from datetime import timedelta
from itertools import permutations

import pytest
from store_kit import (
    CLINIC,
    NOON,
    SALON,
    HandClock,
    Heard,
    MakeClaim,
    a_delivery,
    a_move,
    a_wish,
    an_inbound,
    an_offer,
)

from dalpak.domain.events import EventType
from dalpak.domain.follow_up import ConsentAnswer, OfferStatus
from dalpak.domain.records import Appointment, MessageRecord
from dalpak.errors import PolicyError
from dalpak.ports.store import Claimed, Writing
from dalpak.store.unit_of_work import SqlStore

pytestmark = pytest.mark.integration

MESSAGE = MessageRecord(
    "msg-m", "salon", "key", "whatsapp_cloud", "+972523456789", "reminder", "שלום", "sending", "",
    "appt-1", None, NOON, "he", ("נועה", "10:00"),
)  # fmt: skip


async def begin(db: Writing) -> None:
    await db.save_message(MESSAGE)
    await db.begin_delivery(a_delivery())


async def state_of(store: SqlStore) -> tuple[str, str]:
    """Of the delivery and of its message."""
    async with store.reading(SALON) as db:
        delivery, message = await db.delivery("d"), await db.message("msg-m")
    assert delivery is not None
    assert message is not None
    return delivery.state, message.state


async def test_a_message_keeps_what_a_template_needs(store: SqlStore) -> None:
    async with store.writing(SALON) as db:
        await db.save_message(MESSAGE)
    async with store.reading(SALON) as db:
        assert await db.message("msg-m") == MESSAGE


@pytest.mark.parametrize("order", list(permutations(("sent", "delivered", "read"))))
async def test_receipts_end_in_the_same_state_in_any_order(
    store: SqlStore, order: tuple[str, ...]
) -> None:
    async with store.writing(SALON) as db:
        await begin(db)
    for state in (*order, *order):
        async with store.writing(SALON) as db:
            await db.record_receipt("d", state=state, now=NOON)
    assert await state_of(store) == ("read", "read")


async def test_a_receipt_before_the_answer_is_not_taken_back(store: SqlStore) -> None:
    async with store.writing(SALON) as db:
        await begin(db)
        assert await db.record_receipt("d", state="delivered", provider_id="wamid.1", now=NOON)
    async with store.writing(SALON) as db:
        await db.set_delivery_state("d", state="accepted", provider_id="wamid.1")
    assert await state_of(store) == ("delivered", "delivered")


async def test_two_receipts_at_once_keep_the_higher(store: SqlStore) -> None:
    async with store.writing(SALON) as db:
        await begin(db)

    async def tell(state: str) -> None:
        async with store.writing(SALON) as db:
            await db.record_receipt("d", state=state, now=NOON)

    await asyncio.gather(*(tell(s) for s in ("sent", "read", "delivered", "sent", "accepted")))
    assert await state_of(store) == ("read", "read")


async def test_a_late_failure_is_told_once(store: SqlStore, heard: Heard) -> None:
    async with store.writing(SALON) as db:
        await begin(db)
        await db.set_delivery_state("d", state="accepted", provider_id="wamid.1")
    for _ in range(2):
        async with store.writing(SALON) as db:
            await db.record_receipt("d", state="failed", reason="not_on_whatsapp", now=NOON)
    told = [e for e in heard.events if e.type is EventType.DELIVERY_FAILED]
    assert [e.payload for e in told] == [{"message_id": "msg-m", "delivery_id": "d"}]
    async with store.reading(SALON) as db:
        message = await db.message("msg-m")
    assert message is not None
    assert (message.state, message.reason) == ("failed", "not_on_whatsapp")


async def test_a_receipt_finds_its_tenant_by_either_id(store: SqlStore) -> None:
    async with store.writing(SALON) as db:
        await begin(db)
        await db.set_delivery_state("d", state="accepted", provider_id="wamid.1")
    for ids in (
        {"delivery_id": "d"},
        {"channel": "whatsapp_cloud", "provider_id": "wamid.1"},
        {"delivery_id": "unheard of", "channel": "whatsapp_cloud", "provider_id": "wamid.1"},
    ):
        found = await store.scope_of_delivery(**ids)
        assert found is not None
        assert (found[0], found[1].id) == (SALON, "d")
    assert await store.scope_of_delivery(channel="twilio_sms", provider_id="wamid.1") is None
    assert await store.scope_of_delivery() is None


async def test_a_reply_is_kept_and_told_once(store: SqlStore, heard: Heard) -> None:
    async with store.writing(SALON) as db:
        assert await db.record_inbound(an_inbound())
    async with store.writing(SALON) as db:
        assert not await db.record_inbound(an_inbound(id="in-2"))
        assert await db.settle_inbound("in-1", meaning="yes", outcome="booked", now=NOON)
        assert not await db.settle_inbound("in-1", meaning="no", outcome="declined", now=NOON)
    assert [e.type for e in heard.events] == [EventType.MESSAGE_RECEIVED]
    async with store.reading(SALON) as db:
        (kept,) = await db.inbounds(sender="+972523456789", since=NOON)
        assert await db.inbounds(since=NOON + timedelta(seconds=1)) == []
    assert (kept.meaning, kept.outcome, kept.handled_at) == ("yes", "booked", NOON)
    # The same provider id at another business is another message.
    async with store.writing(CLINIC) as db:
        assert await db.record_inbound(an_inbound(CLINIC, id="in-3"))


async def test_the_last_answer_about_consent_counts(store: SqlStore) -> None:
    phone = "+972523456789"
    for answer in (ConsentAnswer.GRANTED, ConsentAnswer.OPTED_OUT, ConsentAnswer.OPTED_OUT):
        async with store.writing(SALON) as db:
            await db.record_consent(phone, answer, source="inbound", now=NOON)
    async with store.reading(SALON) as db:
        last = await db.consent(phone)
        assert await db.consent("+972500000000") is None
    assert last is not None
    assert last.answer is ConsentAnswer.OPTED_OUT
    async with store.reading(CLINIC) as db:
        assert await db.consent(phone) is None


async def test_rules_and_texts_of_a_business(store: SqlStore) -> None:
    async with store.writing(SALON) as db:
        saved = await db.save_messaging({"waitlist_hold_min": 45})
        await db.save_template("he", "reminder", "תזכורת {time}")
        await db.save_template("he", "reminder", "תזכורת ל{time}")
        with pytest.raises(PolicyError, match="quiet_shabbat"):
            await db.save_messaging({"quiet_shabbat": "yes"})
    async with store.reading(SALON) as db:
        assert await db.messaging() == saved
        (template,) = await db.templates()
    assert (template.kind, template.text) == ("reminder", "תזכורת ל{time}")
    async with store.writing(SALON) as db:
        await db.save_template("he", "reminder", None)
        assert await db.templates() == []


async def booked(store: SqlStore, clock: HandClock, make_claim: MakeClaim) -> Appointment:
    async with store.writing(SALON) as db:
        held = await db.claim(make_claim(), clock.now())
        assert isinstance(held, Claimed)
        lead = await db.find_or_create_lead(phone="+1", name="n", call_id=None, now=clock.now())
        row = await db.confirm(
            held.appointment.id, holder="holder-key", lead_id=lead.id, name="n", phone="+1",
            now=clock.now(),
        )  # fmt: skip
    assert isinstance(row, Appointment)
    return row


async def test_a_time_that_becomes_free_is_told_with_the_change(
    store: SqlStore, clock: HandClock, heard: Heard, make_claim: MakeClaim
) -> None:
    row = await booked(store, clock, make_claim)
    later = a_move("dana", NOON + timedelta(hours=2))
    for _ in range(2):
        async with store.writing(SALON) as db:
            await db.reschedule(row.id, later, now=clock.now())
    for _ in range(2):
        async with store.writing(SALON) as db:
            await db.cancel(row.id, now=clock.now())

    freed = [e.payload for e in heard.events if e.type is EventType.SLOT_FREED]

    assert [e["start"] for e in freed] == [NOON.isoformat(), later.start.isoformat()]
    assert {e["resource_id"] for e in freed} == {"dana"}


async def test_an_offer_is_settled_once_and_made_once(store: SqlStore) -> None:
    async with store.writing(SALON) as db:
        assert await db.make_offer(an_offer()) == an_offer()
        assert await db.make_offer(an_offer("offer-2")) is None
        assert await db.settle_offer("offer-1", OfferStatus.DECLINED)
        assert not await db.settle_offer("offer-1", OfferStatus.ACCEPTED)
    async with store.reading(SALON) as db:
        (offer,) = await db.offers(phone=an_offer().phone)
    assert offer.status is OfferStatus.DECLINED


async def test_who_got_a_time_waits_no_longer_until_they_ask_again(store: SqlStore) -> None:
    async with store.writing(SALON) as db:
        lead = await db.find_or_create_lead(phone="+1", name="n", call_id=None, now=NOON)
        entry = await db.join_waitlist(a_wish(lead.id))
        await db.close_waitlist_entry(entry.id)
        assert await db.waitlist() == []
        again = await db.join_waitlist(a_wish(lead.id, "wait-2"))
        assert (again.id, again.status) == (entry.id, "waiting")
        assert await db.waitlist() == [again]
