"""A provider's HTTP side on a loopback port, which can fail in every way that one can on the wire.

What the provider is (Meta, Twilio, the sidecar) is in the files that build on this. No test looks
inside a client: what a client gets here, it gets over a real socket.
"""

import asyncio
import json
from abc import ABC, abstractmethod
from collections import deque
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Self
from urllib.parse import parse_qsl, urlsplit

NOW = "Mon, 23 Nov 2026 12:00:00 GMT"
"""The provider's clock, in its Date header."""
MAX_HEAD = 16_384
MAX_BODY = 262_144

REASONS = {200: "OK", 201: "Created", 429: "Too Many Requests", 503: "Service Unavailable"}


class HttpFault(StrEnum):
    """What befalls one request. `AFTER`: the provider has done its work, and only the answer suffers."""

    TIMEOUT_AFTER = "timeout_after"
    CLOSED_AFTER = "closed_after"
    GARBAGE_AFTER = "garbage_after"
    PROXY_ERROR_AFTER = "proxy_error_after"
    TIMEOUT_BEFORE = "timeout_before"
    CLOSED_BEFORE = "closed_before"
    RATE_LIMITED = "rate_limited"
    DOWN = "down"
    API_FAULT = "api_fault"
    """The provider's own error, with its own words, as HTTP 500."""

    @property
    def worked(self) -> bool:
        return self.value.endswith("_after")


@dataclass(frozen=True, slots=True)
class Asked:
    """One request."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes = field(repr=False)

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))

    @property
    def json(self) -> dict[str, object]:
        decoded = json.loads(self.body)
        if not isinstance(decoded, dict):
            raise ValueError("not an object")
        return decoded


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    body: object
    """As JSON; bytes as they are."""

    @property
    def content(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


class ProviderHttp(ABC):
    """`async with` opens it. `faults` befall the requests that change something, one each, in order."""

    def __init__(self) -> None:
        self.faults: deque[HttpFault | None] = deque()
        self.retry_after = ""
        """What it says beside a fault in which it did nothing: seconds, or a date."""
        self.asked: list[Asked] = []
        self.connections = 0
        """Opened so far."""
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()
        self._closing = asyncio.Event()

    @property
    def url(self) -> str:
        if self._server is None:
            raise RuntimeError("not open: use `async with`")
        port: int = self._server.sockets[0].getsockname()[1]
        return f"http://127.0.0.1:{port}"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._closing.set()
        if self._server is not None:
            self._server.close()
        for writer in list(self._open):
            writer.close()
        if self._server is not None:
            await self._server.wait_closed()

    @abstractmethod
    async def answer(self, asked: Asked) -> Reply:
        """The provider's work, and what it says about it."""

    @abstractmethod
    def api_fault(self) -> Reply:
        """Its own words for a fault of its own, in which it did nothing."""

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        self.connections += 1
        try:
            while (asked := await _read(reader)) is not None:
                self.asked.append(asked)
                if not await self._respond(asked, writer):
                    break
        except (ConnectionError, asyncio.IncompleteReadError):
            return
        finally:
            self._open.discard(writer)
            writer.close()

    async def _respond(self, asked: Asked, writer: asyncio.StreamWriter) -> bool:
        """True while the connection stays open."""
        fault = self.faults.popleft() if asked.method != "GET" and self.faults else None
        reply = await self.answer(asked) if fault is None or fault.worked else None
        match fault:
            case HttpFault.TIMEOUT_AFTER | HttpFault.TIMEOUT_BEFORE:
                await self._closing.wait()
                return False
            case HttpFault.CLOSED_AFTER | HttpFault.CLOSED_BEFORE:
                return False
            case HttpFault.GARBAGE_AFTER:
                reply = Reply(200, b"<html>\xff\xfe</html>")
            case HttpFault.PROXY_ERROR_AFTER:
                reply = Reply(502, b"<html>Bad Gateway</html>")
            case HttpFault.RATE_LIMITED:
                reply = Reply(429, b"slow down")
            case HttpFault.DOWN:
                reply = Reply(503, b"")
            case HttpFault.API_FAULT:
                reply = self.api_fault()
            case None:
                pass
        if reply is None:
            return False
        refuses = fault is not None and not fault.worked
        writer.write(_wire(reply, self.retry_after if refuses else ""))
        await writer.drain()
        return True


async def _read(reader: asyncio.StreamReader) -> Asked | None:
    """One HTTP/1.1 request; None at the end of the connection."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError):
        return None
    if len(head) > MAX_HEAD:
        return None
    first, *lines = head.decode("latin-1").strip().split("\r\n")
    method, target, _ = first.split(" ", 2)
    pairs = (line.partition(":") for line in lines)
    headers = {name.strip().lower(): value.strip() for name, _, value in pairs}
    length = int(headers.get("content-length", "0"))
    if length > MAX_BODY:
        return None
    body = await reader.readexactly(length)
    parts = urlsplit(target)
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    return Asked(method, parts.path, query, headers, body)


def _wire(reply: Reply, retry_after: str) -> bytes:
    content = reply.content
    wish = f"date: {NOW}\r\nretry-after: {retry_after}\r\n" if retry_after else ""
    head = (
        f"HTTP/1.1 {reply.status} {REASONS.get(reply.status, 'Answer')}\r\n"
        f"{wish}content-type: application/json\r\ncontent-length: {len(content)}\r\n\r\n"
    )
    return head.encode() + content
