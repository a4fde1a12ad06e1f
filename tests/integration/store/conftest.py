"""Real databases for the store's tests: an SQLite file, and a PostgreSQL server of our own.

The server is skipped where PostgreSQL's programs are not installed.
"""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from store_kit import CLINIC, SALON, HandClock, Heard, MakeClaim, add_tenant, claim_of, sync_engine

from dalpak.ports.store import Claim
from dalpak.store.migrate import migrate
from dalpak.store.models import metadata
from dalpak.store.unit_of_work import SqlStore


def postgres_programs() -> Path | None:
    found = shutil.which("initdb")
    if found:
        return Path(found).parent
    homes = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return homes[-1].parent if homes else None


@pytest.fixture(scope="session")
def postgres_cluster() -> Iterator[str]:
    """The URL of a fresh cluster with its socket in its own directory. It refuses to be root."""
    programs = postgres_programs()
    if programs is None:
        pytest.skip("PostgreSQL's server programs are not installed")
    pytest.importorskip("asyncpg")
    home = Path(tempfile.mkdtemp(prefix="dalpak-pg-"))
    as_user: dict[str, Any] = {}
    if os.geteuid() == 0:
        account = pwd.getpwnam("nobody")
        os.chown(home, account.pw_uid, account.pw_gid)
        as_user = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
    data = home / "data"

    def run(*command: str | Path) -> None:
        done = subprocess.run(
            command, cwd=home, capture_output=True, text=True, timeout=60, check=False, **as_user
        )
        assert done.returncode == 0, done.stdout + done.stderr

    try:
        run(
            programs / "initdb",
            "-D",
            data,
            "-U",
            "dalpak",
            "-A",
            "trust",
            "-N",
            "--no-locale",
            "-E",
            "UTF8",
        )
        options = f"-c listen_addresses='' -c unix_socket_directories={home} -c fsync=off"
        run(programs / "pg_ctl", "-D", data, "-w", "-l", home / "log", "-o", options, "start")
        try:
            yield f"postgresql+asyncpg://dalpak@/postgres?host={home}"
        finally:
            run(programs / "pg_ctl", "-D", data, "-w", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(home)


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
