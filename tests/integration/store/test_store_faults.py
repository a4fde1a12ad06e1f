"""Locked, full, unreachable, cancelled: an exception in time, and the store works again."""

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine
from store_kit import NOON, SALON, HandClock, a_call, add_tenant

from dalpak.domain.records import CallRecord, TraceRecord
from dalpak.errors import ConfigError, ProviderError
from dalpak.store import unit_of_work
from dalpak.store.engines import BUSY_MS, acquire_process_lock, sqlite_path
from dalpak.store.unit_of_work import SqlStore

pytestmark = pytest.mark.integration


@pytest.fixture
async def lite(sqlite_url: str) -> AsyncIterator[SqlStore]:
    store = SqlStore.open(sqlite_url, HandClock())
    await add_tenant(store, SALON, "+1")
    yield store
    await store.aclose()


async def open_call(store: SqlStore, call_id: str = "call-1", **changes: Any) -> CallRecord:
    async with store.writing(SALON) as db:
        return await db.open_call(a_call(call_id, **changes))


async def count_calls(store: SqlStore) -> int:
    async with store.reading(SALON) as db:
        return len(await db.calls())


@pytest.fixture
def intruder(sqlite_url: str) -> sqlite3.Connection:
    """Another process's connection, which holds the write lock."""
    connection = sqlite3.connect(
        str(sqlite_path(sqlite_url)), isolation_level=None, check_same_thread=False
    )
    yield connection  # type: ignore[misc]
    connection.close()


async def test_a_lock_that_passes_is_waited_for(
    lite: SqlStore, intruder: sqlite3.Connection
) -> None:
    intruder.execute("BEGIN IMMEDIATE")
    asyncio.get_running_loop().call_later(0.2, intruder.execute, "COMMIT")
    await open_call(lite)
    assert await count_calls(lite) == 1


async def test_a_lock_that_stays_is_a_fault_in_time_and_the_loop_goes_on(
    lite: SqlStore, intruder: sqlite3.Connection
) -> None:
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            await HandClock().sleep(0.02)
            ticks += 1

    ticker = asyncio.get_running_loop().create_task(tick())
    intruder.execute("BEGIN IMMEDIATE")
    began = time.monotonic()
    with pytest.raises(ProviderError) as caught:
        # Only a wait without an end takes so long: how busy the machine is must not be told here.
        async with asyncio.timeout(60):
            await open_call(lite)
    took_ms = (time.monotonic() - began) * 1000
    ticker.cancel()
    assert caught.value.code == "store_busy"
    assert caught.value.retryable
    assert took_ms >= BUSY_MS * 0.8
    assert ticks > 5, "the loop stood still while the database was locked"
    assert await count_calls(lite) == 0, "readers are not stopped by a writer"
    intruder.execute("COMMIT")
    await open_call(lite)
    assert await count_calls(lite) == 1


async def test_a_writer_that_holds_the_gate_does_not_hold_the_others_for_ever(
    lite: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unit_of_work, "GATE_WAIT_S", 0.05)
    async with lite.writing(SALON):
        with pytest.raises(ProviderError) as caught:
            await open_call(lite)
    assert caught.value.code == "store_busy"
    await open_call(lite)


async def test_a_writer_that_reads_first_is_not_overtaken(lite: SqlStore, sqlite_url: str) -> None:
    other = SqlStore.open(sqlite_url, HandClock())
    async with lite.writing(SALON) as db:
        assert await db.calls() == []
        rival = asyncio.get_running_loop().create_task(open_call(other, "rival"))
        await asyncio.wait({rival}, timeout=0.1)
        await db.open_call(a_call("first"))
    await rival
    await other.aclose()
    assert await count_calls(lite) == 2


async def test_sqlite_is_told_to_keep_what_it_acknowledged(lite: SqlStore) -> None:
    async def pragmas(engine: AsyncEngine) -> dict[str, object]:
        names = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout", "query_only")
        async with engine.connect() as connection:
            return {
                name: (await connection.exec_driver_sql(f"PRAGMA {name}")).scalar()
                for name in names
            }

    full = 2
    common = {"journal_mode": "wal", "foreign_keys": 1, "busy_timeout": BUSY_MS}
    writing = await pragmas(lite._engines.writing)
    assert writing == common | {"synchronous": full, "query_only": 0}
    reading = await pragmas(lite._engines.reading)
    assert reading == common | {"synchronous": reading["synchronous"], "query_only": 1}


async def test_a_full_disk_is_a_fault_and_reading_goes_on(lite: SqlStore, sqlite_url: str) -> None:
    await open_call(lite)
    small = SqlStore.open(sqlite_url, HandClock())

    def limit(connection: Any, _record: object) -> None:
        cursor = connection.cursor()
        cursor.execute("PRAGMA max_page_count=1")  # SQLite keeps the present size as the limit.
        cursor.close()

    sa.event.listen(small._engines.writing.sync_engine, "connect", limit)

    async def fill() -> None:
        async with small.writing(SALON) as db:
            big = TraceRecord("c", 1, "t", {"x": "x" * 200_000}, True, "", 1, NOON)
            await db.add_trace(big)

    with pytest.raises(ProviderError) as caught:
        await fill()
    assert caught.value.code == "store_full"
    assert "xxx" not in str(caught.value)
    assert await count_calls(small) == 1
    await small.aclose()
    async with lite.writing(SALON) as db:
        assert await db.traces("c") == []


async def test_an_unreachable_database_is_a_fault(clock: HandClock, tmp_path: Path) -> None:
    missing = SqlStore.open(f"sqlite:///{tmp_path}/no/such/folder/x.db", clock)
    with pytest.raises(ProviderError) as caught:
        await missing.businesses()
    assert caught.value.code == "store_unavailable"
    await missing.aclose()
    pytest.importorskip("asyncpg")
    gone = SqlStore.open(f"postgresql://dalpak@/dalpak?host={tmp_path}", clock)
    with pytest.raises(ProviderError) as caught:
        await open_call(gone)
    assert caught.value.code == "store_unavailable"
    await gone.aclose()


async def test_a_cancelled_writer_leaves_nothing_and_blocks_nobody(store: SqlStore) -> None:
    entered = asyncio.Event()

    async def never_ends() -> None:
        async with store.writing(SALON) as db:
            await db.open_call(a_call())
            entered.set()
            await asyncio.Event().wait()

    task = asyncio.get_running_loop().create_task(never_ends())
    await entered.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await count_calls(store) == 0
    await open_call(store, "call-2")
    assert await count_calls(store) == 1


async def test_cancelling_at_any_moment_never_breaks_the_store(store: SqlStore) -> None:
    for steps in range(30):
        task = asyncio.get_running_loop().create_task(open_call(store, f"cut-{steps}"))
        for _ in range(steps):
            await HandClock().sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    await open_call(store, "last")
    async with store.reading(SALON) as db:
        assert await db.call("last") is not None


async def test_a_naive_instant_is_refused(store: SqlStore) -> None:
    with pytest.raises(sa.exc.StatementError, match="naive"):
        await open_call(store, started_at=NOON.replace(tzinfo=None))


async def test_the_reading_side_cannot_write(store: SqlStore) -> None:
    async with store._transaction(store._engines.reading) as transaction:
        with pytest.raises((ProviderError, sa.exc.DBAPIError)):
            await transaction.execute(sa.text("DELETE FROM lead"))


async def test_a_reading_transaction_sees_one_moment(store: SqlStore) -> None:
    async with store.reading(SALON) as db:
        assert await db.calls() == []
        await open_call(store)
        assert await db.calls() == []
    assert await count_calls(store) == 1


# -- one server per SQLite file --------------------------------------------------------------------


async def test_one_server_per_sqlite_file(lite: SqlStore, sqlite_url: str) -> None:
    path = sqlite_path(sqlite_url)
    assert path is not None
    lock = acquire_process_lock(path)
    with pytest.raises(ConfigError, match="PostgreSQL"):
        acquire_process_lock(path)
    await open_call(lite)
    lock.release()
    lock.release()
    acquire_process_lock(path).release()


async def test_stale_reading_pools_do_not_pile_up(lite: SqlStore) -> None:
    await asyncio.gather(*(count_calls(lite) for _ in range(60)))
    status = lite._engines.reading.sync_engine.pool.status()
    assert "Current Checked out connections: 0" in status, status
