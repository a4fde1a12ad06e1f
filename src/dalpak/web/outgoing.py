"""What waits to be written to one socket: a bounded queue and its single writer.

Putting something in never blocks and never fails; trouble comes back to the call as an input. Audio
may be taken out again by a clear; marks, clears and everything else always go out, in order. No
protocol of any line is known here.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from dalpak.call.inputs import Input, LineLost, LineSlow

SEND_DEADLINE_S = 1.0
"""A peer that takes no byte for this long is dead; TCP alone would notice after many minutes."""

SLOW_MESSAGES = 50
"""More than this waiting means that the socket is slower than speech: over twice the lead the call
core sends ahead.
"""

MAX_MESSAGES = 500
"""The send deadline strikes long before this; a limit all the same."""

Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class Outgoing:
    """One per socket. `run` is its writer; the owner starts it and calls `finish` when nothing more
    will come.

    `write`, where there is one, writes at once what a socket with room takes (`direct.py`); the
    queue and its writer are then for the others.
    """

    def __init__(self, send: Send, write: Callable[[str], bool] | None = None) -> None:
        self._send, self._write = send, write
        self._writing = False
        """The writer waits with a message in its hand: nothing may overtake it."""
        self._queue: deque[tuple[bool, str]] = deque()
        self._wake = asyncio.Event()
        self._over = False
        self.tell: Callable[[Input], None] = lambda _what: None
        """Who hears of trouble; set once there is a session."""

    def audio(self, text: str) -> None:
        """A frame that a later `drop_audio` may take back."""
        self._put(True, text)
        if len(self._queue) > SLOW_MESSAGES and not self._over:
            self.tell(LineSlow(frames_waiting=len(self._queue)))

    def control(self, text: str) -> None:
        """A message that is never dropped."""
        self._put(False, text)

    def drop_audio(self) -> None:
        """Forget the audio not yet written. What stands between it (marks) stays, in order."""
        self._queue = deque(item for item in self._queue if not item[0])

    def finish(self) -> None:
        """Write what is waiting, then end the writer. Nothing more is taken."""
        self._over = True
        self._wake.set()

    async def run(self) -> None:
        """Write until finished and empty, or until the peer is lost."""
        while True:
            while not self._queue:
                if self._over:
                    return
                self._wake.clear()
                await self._wake.wait()
            _, text = self._queue.popleft()
            self._writing = True
            try:
                async with asyncio.timeout(SEND_DEADLINE_S):
                    await self._send({"type": "websocket.send", "text": text})
            except TimeoutError:
                self._lose("send_timeout")
            except (OSError, RuntimeError):
                # A socket that is gone: OSError by the ASGI specification, RuntimeError by habit.
                self._lose("send_failed")
            finally:
                self._writing = False

    def _put(self, is_audio: bool, text: str) -> None:
        if self._over:
            return
        if self._write is not None and not self._queue and not self._writing and self._write(text):
            return
        if len(self._queue) >= MAX_MESSAGES:
            self._lose("send_overflow")
            return
        self._queue.append((is_audio, text))
        self._wake.set()

    def _lose(self, reason: str) -> None:
        self._queue.clear()
        if not self._over:
            self.finish()
            self.tell(LineLost(reason))
