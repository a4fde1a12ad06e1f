"""After an erasure: nothing of it is left in the free pages and the log of the database's files.

Synchronous and on a connection of its own, for a command that has nothing else to do. What was
erased is decided in `forgetting.py`.
"""

import sqlite3
from contextlib import closing
from typing import Final

from sqlalchemy import NullPool, create_engine

from dalpak.store.engines import parse_url, sqlite_path
from dalpak.store.models import PII_COLUMNS

WAIT_S: Final = 30.0
"""For another process's lock. Nobody is on the telephone meanwhile: the command sees to that."""
READER_WAIT_MS: Final = 1_500
"""For one who still reads the old pages; a transaction that takes longer is told about."""


def compact(url: str) -> bool:
    """SQLite: the file is written anew and its log is emptied. PostgreSQL: the dead rows of the
    tables that hold personal data are given up, and overwritten by what comes next.

    False when another process still reads from the log, so that old pages may be in it."""
    path = sqlite_path(url)
    if path is None:
        engine = create_engine(
            parse_url(url).set(drivername="postgresql+psycopg"),
            poolclass=NullPool,
            isolation_level="AUTOCOMMIT",
        )
        with engine.connect() as connection:
            for table in (*PII_COLUMNS, "agent_trace", "delivery", "waitlist"):
                connection.exec_driver_sql(f"VACUUM {table}")
        return True
    with closing(sqlite3.connect(path, timeout=WAIT_S, isolation_level=None)) as database:
        database.execute("VACUUM")
        database.execute(f"PRAGMA busy_timeout={READER_WAIT_MS}")
        busy, _pages, _moved = database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    return not busy
