"""SIGKILL at every line that matters, then a new process: nothing lost, nothing twice."""

import asyncio
import shutil
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from flow_office import PATIENCE_S, FakeMessenger, Office

pytestmark = pytest.mark.integration

HERE = Path(__file__).parent


@pytest.fixture
def folder(tmp_path: Path, started_before: Path) -> Path:
    """An office that is open."""
    shutil.copy(started_before, tmp_path)
    return tmp_path


@asynccontextmanager
async def killed_at(point: str, folder: Path) -> AsyncIterator[None]:
    """A real process, killed without warning when it says that it stands at the point."""
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        str(HERE / "victim.py"),
        str(folder),
        point,
        stdout=asyncio.subprocess.PIPE,
    )
    assert child.stdout is not None
    try:
        async with asyncio.timeout(PATIENCE_S):
            assert (await child.stdout.readline()).decode().strip() == point
    finally:
        child.kill()
        await child.wait()
    yield


@pytest.mark.parametrize("point", ["committed", "sending", "sent"])
async def test_what_was_committed_goes_out_once_after_a_kill(folder: Path, point: str) -> None:
    async with killed_at(point, folder):
        office = Office(folder)
        messenger = FakeMessenger(name="outbox")
        await office.hire(messenger).start()

        (message,) = await office.settled(1)

        assert message.state == "accepted"
        (sent,) = messenger.sent
        assert sent.idem_key == message.idem_key
        # Whoever can tell whether it arrived is told that it may have.
        assert sent.repeated == (point != "committed")
        if point == "sent":
            before = (folder / "sent.txt").read_text(encoding="utf-8").splitlines()
            assert before == [message.idem_key]
        assert await office.flows() == ["summarise_call:call.ended:call_1"]
        await office.aclose()


async def test_what_was_not_committed_never_was(folder: Path) -> None:
    async with killed_at("uncommitted", folder):
        office = Office(folder)
        await office.hire().prepare()

        assert await office.flows() == []
        assert await office.end_call(), "the call is still open, and closing it still tells"
        assert await office.flows() == ["summarise_call:call.ended:call_1"]
        await office.aclose()
