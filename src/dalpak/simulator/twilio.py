"""A simulated Twilio: the carrier's side of phone calls, over real sockets.

Signed webhooks, TwiML, the media socket, and what follows when that closes. It does what Twilio
does with what it is told, and knows nothing about what a caller wants (wire_caller.py).
"""

import asyncio
import socket
from contextlib import suppress
from types import TracebackType
from typing import Self
from urllib.parse import urlencode, urlsplit
from xml.etree import ElementTree

import httpx
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidHandshake

from dalpak.clock import Clock
from dalpak.simulator.media_stream import Hearing, MediaStream, frames_of

ACCOUNT = "AC" + "5" * 32
WITHHELD = "anonymous"
"""`From` of a caller who does not show a number."""

WEBHOOK_S = 15.0
"""Twilio's own limit for an answer."""
HANDSHAKE_S = 5.0
DOCUMENTS_MAX = 20
"""TwiML documents of one call; more is a loop."""
SAY_S_PER_CHARACTER = 0.06
KEY_EVERY_S = 0.2
"""A person on a keypad."""
POLL_S = 0.02
LISTENED_MAX_MS = 40
"""Of the time between two looks, what counts as listening."""

SIGNATURE = "X-Twilio-Signature"
HANDSHAKE_FAILED = "31920: handshake failed"


class SimulatedTwilio:
    """The carrier that all calls to one server share. An async context: it holds the HTTP client."""

    def __init__(
        self,
        *,
        server: str,
        public: str,
        auth_token: str,
        called: str,
        clock: Clock,
        account: str = ACCOUNT,
    ) -> None:
        """`server` is where to connect; `public` the origin that the server believes it has, over
        which everything is signed; `called` the number that callers dial.
        """
        self.server, self.public = server.rstrip("/"), public.rstrip("/")
        self.called, self.account, self.clock = called, account, clock
        self._signer = RequestValidator(auth_token)
        self._http = httpx.AsyncClient(timeout=WEBHOOK_S, trust_env=False)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._http.aclose()

    def call(self, *, caller: str = WITHHELD, call_sid: str = "") -> "PhoneCall":
        """A call that has not begun to ring."""
        return PhoneCall(self, caller=caller, call_sid=call_sid or f"CA{self.clock.new_id()}")

    def signature(self, url: str, form: dict[str, str]) -> str:
        """Over a public URL and its fields."""
        return str(self._signer.compute_signature(url, form))

    async def post(self, url: str, form: dict[str, str]) -> httpx.Response:
        """A webhook, signed over its public URL and all of its fields. A refused connection is
        tried once more.
        """
        parts = urlsplit(url)
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        headers = {
            SIGNATURE: self.signature(self.public + path, form),
            "Content-Type": "application/x-www-form-urlencoded",
        }
        body = urlencode(form)
        try:
            return await self._http.post(self.server + path, content=body, headers=headers)
        except httpx.ConnectError:
            await self.clock.sleep(1.0)
            return await self._http.post(self.server + path, content=body, headers=headers)

    def socket(self, url: str, room_bytes: int | None = None) -> connect:
        """The media socket of a TwiML: signed over that very URL, connected to the server here.

        `room_bytes`: of its receive buffer, where the system's own is too large for a test of a full one.
        """
        local = self.server.replace("http", "ws", 1) + urlsplit(url).path
        return connect(
            local,
            additional_headers={SIGNATURE: self.signature(url, {})},
            compression=None,
            ping_interval=None,
            open_timeout=HANDSHAKE_S,
            close_timeout=1,
            proxy=None,
            sock=None if room_bytes is None else _narrow(local, room_bytes),
        )


def _narrow(url: str, room_bytes: int) -> socket.socket:
    """Connected, with so much room: that is told to the far end with the first packet, and not later."""
    parts = urlsplit(url)
    narrow = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    narrow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, room_bytes)
    narrow.connect((parts.hostname, parts.port))
    narrow.setblocking(False)
    return narrow


class PhoneCall:
    """One call: `run` is the carrier, the other methods are what a person holding the phone does."""

    def __init__(self, twilio: SimulatedTwilio, *, caller: str, call_sid: str) -> None:
        self.call_sid, self.caller = call_sid, caller
        self.hearing = Hearing()
        self.stream: MediaStream | None = None
        self.streams = 0
        """Sockets opened so far: more than one means that the call was re-attached."""
        self.refused = 0
        """Handshakes that failed; the carrier goes on at the Connect's action then."""
        self.said: list[str] = []
        """Sentences that TwiML had the carrier say."""
        self.dialled: list[str] = []
        self.error = ""
        """Why the carrier gave the call up; empty when it did not."""
        self.over = asyncio.Event()
        self.room_bytes: int | None = None
        """Of the next socket's receive buffer; None: what the system gives."""
        self._twilio, self._clock = twilio, twilio.clock
        self._hung_up = False
        self._began_ms = 0

    # -- the carrier -----------------------------------------------------------------------------

    async def run(self) -> None:
        """From the first ring to the last status callback."""
        self._began_ms = self._clock.monotonic_ms()
        try:
            document = await self._fetch("/voice/incoming", CallStatus="ringing")
            for _ in range(DOCUMENTS_MAX):
                if document is None or self._hung_up:
                    break
                document = await self._execute(document)
        finally:
            self.over.set()
        seconds = (self._clock.monotonic_ms() - self._began_ms) // 1000
        await self._tell("/voice/status", CallStatus="completed", CallDuration=str(seconds))

    def _form(self, fields: dict[str, str]) -> dict[str, str]:
        return {
            "CallSid": self.call_sid,
            "AccountSid": self._twilio.account,
            "From": self.caller,
            "To": self._twilio.called,
            "Direction": "inbound",
            "ApiVersion": "2010-04-01",
            "CallStatus": "in-progress",
        } | fields

    async def _fetch(self, url: str, **fields: str) -> ElementTree.Element | None:
        """The next document; None with `error` set when there is none."""
        try:
            answer = await self._twilio.post(url, self._form(fields))
            answer.raise_for_status()
            return ElementTree.fromstring(answer.text)
        except (httpx.HTTPError, ElementTree.ParseError) as fault:
            self.error = f"{urlsplit(url).path}: {type(fault).__name__}: {fault}"
            return None

    async def _tell(self, url: str, **fields: str) -> None:
        """A callback to whose answer nobody listens."""
        with suppress(httpx.HTTPError):
            await self._twilio.post(url, self._form(fields))

    async def _execute(self, document: ElementTree.Element) -> ElementTree.Element | None:
        """Do what the document says, verb by verb; the next document, or None when the call is
        over.
        """
        for verb in document:
            action, text = verb.get("action"), (verb.text or "").strip()
            match verb.tag:
                case "Connect":
                    await self._connect(verb)
                    if self._hung_up:
                        return None
                    if action:
                        return await self._fetch(action)
                case "Redirect":
                    return await self._fetch(text)
                case "Say":
                    self.said.append(text)
                    await self._clock.sleep(len(text) * SAY_S_PER_CHARACTER)
                case "Dial":
                    self.dialled.append(verb.findtext("Number") or text)
                    if action:
                        return await self._fetch(action, DialCallStatus="completed")
                case "Hangup" | "Reject":
                    return None
                case other:
                    self.error = f"TwiML verb {other} is not known here"
                    return None
        return None

    async def _connect(self, verb: ElementTree.Element) -> None:
        """`<Connect><Stream>`: until the socket closes. What happens is told to its callback."""
        stream = verb.find("Stream")
        if stream is None:
            self.error = "Connect without a Stream"
            return
        sid = f"MZ{self._clock.new_id()}"
        callback = stream.get("statusCallback", "")
        try:
            url = stream.get("url", "")
            async with self._twilio.socket(url, self.room_bytes) as connected:
                start = {
                    "accountSid": self._twilio.account,
                    "callSid": self.call_sid,
                    "tracks": ["inbound"],
                    "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
                    "customParameters": {
                        p.get("name", ""): p.get("value", "") for p in stream.findall("Parameter")
                    },
                }
                self.stream = MediaStream(
                    connected, sid=sid, start=start, hearing=self.hearing, clock=self._clock
                )
                self.streams += 1
                async with asyncio.TaskGroup() as group:
                    group.create_task(self._tell_stream(callback, sid, "stream-started"))
                    await self.stream.run()
        except (OSError, TimeoutError, InvalidHandshake):
            self.refused += 1
            await self._tell_stream(callback, sid, "stream-error", HANDSHAKE_FAILED)
            return
        finally:
            self.stream = None
        await self._tell_stream(callback, sid, "stream-stopped")

    async def _tell_stream(self, url: str, sid: str, event: str, error: str = "") -> None:
        if url:
            extra = {"StreamError": error} if error else {}
            await self._tell(url, StreamSid=sid, StreamEvent=event, **extra)

    # -- the person ------------------------------------------------------------------------------

    async def answered(self, voices: int, within_s: float) -> bool:
        """Wait for a voice after the first `voices` frames of one. False when none comes in time,
        or the call is over.
        """
        until = self._clock.monotonic_ms() + round(within_s * 1000)
        while self.hearing.voices <= voices and not self.over.is_set():
            if self._clock.monotonic_ms() > until:
                return False
            await self._clock.sleep(POLL_S)
        return self.hearing.voices > voices

    async def quiet(self, for_ms: int) -> None:
        """Listen until nothing was heard for so long, or the call is over. Time in which nobody
        listened (a machine that stood still) does not count: sound may be waiting.
        """
        listened_ms, before = 0, self._clock.monotonic_ms()
        while not self.over.is_set() and listened_ms < for_ms:
            await self._clock.sleep(POLL_S)
            now = self._clock.monotonic_ms()
            silent = self.stream is not None and self.stream.quiet_ms() >= 0
            listened_ms = listened_ms + min(now - before, LISTENED_MAX_MS) if silent else 0
            before = now

    async def press(self, keys: str) -> None:
        """Key by key, at a person's pace. Keys pressed while no socket is open are lost."""
        for n, key in enumerate(keys):
            if n:
                await self._clock.sleep(KEY_EVERY_S)
            if self.stream is not None:
                await self.stream.press(key)

    def say(self, audio: bytes) -> None:
        """Mu-law, spoken from now on."""
        if self.stream is not None:
            self.stream.to_say.extend(frames_of(audio))

    def hang_up(self) -> None:
        self._hung_up = True
        if self.stream is not None:
            self.stream.hang_up()
