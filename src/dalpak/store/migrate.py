"""Bringing a database to the present schema, at startup only. Synchronous: it runs before there is
anything to serve.

A database that is up to date is recognised by one query, without importing Alembic.
"""

import sqlite3
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Engine, NullPool, create_engine, event, inspect, text

from dalpak.errors import ConfigError
from dalpak.store.engines import parse_url, sqlite_path

HEAD: Final = "0006"
"""The newest revision in `migrations/versions`; a test compares them."""

_LOCK_KEY: Final = 0x64616C70616B
"""PostgreSQL advisory lock ("dalpak"): instances that start together migrate one after the other.
"""

_WAIT_MS: Final = 15_000
"""How long a second process waits for the one that migrates."""

_WAL_ATTEMPTS: Final = 20


def schema_version(url: str) -> str | None:
    """The revision the database is at; None when it has no schema yet. Creates nothing."""
    path = sqlite_path(url)
    if path is not None and not path.exists():
        return None
    engine = _open(url, "BEGIN")
    try:
        with engine.connect() as connection:
            return _current(connection)
    finally:
        engine.dispose()


def migrate(url: str) -> bool:
    """Upgrade to HEAD. True if something was done, False if the schema was already there.

    Raises ConfigError when a newer version of the program has migrated this database before.
    """
    if schema_version(url) == HEAD:
        return False
    path = sqlite_path(url)
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
    engine = _open(url, "BEGIN IMMEDIATE")
    try:
        with engine.begin() as connection:
            return _upgrade(connection)
    finally:
        engine.dispose()


def _switch_to_wal(connection: Any) -> None:
    """SQLite does not wait for this by itself: it answers "locked" while another does the same."""
    for _ in range(_WAL_ATTEMPTS):
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError:
            # For a write lock it does wait.
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("COMMIT")
    connection.execute("PRAGMA journal_mode=WAL")


def _upgrade(connection: Connection) -> bool:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK_KEY})
    # Asked again under the lock: another process may have migrated in the meantime.
    current = _current(connection)
    if current == HEAD:
        return False
    # Only here: a start on a database that is up to date never pays for the import.
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if current is not None and current not in known:
        expected = f"a schema up to {HEAD}; a newer version of dalpak was here"
        raise ConfigError("DATABASE_URL", f"schema {current}", expected)
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    return True


def _current(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    version = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return None if version is None else str(version)


def _open(url: str, begin: str) -> Engine:
    parsed = parse_url(url)
    if parsed.get_backend_name() == "postgresql":
        return create_engine(parsed.set(drivername="postgresql+psycopg"), poolclass=NullPool)
    engine = create_engine(parsed.set(drivername="sqlite"), poolclass=NullPool)

    def on_connect(connection: Any, _record: object) -> None:
        connection.isolation_level = None
        connection.execute(f"PRAGMA busy_timeout={_WAIT_MS}")
        if begin != "BEGIN":
            _switch_to_wal(connection)
            connection.execute("PRAGMA synchronous=FULL")

    def on_begin(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    event.listen(engine, "connect", on_connect)
    event.listen(engine, "begin", on_begin)
    return engine
