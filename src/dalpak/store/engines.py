"""Engines: how each database is opened, and the only place that knows which one it is.

SQLite gets two: one that writes (BEGIN IMMEDIATE, synchronous=FULL, one connection behind the
store's gate) and one that only reads. PostgreSQL gets one pool seen from both sides. Nothing here
knows a table.
"""

import asyncio
import fcntl
import json
import os
import weakref
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from threading import Thread
from typing import Any, Final

import aiosqlite
from sqlalchemy import URL, Connection, Table, event, make_url
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from dalpak.errors import ConfigError, ProviderError

BUSY_MS: Final = 1_200
"""How long SQLite waits for another process's lock, in its own thread. A caller hears a filler
meanwhile.
"""

CONNECT_S: Final = 3.0
STATEMENT_S: Final = 5.0
"""PostgreSQL's limits, in seconds: a server that does not answer is a fault, never a wait without
end.
"""

CLOSE_S: Final = 2.0
"""How long closing waits for each connection's thread, in seconds."""

POOL_SIZE: Final = 5
POOL_OVERFLOW: Final = 15
POOL_WAIT_S: Final = 5.0

_COMMON_PRAGMAS: Final = (f"busy_timeout={BUSY_MS}", "foreign_keys=ON")
_WRITING_PRAGMAS: Final = (*_COMMON_PRAGMAS, "journal_mode=WAL", "synchronous=FULL")
_READING_PRAGMAS: Final = (*_COMMON_PRAGMAS, "query_only=ON")

_DUMPS: Final = partial(json.dumps, ensure_ascii=False, separators=(",", ":"))


@dataclass(frozen=True, slots=True)
class Engines:
    """`one_writer`: writing transactions must queue in the process instead of in the database."""

    reading: AsyncEngine
    writing: AsyncEngine
    one_writer: bool
    threads: "weakref.WeakSet[Thread]"
    """One per SQLite connection: the driver runs SQLite there, off the loop."""

    async def aclose(self) -> None:
        await self.writing.dispose()
        if self.reading.sync_engine.pool is not self.writing.sync_engine.pool:
            await self.reading.dispose()
        # The thread of a connection that failed or was cancelled still has to report to this loop;
        # it would find it closed. A pool of our own: the loop's would outlive this store.
        with ThreadPoolExecutor(1) as pool:
            for thread in list(self.threads):
                await asyncio.get_running_loop().run_in_executor(pool, thread.join, CLOSE_S)


def parse_url(url: str) -> URL:
    """The URL with its async driver. Raises ConfigError for what this store cannot run on."""
    expected = "sqlite+aiosqlite:///FILE or postgresql+asyncpg://USER@HOST/DATABASE"
    try:
        parsed = make_url(url)
    except SQLAlchemyError:
        raise ConfigError("DATABASE_URL", "***", expected) from None
    match parsed.get_backend_name():
        case "sqlite":
            if not parsed.database or ":memory:" in parsed.database:
                # Readers and the writer have their own connections: they would see different
                # databases.
                raise ConfigError("DATABASE_URL", parsed.render_as_string(), "SQLite in a file")
            return parsed.set(drivername="sqlite+aiosqlite")
        case "postgresql":
            return parsed.set(drivername="postgresql+asyncpg")
        case _:
            raise ConfigError("DATABASE_URL", parsed.render_as_string(), expected)


def sqlite_path(url: str) -> Path | None:
    """The file of an SQLite database; None for PostgreSQL."""
    parsed = parse_url(url)
    if parsed.get_backend_name() != "sqlite" or parsed.database is None:
        return None
    return Path(parsed.database)


def open_engines(url: str) -> Engines:
    """Independent engines for one event loop. Connects lazily, so it never fails on a database that
    is down.
    """
    parsed = parse_url(url)
    threads: weakref.WeakSet[Thread] = weakref.WeakSet()
    if parsed.get_backend_name() == "sqlite":
        return Engines(
            reading=_sqlite(parsed, threads, _READING_PRAGMAS, "BEGIN", POOL_SIZE, POOL_OVERFLOW),
            writing=_sqlite(parsed, threads, _WRITING_PRAGMAS, "BEGIN IMMEDIATE", 1, 0),
            one_writer=True,
            threads=threads,
        )
    engine = create_async_engine(
        parsed,
        pool_size=POOL_SIZE,
        max_overflow=POOL_OVERFLOW,
        pool_timeout=POOL_WAIT_S,
        pool_pre_ping=True,
        json_serializer=_DUMPS,
        hide_parameters=True,
        connect_args={"timeout": CONNECT_S, "command_timeout": STATEMENT_S},
    )
    # The same guarantees as SQLite's reader: one snapshot per transaction, and no writing by
    # mistake.
    reading = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    return Engines(reading=reading, writing=engine, one_writer=False, threads=threads)


def _sqlite(
    url: URL,
    threads: "weakref.WeakSet[Thread]",
    pragmas: tuple[str, ...],
    begin: str,
    pool_size: int,
    overflow: int,
) -> AsyncEngine:
    def connect() -> aiosqlite.Connection:
        connection = aiosqlite.connect(url.database or "", check_same_thread=False)
        connection._thread.daemon = True
        threads.add(connection._thread)
        return connection

    engine = create_async_engine(
        url,
        async_creator=connect,
        pool_size=pool_size,
        max_overflow=overflow,
        pool_timeout=POOL_WAIT_S,
        json_serializer=_DUMPS,
        hide_parameters=True,
    )

    def on_connect(connection: Any, _record: object) -> None:
        # The driver's own BEGIN comes too late (before the first write): 20 of 20 slots were
        # double-booked.
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in pragmas:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    def on_begin(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    event.listen(engine.sync_engine, "connect", on_connect)
    event.listen(engine.sync_engine, "begin", on_begin)
    return engine


def upsert(dialect: str, table: Table) -> postgresql.Insert | sqlite.Insert:
    """An INSERT that has `on_conflict_do_nothing` and `on_conflict_do_update`, spelled alike on
    both databases.
    """
    return postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)


@contextmanager
def faults_translated() -> Iterator[None]:
    """Let a fault of the database out as ProviderError `store_busy | store_full |
    store_unavailable`.

    Broken constraints and wrong SQL pass as they are: those are not the database's fault. Never the
    statement's parameters: they hold personal data.
    """
    try:
        yield
    except IntegrityError:
        raise
    except DBAPIError as e:
        if not _is_fault(e):
            raise
        detail = str(e.orig)
        raise ProviderError(_code(detail), detail) from e
    except PoolTimeoutError as e:
        raise ProviderError("store_busy", "no free connection") from e
    except (OSError, TimeoutError) as e:
        raise ProviderError("store_unavailable", type(e).__name__) from e


def _is_fault(error: DBAPIError) -> bool:
    if error.connection_invalidated:
        return True
    # Drivers report a wrong column (a bug) and a full disk (a fault) by one class; SQLite's text
    # tells.
    name = type(error.orig).__name__
    detail = str(error.orig).lower()
    return "no such" not in detail and name not in {"ProgrammingError", "DataError"}


def _code(detail: str) -> str:
    text = detail.lower()
    if "locked" in text or "busy" in text or "lock timeout" in text or "deadlock" in text:
        return "store_busy"
    if "disk is full" in text or "disk full" in text or "no space left" in text:
        return "store_full"
    return "store_unavailable"


class ProcessLock:
    """Held while the server lives; the operating system frees it when the process dies."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor: int | None = descriptor

    def release(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def acquire_process_lock(path: Path) -> ProcessLock:
    """One server per SQLite file. `path` is the database's file; the lock lies beside it.

    Only the server takes it: commands that read or write shortly rely on SQLite's own locking.
    Raises ConfigError when another server has it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    lock_path = path.with_name(path.name + ".lock")
    descriptor = os.open(lock_path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        owner = os.read(descriptor, 32).decode("ascii", "replace").strip()
        os.close(descriptor)
        expected = f"a database no other server uses (process {owner} does); more need PostgreSQL"
        raise ConfigError("DATABASE_URL", str(path), expected) from None
    os.ftruncate(descriptor, 0)
    os.write(descriptor, f"{os.getpid()}\n".encode("ascii"))
    return ProcessLock(descriptor)
