"""The Node sidecar as it really is: its HTTP with our client, its webhooks with our reader, and the
program under `dalpak whatsapp sidecar`. WhatsApp itself is a fake at Baileys' boundary, or not there.
"""

import asyncio
import json
import os
import shutil
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from messenger_stages import CALLER, message

from dalpak.cli.whatsapp import SIDECAR, node_version
from dalpak.clock import SystemClock
from dalpak.errors import ProviderError
from dalpak.ports.messenger import DeliveryState, Inbound, Receipt, Refusal
from dalpak.services.whatsapp.baileys import BaileysMessenger
from dalpak.services.whatsapp.baileys_events import events
from dalpak.services.whatsapp.exchange import signed_by
from dalpak.services.whatsapp.sidecar import Sidecar
from dalpak.simulator.provider_http import Asked, ProviderHttp, Reply
from serving import environment, free_port

NODE = shutil.which("node") or ""
READY = bool(NODE) and node_version(NODE) >= 20 and (SIDECAR / "node_modules").is_dir()
WHY = "the sidecar is not installed: Node 20 or newer, then `npm ci` in sidecars/baileys"

pytestmark = [pytest.mark.integration, pytest.mark.skipif(not READY, reason=WHY)]

TOKEN = "a-token-of-more-than-twenty-characters"
PATIENCE_S = 60.0


class App(ProviderHttp):
    """Our webhook's place: keeps what it is told."""

    def __init__(self) -> None:
        super().__init__()
        self.news = asyncio.Event()

    async def answer(self, asked: Asked) -> Reply:
        self.news.set()
        return Reply(200, {})

    def api_fault(self) -> Reply:
        return Reply(503, {})

    def told(self) -> list[Receipt | Inbound]:
        bodies = [a for a in self.asked if a.path == "/whatsapp/baileys"]
        assert all(signed_by(TOKEN, a.body, a.headers["x-signature-256"]) for a in bodies)
        return [event for a in bodies for event in events(a.json)]

    async def until_told(self, count: int) -> list[Receipt | Inbound]:
        async with asyncio.timeout(PATIENCE_S):
            while len(self.told()) < count:
                self.news.clear()
                await self.news.wait()
        return self.told()


@dataclass
class Running:
    process: Process
    url: str
    messenger: BaileysMessenger
    app: App

    async def order(self, **what: Any) -> dict[str, Any]:
        """Have WhatsApp do something; what it has so far."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(what).encode() + b"\n")
        async with asyncio.timeout(PATIENCE_S):
            answer: dict[str, Any] = json.loads(await self.process.stdout.readline())
        return answer


@pytest.fixture
async def sidecar(tmp_path: Path) -> AsyncIterator[Running]:
    async with App() as app:
        env = os.environ | {  # noqa: TID251 - a child process needs one
            "SIDECAR_TOKEN": TOKEN,
            "SIDECAR_FOLDER": str(tmp_path / "account"),
            "SIDECAR_PORT": "0",
            "SIDECAR_APP_URL": f"{app.url}/whatsapp/baileys",
        }
        process = await asyncio.create_subprocess_exec(
            NODE, "test/program.js", cwd=SIDECAR, env=env, stdin=PIPE, stdout=PIPE
        )
        assert process.stdout is not None
        assert process.stdin is not None
        async with asyncio.timeout(PATIENCE_S):
            port = int(await process.stdout.readline())
        url = f"http://127.0.0.1:{port}"
        messenger = BaileysMessenger(url=url, token=TOKEN)
        try:
            yield Running(process, url, messenger, app)
        finally:
            await messenger.aclose()
            process.stdin.close()
            async with asyncio.timeout(PATIENCE_S):
                assert await process.wait() == 0


async def test_sending_repeating_and_being_refused(sidecar: Running) -> None:
    first = await sidecar.messenger.send(message())
    assert first.state == DeliveryState.ACCEPTED
    assert await sidecar.messenger.send(message(repeated=True)) == first

    await sidecar.order(fault="lost_after")
    doubtful = message(idem_key="k2")
    assert (await sidecar.messenger.send(doubtful)).state == DeliveryState.UNKNOWN
    found = await sidecar.messenger.lookup(doubtful)
    assert found is not None
    assert found.state == DeliveryState.UNKNOWN
    again = await sidecar.messenger.send(message(idem_key="k2", repeated=True))
    assert again.state == DeliveryState.ACCEPTED
    assert await sidecar.messenger.lookup(message(idem_key="never sent")) is None

    has = await sidecar.order(arrived=True)
    assert [id_ for id_, _ in has["arrived"]] == [first.provider_id, again.provider_id]
    assert len(has["handed"]) == 3
    await refusals_come_as_values(sidecar)


async def refusals_come_as_values(sidecar: Running) -> None:
    stranger = "+972541112222"
    await sidecar.order(stranger=stranger)
    unknown = await sidecar.messenger.send(message(idem_key="k3", to=stranger))
    assert (unknown.state, unknown.reason) == (DeliveryState.FAILED, Refusal.NOT_ON_WHATSAPP)
    wrong = await sidecar.messenger.send(message(idem_key="k4", to="0523456789"))
    assert (wrong.state, wrong.reason) == (DeliveryState.FAILED, Refusal.BAD_NUMBER)
    other = BaileysMessenger(url=sidecar.url, token="another token altogether")
    assert (await other.send(message())).reason == Refusal.NOT_ALLOWED
    await other.aclose()


async def test_receipts_and_replies_reach_us_signed_and_463_ends_it(sidecar: Running) -> None:
    sent = await sidecar.messenger.send(message())
    await sidecar.order(receipt=[sent.provider_id, 3])
    await sidecar.app.until_told(1)
    await sidecar.order(says=["לבטל", "IN1"])
    receipt, reply = await sidecar.app.until_told(2)

    assert isinstance(receipt, Receipt)
    assert (receipt.state, receipt.provider_id) == (DeliveryState.DELIVERED, sent.provider_id)
    assert receipt.delivery_id == "dlv_1"
    assert isinstance(reply, Inbound)
    assert (reply.sender, reply.text, reply.receiver) == (CALLER, "לבטל", "+97233334444")

    # 463 is told, and is the end for new people.
    refused = await sidecar.messenger.send(message(idem_key="k2", to="+972541113333"))
    await sidecar.order(receipt=[refused.provider_id, 0, "463"])
    told = (await sidecar.app.until_told(3))[-1]
    assert isinstance(told, Receipt)
    assert (told.state, told.reason) == (DeliveryState.FAILED, Refusal.RESTRICTED)
    new = await sidecar.messenger.send(message(idem_key="k3", to="+972541112222"))
    assert (new.state, new.reason) == (DeliveryState.FAILED, Refusal.RESTRICTED)


async def test_the_program_ends_when_whoever_started_it_is_gone(tmp_path: Path) -> None:
    env = os.environ | {  # noqa: TID251 - a child process needs one
        "SIDECAR_TOKEN": TOKEN,
        "SIDECAR_FOLDER": str(tmp_path / "account"),
        "SIDECAR_PORT": "0",
        "SIDECAR_APP_URL": "http://127.0.0.1:9/whatsapp/baileys",
        "SIDECAR_WHATSAPP_URL": "ws://127.0.0.1:9",
        "SIDECAR_SUPERVISED": "1",
    }
    process = await asyncio.create_subprocess_exec(
        NODE, "src/main.js", cwd=SIDECAR, env=env, stdin=PIPE, stderr=PIPE
    )
    assert process.stdin is not None
    assert process.stderr is not None
    async with asyncio.timeout(PATIENCE_S):
        line = json.loads(await process.stderr.readline())
        assert line["event"] in {"listening", "disconnected"}
        process.stdin.close()
        assert await process.wait() == 0
    assert not (tmp_path / "account" / "lock").exists()


@asynccontextmanager
async def program(env: dict[str, str], *command: str) -> AsyncIterator[Process]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "dalpak", "whatsapp", *command, env=env, stdout=PIPE, stderr=PIPE
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
            await process.communicate()


async def test_the_program_without_whatsapp_says_so_and_ends_cleanly(tmp_path: Path) -> None:
    """The real Baileys; the port where it looks for WhatsApp is closed."""
    port = free_port()
    env = environment(tmp_path, free_port()) | {
        "MESSENGER": "baileys",
        "BAILEYS_URL": f"http://127.0.0.1:{port}",
        "BAILEYS_TOKEN": TOKEN,
        "SIDECAR_WHATSAPP_URL": f"ws://127.0.0.1:{free_port()}",
    }
    client = Sidecar(f"http://127.0.0.1:{port}", TOKEN)
    async with program(env, "sidecar") as running:
        health = await answering(client, running)
        assert health["state"] in {"starting", "reconnecting"}
        messenger = BaileysMessenger(url=f"http://127.0.0.1:{port}", token=TOKEN)
        with pytest.raises(ProviderError) as away:
            await messenger.send(message())
        await messenger.aclose()
        assert (away.value.code, away.value.retryable) == ("not_connected", True)

        async with program(env, "status", "--json") as status:
            out, _ = await status.communicate()
        told = json.loads(out)
        assert (status.returncode, told["ok"], told["messenger"]) == (1, False, "baileys")

        running.send_signal(signal.SIGTERM)
        async with asyncio.timeout(PATIENCE_S):
            assert await running.wait() == 0
    with pytest.raises(ProviderError):
        await client.ask("GET", "/health")
    await client.aclose()
    account = tmp_path / "whatsapp" / "account"
    assert account.stat().st_mode & 0o077 == 0


async def answering(client: Sidecar, running: Process) -> dict[str, Any]:
    """Ask until it answers: the other side is a process, and there is nothing to await."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            assert running.returncode is None
            try:
                return await client.ask("GET", "/health")
            except ProviderError:
                await SystemClock().sleep(0.05)
