"""One gRPC stream of Google's recogniser: audio up through a bounded queue, results down, until it ends.

It never blocks who feeds it, and never goes quiet: Google ends a stream that gets no audio. When a stream begins and
ends, and what becomes of its words, is decided by whoever owns it (google.py).
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from typing import Any

from dalpak.call.mulaw import SILENCE_BYTE
from dalpak.errors import ProviderError
from dalpak.logs import get_logger
from dalpak.services.google_channel import FAULTS, provider_error
from dalpak.services.resilience import deadline
from dalpak.services.stt.google_wire import Dialect, Result, results
from dalpak.services.stt.rolling import BYTES_PER_MS

STREAM_S = 310.0
"""Deadline of a whole stream: a little beyond the five minutes that Google gives it."""
QUEUE_MAX_BYTES = 12_000 * BYTES_PER_MS
"""Audio waiting to be sent: the 8 s of a replay and a slow spell. Past it the oldest is dropped."""
MESSAGE_MAX_BYTES = 400 * BYTES_PER_MS
"""Of audio that has piled up, or of quiet; v2's documented limit is 15 KB, and small pieces are recognised sooner."""
IDLE_S = 1.0
"""Without audio for so long, some silence is sent: after about 5 s Google would end the stream."""
IDLE_FILL = bytes([SILENCE_BYTE]) * (100 * BYTES_PER_MS)

_log = get_logger(__name__)


class Leg:
    """`tell` gets each result."""

    def __init__(
        self,
        number: int,
        *,
        dialect: Dialect,
        opening: Any,
        chunk_bytes: int,
        tell: "Callable[[Leg, Result], None]",
    ) -> None:
        self.number = number
        self.length = 0
        """Bytes of audio so far."""
        self.task: asyncio.Task[None] | None = None
        self._dialect, self._opening, self._chunk_bytes = dialect, opening, chunk_bytes
        self._tell = tell
        self._queue: deque[bytes] = deque()
        self._queued = 0
        self._rest = bytearray()
        self._closing = False
        self._wake = asyncio.Event()
        self._call: Any = None
        self._dropping = False

    # -- audio up --------------------------------------------------------------------------------

    def feed(self, audio: bytes) -> None:
        self.length += len(audio)
        self._rest += audio
        if len(self._rest) >= self._chunk_bytes:
            self._queue_up()

    def half_close(self) -> None:
        """No more audio: what there is is sent, and the service gives its final and ends the stream."""
        if self._rest:
            self._queue_up()
        self._closing = True
        self._wake.set()

    @property
    def waiting_bytes(self) -> int:
        """Audio not sent yet."""
        return self._queued + len(self._rest)

    def _queue_up(self) -> None:
        self._queue.append(bytes(self._rest))
        self._queued += len(self._rest)
        self._rest.clear()
        while self._queued > QUEUE_MAX_BYTES and len(self._queue) > 1:
            self._queued -= len(self._queue.popleft())
            if not self._dropping:
                self._dropping = True
                _log.warning("STT_QUEUE_FULL", provider="google")
        self._wake.set()

    async def _requests(self) -> AsyncIterator[Any]:
        yield self._opening
        while True:
            while self._queue:
                yield self._dialect.audio(self._next_piece())
            if self._closing:
                return
            self._wake.clear()
            try:
                async with asyncio.timeout(IDLE_S):
                    await self._wake.wait()
            except TimeoutError:
                self.length += len(IDLE_FILL)
                yield self._dialect.audio(IDLE_FILL)

    def _next_piece(self) -> bytes:
        """What waits, in messages of a bounded size."""
        piece = self._queue.popleft()
        while self._queue and len(piece) + len(self._queue[0]) <= MESSAGE_MAX_BYTES:
            piece += self._queue.popleft()
        self._queued -= len(piece)
        if len(piece) > MESSAGE_MAX_BYTES:
            rest = piece[MESSAGE_MAX_BYTES:]
            self._queue.appendleft(rest)
            self._queued += len(rest)
            piece = piece[:MESSAGE_MAX_BYTES]
        return piece

    # -- words down ------------------------------------------------------------------------------

    async def connect(self, client: Any, within_s: float) -> None:
        """Raises ProviderError."""
        self._call = client.transport.streaming_recognize(self._requests(), timeout=STREAM_S)
        try:
            await deadline(self._call.wait_for_connection(), within_s, "google_stt_unreachable")
        except FAULTS as fault:
            raise provider_error("google_stt", fault) from fault
        except BaseException:
            self._call.cancel()
            raise

    async def read(self) -> None:
        """Every result until the service has no more. Raises ProviderError."""
        try:
            async for response in self._call:
                for result in results(response, self._dialect):
                    self._tell(self, result)
        except FAULTS as fault:
            raise provider_error("google_stt", fault) from fault
        except asyncio.CancelledError as gone:
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                raise
            # Not this task was cancelled but the stream, by the client library or a closed channel.
            raise ProviderError("google_stt_cancelled") from gone
        finally:
            self.half_close()
            self._call.cancel()
