"""A fresh desk per test, on a copy of a database that has had its first start."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from flow_office import Office
from whatsapp_desk import WhatsappDesk, bare_webhooks, open_desk


@pytest.fixture(scope="session")
def first_start(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("whatsapp")

    async def start() -> None:
        office = Office(folder)
        await office.open()
        await office.hire().start()
        await office.aclose()

    asyncio.run(start())
    return folder / "dalpak.db"


@pytest.fixture
async def desk(tmp_path: Path, first_start: Path) -> AsyncIterator[WhatsappDesk]:
    shutil.copy(first_start, tmp_path)
    async with open_desk(tmp_path) as opened:
        yield opened


@pytest.fixture
async def twilio_desk(tmp_path: Path, first_start: Path) -> AsyncIterator[WhatsappDesk]:
    shutil.copy(first_start, tmp_path)
    async with open_desk(tmp_path, "twilio_whatsapp") as opened:
        yield opened


@pytest.fixture
async def baileys_desk(tmp_path: Path, first_start: Path) -> AsyncIterator[WhatsappDesk]:
    shutil.copy(first_start, tmp_path)
    async with open_desk(tmp_path, "baileys") as opened:
        yield opened


@pytest.fixture
async def door(tmp_path: Path, first_start: Path) -> AsyncIterator[WhatsappDesk]:
    """Webhooks and database, and no flows: what is told is stored."""
    shutil.copy(first_start, tmp_path)
    async with open_desk(tmp_path, "baileys", flows=False) as opened:
        yield opened


@pytest.fixture
async def office_without_secrets(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """The webhooks of an installation on which nothing was set up."""
    async with bare_webhooks(tmp_path) as http:
        yield http
