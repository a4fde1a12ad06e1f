"""One fresh office per test, on a copy of a database that has had its first start."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from flow_office import Office


@pytest.fixture(scope="session")
def started_before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("started_before")

    async def first_start() -> None:
        office = Office(folder)
        await office.open()
        await office.hire().start()
        await office.aclose()

    asyncio.run(first_start())
    return folder / "dalpak.db"


@pytest.fixture
async def office(tmp_path: Path, started_before: Path) -> AsyncIterator[Office]:
    shutil.copy(started_before, tmp_path)
    office = Office(tmp_path)
    yield office
    await office.aclose()
