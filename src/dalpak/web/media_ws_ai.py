"""The media socket: Twilio's frames in, ours out, around one session. Plain ASGI.

In order, and nothing before its turn: draining, signature, places (all before the socket is
accepted); `start` within its time, its format, its one-time token; only then a session, and with it
the first provider. Per frame: one parse, one dispatch, no log. What the conversation does is the
runtime's.
"""

import asyncio
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Protocol, assert_never

from starlette.datastructures import Headers
from starlette.routing import BaseRoute, WebSocketRoute
from starlette.types import Receive, Scope, Send

from dalpak.call.inputs import CallerHungUp, Input, KeyPressed, LineLost, MarkPlayed
from dalpak.clock import Clock
from dalpak.config import Settings
from dalpak.domain.records import CallRecord
from dalpak.errors import ProviderError
from dalpak.runtime.supervise import Supervisor
from dalpak.telephony import twilio
from dalpak.telephony.drop import Drop
from dalpak.telephony.sequencer import Sequencer
from dalpak.web.arrivals import Arrivals
from dalpak.web.direct import DirectSocket, direct_socket
from dalpak.web.lobby import Lobby
from dalpak.web.outgoing import SEND_DEADLINE_S, Outgoing
from dalpak.web.twilio_auth import TwilioAuth
from dalpak.web.voice_webhook import token_digest

if TYPE_CHECKING:
    from dalpak.extensions import Extensions

PATH = "/ws/twilio"

FRAMES_PER_SECOND = 75
"""Twilio sends 50. Half as many again, on average, is somebody else."""

FRAMES_AT_ONCE = 300
"""After a stall of the network everything comes at once: as much as could wait before the socket
counts as dead.
"""

RENEW_MS = 200
"""How often a living socket's deadline is moved; silence is noticed this much later at the most."""

FRAMES_BEFORE_START = 20

LOBBY_WAIT_S = 1.0
"""An honest socket needs its place for some 10 ms, so that a burst of a hundred fits in here."""

TAKE_OVER_S = 8.0
"""Longer than an ended session needs to write its last records, database trouble included."""

NORMAL, UNSUPPORTED, POLICY, FAULT = 1000, 1003, 1008, 1011
"""WebSocket close codes (RFC 6455, 7.4.1)."""


class TwilioLine:
    """The line port over a Twilio stream."""

    transport = "twilio"
    may_come_back = True

    def __init__(self, stream_sid: str, outgoing: Outgoing) -> None:
        self._sid = stream_sid
        self._out = outgoing

    def send_frame(self, payload: bytes) -> None:
        self._out.audio(twilio.encode_media(self._sid, payload))

    def send_mark(self, name: str) -> None:
        self._out.control(twilio.encode_mark(self._sid, name))

    def clear(self) -> None:
        """Audio that was not written yet is dropped here, the rest by Twilio; marks go out and come
        back from there.
        """
        self._out.drop_audio()
        self._out.control(twilio.encode_clear(self._sid))

    def show(self, kind: str, data: dict[str, object]) -> None:
        """A telephone has no screen."""

    def transfer(self, to: str) -> None:
        """Nothing goes over the socket: it closes, and /voice/after dials the number that the
        business's row has.
        """

    def hang_up(self, reason: str) -> None:  # noqa: ARG002 - Twilio is told by the socket's close
        self._out.finish()


@dataclass(slots=True)
class TokenBucket:
    """At most `rate` a second on average, `burst` at once. Time is an argument, in milliseconds."""

    rate: int
    burst: int
    _left: float = field(init=False)
    _at_ms: int | None = None

    def __post_init__(self) -> None:
        self._left = self.burst

    def take(self, now_ms: int) -> bool:
        if self._at_ms is not None:
            self._left = min(self.burst, self._left + (now_ms - self._at_ms) * self.rate / 1000)
        self._at_ms = now_ms
        if self._left < 1:
            return False
        self._left -= 1
        return True


class Hearing(Protocol):
    """The side of a session that a socket talks to."""

    def hear(self, what: Input) -> None: ...
    def hear_audio(self, payload: bytes) -> None: ...


class Reader:
    """Everything that comes from the socket after `start`, until it ends. Its counters are logged
    once, at the end.
    """

    def __init__(
        self,
        receive: Receive,
        session: Hearing,
        clock: Clock,
        dead_s: float,
        supervisor: Supervisor,
        direct: DirectSocket | None = None,
    ) -> None:
        self._receive, self._direct = receive, direct
        self._session = session
        self._clock, self._supervisor = clock, supervisor
        self._dead_s = dead_s
        self._dead = asyncio.timeout(dead_s)
        self._renewed_ms = 0
        self._bucket = TokenBucket(FRAMES_PER_SECOND, FRAMES_AT_ONCE)
        self._ended = ""
        """Why no more is read; the socket's own end, and its silence, are known without."""
        self.order = Sequencer()
        self.frames = 0
        self.drops: Counter[str] = Counter()
        self.stopped = False
        self.close_code = NORMAL

    async def run(self) -> None:
        """Returns when the socket is gone, silent for too long, or not to be listened to."""
        ended = "socket_closed"
        try:
            async with self._dead:
                if self._direct is not None:
                    self._direct.listen(self._take)
                while (message := await self._receive())["type"] == "websocket.receive":
                    self._take(_raw(message))
        except TimeoutError:
            ended = self._ended or "silent_socket"
        finally:
            if self._direct is not None:
                self._direct.listen(None)
        if not self.stopped:  # after a stop the socket's end is no news
            self._session.hear(LineLost(ended))

    def _take(self, raw: str | bytes) -> None:
        """One frame. What a bug raises ends this call and no other: the socket may be the caller."""
        if self._ended or self._dead.expired():
            return
        if self._supervisor.guard("frame", self._frame, raw) is None:
            self._end("socket_fault")

    def _frame(self, raw: str | bytes) -> bool:
        now_ms = self._clock.monotonic_ms()
        if now_ms - self._renewed_ms >= RENEW_MS:  # a timer set 50 times a second is dear
            self._renewed_ms = now_ms
            now_s = asyncio.get_running_loop().time()
            self._dead.reschedule(now_s + self._dead_s + RENEW_MS / 1000)
        if self._bucket.take(now_ms):
            self.frames += 1
            self._dispatch(twilio.parse(raw))
        else:
            self.close_code = POLICY
            self._end("flood")
        return True

    def _end(self, reason: str) -> None:
        """The wait for the socket's end is over now."""
        self._ended = reason
        self._dead.reschedule(asyncio.get_running_loop().time())

    def _dispatch(self, event: twilio.TwilioEvent | Drop) -> None:
        match event:
            case Drop():
                self.drops[event.reason] += 1
            case _ if self.stopped:
                self.drops["after_stop"] += 1
            case twilio.Media():
                for payload in self.order.take(event):
                    self._session.hear_audio(payload)
            case twilio.Dtmf():
                self._session.hear(KeyPressed(event.digit))
            case twilio.Mark():
                self._session.hear(MarkPlayed(event.name))
            case twilio.Stop():
                self.stopped = True
                self._session.hear(CallerHungUp())
            case twilio.Start() | twilio.Connected():
                self.drops["repeated_start"] += 1
            case _:
                assert_never(event)


@dataclass(frozen=True, slots=True)
class _Proven:
    """A socket that brought the token of a call of ours. The SIDs to trust are the call's."""

    start: twilio.Start
    call: CallRecord


class _Talk:
    """A session in the hands of a socket of this process."""

    def __init__(self, session: Hearing) -> None:
        self.session = session
        self.over = asyncio.Event()


class MediaSocket:
    """The ASGI endpoint. Knows the sockets still to prove themselves, and those that talk."""

    def __init__(self, settings: Settings, auth: TwilioAuth, arrivals: Arrivals) -> None:
        self._settings = settings
        self._auth = auth
        self._arrivals = arrivals
        self._talks: dict[str, _Talk] = {}
        self._lobby = Lobby(
            total=settings.max_pending_sockets,
            per_address=settings.max_pending_per_ip,
            most=settings.max_live_calls,
        )

    def routes(self) -> list[BaseRoute]:
        return [WebSocketRoute(PATH, self)]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        extensions: Extensions = scope["app"].state.extensions
        address = scope["client"][0] if scope.get("client") else ""
        await receive()
        if not self._auth.accepts_socket(Headers(scope=scope)):
            extensions.log.warning("MEDIA_SOCKET_REFUSED", reason="signature", address=address)
            await _close(send, POLICY)
            return
        with extensions.drain.hold():
            # A place is asked for last: a stranger must not take one.
            async with self._lobby.place(address, LOBBY_WAIT_S) as granted:
                proven: _Proven | int = POLICY
                if granted and not extensions.drain.draining:
                    await send({"type": "websocket.accept"})
                    proven = await self._prove(extensions, await self._start(receive))
            if isinstance(proven, int):
                extensions.log.warning("MEDIA_SOCKET_REFUSED", reason=proven, address=address)
                await _close(send, proven)
            else:
                await _close(send, await self._converse(extensions, proven, scope, receive, send))

    async def _start(self, receive: Receive) -> twilio.Start | None:
        """The `start` frame, if it comes in time. Whatever else comes before it is ignored."""
        with suppress(TimeoutError):
            async with asyncio.timeout(self._settings.pre_start_timeout_s):
                for _ in range(FRAMES_BEFORE_START):
                    message = await receive()
                    if message["type"] != "websocket.receive":
                        return None
                    event = twilio.parse(_raw(message))
                    if isinstance(event, twilio.Start):
                        return event
        return None

    async def _prove(self, extensions: "Extensions", start: twilio.Start | None) -> "_Proven | int":
        """The call whose token this is, else the code to close with. The token dies here."""
        if start is None:
            return POLICY
        if not start.media_format.supported:
            return UNSUPPORTED
        try:
            call = await extensions.store.redeem_stream_token(
                digest=token_digest(start.parameters.get("token", "")),
                external_id=start.call_sid,
                account_id=start.account_sid,
                now=extensions.clock.now(),
            )
        except ProviderError:
            return FAULT  # Twilio goes on at /voice/after, which tries again
        # Over already: the caller hung up between the webhook and the socket.
        return POLICY if call is None or call.ended_at is not None else _Proven(start, call)

    async def _take_over(self, extensions: "Extensions", call: CallRecord) -> CallRecord:
        """The caller came back before we knew that the old socket is dead: its session ends first,
        and the new one begins with what it left in the CallLog.
        """
        old = self._talks.get(call.id)
        if old is None:
            return call
        old.session.hear(LineLost("replaced"))
        with suppress(TimeoutError, ProviderError):
            async with asyncio.timeout(TAKE_OVER_S):
                await old.over.wait()
            known = await extensions.store.scope_of_call(call_id=call.id)
            call = known[1] if known is not None else call
        return call

    async def _converse(
        self,
        extensions: "Extensions",
        proven: "_Proven",
        scope: Scope,
        receive: Receive,
        send: Send,
    ) -> int:
        """One session from its first byte to its last. Returns the code to close with."""
        start, call = proven.start, await self._take_over(extensions, proven.call)
        if call.id in self._talks:
            return POLICY  # one conversation per call, whatever was signed and minted
        direct = direct_socket(scope)
        outgoing = Outgoing(send, direct.write if direct else None)
        line = TwilioLine(start.stream_sid, outgoing)
        resumed = call.stream_id is not None
        call = replace(call, stream_id=start.stream_sid)
        session = extensions.calls.open(call, line, resumed=resumed)
        self._arrivals.arrived(call.external_id)
        outgoing.tell = session.hear
        supervisor = Supervisor(f"socket:{call.id}")
        dead_s = self._settings.dead_socket_s
        reader = Reader(receive, session, extensions.clock, dead_s, supervisor, direct)

        def broken(_fault: Exception) -> None:
            session.hear(LineLost("socket_fault"))

        talk = self._talks[call.id] = _Talk(session)
        try:
            writing = supervisor.spawn(outgoing.run(), name="writer", on_fault=broken)
            supervisor.spawn(reader.run(), name="reader", on_fault=broken)
            reason = await session.run()
            outgoing.finish()
            await asyncio.wait({writing}, timeout=SEND_DEADLINE_S)
        finally:
            await supervisor.aclose()
            outgoing.tell = _nobody
            del self._talks[call.id]
            talk.over.set()
        extensions.log.info(
            "MEDIA_SOCKET_CLOSED",
            call_id=call.id,
            reason=str(reason),
            frames=reader.frames,
            drops=dict(reader.drops),
            missing=reader.order.missing,
            repeated=reader.order.repeated,
        )
        return reader.close_code


def _nobody(_what: Input) -> None:
    """Hears of trouble when the session is over; and lets go of it."""


def _raw(message: Any) -> str | bytes:
    text: str | None = message.get("text")
    return text if text is not None else message.get("bytes") or b""


async def _close(send: Send, code: int) -> None:
    """Before an accept this is a 403. A socket that is gone already needs no closing, and a peer that takes nothing
    takes no close either: whoever drains must not wait for it.
    """
    with suppress(OSError, RuntimeError, TimeoutError):
        async with asyncio.timeout(SEND_DEADLINE_S):
            await send({"type": "websocket.close", "code": code})
