"""The edge with everything behind it as in production; only the voice is a tone."""

import asyncio
import base64
import signal
from pathlib import Path

import pytest
from edge_harness import PATIENCE_S, Edge, Phone, settings_for, sid
from edge_processes import child
from tests.serving import free_port

from dalpak.clock import SystemClock
from dalpak.domain.records import CallEnd
from dalpak.store.unit_of_work import SqlStore
from dalpak.telephony.loopback import LoopbackPlayer

pytestmark = pytest.mark.integration

SALON_NUMBER = "+97237654321"
CLOCK = SystemClock()
LEAD_MS = 200
FRAMES = 40
"""Of a greeting: more than the lead, so that its pace shows."""


class Handset:
    """Plays what comes as a telephone does, and sends what a telephone sends."""

    def __init__(self, phone: Phone) -> None:
        self.phone = phone
        self.player = LoopbackPlayer()
        self.most_buffered_ms = 0
        self.late_ms = 0
        """The longest that it did not look itself: what came meanwhile seems to come at once."""
        self.frames = 0

    async def listen_ms(self, for_ms: int, frames: int = 0) -> None:
        """20 ms of silence every 20 ms, while ours are played and their marks go back; for longer
        if fewer frames than these were heard by then.
        """
        began = due = CLOCK.monotonic_ms()
        async with asyncio.timeout(PATIENCE_S):
            while due - began < for_ms or self.frames < frames:
                due += 20
                await self.phone.speak(b"\xff" * 160)
                await self._take_until(due)
                self.late_ms = max(self.late_ms, CLOCK.monotonic_ms() - due)

    async def _take_until(self, until_ms: int) -> None:
        while (left := until_ms - CLOCK.monotonic_ms()) > 0:
            try:
                async with asyncio.timeout(left / 1000):
                    self._take(await self.phone.hear())
            except TimeoutError:
                break
        for name in self.player.due(CLOCK.monotonic_ms()):
            await self.phone.played(name)

    def _take(self, frame: dict[str, dict[str, str]]) -> None:
        now = CLOCK.monotonic_ms()
        match frame["event"]:
            case "media":
                self.frames += 1
                payload = base64.b64decode(frame["media"]["payload"])
                assert len(payload) == 160
                self.player.frame(payload, now)
                self.most_buffered_ms = max(self.most_buffered_ms, self.player.buffered_ms(now))
            case "mark":
                self.player.mark(frame["mark"]["name"], now)
            case "clear":
                self.player.clear(now)


async def talk(edge: Edge, number: int) -> Handset:
    token = (await edge.ring(sid(number), To=SALON_NUMBER))["token"]
    ws = await edge.handshake()
    phone = Phone(ws, sid(number))
    await phone.begin(token)
    return Handset(phone)


async def leave(handset: Handset) -> None:
    await handset.phone.stop()
    assert await handset.phone.closed() == 1000


async def test_a_real_call_is_greeted_at_the_pace_it_is_heard_and_sigterm_waits_for_it(
    tmp_path: Path,
) -> None:
    port, script = free_port(), str(Path(__file__).with_name("edge_child.py"))
    async with child(tmp_path, port, script, str(tmp_path), str(port), "900", "real") as running:
        first, second = [await talk(running.edge, n) for n in (1, 2)]
        async with asyncio.TaskGroup() as both:
            both.create_task(first.listen_ms(1000, FRAMES))
            both.create_task(second.listen_ms(1000, FRAMES))
        for handset in (first, second):
            assert 100 <= handset.most_buffered_ms <= 2 * LEAD_MS + handset.late_ms

        running.process.send_signal(signal.SIGTERM)
        await running.says("/readyz", 503)
        await leave(first)
        await second.listen_ms(500)
        await leave(second)
        await running.ends()

    assert running.process.returncode == 0, running.words.decode()
    assert b"Traceback" not in running.words
    for number in (1, 2):
        assert await ended(tmp_path, number) is CallEnd.CALLER


async def ended(folder: Path, number: int) -> CallEnd | None:
    store = SqlStore.open(settings_for(folder).db_url, CLOCK)
    try:
        found = await store.scope_of_call(external_id=sid(number))
    finally:
        await store.aclose()
    assert found is not None
    return found[1].end_reason
