"""What the doctor looks at on this machine: database, disk, pages, follow-up. Nothing here asks an outside service."""

import asyncio
import shutil
import sqlite3
from collections.abc import Sequence

from dalpak.clock import SystemClock
from dalpak.config import Settings
from dalpak.errors import DalpakError, ProviderError
from dalpak.services.checks.finding import Check, Finding, Installation, State

LEAST_FREE_MB = 200
"""The database, its log and the prompt cache of a busy day fit many times."""
LEAST_SQLITE = (3, 35)


async def _database(place: Installation) -> Sequence[Finding]:
    try:
        return await _look_into(place)
    except ProviderError as fault:
        remedy = "is the server running? DATABASE_URL: host, port, user and database; the password in PGPASSWORD"
        return [Finding("database", State.ERROR, f"it cannot be reached ({fault.code})", remedy)]


async def _look_into(place: Installation) -> Sequence[Finding]:
    """Raises ProviderError for a database that does not answer."""
    from dalpak.store.engines import faults_translated
    from dalpak.store.migrate import HEAD, schema_version
    from dalpak.store.unit_of_work import SqlStore

    settings = place.settings
    with faults_translated():
        version = await asyncio.to_thread(schema_version, settings.db_url)
    if version is None:
        return [
            Finding("database", State.WARNING, "not created yet", "start the server once: make run")
        ]
    if version != HEAD:
        return [
            Finding(
                "database",
                State.WARNING,
                f"schema {version}, this program is {HEAD}",
                "restart the server with RUN_MIGRATIONS_ON_START=1",
            )
        ]
    began = place.clock.monotonic_ms()
    store = SqlStore.open(settings.db_url, place.clock)
    try:
        businesses = await store.businesses()
    finally:
        await store.aclose()
    took = place.clock.monotonic_ms() - began
    if not businesses:
        return [
            Finding(
                "database",
                State.WARNING,
                "no business in it: no call can be answered",
                "set SEED_DEMO=1 and restart the server",
            )
        ]
    kind = "SQLite" if "sqlite" in settings.db_url else "PostgreSQL"
    return [
        Finding(
            "database",
            State.OK,
            f"{kind}, schema {version}, {len(businesses)} business(es)",
            "",
            took,
        )
    ]


async def _sqlite(place: Installation) -> Sequence[Finding]:
    found = sqlite3.sqlite_version
    if "sqlite" in place.settings.db_url and sqlite3.sqlite_version_info < LEAST_SQLITE:
        remedy = "use SQLite 3.35 or newer, or DATABASE_URL with PostgreSQL"
        return [Finding("sqlite", State.ERROR, found, remedy)]
    return [Finding("sqlite", State.OK, found)]


async def _disk(place: Installation) -> Sequence[Finding]:
    folder = place.settings.data_dir
    there = folder if folder.exists() else folder.absolute().parent
    free = shutil.disk_usage(there).free // 2**20
    if free < LEAST_FREE_MB:
        return [
            Finding(
                "disk", State.WARNING, f"{free} MB free for {folder}", "make room, or move DATA_DIR"
            )
        ]
    return [Finding("disk", State.OK, f"{free} MB free for {folder}")]


async def _page(place: Installation) -> Sequence[Finding]:
    settings = place.settings
    where = f"http://{settings.host}:{settings.port}/"
    if settings.is_loopback:
        return [Finding("page", State.OK, f"this machine only, {where}")]
    return [Finding("page", State.OK, f"{where}, with an admin password")]


async def _flows(place: Installation) -> Sequence[Finding]:
    if place.settings.flows_enabled:
        where = "" if place.settings.flows_here else ", by a `dalpak worker` beside this server"
        return [Finding("follow-up", State.OK, f"messages go out by themselves{where}")]
    return [
        Finding(
            "follow-up",
            State.WARNING,
            "switched off: no confirmation is sent, events are kept",
            "set FLOWS_ENABLED=1",
        )
    ]


HERE: tuple[Check, ...] = (
    Check("database", _database),
    Check("sqlite", _sqlite),
    Check("disk", _disk),
    Check("page", _page),
    Check("follow-up", _flows),
)


async def numbers_of(settings: Settings) -> Sequence[str]:
    """The telephone numbers of the businesses; empty when the database cannot tell (its own check says why)."""
    from dalpak.store.engines import faults_translated
    from dalpak.store.migrate import HEAD, schema_version
    from dalpak.store.unit_of_work import SqlStore

    try:
        with faults_translated():
            version = await asyncio.to_thread(schema_version, settings.db_url)
        if version != HEAD:
            return ()
        store = SqlStore.open(settings.db_url, SystemClock())
        try:
            return tuple(b.phone for b in await store.businesses())
        finally:
            await store.aclose()
    except (DalpakError, OSError):
        return ()
