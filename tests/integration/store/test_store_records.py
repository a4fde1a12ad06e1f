"""Catalogue, leads, events, messages and policy, time and loops, on both databases."""

import asyncio
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from store_kit import CLINIC, NOON, SALON, HandClock, Heard, a_call, a_wish, add_tenant

from dalpak.clock import VirtualClock, run_virtual
from dalpak.domain.events import Event, appointment_created
from dalpak.domain.records import (
    MessageRecord,
    TenantScope,
    TraceRecord,
)
from dalpak.errors import PolicyError, ScopeError
from dalpak.ports.store import PolicyRow
from dalpak.store.unit_of_work import SqlStore

pytestmark = pytest.mark.integration

NOW = NOON - timedelta(days=1)
SECOND = timedelta(seconds=1)


# -- catalogue and policy --------------------------------------------------------------------------


async def test_the_catalogue_comes_back_as_it_was_given(store: SqlStore) -> None:
    async with store.reading(SALON) as db:
        business = await db.business()
        services = await db.services()
        resources = await db.resources()
    assert (business.id, business.phone, business.language) == ("salon", "+97231111111", "he")
    assert [(s.id, s.name, s.price, s.aliases) for s in services] == [
        ("cut", "תספורת", 90, ("קצר",)),
        ("dye", "צבע", None, ()),
    ]
    assert [(r.id, r.capacity, r.ipa) for r in resources] == [
        ("dana", 1, "dˈana"),
        ("room", 3, None),
    ]


async def test_an_unknown_tenant_is_an_error_and_a_known_id_is_not_added_twice(
    store: SqlStore,
) -> None:
    async with store.reading(TenantScope("nobody")) as db:
        with pytest.raises(ScopeError):
            await db.business()
        assert (await db.policy()).version == 0
    async with store.reading(SALON) as db:
        business = await db.business()
    again = replace(business, name="another")
    assert not await store.add_business(again, policy={}, services=[], resources=[])
    assert await store.business_by_number("+97231111111") == business
    assert await store.business_by_number("+972") is None
    assert sorted(b.id for b in await store.businesses()) == ["clinic", "salon"]


async def test_saving_a_policy_counts_its_versions(store: SqlStore) -> None:
    async with store.writing(SALON) as db:
        saved = await db.save_policy({"allow_24_7": True, "min_notice_min": 5})
    async with store.reading(SALON) as db:
        assert await db.policy() == saved
    async with store.reading(CLINIC) as db:
        other = await db.policy()
    assert (saved.version, saved.raw) == (2, {"allow_24_7": True, "min_notice_min": 5})
    assert (other.version, other.raw) == (1, {"slot_size_min": 15})


async def test_a_bad_policy_is_refused_with_its_field_and_the_last_one_stays(
    store: SqlStore,
) -> None:
    with pytest.raises(PolicyError, match="slot_size_min: expected a whole number") as refused:
        async with store.writing(SALON) as db:
            await db.save_policy({"slot_size_min": 0})
    assert refused.value.field == "slot_size_min"
    async with store.reading(SALON) as db:
        assert await db.policy() == PolicyRow({"slot_size_min": 15}, 1)
    business = replace((await store.businesses())[0], id="third", phone="+3")
    with pytest.raises(PolicyError, match="no_such_rule"):
        await store.add_business(business, policy={"no_such_rule": 1}, services=[], resources=[])
    assert "third" not in [b.id for b in await store.businesses()]


# -- the waiting list, calendar links --------------------------------------------------------------


async def test_the_same_wish_of_the_same_lead_waits_once(store: SqlStore) -> None:
    async with store.writing(SALON) as db:
        one = await db.find_or_create_lead(phone="+1", name="דנה", call_id=None, now=NOW)
        two = await db.find_or_create_lead(phone="+2", name="נועה", call_id=None, now=NOW)
        first = await db.join_waitlist(a_wish(one.id, "w1", created_at=NOW))
        again = await db.join_waitlist(a_wish(one.id, "w2"))
        other = await db.join_waitlist(a_wish(one.id, "w3", window=(0, 540)))
        theirs = await db.join_waitlist(a_wish(two.id, "w4"))
    assert again == first == a_wish(one.id, "w1", created_at=NOW)
    async with store.reading(SALON) as db:
        assert [e.id for e in await db.waitlist()] == ["w1", "w3", "w4"]
        assert await db.waitlist(lead_id=two.id) == [theirs]
        assert (await db.waitlist(lead_id=one.id))[1] == other


async def test_a_calendar_secret_is_kept_until_it_is_replaced(store: SqlStore) -> None:
    async with store.writing(SALON) as db:
        assert await db.calendar_token("dana", new="a") == "a"
        assert await db.calendar_token("dana", new="b") == "a"
        assert await db.calendar_token("room", new="r") == "r"
        assert await db.calendar_token("dana", new="c", replace=True) == "c"
    async with store.reading(SALON) as db:
        assert await db.known_calendar_token("dana") == "c"
        assert await db.known_calendar_token("yossi") is None
    async with store.reading(CLINIC) as db:
        assert await db.known_calendar_token("dana") is None


# -- leads -----------------------------------------------------------------------------------------


async def test_a_lead_is_found_by_phone_and_an_empty_name_is_filled_once(store: SqlStore) -> None:
    async with store.writing(SALON) as db:
        first = await db.find_or_create_lead(phone="+9725", name=None, call_id="c1", now=NOW)
        named = await db.find_or_create_lead(phone="+9725", name="דנה", call_id="c2", now=NOW)
        kept = await db.find_or_create_lead(phone="+9725", name="רונית", call_id="c3", now=NOW)
    assert first.id == named.id == kept.id
    assert (named.name, kept.name, kept.call_id) == ("דנה", "דנה", "c1")
    async with store.writing(CLINIC) as db:
        other = await db.find_or_create_lead(phone="+9725", name="X", call_id=None, now=NOW)
    assert other.id != first.id


async def test_a_caller_who_gave_only_a_name_keeps_the_lead_when_the_phone_comes(
    store: SqlStore,
) -> None:
    async with store.writing(SALON) as db:
        nameless = await db.find_or_create_lead(phone=None, name="גיל", call_id="c1", now=NOW)
        same = await db.find_or_create_lead(phone=None, name=None, call_id="c1", now=NOW)
        full = await db.find_or_create_lead(phone="+9726", name=None, call_id="c1", now=NOW)
        other = await db.find_or_create_lead(phone=None, name="גיל", call_id="c2", now=NOW)
    assert nameless.id == same.id == full.id
    assert (full.phone, full.name) == ("+9726", "גיל")
    assert other.id != full.id


async def test_a_number_heard_at_the_same_time_makes_one_lead(store: SqlStore) -> None:
    async def hear(i: int) -> str:
        async with store.writing(SALON) as db:
            lead = await db.find_or_create_lead(phone="+9727", name=None, call_id=f"c{i}", now=NOW)
            return lead.id

    assert len(set(await asyncio.gather(*(hear(i) for i in range(20))))) == 1


async def test_notes_add_up_without_repeating_and_end_somewhere(store: SqlStore) -> None:
    async with store.writing(SALON) as db:
        lead = await db.find_or_create_lead(phone="+9725", name=None, call_id=None, now=NOW)
        for note in ("לחזור מחר", "100%_sure", "לחזור מחר"):
            await db.note_lead(lead.id, note)
        noted = await db.lead(lead.id)
        await db.note_lead(lead.id, "x" * 5_000)
        long = await db.lead(lead.id)
        with pytest.raises(ScopeError):
            await db.note_lead("nobody", "x")
    assert noted is not None
    assert noted.note == "לחזור מחר\n100%_sure"
    assert long is not None
    assert len(long.note) == 2_000


# -- events ----------------------------------------------------------------------------------------


async def test_an_event_is_told_once_inside_its_transaction(store: SqlStore, heard: Heard) -> None:
    event = appointment_created("salon", "appt-1", NOW)
    async with store.writing(SALON) as db:
        assert await db.publish(event)
        assert heard.events == [event]
        assert heard.transactions == [True]
    async with store.writing(SALON) as db:
        assert not await db.publish(replace(event, at=NOW + SECOND))
        (stored,) = await db.events("appt-1")
    assert heard.events == [event]
    assert (stored.id, stored.at) == (event.id, NOW)


async def test_an_event_is_undone_with_its_transaction(store: SqlStore, heard: Heard) -> None:
    event = appointment_created("salon", "appt-1", NOW)

    async def publish_and_fail() -> None:
        async with store.writing(SALON) as db:
            await db.publish(event)
            raise KeyError

    with pytest.raises(KeyError):
        await publish_and_fail()
    async with store.reading(SALON) as db:
        assert await db.events("appt-1") == []
    async with store.writing(SALON) as db:
        assert await db.publish(event)
    assert heard.events == [event, event]


async def test_a_flow_engine_that_fails_undoes_the_fact(
    url: str, store: SqlStore, clock: HandClock
) -> None:
    def broken(_event: Event, _connection: object) -> None:
        raise RuntimeError("the queue is gone")

    second = SqlStore.open(url, clock, broken)

    async def open_and_publish() -> None:
        async with second.writing(SALON) as db:
            await db.open_call(a_call())
            await db.publish(appointment_created("salon", "a", NOW))

    with pytest.raises(RuntimeError):
        await open_and_publish()
    await second.aclose()
    async with store.reading(SALON) as db:
        assert await db.calls() == []


async def test_an_event_of_another_tenant_is_refused(store: SqlStore) -> None:
    async with store.writing(SALON) as db:
        with pytest.raises(ScopeError):
            await db.publish(appointment_created("clinic", "a", NOW))


# -- messages --------------------------------------------------------------------------------------


def a_message(key: str = "m", **changes: object) -> MessageRecord:
    message = MessageRecord(
        id=f"msg-{key}",
        business_id="salon",
        idem_key=key,
        channel="outbox",
        to="+972501234567",
        kind="confirmation",
        text="התור נקבע",
        state="pending",
        reason="",
        appointment_id="appt-1",
        call_id="call-1",
        created_at=NOW,
    )
    return replace(message, **changes)  # type: ignore[arg-type]


async def test_a_message_is_saved_once_and_its_state_moves(store: SqlStore) -> None:
    async with store.writing(SALON) as db:
        first = await db.save_message(a_message())
        again = await db.save_message(a_message(id="msg-2", text="אחר"))
        await db.set_message_state(first.id, state="failed", reason="no_phone")
        later = a_message("n", appointment_id=None, created_at=NOW + SECOND)
        await db.save_message(later)
        listed = await db.messages()
        mine = await db.messages(appointment_id="appt-1", call_id="call-1")
        with pytest.raises(ScopeError):
            await db.set_message_state("nobody", state="failed")
        with pytest.raises(ScopeError):
            await db.save_message(a_message(business_id="clinic"))
    assert again == first == a_message()
    assert listed == [later, replace(first, state="failed", reason="no_phone")]
    assert [m.id for m in mine] == [first.id]


# -- instants, loops, virtual time -----------------------------------------------------------------


async def test_instants_come_back_as_utc(store: SqlStore) -> None:
    local = datetime(2026, 11, 23, 12, 0, 0, 123456, tzinfo=timezone(timedelta(hours=2)))
    async with store.writing(SALON) as db:
        await db.open_call(a_call(started_at=local))
        call = await db.call("call-1")
    assert call is not None
    assert call.started_at == local
    assert call.started_at.tzinfo is UTC


async def test_a_second_loop_in_its_own_thread_shares_the_database(
    url: str, store: SqlStore, clock: HandClock
) -> None:
    async def elsewhere() -> None:
        other = SqlStore.open(url, clock)
        for i in range(10):
            async with other.writing(SALON) as db:
                await db.open_call(a_call(f"there-{i}"))
        await other.aclose()

    thread = threading.Thread(target=lambda: asyncio.run(elsewhere()))
    thread.start()
    for i in range(10):
        async with store.writing(SALON) as db:
            await db.open_call(a_call(f"here-{i}"))
    await asyncio.to_thread(thread.join)
    async with store.reading(SALON) as db:
        assert len(await db.calls()) == 20


def test_virtual_time_stands_still_while_the_database_works(sqlite_url: str) -> None:
    async def main() -> tuple[float, int, int]:
        clock = VirtualClock(NOW, seed=1)
        store = SqlStore.open(sqlite_url, clock)
        loop = asyncio.get_running_loop()
        fired: list[float] = []
        loop.call_later(0.001, lambda: fired.append(loop.time()))

        async def one(i: int) -> None:
            async with store.writing(SALON) as db:
                await db.add_trace(TraceRecord("c", i, "t", {}, True, "", 0, clock.now()))

        await asyncio.gather(*(one(i) for i in range(10)))
        worked_at = loop.time()
        await clock.sleep(3600)
        async with store.reading(SALON) as db:
            traces = await db.traces("c")
        await store.aclose()
        return worked_at, len(fired), len(traces)

    seed_tenant_row(sqlite_url)
    assert run_virtual(main()) == (0.0, 1, 10)


def seed_tenant_row(url: str) -> None:
    async def add() -> None:
        store = SqlStore.open(url, HandClock())
        await add_tenant(store, SALON, "+97231111111")
        await store.aclose()

    asyncio.run(add())
