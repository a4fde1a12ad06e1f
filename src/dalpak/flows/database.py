"""The flows' own doors to the application's database: DBOS's tables, and which processes are alive.

The engine here is synchronous and separate from the store's: DBOS works in threads, and a lock that
it waits for must never be waited for on the voice loop. SQLAlchemy is imported when the engine
opens, so that a command that needs no flows starts fast. No business table is touched here.

`flow_executor` is created here and not by a migration, like DBOS's own tables beside which it
stands: it describes processes, holds no business data, and may be dropped while nothing runs.
"""

from typing import TYPE_CHECKING, Any

from dalpak.flows.names import APP

if TYPE_CHECKING:
    from dbos import DBOSClient
    from sqlalchemy import Engine

BUSY_MS = 30_000
"""Wait in a thread for SQLite's one writer rather than fail; DBOS's own figure."""

_PRAGMAS = (
    "journal_mode=WAL",
    # The enqueue itself is in the store's transaction, with FULL: what NORMAL can lose at a power
    # cut is a step's result, and the step runs again.
    "synchronous=NORMAL",
    f"busy_timeout={BUSY_MS}",
    "foreign_keys=ON",
)

_NOW_MS = {
    # The database's clock: hosts that share a PostgreSQL need not agree on theirs.
    "sqlite": "CAST((julianday('now') - 2440587.5) * 86400000.0 AS INTEGER)",
    "postgresql": "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)",
}

FORGET_AFTER_MS = 24 * 3600 * 1000
"""A dead process's row is dropped after a day; long before, its flows were resumed."""


def synchronous_url(url: str) -> str:
    """The application's URL with the synchronous driver that DBOS needs, password included."""
    from sqlalchemy import make_url

    parsed = make_url(url)
    driver = {"sqlite": "sqlite", "postgresql": "postgresql+psycopg"}[parsed.get_backend_name()]
    return parsed.set(drivername=driver).render_as_string(hide_password=False)


def open_engine(url: str) -> "Engine":
    """The engine DBOS works on. Connects lazily."""
    from sqlalchemy import create_engine, event

    engine = create_engine(
        synchronous_url(url), pool_size=5, max_overflow=5, pool_pre_ping=True, hide_parameters=True
    )
    if engine.dialect.name == "sqlite":

        def on_connect(connection: Any, _record: object) -> None:
            # The driver begins before the first write: DBOS's own migrations count on exactly this
            # mode.
            connection.isolation_level = "IMMEDIATE"
            for pragma in _PRAGMAS:
                connection.execute(f"PRAGMA {pragma}")

        event.listen(engine, "connect", on_connect)
    return engine


def create_tables(engine: "Engine", url: str) -> None:
    """Create or bring up to date all that the flows keep in this database; repeating is cheap."""
    from dbos import DBOS
    from sqlalchemy import text

    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            # Two first starts at once: IF NOT EXISTS alone still collides in the catalogue.
            connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('flow_executor'))"))
        connection.execute(
            text(
                "CREATE TABLE IF NOT EXISTS flow_executor ("
                "id TEXT PRIMARY KEY, seen_ms BIGINT NOT NULL, reaped_ms BIGINT NOT NULL)"
            )
        )
    DBOS.migrate(synchronous_url(url))


def open_client(engine: "Engine") -> "DBOSClient":
    """DBOS's client on this engine: enqueues and asks, and runs nothing. Connects lazily."""
    from dbos import DBOSClient, DBOSPortableJSONSerializer

    return DBOSClient(
        system_database_engine=engine,
        serializer=DBOSPortableJSONSerializer(),
        application_name=APP,
        lazy=True,
    )


class Executors:
    """Which processes run flows. Each one beats; a silent one's flows go to exactly one other."""

    def __init__(self, engine: "Engine") -> None:
        self._engine = engine
        self._now = _NOW_MS[engine.dialect.name]

    def beat(self, executor_id: str) -> None:
        self._run(
            f"INSERT INTO flow_executor (id, seen_ms, reaped_ms) VALUES (:id, {self._now}, 0) "
            f"ON CONFLICT (id) DO UPDATE SET seen_ms = {self._now}",
            id=executor_id,
        )

    def leave(self, executor_id: str) -> None:
        """Stopped in order: whatever it left unfinished may be resumed at once."""
        self._run("DELETE FROM flow_executor WHERE id = :id", id=executor_id)

    def claim(self, executor_id: str, dead_after_s: float) -> bool:
        """True if it is dead, and then for one caller only, who may resume its flows."""
        self._run(
            "INSERT INTO flow_executor (id, seen_ms, reaped_ms) VALUES (:id, 0, 0) "
            "ON CONFLICT (id) DO NOTHING",
            id=executor_id,
        )
        claimed = self._run(
            f"UPDATE flow_executor SET reaped_ms = {self._now} WHERE id = :id "
            f"AND seen_ms < {self._now} - :ms AND reaped_ms < {self._now} - :ms",
            id=executor_id,
            ms=int(dead_after_s * 1000),
        )
        return claimed == 1

    def forget(self) -> None:
        self._run(
            f"DELETE FROM flow_executor WHERE seen_ms < {self._now} - :ms "
            f"AND reaped_ms < {self._now} - :ms",
            ms=FORGET_AFTER_MS,
        )

    def _run(self, statement: str, **values: object) -> int:
        from sqlalchemy import text

        with self._engine.begin() as connection:
            return connection.execute(text(statement), values).rowcount
