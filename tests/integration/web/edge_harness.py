"""A whole web edge on a loopback port, with a caller's end that speaks and signs like Twilio.

Everything is real but the conversation: `ScriptedCalls` stands where `runtime.calls.Calls` does,
and remembers what it was asked. The store, the signatures, the server and the sockets are the
product's own.
"""

import asyncio
import atexit
import base64
import functools
import json
import re
import shutil
import socket
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx
import websockets
from twilio.request_validator import RequestValidator
from websockets.asyncio.client import ClientConnection, connect

from dalpak.app_factory import create_app
from dalpak.call.inputs import CallerHungUp, DrainRequested, Input, KeyPressed, LineLost
from dalpak.clock import SystemClock
from dalpak.config import Settings
from dalpak.domain.records import Business, CallEnd, CallRecord, TenantScope
from dalpak.logs import get_logger
from dalpak.ports.line import Line
from dalpak.runtime.drain import Drain
from dalpak.runtime.supervise import Supervisor
from dalpak.store.migrate import migrate
from dalpak.store.unit_of_work import SqlStore
from dalpak.web.direct import DIRECT
from dalpak.web.server import DrainingServer, server_config

PUBLIC = "https://voice.example.com"
TOKEN = "the-auth-token"
ACCOUNT = "ACf3d2c1b0a9f8e7d6c5b4a3928170615f"
SALON = Business("salon", "Salon", "+97233334444", "Asia/Jerusalem", owner_phone="+972501112233")
CLINIC = Business("clinic", "Clinic", "+97235556666", "Asia/Jerusalem")
CALLER = "+972501234567"

PATIENCE_S = 60.0
"""How long a test waits for something that must happen. Never slept: every wait ends with its
event.
"""


def settings_for(folder: Path, **changes: Any) -> Settings:
    values: dict[str, Any] = {
        "_env_file": None,
        "public_base_url": PUBLIC,
        "twilio_auth_token": TOKEN,
        "data_dir": folder,
        "seed_demo": False,
        # A busy machine is no dead line; a test of these limits gives its own.
        "dead_socket_s": PATIENCE_S,
        "pre_start_timeout_s": PATIENCE_S,
    }
    return Settings(**(values | changes))


class ScriptedSession:
    """Echoes: a key comes back as a frame and a mark. Ends when the caller hangs up, is lost, or is
    sent off.
    """

    def __init__(
        self, calls: "ScriptedCalls", record: CallRecord, line: Line, resumed: bool
    ) -> None:
        self.record, self.line, self.resumed = record, line, resumed
        self.inputs: list[Input] = []
        self.audio = bytearray()
        self._calls = calls
        self._news = asyncio.Condition()
        self._ended: asyncio.Future[CallEnd] = asyncio.get_running_loop().create_future()

    def hear(self, what: Input) -> None:
        self.inputs.append(what)
        match what:
            case KeyPressed(key):
                self.line.send_frame(key.encode() * 160)
                self.line.send_mark(f"key:{key}")
            case CallerHungUp():
                self.end(CallEnd.CALLER)
            case LineLost():
                self.end(CallEnd.CARRIER)
            case DrainRequested():
                self.line.send_mark("goodbye")
                self.end(CallEnd.DRAINED)
        self._calls.wake()

    def hear_audio(self, payload: bytes) -> None:
        self.audio += payload
        self._calls.wake()

    def end(self, reason: CallEnd) -> None:
        if not self._ended.done():
            self._ended.set_result(reason)

    async def run(self) -> CallEnd:
        reason = await self._ended
        if reason is not CallEnd.CARRIER:
            scope, now = TenantScope(self.record.business_id), self._calls.clock.now()
            async with self._calls.store.writing(scope) as changes:
                await changes.touch_call(self.record.id, now=now, stream_id=self.record.stream_id)
                await changes.close_call(self.record.id, reason=reason, now=now)
        self.line.hang_up(reason.value)
        return reason


class ScriptedCalls:
    """What `runtime.calls.Calls` offers to the edge."""

    def __init__(self, store: SqlStore, clock: SystemClock, cap: int) -> None:
        self.store, self.clock, self.cap = store, clock, cap
        self.opened: list[ScriptedSession] = []
        self.reserved = 0
        self._changed = asyncio.Event()

    @contextmanager
    def reserve(self) -> Iterator[bool]:
        granted = self.reserved < self.cap
        self.reserved += granted
        try:
            yield granted
        finally:
            self.reserved -= granted

    def open(self, record: CallRecord, line: Line, *, resumed: bool = False) -> ScriptedSession:
        self.opened.append(ScriptedSession(self, record, line, resumed))
        self.wake()
        return self.opened[-1]

    def has_opened(self, many: int) -> bool:
        return len(self.opened) >= many

    def say_goodbye(self) -> None:
        for session in self.opened:
            session.hear(DrainRequested())

    def wake(self) -> None:
        self._changed.set()

    async def until(self, true: Callable[[], bool]) -> None:
        """Wait for something that a session hears or that is opened."""
        async with asyncio.timeout(PATIENCE_S):
            while not true():
                self._changed.clear()
                await self._changed.wait()


@dataclass(slots=True)
class EdgeExtensions:
    settings: Settings
    clock: SystemClock
    log: Any
    store: SqlStore
    calls: ScriptedCalls
    drain: Drain


@functools.cache
def migrated_database() -> Path:
    """Made once per process: migrating takes longer than most tests."""
    path = Path(tempfile.mkdtemp(prefix="edge-")) / "migrated.db"
    migrate(f"sqlite+aiosqlite:///{path}")
    atexit.register(shutil.rmtree, path.parent)
    return path


@asynccontextmanager
async def build_edge(settings: Settings) -> AsyncIterator[EdgeExtensions]:
    """In the place of `build_extensions`."""
    database = settings.data_dir / "dalpak.db"
    if not database.exists():
        shutil.copy(migrated_database(), database)
    clock = SystemClock()
    store = SqlStore.open(settings.db_url, clock)
    for business in (SALON, CLINIC):
        await store.add_business(business, policy={}, services=(), resources=())
    calls = ScriptedCalls(store, clock, settings.max_live_calls)
    drain = Drain(clock, settings.drain_deadline_s)
    try:
        yield EdgeExtensions(settings, clock, get_logger("edge"), store, calls, drain)
    finally:
        await store.aclose()


@dataclass(slots=True)
class Edge:
    """A running server and its two sides: what the caller's end does, what the inside saw."""

    settings: Settings
    base: str
    extensions: EdgeExtensions
    http: httpx.AsyncClient
    signer: RequestValidator = field(default_factory=lambda: RequestValidator(TOKEN))

    @property
    def calls(self) -> ScriptedCalls:
        return self.extensions.calls

    @property
    def ws_url(self) -> str:
        return self.base.replace("http", "ws", 1) + "/ws/twilio"

    def form(self, call_sid: str, **changes: str) -> dict[str, str]:
        form = {
            "CallSid": call_sid,
            "AccountSid": ACCOUNT,
            "From": CALLER,
            "To": SALON.phone,
            "CallStatus": "ringing",
            "Direction": "inbound",
        }
        return form | changes

    async def post(
        self, path: str, form: dict[str, str], *, signature: str | None = None
    ) -> httpx.Response:
        """A webhook, signed as Twilio does unless another signature is given."""
        signed = self.signer.compute_signature(PUBLIC + path, form)
        headers = {
            "x-twilio-signature": signed if signature is None else signature,
            "content-type": "application/x-www-form-urlencoded",
        }
        return await self.http.post(path, content=urlencode(form), headers=headers)

    async def ring(self, call_sid: str, **changes: str) -> dict[str, str]:
        """A call comes in; the parameters that its TwiML gives to the socket."""
        answer = await self.post("/voice/incoming", self.form(call_sid, **changes))
        assert answer.status_code == 200, answer.text
        return parameters(answer.text)

    def handshake(self, signature: str | None = None, **how: Any) -> "connect":
        """Opens the media socket, signed over the TwiML's URL unless another signature is given.

        `how` goes to the socket's library.
        """
        url = f"{PUBLIC.replace('https', 'wss')}/ws/twilio"
        signed = self.signer.compute_signature(url, {}) if signature is None else signature
        return self.connect({"x-twilio-signature": signed}, **how)

    def connect(self, headers: Any, **how: Any) -> "connect":
        return connect(
            self.ws_url,
            additional_headers=headers,
            open_timeout=PATIENCE_S,
            compression=None,
            **how,
        )

    @asynccontextmanager
    async def talk(self, call_sid: str) -> AsyncIterator["Phone"]:
        """A whole call: webhook, socket, connected, start."""
        token = (await self.ring(call_sid))["token"]
        async with self.handshake() as ws:
            phone = Phone(ws, call_sid)
            await phone.begin(token)
            yield phone


class Phone:
    """Twilio's end of one media socket."""

    def __init__(self, ws: ClientConnection, call_sid: str, stream: str = "MZ" + "5" * 32) -> None:
        self.ws, self.call_sid, self.stream = ws, call_sid, stream
        self._sequence = 0
        self._chunk = 0

    async def begin(self, token: str, **changes: Any) -> None:
        await self.send_raw('{"event":"connected","protocol":"Call","version":"1.0.0"}')
        await self.send(start_frame(self.stream, self.call_sid, token, **changes))

    async def send(self, frame: dict[str, Any]) -> None:
        self._sequence += 1
        whole = {"sequenceNumber": str(self._sequence), "streamSid": self.stream, **frame}
        await self.send_raw(json.dumps(whole))

    async def send_raw(self, frame: str | bytes) -> None:
        """What is said into a line that is closed is lost; `closed` tells how it was closed."""
        with suppress(websockets.ConnectionClosed):
            await self.ws.send(frame)

    async def speak(self, payload: bytes, chunk: int | None = None) -> None:
        self._chunk = chunk or self._chunk + 1
        body = {
            "track": "inbound",
            "chunk": str(self._chunk),
            "timestamp": str(20 * self._chunk),
            "payload": base64.b64encode(payload).decode(),
        }
        await self.send({"event": "media", "media": body})

    async def press(self, key: str) -> None:
        await self.send({"event": "dtmf", "dtmf": {"track": "inbound_track", "digit": key}})

    async def played(self, name: str) -> None:
        await self.send({"event": "mark", "mark": {"name": name}})

    async def stop(self) -> None:
        body = {"accountSid": ACCOUNT, "callSid": self.call_sid}
        await self.send({"event": "stop", "stop": body})

    async def hear(self) -> dict[str, Any]:
        """The next frame of ours."""
        async with asyncio.timeout(PATIENCE_S):
            frame: dict[str, Any] = json.loads(await self.ws.recv())
        assert frame["streamSid"] == self.stream
        return frame

    async def echo(self, key: str) -> None:
        """One key there, one frame and one mark back: the call is alive."""
        await self.press(key)
        first, second = await self.hear(), await self.hear()
        assert base64.b64decode(first["media"]["payload"]) == key.encode() * 160
        assert second["mark"]["name"] == f"key:{key}"

    async def closed(self) -> int:
        """Wait for our close; its code. Frames that come before it are read and forgotten."""
        async with asyncio.timeout(PATIENCE_S):
            try:
                while True:
                    await self.ws.recv()
            except websockets.ConnectionClosed as closing:
                return closing.rcvd.code if closing.rcvd else 1006


def start_frame(stream: str, call_sid: str, token: Any, **changes: Any) -> dict[str, Any]:
    body = {
        "accountSid": ACCOUNT,
        "streamSid": stream,
        "callSid": call_sid,
        "tracks": ["inbound"],
        "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
        "customParameters": {} if token is None else {"token": token},
    }
    return {"event": "start", "start": body | changes}


def parameters(xml: str) -> dict[str, str]:
    """The `<Parameter>`s of a TwiML with a stream."""
    assert urlsplit(re.search(r'<Stream [^>]*url="([^"]+)"', xml)[1]).path == "/ws/twilio"
    return dict(re.findall(r'<Parameter name="([^"]+)" value="([^"]*)"', xml))


def sid(number: int) -> str:
    return f"CA{number:032x}"


async def mint(edge: Edge, call_sid: str, *, live_s: float = 60, business: Business = SALON) -> Any:
    """A call row and a token for it, without a webhook. Returns (token, call)."""
    from dalpak.web.voice_webhook import token_digest

    extensions = edge.extensions
    now = extensions.clock.now()
    record = CallRecord(
        extensions.clock.new_id(), business.id, "twilio", call_sid, ACCOUNT, CALLER, None, now, now
    )
    async with extensions.store.writing(TenantScope(business.id)) as changes:
        call = await changes.open_call(record)
    token = extensions.clock.new_secret()
    await extensions.store.mint_stream_token(
        digest=token_digest(token), call=call, expires_at=now + timedelta(seconds=live_s)
    )
    return token, call


@asynccontextmanager
async def running_edge(
    settings: Settings, port: int = 0, *, direct: bool = True
) -> AsyncIterator[Edge]:
    """The app behind a real server, in this process; on any port if none is named. Not `direct`: behind a server that
    offers nothing beside ASGI.
    """
    app = create_app(settings, build=build_edge)

    async def plain(scope: Any, receive: Any, send: Any) -> None:
        scope.get("extensions", {}).pop(DIRECT, None)
        await app(scope, receive, send)

    # asyncio sets TCP_NODELAY only where the protocol is named; without it every answer is 40 ms late.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", port))
    base = f"http://127.0.0.1:{listener.getsockname()[1]}"
    server = DrainingServer(server_config(lambda: app if direct else plain, settings))
    supervisor = Supervisor("test")
    serving = supervisor.spawn(server.serve(sockets=[listener]), name="server")
    try:
        async with httpx.AsyncClient(base_url=base, timeout=PATIENCE_S) as http:
            async with asyncio.timeout(PATIENCE_S):
                while not (server.started or serving.done()):
                    await SystemClock().sleep(0.005)
            assert server.started
            yield Edge(settings, base, app.state.extensions, http)
    finally:
        server.should_exit = True
        await asyncio.wait({serving}, timeout=PATIENCE_S)
        await supervisor.aclose()
        listener.close()
        assert supervisor.faults == 0
