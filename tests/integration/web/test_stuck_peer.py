"""A peer that stops reading, on a real socket: its line is given up, and nothing of it is left behind."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import closing

import psutil
import pytest
from edge_harness import PATIENCE_S, Edge, Phone, sid

from dalpak.call.inputs import LineLost
from dalpak.clock import SystemClock
from dalpak.web import media_ws_ai, outgoing

pytestmark = pytest.mark.integration

DEADLINE_S = 0.2
"""Of a write, here: the real one only makes a test longer."""
RECEIVE_BYTES = 4_096
"""The peer's own buffer: full at once."""
A_LOT = bytes(16_000)
"""Two seconds of sound in one message: with as many as may wait, more than any system's buffers take."""
MESSAGES = 400


@pytest.fixture(autouse=True)
def short_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (outgoing, media_ws_ai):
        monkeypatch.setattr(module, "SEND_DEADLINE_S", DEADLINE_S)


def ours_with(port: int) -> bool:
    """This process still has the server's end of that peer's connection."""
    connections = psutil.Process().net_connections("tcp")
    return any(c.raddr and c.raddr.port == port for c in connections)


@pytest.fixture
def small(edge: Edge) -> Iterator[socket.socket]:
    """Connected to the edge, with next to no room."""
    with closing(socket.socket()) as peer:
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BYTES)
        peer.connect(("127.0.0.1", int(edge.base.rpartition(":")[2])))
        peer.setblocking(False)
        yield peer


async def test_a_peer_that_stops_reading_is_given_up_and_let_go(
    edge: Edge, small: socket.socket
) -> None:
    token = (await edge.ring(sid(1)))["token"]
    async with edge.talk(sid(2)) as other, edge.handshake(sock=small) as ws:
        stuck = Phone(ws, sid(1))
        await stuck.begin(token)
        await edge.calls.until(lambda: edge.calls.has_opened(2))
        session = edge.calls.opened[1]
        ws.transport.pause_reading()
        for _ in range(MESSAGES):
            session.line.send_frame(A_LOT)
        await edge.calls.until(lambda: LineLost("send_timeout") in session.inputs)
        await other.echo("1")

        # What it still sends must keep nothing of ours alive, and it never says goodbye itself.
        async with asyncio.timeout(PATIENCE_S):
            while edge.extensions.drain.held > 1:
                await stuck.press("1")
                await SystemClock().sleep(0.01)
            while ours_with(small.getsockname()[1]):
                await SystemClock().sleep(0.01)
        await other.echo("2")
