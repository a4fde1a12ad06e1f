"""An OpenAI server on loopback: `/v1/responses` and `/v1/chat/completions` over SSE, `/v1/models`; at a model's pace,
and with everything that goes wrong on the way to one.

What the model answers is a plain callable that sees the request. Raw sockets, because half of the faults are below
HTTP. It knows nothing of bookings: models that do are in openai_minds.py.
"""

import asyncio
import json
import random
import socket
import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from dalpak.clock import Clock, SystemClock
from dalpak.simulator.latency import Latency
from dalpak.simulator.openai_wire import Answer, BadRequest, Request, Text, events, read_request

Mind = Callable[[Request], Answer]
"""A model: what it answers to a request. Called once for each."""

MODEL = "simulated-model"
HEAD_MAX = 65_536
KEEPALIVE_S = 0.05
ENDLESS_WORDS = "well and "


class Fault(StrEnum):
    """What goes wrong with one request."""

    SILENT = "silent"
    """Accepts it and never answers."""
    NOTHING_USEFUL = "nothing_useful"
    """Opens the stream and sends comments only."""
    RESET = "reset"
    """The connection breaks in the middle of the stream."""
    REFUSED = "refused"
    """The connection breaks before any answer."""
    HALF = "half"
    """The stream ends in its middle, politely."""
    STALL = "stall"
    """Begins well, and then nothing."""
    GARBAGE = "garbage"
    """Events that are not JSON."""
    STRANGE = "strange"
    """Events that are JSON and nothing that was agreed on."""
    ENDLESS = "endless"
    """Words without end."""
    HTTP_401 = "401"
    HTTP_404 = "404"
    HTTP_429 = "429"
    HTTP_500 = "500"
    HTTP_503 = "503"


STATUS = {
    Fault.HTTP_401: (401, "invalid_api_key"),
    Fault.HTTP_404: (404, "model_not_found"),
    Fault.HTTP_429: (429, "rate_limit_exceeded"),
    Fault.HTTP_500: (500, "server_error"),
    Fault.HTTP_503: (503, "server_error"),
}


@dataclass(frozen=True, slots=True)
class Pace:
    """Milliseconds to the first token and between two, as a median and a 95th percentile: log-normal, seeded."""

    first_ms: float = 0.0
    first_p95_ms: float = 0.0
    next_ms: float = 0.0
    next_p95_ms: float = 0.0

    @property
    def first(self) -> Latency:
        return Latency(self.first_ms, self.first_p95_ms)

    @property
    def next(self) -> Latency:
        return Latency(self.next_ms, self.next_p95_ms)


AT_ONCE = Pace()
PUBLISHED = Pace(526, 715, 10, 30)
"""gpt-5.6-luna, reasoning off, full system prompt: 521-532 ms median, 625-715 ms p95 to the first token."""


@dataclass(slots=True)
class Rules:
    """What the real server insists on: a parameter in `refuses` is answered with 400."""

    refuses: set[str] = field(default_factory=set)
    api_key: str = ""
    """Empty takes any."""


class OpenAiServer:
    """Use as an async context manager. `requests`, `connections` and `finished` tell what came of it."""

    def __init__(
        self,
        mind: Mind,
        *,
        seed: int = 0,
        pace: Pace = AT_ONCE,
        clock: Clock | None = None,
    ) -> None:
        self.mind, self.pace, self.rules = mind, pace, Rules()
        self.requests: list[Request] = []
        self.connections = 0
        self.listed = 0
        """Times the list of models was asked for, which is how a client keeps a connection warm."""
        self.finished = 0
        """Answers that were sent to their end."""
        self.faults: list[Fault | None] = []
        """Of the next requests, in order; None is a good one."""
        self.always: Fault | None = None
        """Of every request for which `faults` says nothing."""
        self.keep_requests = True
        self._clock = clock or SystemClock()
        self._rng = random.Random(seed)
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[Any]] = set()

    @property
    def base_url(self) -> str:
        assert self._server is not None
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/v1"

    async def __aenter__(self) -> "OpenAiServer":
        self._server = await asyncio.start_server(self._connection, "127.0.0.1", 0, limit=2**20)
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        for writer in list(self._open):
            writer.transport.abort()
        for task in list(self._tasks):
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)
        await self._server.wait_closed()

    # -- HTTP ----------------------------------------------------------------------------------------

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self._open.add(writer)
        self.connections += 1
        try:
            while await self._exchange(reader, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            return
        finally:
            self._tasks.discard(task)
            self._open.discard(writer)
            writer.close()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """One request and its answer; False when the connection is over."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        method, path, _ = head[0].split(" ", 2)
        headers = {k.lower(): v.strip() for k, _, v in (line.partition(":") for line in head[1:])}
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        fault = self._next_fault() if method == "POST" else None
        key = self.rules.api_key
        if key and headers.get("authorization") != f"Bearer {key}":
            fault = Fault.HTTP_401
        if fault in STATUS:
            status, code = STATUS[fault]
            return await self._json(writer, status, {"error": _error(code)})
        if method == "GET" and path.endswith("/models"):
            listed = [{"id": MODEL, "object": "model", "created": 0, "owned_by": "simulator"}]
            self.listed += 1
            return await self._json(writer, 200, {"object": "list", "data": listed})
        if method != "POST" or not path.endswith(("/responses", "/chat/completions")):
            return await self._json(writer, 404, {"error": _error("not_found")})
        return await self._model(writer, path, json.loads(body), fault)

    def _next_fault(self) -> Fault | None:
        return self.faults.pop(0) if self.faults else self.always

    async def _model(
        self, writer: asyncio.StreamWriter, path: str, body: dict[str, Any], fault: Fault | None
    ) -> bool:
        for name in self.rules.refuses:
            if body.get(name) is not None:
                error = {**_error("unsupported_parameter"), "param": name}
                return await self._json(writer, 400, {"error": error})
        try:
            request = read_request(path, body)
        except BadRequest as bad:
            error = {**_error("invalid_request_error"), "param": str(bad)}
            return await self._json(writer, 400, {"error": error})
        if self.keep_requests:
            self.requests.append(request)
        if fault is Fault.REFUSED:
            return _reset(writer)
        if fault is Fault.SILENT:
            await self._for_ever()
        await self._clock.sleep(self.pace.first.draw_s(self._rng))
        return await self._stream(writer, request, fault)

    async def _stream(
        self, writer: asyncio.StreamWriter, request: Request, fault: Fault | None
    ) -> bool:
        writer.write(
            b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n"
            b"transfer-encoding: chunked\r\nx-request-id: req_sim\r\n\r\n"
        )
        given = self.mind(request)
        if fault is Fault.ENDLESS:
            given = Answer((Text(ENDLESS_WORDS * 100_000),))
        if fault is Fault.NOTHING_USEFUL:
            while True:
                await self._chunk(writer, b": keep-alive\n\n")
                await self._clock.sleep(KEEPALIVE_S)
        stream = list(events(request, given, self._rng)) if fault is not Fault.ENDLESS else None
        breaks_at = len(stream) // 2 if stream and fault is not None else -1
        for number, event in enumerate(stream or events(request, given, self._rng)):
            if number == breaks_at:
                match fault:
                    case Fault.RESET:
                        return _reset(writer)
                    case Fault.STALL:
                        await self._for_ever()
                    case Fault.HALF:
                        break
                    case Fault.GARBAGE:
                        event = b"data: {not json\xff\xfe\n\n"
                    case Fault.STRANGE:
                        event = b'data: {"type": 7, "choices": "no", "item": null}\n\n'
            await self._chunk(writer, event)
            gap_s = self.pace.next.draw_s(self._rng)
            if gap_s:
                await self._clock.sleep(gap_s)
            elif number % 50 == 0:
                await self._clock.sleep(0)
        writer.write(b"0\r\n\r\n")
        await writer.drain()
        self.finished += 1
        return True

    async def _chunk(self, writer: asyncio.StreamWriter, data: bytes) -> None:
        writer.write(b"%x\r\n%s\r\n" % (len(data), data))
        await writer.drain()

    async def _json(self, writer: asyncio.StreamWriter, status: int, told: object) -> bool:
        body = json.dumps(told).encode()
        writer.write(
            b"HTTP/1.1 %d X\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%s"
            % (status, len(body), body)
        )
        await writer.drain()
        return True

    async def _for_ever(self) -> None:
        await asyncio.get_running_loop().create_future()


def _error(code: str) -> dict[str, Any]:
    return {"message": f"simulated: {code}", "type": code, "code": code, "param": None}


def _reset(writer: asyncio.StreamWriter) -> bool:
    """RST instead of FIN: what a dying process or a middlebox sends."""
    connected: socket.socket = writer.get_extra_info("socket")
    connected.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
    return False
