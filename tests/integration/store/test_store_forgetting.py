"""Old messages lose what is personal in them, on real databases; and what left to whom is known."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from store_kit import (
    CLINIC,
    NOON,
    SALON,
    HandClock,
    a_delivery,
    an_inbound,
    an_offer,
    sync_engine,
)

from dalpak.domain.message_caps import Sent
from dalpak.domain.records import MessageRecord, TenantScope
from dalpak.flows.housekeeping import forget_old_messages
from dalpak.flows.retries import FlowLimits
from dalpak.store.unit_of_work import SqlStore

pytestmark = pytest.mark.integration

NOA = "+972523456789"
TEXT = "שלום נועה, התור שלך נקבע"
CANARIES = (NOA, TEXT, "נועה", "wamid.noa", "כן תודה")
DAY = timedelta(days=1)


def message(
    message_id: str, scope: TenantScope, at: datetime, to: str | None = NOA, **changes: str
) -> MessageRecord:
    return MessageRecord(
        message_id, scope.business_id, f"key:{message_id}", "whatsapp_cloud", to,
        changes.get("kind", "confirmation"), TEXT, changes.get("state", "delivered"),
        "", "appt-1", changes.get("call_id"), at, "he", ("נועה", "10:00"),
    )  # fmt: skip


async def written(
    store: SqlStore, name: str, at: datetime, scope: TenantScope = SALON, to: str | None = NOA
) -> None:
    """A message that was delivered, the reply to it, and an offer of a time on that day."""
    async with store.writing(scope) as w:
        await w.save_message(message(name, scope, at, to))
        await w.begin_delivery(
            a_delivery(
                scope,
                f"d-{name}",
                message_id=name,
                provider_id="wamid.noa",
                state="delivered",
                created_at=at,
                updated_at=at,
            )
        )
        await w.record_inbound(
            an_inbound(
                scope, id=f"in-{name}", provider_id=f"p-{name}", sender=NOA, text="כן תודה",
                received_at=at,
            )
        )  # fmt: skip
        await w.make_offer(an_offer(f"offer-{name}", phone=NOA, start=at, entry_id=name))


def everything(url: str) -> str:
    """All of these tables, as whoever has the file would read them."""
    engine = sync_engine(url)
    with engine.begin() as connection:
        rows = [
            str(tuple(row))
            for table in ("message", "delivery", "inbound", "slot_offer")
            for row in connection.execute(sa.text(f"SELECT * FROM {table}"))
        ]
    engine.dispose()
    return "\n".join(rows)


async def test_what_is_old_is_forgotten_and_what_became_of_it_is_not(
    store: SqlStore, url: str
) -> None:
    await written(store, "old", NOON - 31 * DAY)
    await written(store, "nobody", NOON - 31 * DAY, to=None)

    async with store.writing(SALON) as w:
        assert await w.forget_messages(before=NOON - 30 * DAY, limit=100) == 6

    assert not [canary for canary in CANARIES if canary in everything(url)]
    async with store.reading(SALON) as r:
        left, nobody = await r.message("old"), await r.message("nobody")
        assert await r.deliveries("old") == []
        assert await r.inbound("in-old") is None
        assert await r.offers() == []
    assert left is not None
    assert nobody is not None
    assert (left.state, left.kind, left.to) == ("delivered", "confirmation", "+9725••••••89")
    assert (left.text, left.parts, nobody.to) == ("", (), None)
    async with store.writing(SALON) as w:
        assert await w.forget_messages(before=NOON - 30 * DAY, limit=100) == 0


async def test_a_pass_is_bounded_and_young_rows_and_other_tenants_are_left_alone(
    store: SqlStore, url: str
) -> None:
    for n in range(3):
        await written(store, f"old{n}", NOON - 40 * DAY)
    await written(store, "young", NOON - 29 * DAY)
    await written(store, "theirs", NOON - 40 * DAY, CLINIC)

    async with store.writing(SALON) as w:
        assert await w.forget_messages(before=NOON - 30 * DAY, limit=2) == 6
        assert await w.forget_messages(before=NOON - 30 * DAY, limit=2) == 3

    for scope, name in ((SALON, "young"), (CLINIC, "theirs")):
        async with store.reading(scope) as r:
            kept = await r.message(name)
            assert kept is not None
            assert (kept.text, kept.to) == (TEXT, NOA)
            assert len(await r.deliveries(name)) == len(await r.offers()) == 1
            assert await r.inbound(f"in-{name}") is not None


async def test_each_business_says_how_long(store: SqlStore, clock: HandClock) -> None:
    now = clock.now()
    async with store.writing(SALON) as w:
        await w.save_messaging({"keep_days": 7})
    for scope in (SALON, CLINIC):
        await written(store, f"{scope.business_id}-8", now - 8 * DAY, scope)
        await written(store, f"{scope.business_id}-31", now - 31 * DAY, scope)

    assert await forget_old_messages(store, clock, FlowLimits()) == 6 + 3

    async with store.reading(CLINIC) as r:
        kept = await r.message("clinic-8")
        assert kept is not None
        assert kept.text == TEXT


# -- what left to whom -------------------------------------------------------------------------------


async def test_what_left_is_known_by_number_and_by_call(store: SqlStore) -> None:
    other = "+972523456701"
    told: Sequence[tuple[str, str, str, str | None, int, int]] = [
        # name, number, state, call, minutes ago, attempts
        ("in the hour", NOA, "accepted", None, 10, 1),
        ("in doubt", NOA, "unknown", None, 20, 1),
        ("too old", NOA, "delivered", None, 61, 1),
        ("refused", NOA, "failed", None, 5, 1),
        ("not yet", NOA, "pending", None, 5, 1),
        ("kept here", NOA, "recorded", None, 5, 1),
        ("of the call, long ago", other, "read", "call-1", 300, 1),
        ("of another call", other, "read", "call-2", 5, 1),
        ("a second try", NOA, "sent", None, 90, 2),
    ]
    async with store.writing(SALON) as w:
        for name, to, state, call_id, ago, attempts in told:
            at = NOON - timedelta(minutes=ago)
            row = message(name, SALON, at, to, state=state, call_id=call_id or "")
            await w.save_message(row)
            changed = at if attempts == 1 else NOON - timedelta(minutes=2)
            await w.begin_delivery(
                a_delivery(
                    delivery_id=name, message_id=name, state=state, attempts=attempts,
                    created_at=at, updated_at=changed,
                )
            )  # fmt: skip
        found = await w.sent(NOA, "call-1", since=NOON - timedelta(hours=1))

    def minutes(one: Sent) -> float:
        return (NOON - one.at).total_seconds() / 60

    assert sorted((one.to, minutes(one)) for one in found) == sorted(
        [(NOA, 10), (NOA, 20), (NOA, 2), (other, 300)]
    )
    async with store.reading(CLINIC) as r:
        assert await r.sent(NOA, "call-1", since=NOON - timedelta(hours=1)) == []
