"""Migrations: the schema they make is the one the code expects, made once, whole or not at all."""

import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command, op
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from store_kit import NOON, sync_engine

import dalpak.store
from dalpak.clock import SystemClock
from dalpak.domain.records import TenantScope
from dalpak.errors import ConfigError
from dalpak.store.columns import UtcDateTime, metadata
from dalpak.store.migrate import HEAD, migrate, schema_version
from dalpak.store.unit_of_work import SqlStore

pytestmark = pytest.mark.integration

MIGRATIONS = Path(dalpak.store.__file__).parent / "migrations"


def test_the_migrated_schema_is_the_one_of_the_models(url: str) -> None:
    engine = sync_engine(url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, metadata) == []
    engine.dispose()


def test_an_empty_place_is_migrated_once(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path}/data/dalpak.db"
    assert schema_version(url) is None
    assert not (tmp_path / "data").exists()
    assert migrate(url)
    assert schema_version(url) == HEAD
    assert not migrate(url)


def test_head_is_the_newest_migration() -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    assert ScriptDirectory.from_config(config).get_heads() == [HEAD]


def test_a_start_on_a_migrated_database_does_not_import_alembic(sqlite_url: str) -> None:
    program = (
        "import sys; from dalpak.store.migrate import migrate; "
        "assert migrate(sys.argv[1]) is False; assert 'alembic' not in sys.modules"
    )
    src = str(MIGRATIONS.parents[2])
    done = subprocess.run(
        [sys.executable, "-c", program, sqlite_url],
        env={"PYTHONPATH": src},
        timeout=30,
        check=False,
    )
    assert done.returncode == 0


def test_a_database_of_a_newer_program_is_left_alone(sqlite_url: str) -> None:
    engine = sync_engine(sqlite_url)
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(ConfigError, match="newer version"):
        migrate(sqlite_url)
    engine.dispose()
    assert schema_version(sqlite_url) == "9999"


def test_a_migration_that_dies_half_way_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"sqlite:///{tmp_path}/half.db"

    def out_of_power(*_arguments: object) -> None:
        raise OSError("power lost")

    monkeypatch.setattr(op, "execute", out_of_power)
    with pytest.raises(OSError, match="power lost"):
        migrate(url)
    assert schema_version(url) is None
    engine = sync_engine(url)
    assert sa.inspect(engine).get_table_names() == []
    engine.dispose()
    monkeypatch.undo()
    assert migrate(url)


def test_the_database_keeps_every_commit(sqlite_url: str) -> None:
    engine = sync_engine(sqlite_url)
    with engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
    engine.dispose()


TIMES = {"now": NOON, "end": NOON + timedelta(hours=1)}
BEFORE = (
    "INSERT INTO business VALUES ('salon', 'S', '+1', 'UTC', 'he', '', NULL, '', '', '{}', NULL, :now)",
    "INSERT INTO service VALUES ('salon', 'cut', 'C', 30, NULL, '[]', 0, 0, '[]', NULL, 0)",
    "INSERT INTO resource VALUES ('salon', 'dana', 'D', 1, '[]', NULL, 0, 1)",
    "INSERT INTO appointment VALUES ('a1', 'salon', 'dana', 'cut', 0, :now, :end, :now, :end, 'booked',"
    " NULL, 'h', 'k', NULL, NULL, 'Noa', '+2', :now, :now, 1)",
)
"""Rows as the first version wrote them."""


@pytest.fixture(params=["sqlite", "postgresql"])
def old_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of its own, not migrated."""
    if request.param == "sqlite":
        return f"sqlite+aiosqlite:///{tmp_path}/old.db"
    cluster = str(request.getfixturevalue("postgres_cluster"))
    engine = sync_engine(cluster).execution_options(isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(sa.text("DROP DATABASE IF EXISTS old"))
        connection.execute(sa.text("CREATE DATABASE old"))
    engine.dispose()
    return cluster.replace("/postgres?", "/old?")


async def test_appointments_of_the_first_version_are_kept_as_they_were(
    old_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dalpak.store.migrate.HEAD", "0001")
    upgrade = command.upgrade
    monkeypatch.setattr(command, "upgrade", lambda config, _head: upgrade(config, "0001"))
    assert migrate(old_url)
    assert schema_version(old_url) == "0001"
    engine = sync_engine(old_url)
    with engine.begin() as connection:
        for statement in BEFORE:
            typed = sa.text(statement).bindparams(
                *(sa.bindparam(n, v, UtcDateTime) for n, v in TIMES.items() if f":{n}" in statement)
            )
            connection.execute(typed)
    engine.dispose()
    monkeypatch.undo()
    assert migrate(old_url)
    assert schema_version(old_url) == HEAD
    store = SqlStore.open(old_url, SystemClock())
    async with store.reading(TenantScope("salon")) as db:
        row = await db.appointment("a1")
    await store.aclose()
    assert row is not None
    assert (row.start, row.name, row.service_ids) == (NOON, "Noa", ("cut",))
