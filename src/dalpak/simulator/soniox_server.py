"""Soniox's real-time speech-to-text on a loopback port: their documented socket, and what can go wrong with it.

A real WebSocket server, so that our adapter speaks to it as it would to them. What it hears is recogniser.py's
business; how long it takes is drawn from latency.py. Here are the messages, their order, and the faults.
"""

import asyncio
import json
import random
import socket
from collections import deque
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from http import HTTPStatus
from typing import Any, Self

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from dalpak.clock import Clock, SystemClock
from dalpak.simulator.latency import NONE, Latency
from dalpak.simulator.recogniser import Heard, Recogniser, Script

PATH = "/transcribe-websocket"
API_KEY = "simulated-key"
IDLE_S = 20.0
"""Without audio or a keep-alive they close."""
FIRM_WORDS = 2
"""The latest words stay provisional; those before them are told as final, once."""
SLOW_S = 3.0
WINDOW_BYTES = 16_384
"""What the kernel takes in for a server that does not read; by default it would be megabytes of audio."""


class SonioxFault(StrEnum):
    """What befalls one connection."""

    REFUSED = "refused"
    """401 at the handshake."""
    DOWN = "down"
    """503 at the handshake."""
    HANGS = "hangs"
    """The handshake is never answered."""
    UNAUTHORIZED = "unauthorized"
    """401 as a message, after the first audio."""
    QUOTA = "quota"
    """429 as a message, at once."""
    RESTART = "restart"
    """503 as a message, in the middle: "please restart the request"."""
    RESET = "reset"
    """The connection is cut without a word."""
    HALF = "half"
    """A polite close in the middle."""
    GARBAGE = "garbage"
    """Nothing but messages that make no sense."""
    NOISE = "noise"
    """One such message now and then among the good ones."""
    SILENT = "silent"
    """Takes audio and says nothing."""
    ENDLESS = "endless"
    """Provisional words only; the final never comes."""
    SLOW = "slow"
    """Finals SLOW_S late."""
    DEAF = "deaf"
    """Stops reading."""


REFUSALS = {SonioxFault.REFUSED: HTTPStatus.UNAUTHORIZED, SonioxFault.DOWN: HTTPStatus(503)}
SAID = {
    SonioxFault.UNAUTHORIZED: (401, "Invalid API key."),
    SonioxFault.QUOTA: (429, "Organization concurrent requests limit exceeded."),
    SonioxFault.RESTART: (503, "Cannot continue request (code 1). Please restart the request."),
}
GARBAGE: Sequence[str | bytes] = (
    "{",
    "[]",
    "\x00\x01",
    b"\xff\xfe",
    '{"tokens": 7}',
    "null",
    "{}x",
)


@dataclass(slots=True)
class SonioxSession:
    """What one connection was asked, for tests to look at."""

    fault: SonioxFault | None
    start: dict[str, Any] = field(default_factory=dict)
    audio: bytearray = field(default_factory=bytearray)
    finalizes: int = 0
    keepalives: int = 0
    ended: bool = False
    """The client said that no more comes."""


class SonioxServer:
    """`async with` opens it; `address` is for SONIOX_URL. `faults` befall the next connections, one each."""

    def __init__(
        self,
        utterances: Iterable[str] = (),
        *,
        partial: Latency = NONE,
        final: Latency = NONE,
        seed: int = 0,
        after_ms: int = 400,
        api_key: str = API_KEY,
        clock: Clock | None = None,
    ) -> None:
        """`after_ms`: of audio, before a fault that strikes in the middle."""
        self.script = Script(utterances)
        self.faults: deque[SonioxFault | None] = deque()
        self.sessions: list[SonioxSession] = []
        self.after_ms, self.clock = after_ms, clock or SystemClock()
        self.partial, self.final = partial, final
        self.rng = random.Random(seed)
        self._key = api_key
        self._server: Server | None = None
        self._leaving = asyncio.Event()

    @property
    def address(self) -> str:
        if self._server is None:
            raise RuntimeError("not open: use `async with`")
        return f"http://127.0.0.1:{next(iter(self._server.sockets)).getsockname()[1]}"

    async def __aenter__(self) -> Self:
        door = socket.create_server(("127.0.0.1", 0))
        door.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, WINDOW_BYTES)
        self._server = await serve(
            self._serve,
            sock=door,
            process_request=self._admit,
            compression=None,
            ping_interval=None,
            close_timeout=0.2,
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        self._leaving.set()
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    async def leaving(self) -> None:
        """Until the server is closed: how a connection hangs."""
        await self._leaving.wait()

    async def _admit(self, caller: ServerConnection, request: Request) -> Response | None:
        fault = self.faults.popleft() if self.faults else None
        self.sessions.append(SonioxSession(fault))
        if fault is SonioxFault.HANGS:
            await self.leaving()
        if fault in REFUSALS:
            return caller.respond(REFUSALS[fault], "refused\n")
        if request.path != PATH:
            return caller.respond(HTTPStatus.NOT_FOUND, "no such path\n")
        if request.headers.get("Authorization") != f"Bearer {self._key}":
            return caller.respond(HTTPStatus.UNAUTHORIZED, "Invalid API key.\n")
        return None

    async def _serve(self, caller: ServerConnection) -> None:
        with suppress(ConnectionClosed):
            await _Seat(self, self.sessions[-1], caller).run()


class _Seat:
    """One connection: hears, and speaks in order, each thing at its own time."""

    def __init__(
        self, server: SonioxServer, session: SonioxSession, caller: ServerConnection
    ) -> None:
        self._server, self._session, self._caller = server, session, caller
        self._ear = Recogniser(server.script)
        self._told = 0
        """Words of this utterance that were told as final."""
        self._due: asyncio.Queue[tuple[int, str | bytes | None]] = asyncio.Queue()
        self._last_ms = 0

    async def run(self) -> None:
        if not await self._begin():
            return
        async with asyncio.TaskGroup() as group:
            speaking = group.create_task(self._speak())
            with suppress(ConnectionClosed):
                await self._hear()
            speaking.cancel()

    async def _begin(self) -> bool:
        try:
            start = json.loads(await self._caller.recv())
            wrong = [
                name
                for name, right in (
                    ("audio_format", "mulaw"),
                    ("sample_rate", 8000),
                    ("num_channels", 1),
                )
                if start.get(name) != right
            ]
        except (ValueError, AttributeError):
            start, wrong = {}, ["start message"]
        if wrong or not start.get("model"):
            await self._refuse(400, f"Invalid {', '.join(wrong) or 'model'}.")
            return False
        self._session.start = start
        if self._session.fault is SonioxFault.QUOTA:
            await self._refuse(*SAID[SonioxFault.QUOTA])
            return False
        return True

    async def _refuse(self, code: int, why: str) -> None:
        await self._caller.send(
            json.dumps({"tokens": [], "error_code": code, "error_message": why})
        )
        await self._caller.close()

    async def _hear(self) -> None:
        while True:
            try:
                async with asyncio.timeout(IDLE_S):
                    message = await self._caller.recv()
            except TimeoutError:
                await self._refuse(408, "Request timeout.")
                return
            if isinstance(message, bytes):
                self._session.audio += message
                if await self._struck():
                    return
                for heard in self._ear.hear(message):
                    self._say(heard, "<end>")
                self._tell([], self._server.partial)
            elif message == "":
                self._session.ended = True
                self._finish("<end>")
                self._tell([], self._server.final, finished=True)
                self._due.put_nowait((self._last_ms, None))
            else:
                await self._told_to(message)

    async def _told_to(self, message: str) -> None:
        match json.loads(message).get("type"):
            case "finalize":
                self._session.finalizes += 1
                self._finish("<fin>")
            case "keepalive":
                self._session.keepalives += 1
            case _:
                await self._refuse(400, "Invalid control message.")

    def _finish(self, marker: str) -> None:
        heard = self._ear.finish()
        for final in heard:
            self._say(final, marker)
        if not heard:
            self._tell([_token(marker, final=True)], self._server.final)

    async def _struck(self) -> bool:
        """True when the fault has ended this connection."""
        server, fault = self._server, self._session.fault
        if len(self._session.audio) < server.after_ms * 8:
            return False
        match fault:
            case SonioxFault.UNAUTHORIZED | SonioxFault.RESTART:
                await self._refuse(*SAID[fault])
            case SonioxFault.RESET:
                self._caller.transport.abort()
            case SonioxFault.HALF:
                await self._caller.close()
            case SonioxFault.DEAF:
                self._caller.transport.pause_reading()
                await server.leaving()
            case _:
                return False
        return True

    # -- speaking --------------------------------------------------------------------------------

    def _say(self, heard: Heard, marker: str) -> None:
        words = heard.text.split()
        firm = len(words) if heard.final else max(self._told, len(words) - FIRM_WORDS)
        tokens = [
            _token(f" {word}" if at else word, final=at < firm)
            for at, word in enumerate(words)
            if at >= self._told
        ]
        self._told = 0 if heard.final else firm
        if heard.final:
            tokens.append(_token(marker, final=True))
        self._tell(tokens, self._server.final if heard.final else self._server.partial)

    def _tell(
        self, tokens: list[dict[str, Any]], latency: Latency, *, finished: bool = False
    ) -> None:
        ends = any(token["text"] in ("<fin>", "<end>") for token in tokens)
        fault = self._session.fault
        if fault is SonioxFault.SILENT or (ends and fault is SonioxFault.ENDLESS):
            return
        delay_s = latency.draw_s(self._server.rng)
        delay_s += SLOW_S if ends and fault is SonioxFault.SLOW else 0
        now = self._server.clock.monotonic_ms()
        self._last_ms = max(self._last_ms, now + round(delay_s * 1000))
        said: dict[str, Any] = {"tokens": tokens, "audio_total_proc_ms": self._ear.heard_ms}
        if finished:
            said["finished"] = True
        rng = self._server.rng
        if fault is SonioxFault.NOISE and tokens:
            self._due.put_nowait((self._last_ms, rng.choice(GARBAGE)))
        self._due.put_nowait((self._last_ms, json.dumps(said, ensure_ascii=False)))

    async def _speak(self) -> None:
        clock = self._server.clock
        with suppress(ConnectionClosed):
            while True:
                due_ms, text = await self._due.get()
                wait_ms = due_ms - clock.monotonic_ms()
                if wait_ms > 0:
                    await clock.sleep(wait_ms / 1000)
                if text is None:
                    await self._caller.close()
                    return
                garbage = self._session.fault is SonioxFault.GARBAGE
                await self._caller.send(self._server.rng.choice(GARBAGE) if garbage else text)


def _token(text: str, *, final: bool) -> dict[str, Any]:
    return {"text": text, "is_final": final, "confidence": 0.9}
