"""The server for `dalpak serve`: uvicorn that finishes live calls before it ends.

Stock uvicorn closes every socket within 50 ms of SIGTERM: every caller is hung up on at each
deploy. Here the first signal only starts draining (runtime/drain.py); the process ends when nobody
is talking, or at the deadline. A second signal ends it at once. gunicorn gets the same through
`drain_with`.
"""

import asyncio
import socket
from collections.abc import Callable
from functools import partial
from types import FrameType
from typing import Any

import uvicorn
from uvicorn.importer import import_from_string
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.exceptions import InvalidState
from websockets.http11 import Request

from dalpak.config import Settings
from dalpak.runtime.drain import Drain
from dalpak.web.direct import DIRECT, Sink

APPLICATION = "dalpak.asgi:application"
"""Named, not imported: only the entrypoint may build the app."""

REQUESTS_GRACE_S = 0.3
"""For pages being answered while the process ends; then they are cut. The last caller is gone
already.
"""

CLOSE_GRACE_S = 1


class TelephoneSocket(WebSocketsSansIOProtocol):
    """Uvicorn's WebSocket protocol, without three holes.

    A handshake that the parser gives up (a header of 8 KB) is left open and unanswered by it, and
    makes its `shutdown` raise, which would skip the closing of everything else. And a socket whose
    peer reads nothing is kept until that peer ends it: what is to be written comes before the end.

    For the app it is a `direct.DirectSocket` besides: a telephone call is 50 messages a second each
    way.
    """

    sink: Sink | None = None

    def handle_connect(self, event: Request) -> None:
        super().handle_connect(event)
        if not self.handshake_complete:
            extensions: dict[str, object] = self.scope["extensions"]  # type: ignore[assignment]
            extensions[DIRECT] = self

    def listen(self, sink: Sink | None) -> None:
        """`direct.DirectSocket`. What waited for the app comes first, in its order."""
        self.sink = sink
        if sink is None:
            return
        kept = [self.queue.get_nowait() for _ in range(self.queue.qsize())]
        for message in kept:
            if message["type"] == "websocket.receive":
                sink(message.get("text") or message.get("bytes") or b"")
            else:
                self.queue.put_nowait(message)
        if self.read_paused and self.queue.empty():
            self.read_paused = False
            self.transport.resume_reading()

    def write(self, text: str) -> bool:
        """`direct.DirectSocket`."""
        if self.disconnected or self.close_sent or not self.writable.is_set():
            return False
        try:
            self.conn.send_text(text.encode())
        except InvalidState:
            return False
        self.transport.write(b"".join(self.conn.data_to_send()))
        return True

    def send_receive_event_to_app(self) -> None:
        if self.sink is None or self.close_sent:
            super().send_receive_event_to_app()
            return
        data, self.frames = b"".join(self.frames), []
        self.sink(data)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if not self.handshake_initiated and self.conn.handshake_exc is not None:
            self.transport.close()

    async def run_asgi(self) -> None:
        await super().run_asgi()
        if not self.writable.is_set():
            self.transport.abort()

    def shutdown(self) -> None:
        if self.handshake_initiated:
            super().shutdown()
        else:
            self.transport.close()


class DrainingServer(uvicorn.Server):
    """Finds the app's `Drain` in the lifespan state, where the app puts it at startup."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        drain = self._drain()
        if drain is None or drain.draining:
            super().handle_exit(sig, frame)
        else:
            drain.request()

    async def on_tick(self, counter: int) -> bool:
        drain = self._drain()
        if drain is not None and drain.done:
            self.should_exit = True
        return await super().on_tick(counter)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Uvicorn would wait for streams that never end by themselves; they are told to. Calls that
        are live even now (deadline, second signal) end with their sockets, which uvicorn closes.
        """
        drain, tasks = self._drain(), set(self.server_state.tasks)
        if tasks and drain is not None and not drain.held:
            _, unfinished = await asyncio.wait(tasks, timeout=REQUESTS_GRACE_S)
            for task in unfinished:
                task.cancel()
        await super().shutdown(sockets)

    def _drain(self) -> Drain | None:
        lifespan = getattr(self, "lifespan", None)
        return lifespan.state.get("drain") if lifespan is not None else None


def server_config(app: Any, settings: Settings) -> uvicorn.Config:
    """`app` builds the ASGI app when called. Frames are small, uncompressed and counted: Twilio is
    the only heavy guest.
    """
    return uvicorn.Config(
        app,
        factory=True,
        host=settings.host,
        port=settings.port,
        loop="uvloop",
        http="httptools",
        ws=TelephoneSocket,
        ws_max_size=settings.ws_max_size_bytes,
        ws_per_message_deflate=False,
        ws_ping_interval=None,  # a frame every 20 ms is a better sign of life; pongs come 40 s late
        lifespan="on",
        log_config=None,
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=CLOSE_GRACE_S,
    )


def serve(settings: Settings) -> None:
    """Run until told to stop and nobody is talking any more."""
    build = partial(import_from_string(APPLICATION), settings)
    DrainingServer(server_config(build, settings)).run()


def drain_with(app: Any, stopping: Callable[[], bool]) -> None:
    """For gunicorn's `post_worker_init(worker)`: `drain_with(worker.asgi, lambda: not
    worker.alive)`.

    Its worker tells the app of SIGTERM only after the drain, so the app has to look.
    """
    app.state.stopping = stopping
