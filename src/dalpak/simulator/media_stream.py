"""Twilio's end of one media socket: frames in at their pace, ours played, marks given back.

It speaks the protocol and measures; it does not know why a socket was opened (twilio.py) nor what
the caller wants (wire_caller.py).
"""

import asyncio
import binascii
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import msgspec
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from dalpak.call.mulaw import FRAME_BYTES, SILENCE_BYTE, SILENCE_FRAME
from dalpak.clock import Clock
from dalpak.simulator.playback import Pace, Playback

FRAME_MS = 20
ABNORMAL = 1006
"""Close code of a socket that ended without a close frame."""


@dataclass(slots=True)
class Hearing:
    """What the caller of one call heard, over all its sockets. Milliseconds."""

    greeting_ms: int | None = None
    """From the first socket's opening to the first frame with a voice in it."""
    responses_ms: list[int] = field(default_factory=list)
    """From a key to the first frame of the answer with a voice in it."""
    voices: int = 0
    """Frames with a voice so far."""
    pressed_at: int | None = None
    """A key that was not answered yet."""
    pace: Pace = field(default_factory=Pace)


class MediaStream:
    """One socket, from `start` to its end."""

    def __init__(
        self,
        socket: ClientConnection,
        *,
        sid: str,
        start: dict[str, Any],
        hearing: Hearing,
        clock: Clock,
    ) -> None:
        """`start` is the body of the start frame, without the stream's own id."""
        self.sid = sid
        self.hearing = hearing
        self.playback = Playback(hearing.pace)
        self.to_say: deque[bytes] = deque()
        """Mu-law frames of the caller's voice, sent before any silence."""
        self.muted = False
        """True: nothing is sent any more, as on a line that was cut without a word."""
        self._socket, self._start, self._clock = socket, start, clock
        self._sequence = self._chunk = 0
        self._leaving = False
        self._opened_ms = clock.monotonic_ms()

    async def run(self) -> int:
        """Talk until one side closes; the close code."""
        with suppress(ConnectionClosed):
            await self._socket.send('{"event":"connected","protocol":"Call","version":"1.0.0"}')
            await self.send("start", self._start | {"streamSid": self.sid})
        async with asyncio.TaskGroup() as group:
            ticking = group.create_task(self._tick())
            await self._listen()
            ticking.cancel()
        return self._socket.close_code or ABNORMAL

    # -- what the caller's side does -------------------------------------------------------------

    async def press(self, key: str) -> None:
        await self.send("dtmf", {"track": "inbound_track", "digit": key})
        self.hearing.pressed_at = self._clock.monotonic_ms()

    def hang_up(self) -> None:
        """The caller is gone: `stop`, then the socket closes."""
        self._leaving = True

    def cut(self) -> None:
        """The network is gone: not even a close frame."""
        self._socket.transport.abort()

    def stop_reading(self) -> None:
        """The far end hangs: it takes nothing any more. What it sends goes out as before."""
        self._socket.transport.pause_reading()

    async def send_raw(self, data: str | bytes) -> None:
        """Anything at all, as a broken carrier might send it."""
        with suppress(ConnectionClosed):
            await self._socket.send(data)

    async def send(self, event: str, body: dict[str, Any]) -> None:
        """One frame of the protocol; nothing happens on a closed socket."""
        self._sequence += 1
        frame = {
            "event": event,
            "sequenceNumber": str(self._sequence),
            "streamSid": self.sid,
            event: body,
        }
        with suppress(ConnectionClosed):
            await self._socket.send(msgspec.json.encode(frame).decode())

    def quiet_ms(self) -> int:
        """For how long the caller has heard nothing; negative while something is played."""
        return self.playback.quiet_ms(self._clock.monotonic_ms())

    # -- frames ----------------------------------------------------------------------------------

    async def _tick(self) -> None:
        """A frame every 20 ms on an absolute schedule, and the marks that are due."""
        began = self._clock.monotonic_ms()
        while not self._leaving:
            due = began + self._chunk * FRAME_MS
            await self._clock.sleep(max(0, due - self._clock.monotonic_ms()) / 1000)
            self.hearing.pace.own_lateness.append(max(0, self._clock.monotonic_ms() - due))
            self._chunk += 1
            if self.muted:
                continue
            await self._give_marks()
            await self._say(self.to_say.popleft() if self.to_say else SILENCE_FRAME)
        with suppress(ConnectionClosed):
            await self.send("stop", {k: self._start[k] for k in ("accountSid", "callSid")})
            await self._socket.close()

    async def _say(self, payload: bytes) -> None:
        body = {
            "track": "inbound",
            "chunk": str(self._chunk),
            "timestamp": str((self._chunk - 1) * FRAME_MS),
            "payload": binascii.b2a_base64(payload, newline=False).decode(),
        }
        await self.send("media", body)

    async def _give_marks(self) -> None:
        for name in self.playback.due_marks(self._clock.monotonic_ms()):
            await self.send("mark", {"name": name})

    async def _listen(self) -> None:
        with suppress(ConnectionClosed):
            async for raw in self._socket:
                frame = msgspec.json.decode(raw)
                if frame.get("streamSid") != self.sid:
                    raise ValueError(f"expected a frame for stream {self.sid}, got {raw!r:.200}")
                await self._take(frame)

    async def _take(self, frame: dict[str, Any]) -> None:
        now = self._clock.monotonic_ms()
        match frame.get("event"):
            case "media":
                payload = binascii.a2b_base64(frame["media"]["payload"], strict_mode=True)
                if self.playback.frame(payload, now):
                    self._hear_voice(now)
            case "mark":
                self.playback.mark(frame["mark"]["name"], now)
            case "clear":
                self.playback.clear(now)
                await self._give_marks()
            case event:
                raise ValueError(f"expected media, mark or clear, got {event!r}")

    def _hear_voice(self, now: int) -> None:
        hearing = self.hearing
        hearing.voices += 1
        if hearing.greeting_ms is None:
            hearing.greeting_ms = now - self._opened_ms
        if hearing.pressed_at is not None:
            hearing.responses_ms.append(now - hearing.pressed_at)
            hearing.pressed_at = None


def frames_of(audio: bytes) -> list[bytes]:
    """Mu-law cut into frames of 20 ms, the last one filled up with silence."""
    whole = audio + bytes([SILENCE_BYTE]) * (-len(audio) % FRAME_BYTES)
    return [whole[at : at + FRAME_BYTES] for at in range(0, len(whole), FRAME_BYTES)]
