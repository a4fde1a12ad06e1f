"""A wire that can break: bytes pass through a TCP port of this machine until they are told not to.

What the far end cannot do itself: reset a connection (RST, not a polite end), or take everything and pass on nothing.
It knows no protocol.
"""

import asyncio
import socket
import struct
from typing import Self

HOST = "127.0.0.1"
PIECE_BYTES = 4_096


class WireProxy:
    def __init__(self, target: str, *, port: int = 0) -> None:
        """`target`: host:port."""
        host, _, number = target.rpartition(":")
        self._target = (host, int(number))
        self._port = port
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._reset_after: int | None = None
        self.address = ""
        self.connections = 0
        """Accepted so far."""
        self.passed_up = 0
        """Bytes from the client, over all connections."""

    # -- what goes wrong -------------------------------------------------------------------------

    def reset(self) -> None:
        """Every connection breaks now, in both directions."""
        for writer in self._writers:
            raw = writer.get_extra_info("socket")
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort()

    def reset_after(self, bytes_up: int) -> None:
        """Break when this many more bytes have come from the client; once."""
        self._reset_after = self.passed_up + bytes_up

    def freeze(self) -> None:
        """Connections stay and nothing passes."""
        self._flowing.clear()

    def thaw(self) -> None:
        self._flowing.set()

    # -- the wire --------------------------------------------------------------------------------

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            up_reader, up_writer = await asyncio.open_connection(*self._target)
        except OSError:
            writer.transport.abort()
            return
        self._writers |= {writer, up_writer}
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._pass(reader, up_writer, up=True))
                group.create_task(self._pass(up_reader, writer, up=False))
        except* OSError:
            pass
        finally:
            for end in (writer, up_writer):
                self._writers.discard(end)
                end.transport.abort()

    async def _pass(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, up: bool
    ) -> None:
        while piece := await reader.read(PIECE_BYTES):
            await self._flowing.wait()
            if up:
                self.passed_up += len(piece)
                if self._reset_after is not None and self.passed_up >= self._reset_after:
                    self._reset_after = None
                    self.reset()
                    return
            writer.write(piece)
            await writer.drain()
        raise ConnectionResetError("one end closed: so does the other")

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, HOST, self._port)
        self.address = f"{HOST}:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        self.reset()
        self.thaw()
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()
