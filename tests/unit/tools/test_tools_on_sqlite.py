"""The same tools over the real store: many callers, one slot, one row."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from front_desk import MONDAY_TEN, TUESDAY, Caller, FakeClock, salon, times

from dalpak.clock import SystemClock
from dalpak.domain.records import CallRecord, Resource, TenantScope
from dalpak.store.migrate import migrate
from dalpak.store.unit_of_work import SqlStore

pytestmark = pytest.mark.integration

SCOPE = TenantScope("salon")
CALLERS = 30


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqlStore]:
    url = f"sqlite+aiosqlite:///{tmp_path / 'salon.db'}"
    await asyncio.to_thread(migrate, url)
    opened = SqlStore.open(url, SystemClock(), None)
    tables = salon()
    chair = Resource("dana", "Dana")
    services = [replace(s, resource_ids=()) for s in tables.services]
    await opened.add_business(
        tables.business, policy=tables.policy.raw, services=services, resources=[chair]
    )
    yield opened
    await opened.aclose()


async def ring(store: SqlStore, clock: FakeClock, n: int) -> Caller:
    call = CallRecord(
        id=f"call-{n}",
        business_id="salon",
        transport="terminal",
        external_id=f"x{n}",
        account_id="",
        caller=None,
        called=None,
        started_at=MONDAY_TEN,
        last_seen_at=MONDAY_TEN,
    )
    async with store.writing(SCOPE) as tx:
        await tx.open_call(call)
    return Caller(store, clock, call_id=call.id)  # type: ignore[arg-type]


async def test_one_of_many_gets_the_slot_and_the_others_two_more(store: SqlStore) -> None:
    clock = FakeClock()
    callers = [await ring(store, clock, n) for n in range(CALLERS)]
    for c in callers:
        await c.choose()
        await c.introduce()

    async def try_to_book(c: Caller) -> str:
        told = await c.use("calendar.read_back")
        if not told.ok:
            assert times(told.data["suggestions"]) == ["Tue 09:30", "Tue 10:30"]
            return str(told.data["error"])
        chosen = c.gate.chosen
        assert chosen is not None
        done = await c.create(chosen.id, await c.agree())
        return "booked" if done.ok else str(done.data["error"])

    outcomes = await asyncio.gather(*(try_to_book(c) for c in callers))
    assert Counter(outcomes) == {"booked": 1, "taken": CALLERS - 1}
    async with store.reading(SCOPE) as reading:
        (row,) = await reading.appointments()
        told = await reading.events(row.id)
    assert row.start.isoformat() == f"{TUESDAY}T08:00:00+00:00"
    assert [e.id for e in told] == [f"appointment.created:{row.id}"]


async def test_changing_back_and_forth_ends_in_one_row(store: SqlStore) -> None:
    caller = await ring(store, FakeClock(), 1)
    await caller.introduce()
    slot, nonce = "", ""
    for at in ("10:00", "11:00", "10:00", "11:00", "10:00"):
        slot = await caller.choose(at)
        nonce = await caller.agree()
    first, again = await caller.create(slot, nonce), await caller.create(slot, nonce)
    assert first.ok
    assert again.data == first.data
    async with store.reading(SCOPE) as reading:
        assert len(await reading.appointments()) == 1
        busy = await reading.busy(MONDAY_TEN, MONDAY_TEN.replace(day=30), caller.clock.now())
    assert len(busy) == 1
