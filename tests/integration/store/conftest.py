"""Real databases for the store's tests: an SQLite file, and a PostgreSQL server of our own.

The server is skipped where PostgreSQL's programs are not installed.
"""

import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from store_kit import CLINIC, SALON, HandClock, Heard, MakeClaim, add_tenant, claim_of, sync_engine
from tests.postgres_server import postgres_server, programs

from dalpak.ports.store import Claim
from dalpak.store.migrate import migrate
from dalpak.store.models import metadata
from dalpak.store.unit_of_work import SqlStore


@pytest.fixture(scope="session")
def postgres_cluster() -> Iterator[str]:
    if programs() is None:
        pytest.skip("PostgreSQL's server programs are not installed")
    pytest.importorskip("asyncpg")
    with postgres_server() as url:
        yield url


@pytest.fixture(scope="session")
def postgres_migrated(postgres_cluster: str) -> str:
    migrate(postgres_cluster)
    return postgres_cluster


def empty_tables(url: str) -> None:
    engine = sync_engine(url)
    names = ", ".join(table.name for table in metadata.sorted_tables)
    with engine.begin() as connection:
        connection.execute(sa.text(f"TRUNCATE {names} CASCADE"))
    engine.dispose()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "dalpak.db"
    migrate(f"sqlite+aiosqlite:///{path}")
    return path


@pytest.fixture
def sqlite_url(tmp_path: Path, sqlite_template: Path) -> str:
    path = tmp_path / "dalpak.db"
    shutil.copy(sqlite_template, path)
    return f"sqlite+aiosqlite:///{path}"


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest) -> str:
    """A migrated, empty database: every test that takes it runs on both."""
    if request.param == "sqlite":
        return str(request.getfixturevalue("sqlite_url"))
    cluster = str(request.getfixturevalue("postgres_migrated"))
    empty_tables(cluster)
    return cluster


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
async def store(url: str, clock: HandClock, heard: Heard) -> AsyncIterator[SqlStore]:
    opened = SqlStore.open(url, clock, heard)
    await add_tenant(opened, SALON, "+97231111111")
    await add_tenant(opened, CLINIC, "+97232222222")
    yield opened
    await opened.aclose()


@pytest.fixture
def make_claim(clock: HandClock) -> MakeClaim:
    def make(key: str = "key", **changes: Any) -> Claim:
        return claim_of(clock, key, **changes)

    return make
