"""One person is erased in one business, on both databases; nobody else is."""

import pytest
import sqlalchemy as sa
from store_kit import CLINIC, NOON, SALON, a_call, a_delivery, an_inbound, sync_engine

from dalpak.domain.follow_up import ConsentAnswer
from dalpak.domain.records import CallEnd, MessageRecord, TenantScope, TurnRecord
from dalpak.store.compact import compact
from dalpak.store.models import metadata
from dalpak.store.unit_of_work import SqlStore

pytestmark = pytest.mark.integration

NOA, GIL = "+972509876543", "+972541112233"
NAME, WORDS, RECEIPT = "קנרית פרטית", "מילים של מתקשרת", "wamid.kanarit"
CANARIES = (NOA, "0509876543", NAME, WORDS, RECEIPT)


async def lives_in(store: SqlStore, scope: TenantScope, phone: str = NOA) -> None:
    """A call, its lead and message, a reply and a wish for no more; ids of the business."""
    own = f"{scope.business_id}-{phone[-4:]}"
    call_id = f"c-{own}"
    call = a_call(call_id, scope, caller=phone, external_id=f"x-{call_id}")
    async with store.writing(scope) as db:
        await db.open_call(call)
        await db.save_checkpoint(call.id, {"name": NAME, "phone": phone})
        await db.confirm_number(call.id, phone)
        await db.add_turn(TurnRecord(call.id, 1, WORDS, f"{NAME} 0509876543", NOON))
        lead = await db.find_or_create_lead(phone=phone, name=NAME, call_id=call.id, now=NOON)
        await db.note_lead(lead.id, WORDS)
        sent = MessageRecord(
            f"m-{own}", scope.business_id, f"key-{own}", "whatsapp_cloud", phone, "confirmation",
            WORDS, "delivered", "", None, call.id, NOON, "he", (NAME,),
        )  # fmt: skip
        await db.save_message(sent)
        await db.begin_delivery(
            a_delivery(scope, f"d-{own}", message_id=sent.id, provider_id=RECEIPT)
        )
        wrote = {"id": f"i-{call_id}", "provider_id": f"p-{call_id}"}
        await db.record_inbound(an_inbound(scope, sender=phone, text=WORDS, **wrote))
        await db.record_consent(phone, ConsentAnswer.OPTED_OUT, source="message", now=NOON)
        await db.close_call(call.id, reason=CallEnd.CALLER, now=NOON)


def canaries_in(url: str, business_id: str) -> set[str]:
    engine = sync_engine(url)
    with engine.connect() as connection:
        rows = [
            str(tuple(row))
            for table in metadata.sorted_tables
            if "business_id" in table.c
            for row in connection.execute(
                sa.select(table).where(table.c.business_id == business_id)
            )
        ]
    engine.dispose()
    return {canary for canary in CANARIES for row in rows if canary in row}


async def test_one_person_is_erased_in_one_business(store: SqlStore, url: str) -> None:
    await lives_in(store, SALON)
    await lives_in(store, CLINIC)
    found = await store.forget(SALON, NOA)

    assert (len(found.leads), len(found.calls), len(found.messages)) == (1, 1, 1)
    assert (found.consents, found.opted_out, found.live_calls) == (1, True, 0)
    assert canaries_in(url, SALON.business_id) == set()
    assert canaries_in(url, CLINIC.business_id) == set(CANARIES)
    assert (await store.kept_of(SALON, NOA)).nothing
    assert compact(url)
    async with store.reading(SALON) as db:
        # The wish outlives the number.
        last = await db.consent(NOA)
        assert await db.consent(GIL) is None
    assert last is not None
    assert last.answer is ConsentAnswer.OPTED_OUT


async def test_another_person_s_rows_stay_as_they_are(store: SqlStore, url: str) -> None:
    await lives_in(store, SALON, GIL)
    kept = await store.kept_of(SALON, GIL)
    await store.forget(SALON, NOA)
    assert await store.kept_of(SALON, GIL) == kept
    assert canaries_in(url, SALON.business_id) >= {NAME, WORDS, RECEIPT}


async def test_a_call_that_goes_on_is_told(store: SqlStore) -> None:
    async with store.writing(SALON) as db:
        await db.open_call(a_call(caller=NOA))
    assert (await store.kept_of(SALON, NOA)).live_calls == 1
