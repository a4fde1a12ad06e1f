"""`dalpak number`: a business gets the number that was bought for it, and no two have the same."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from dalpak.cli.app import app
from dalpak.clock import SystemClock
from dalpak.domain.records import Business
from dalpak.store.demo import seed_demo
from dalpak.store.migrate import migrate
from dalpak.store.unit_of_work import SqlStore

pytestmark = pytest.mark.integration

BOUGHT, OTHERS = "+97233339999", "+97235556666"
CLINIC = Business("clinic", "Clinic", OTHERS, "Asia/Jerusalem")


@pytest.fixture
def database(tmp_path: Path) -> str:
    """The demo salon and a clinic."""
    url = f"sqlite+aiosqlite:///{tmp_path / 'two.db'}"
    migrate(url)

    async def fill() -> None:
        store = SqlStore.open(url, SystemClock())
        await seed_demo(store)
        await store.add_business(CLINIC, policy={}, services=(), resources=())
        await store.aclose()

    asyncio.run(fill())
    return str(tmp_path / "two.db")


def number(database: str, *arguments: str) -> tuple[int, Any]:
    result = CliRunner().invoke(app, ["number", *arguments, "--db", database, "--json"])
    return result.exit_code, json.loads(result.stdout) if result.stdout else result.output


def test_whoever_dials_it_reaches_the_business(database: str) -> None:
    code, rows = number(database, "demo-salon", BOUGHT)

    assert code == 0
    assert {row["id"]: row["phone"] for row in rows} == {"demo-salon": BOUGHT, "clinic": OTHERS}

    async def dialled() -> Business | None:
        store = SqlStore.open(f"sqlite+aiosqlite:///{database}", SystemClock())
        try:
            return await store.business_by_number(BOUGHT)
        finally:
            await store.aclose()

    found = asyncio.run(dialled())
    assert found is not None
    assert found.id == "demo-salon"


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("demo-salon", OTHERS), "another business"),
        (("demo-salon", "03-7654321"), "E.164"),
        (("nobody", BOUGHT), "demo-salon"),
    ],
)
def test_what_cannot_be_is_said_and_nothing_is_changed(
    database: str, arguments: tuple[str, str], named: str
) -> None:
    before = number(database)
    result = CliRunner().invoke(app, ["number", *arguments, "--db", database])

    assert result.exit_code == 2
    assert named in result.output
    assert number(database) == before


def test_without_a_database_it_says_so(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["number", "--db", str(tmp_path / "none.db")])

    assert result.exit_code == 2
    assert "make run" in result.output
