"""Calls with their turns and traces, and the tokens that open their sockets, on both databases."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from store_kit import CLINIC, NOON, SALON, Heard, a_call

from dalpak.domain.events import EventType
from dalpak.domain.records import CallEnd, CallRecord, TraceRecord, TurnRecord
from dalpak.errors import ScopeError
from dalpak.store.unit_of_work import SqlStore

pytestmark = pytest.mark.integration

NOW = NOON - timedelta(days=1)
SECOND = timedelta(seconds=1)


async def test_a_repeated_webhook_finds_the_call_that_is_open(store: SqlStore) -> None:
    call = a_call()
    async with store.writing(SALON) as db:
        assert await db.open_call(call) == call
        assert await db.open_call(replace(call, id="call-2", caller=None)) == call
        assert await db.call("call-2") is None
    async with store.writing(CLINIC) as db:
        with pytest.raises(ScopeError):
            await db.open_call(replace(call, id="call-3", business_id="clinic"))
        with pytest.raises(ScopeError):
            await db.open_call(replace(call, id="call-4", external_id="CA-new"))


async def test_a_call_is_touched_and_checkpointed(store: SqlStore) -> None:
    state: dict[str, object] = {"asked": "phone", "name": "נועה", "slots": [1, 2]}
    async with store.writing(SALON) as db:
        await db.open_call(a_call())
        await db.touch_call("call-1", now=NOW + SECOND, stream_id="MZ1")
        await db.touch_call("call-1", now=NOW + 2 * SECOND)
        await db.save_checkpoint("call-1", state)
        call = await db.call("call-1")
        with pytest.raises(ScopeError):
            await db.touch_call("nobody", now=NOW)
        with pytest.raises(ScopeError):
            await db.save_checkpoint("nobody", {})
    assert call is not None
    assert (call.last_seen_at, call.stream_id) == (NOW + 2 * SECOND, "MZ1")
    assert call.checkpoint == state


async def test_a_call_ends_once_whoever_notices(store: SqlStore, heard: Heard) -> None:
    async with store.writing(SALON) as db:
        await db.open_call(a_call())

    async def close(reason: CallEnd) -> bool:
        async with store.writing(SALON) as db:
            return await db.close_call("call-1", reason=reason, now=NOW + SECOND)

    reasons = [CallEnd.CALLER, CallEnd.CARRIER, CallEnd.CRASHED] * 5
    assert sum(await asyncio.gather(*(close(r) for r in reasons))) == 1
    assert [(e.id, e.type) for e in heard.events] == [("call.ended:call-1", EventType.CALL_ENDED)]
    async with store.reading(SALON) as db:
        call = await db.call("call-1")
        (event,) = await db.events("call-1")
    assert call is not None
    assert call.ended_at == NOW + SECOND
    assert event.id == "call.ended:call-1"
    async with store.writing(CLINIC) as db:
        assert not await db.close_call("call-1", reason=CallEnd.AGENT, now=NOW)


async def test_calls_are_listed_newest_first(store: SqlStore) -> None:
    async with store.writing(SALON) as db:
        for i in range(5):
            await db.open_call(a_call(f"call-{i}", started_at=NOW + i * SECOND))
        newest = await db.calls(limit=2)
    assert [c.id for c in newest] == ["call-4", "call-3"]


async def test_the_reaper_sees_what_no_process_touches_any_more(store: SqlStore) -> None:
    async with store.writing(SALON) as db:
        await db.open_call(a_call("quiet"))
        await db.open_call(a_call("alive", last_seen_at=NOW + 60 * SECOND))
        await db.open_call(a_call("ended"))
        await db.close_call("ended", reason=CallEnd.CALLER, now=NOW)
    async with store.writing(CLINIC) as db:
        await db.open_call(a_call("theirs", CLINIC))
    stale = await store.stale_calls(before=NOW + 30 * SECOND)
    assert sorted((c.business_id, c.id) for c in stale) == [
        ("clinic", "theirs"),
        ("salon", "quiet"),
    ]
    assert await store.stale_calls(before=NOW) == []


async def test_a_call_tells_its_tenant(store: SqlStore) -> None:
    async with store.writing(SALON) as db:
        call = await db.open_call(a_call())
    assert await store.scope_of_call(call_id="call-1") == (SALON, call)
    assert await store.scope_of_call(external_id="CA-call-1") == (SALON, call)
    assert await store.scope_of_call(call_id="call-1", external_id="CA-other") is None
    assert await store.scope_of_call() is None


async def test_turns_are_replaced_by_number_and_traces_keep_their_order(store: SqlStore) -> None:
    first = TurnRecord("call-1", 1, "שלום", "", NOW, stt_final_ms=400, heard_ms=1310)
    second = TurnRecord("call-1", 2, "כן", "מעולה", NOW + SECOND, total_ms=900, interrupted=True)
    traces = [
        TraceRecord("call-1", 1, f"tool-{i}", {"day": "str"}, i % 2 == 0, "", i, NOW)
        for i in range(12)
    ]
    async with store.writing(SALON) as db:
        for turn in (second, first, replace(first, heard="שלום וברכה", total_ms=1200)):
            await db.add_turn(turn)
        for trace in traces:
            await db.add_trace(trace)
    async with store.reading(SALON) as db:
        assert await db.turns("call-1") == [
            replace(first, heard="שלום וברכה", total_ms=1200),
            second,
        ]
        assert await db.traces("call-1") == traces
    async with store.reading(CLINIC) as db:
        assert await db.turns("call-1") == []
        assert await db.traces("call-1") == []


# -- stream tokens ---------------------------------------------------------------------------------


@pytest.fixture
async def tokened(store: SqlStore) -> CallRecord:
    async with store.writing(SALON) as db:
        call = await db.open_call(a_call())
    await store.mint_stream_token(digest="d1", call=call, expires_at=NOW + 60 * SECOND)
    return call


async def redeem(store: SqlStore, **changes: object) -> CallRecord | None:
    values = {"digest": "d1", "external_id": "CA-call-1", "account_id": "AC1", "now": NOW}
    return await store.redeem_stream_token(**(values | changes))  # type: ignore[arg-type]


async def test_fifty_sockets_with_one_token_one_gets_the_call(
    store: SqlStore, tokened: CallRecord
) -> None:
    won = [c for c in await asyncio.gather(*(redeem(store) for _ in range(50))) if c is not None]
    assert won == [tokened]
    await store.mint_stream_token(digest="d1", call=tokened, expires_at=NOW + 90 * SECOND)
    assert await redeem(store) is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"digest": "d2"},
        {"external_id": "CA-other"},
        {"account_id": "AC2"},
        {"now": NOW + 60 * SECOND},
    ],
    ids=["digest", "call", "account", "expired"],
)
async def test_a_token_fits_one_call_and_one_minute(
    store: SqlStore, tokened: CallRecord, wrong: dict[str, object]
) -> None:
    assert await redeem(store, **wrong) is None
    last_moment = NOW + 60 * SECOND - timedelta(microseconds=1)
    assert await redeem(store, now=last_moment) == tokened
