"""Many telephone callers in one light process: the carrier's protocol, timed at the caller's ear.

Each caller rings (signed webhook, TwiML, signed socket, token), listens to the greeting, then speaks,
waits for the answer, hears it out, and every third time speaks over it. One JSON document comes out.
What is measured is the other process; so nothing here may cost what it costs: frames are ready-made,
one timer serves the callers of one phase, and how late this process was itself is in the result.
"""

import argparse
import asyncio
import binascii
import gc
import json
import sys
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from urllib.parse import urlsplit
from xml.etree import ElementTree

import httpx
import msgspec
import uvloop
from choir import Choir
from figures import Figures, spread
from picows import WSCloseCode, WSFrame, WSListener, WSMsgType, WSTransport, ws_connect

from dalpak.call.mulaw import SILENCE_FRAME, energy
from dalpak.clock import SystemClock
from dalpak.language.base import Spoken
from dalpak.services.tts.espeak import EspeakTts
from dalpak.simulator.media_stream import FRAME_MS, frames_of
from dalpak.simulator.playback import LOUD, UTTERANCE_GAP_MS, Pace, Playback
from dalpak.simulator.twilio import ACCOUNT, SIGNATURE, SimulatedTwilio

BARGE_EVERY = 3
BARGE_AFTER_MS = 1_000
"""After the answer became audible."""
SPEAK_MS = (2_000, 1_500)
BARGE_MS = 1_500
ANSWER_WITHIN_MS = 12_000
POLL_S = 0.02
TEXT = "I would like to come on Tuesday after four, if there is anything free, and how much is it"

CLOCK = SystemClock()


@dataclass(slots=True)
class Heard:
    """What all callers measured, with the moment of it (ms of this process), in milliseconds."""

    greetings: list[tuple[int, float]] = field(default_factory=list)
    responses: list[tuple[int, float]] = field(default_factory=list)
    barges: list[tuple[int, float]] = field(default_factory=list)
    uncut: int = 0
    """Spoke over the agent to the end, and it did not stop."""
    unanswered: int = 0
    own_late: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Voice:
    """A caller's voice as base64 frames; every one of them is loud."""

    frames: tuple[bytes, ...]

    @classmethod
    async def spoken(cls) -> "Voice":
        """By the demo voice; margins and pauses are cut, so that a turn is one utterance."""
        tts = EspeakTts("espeak-ng", "he", 165)
        audio = b"".join([c async for c in tts.synthesize(Spoken(TEXT), locale="en-US")])
        await tts.aclose()
        loud = [frame for frame in frames_of(audio) if energy(frame) > LOUD]
        return cls(tuple(binascii.b2a_base64(frame, newline=False) for frame in loud))

    def take(self, ms: int, start: int) -> list[bytes]:
        count = ms // FRAME_MS
        return [self.frames[(start + k) % len(self.frames)] for k in range(count)]


QUIET = binascii.b2a_base64(SILENCE_FRAME, newline=False)


class Caller(WSListener):
    """One socket. `tick` is called every 20 ms by the choir, `talk` is the person."""

    def __init__(self, number: int, heard: Heard, voice: Voice, start: dict[str, object]) -> None:
        super().__init__()
        self.number, self.heard, self.voice = number, heard, voice
        self.sid = f"MZ{number:032x}"
        self.pace = Pace()
        self.steady = Pace()
        """The same from `settle` on."""
        self.playback = Playback(self.pace)
        self.over = asyncio.Event()
        self._start, self._tail = start, f'"}},"streamSid":"{self.sid}"}}'.encode()
        self._saying: deque[bytes] = deque()
        self._transport: WSTransport | None = None
        self._opened = self._last_voice = self._audible_until = self._audible_from = 0
        self._asked: int | None = None
        self._over_agent: int | None = None
        self._frames = 0
        self._greeted = False

    # -- the wire --------------------------------------------------------------------------------

    def on_ws_connected(self, transport: WSTransport) -> None:
        self._transport = transport
        self._json({"event": "connected", "protocol": "Call", "version": "1.0.0"})
        body = {**self._start, "streamSid": self.sid}
        self._json({"event": "start", "sequenceNumber": "1", "streamSid": self.sid, "start": body})
        self._opened = CLOCK.monotonic_ms()

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        del transport
        self.over.set()

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type == WSMsgType.CLOSE:
            transport.disconnect()
            return
        now = CLOCK.monotonic_ms()
        message = msgspec.json.decode(frame.get_payload_as_bytes())
        match message["event"]:
            case "media":
                self._media(binascii.a2b_base64(message["media"]["payload"]), now)
            case "mark":
                self.playback.mark(message["mark"]["name"], now)
            case "clear":
                self.playback.clear(now)
                self._audible_until = min(self._audible_until, now)
                if self._over_agent is not None:
                    self.heard.barges.append((now, now - self._over_agent))
                    self._over_agent = None

    def _json(self, message: dict[str, object]) -> None:
        if self._transport is not None and not self.over.is_set():
            self._transport.send(WSMsgType.TEXT, msgspec.json.encode(message))

    def _media(self, payload: bytes, now: int) -> None:
        if not self.playback.frame(payload, now):
            return
        silent_ms = now - self._audible_until
        if silent_ms > UTTERANCE_GAP_MS:
            self._audible_from = now
        self._audible_until = now - self.playback.quiet_ms(now)
        if not self._greeted:
            self._greeted = True
            self.heard.greetings.append((now, now - self._opened))
        if self._asked is not None:
            self.heard.responses.append((now, now - self._asked))
            self._asked = None

    def tick(self, now: int) -> None:
        """One frame of the caller, and the marks that are due."""
        if self._transport is None or self.over.is_set():
            return
        for name in self.playback.due_marks(now):
            self._json({"event": "mark", "streamSid": self.sid, "mark": {"name": name}})
        payload = QUIET
        if self._saying:
            payload = self._saying.popleft()
            self._last_voice = now
            if self._over_agent == 0:
                self._over_agent = now
            elif not self._saying and self._over_agent is None:
                self._asked = now
        self._frames += 1
        self._transport.send(
            WSMsgType.TEXT,
            b'{"event":"media","sequenceNumber":"%d","media":{"track":"inbound","chunk":"%d",'
            b'"timestamp":"%d","payload":"%s%s'
            % (self._frames + 1, self._frames, self._frames * 20, payload, self._tail),
        )

    # -- the person ------------------------------------------------------------------------------

    async def talk(self, until_ms: int) -> None:
        await self._hear_out(0)
        for turn in cycle(range(BARGE_EVERY)):
            if CLOCK.monotonic_ms() >= until_ms or self.over.is_set():
                break
            said_at = await self._say(SPEAK_MS[turn % len(SPEAK_MS)])
            if not await self._answered(said_at):
                self.heard.unanswered += 1
                self._asked = None
                continue
            if turn == BARGE_EVERY - 1:
                await self._speak_over()
            await self._hear_out(said_at)
        self.hang_up()

    async def listen(self, until_ms: int) -> None:
        """Only listen: the floor has nobody who would answer."""
        while not self.over.is_set() and CLOCK.monotonic_ms() < until_ms:
            await CLOCK.sleep(POLL_S)
        self.hang_up()

    def hang_up(self) -> None:
        self._json({"event": "stop", "streamSid": self.sid, "stop": {}})
        if self._transport is not None:
            self._transport.send_close(WSCloseCode.OK)
        self.over.set()  # nothing is sent after a close

    def vanish(self) -> None:
        """The network is gone: no `stop`, no close frame."""
        if self._transport is not None:
            self._transport.disconnect(graceful=False)
        self.over.set()

    async def _say(self, ms: int) -> int:
        """Returns when the last of it was said."""
        self._saying.extend(self.voice.take(ms, self.number * 7))
        while self._saying and not self.over.is_set():
            await CLOCK.sleep(POLL_S)
        return self._last_voice

    async def _answered(self, said_at: int) -> bool:
        """The answer became audible."""
        while not self.over.is_set() and self._audible_from <= said_at:
            if CLOCK.monotonic_ms() - said_at > ANSWER_WITHIN_MS:
                return False
            await CLOCK.sleep(POLL_S)
        return not self.over.is_set()

    async def _hear_out(self, since: int) -> None:
        """Until nothing was audible for a while."""
        while not self.over.is_set():
            now = CLOCK.monotonic_ms()
            if self._audible_until > since and now - self._audible_until > UTTERANCE_GAP_MS:
                return
            if now - max(since, self._opened) > ANSWER_WITHIN_MS and self._audible_until <= now:
                return
            await CLOCK.sleep(POLL_S)

    async def _speak_over(self) -> None:
        """A second into the answer, if it is that long."""
        while CLOCK.monotonic_ms() < self._audible_from + BARGE_AFTER_MS:
            await CLOCK.sleep(POLL_S)
        if self._audible_until <= CLOCK.monotonic_ms():
            return
        self._over_agent = 0
        await self._say(BARGE_MS)
        if self._over_agent is not None:
            self.heard.uncut += 1
            self._over_agent = None


class Town:
    """Everybody who calls, and how their sockets are found."""

    def __init__(self, options: argparse.Namespace, voice: Voice, heard: Heard) -> None:
        self.callers: list[Caller] = []
        self._options, self._voice, self._heard = options, voice, heard
        self._choir = Choir(CLOCK, heard.own_late)
        self._twilio = SimulatedTwilio(
            server=options.server, public=options.public, auth_token=options.token,
            called=options.called, clock=CLOCK,
        )  # fmt: skip

    async def call(self, number: int, until_ms: int) -> None:
        try:
            url, headers, parameters = await self._ring(number)
            start: dict[str, object] = {
                "accountSid": ACCOUNT,
                "callSid": f"CA{number:032x}",
                "tracks": ["inbound"],
                "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
                "customParameters": parameters,
            }
            caller = Caller(number, self._heard, self._voice, start)
            await ws_connect(lambda: caller, url, extra_headers=headers)
        except (OSError, ValueError, TimeoutError, httpx.HTTPError) as fault:
            self._heard.errors.append(f"{type(fault).__name__}: {fault}")
            return
        self.callers.append(caller)
        standing = self._choir.join(caller)
        await self.person(caller, until_ms)
        standing.remove(caller)

    async def person(self, caller: Caller, until_ms: int) -> None:
        if self._options.floor:
            await caller.listen(until_ms)
        else:
            await caller.talk(until_ms)

    async def _ring(self, number: int) -> tuple[str, dict[str, str], dict[str, str]]:
        """Where the socket is, as the TwiML of the webhook says; the floor has no webhook."""
        server = self._options.server
        if self._options.floor:
            return server.replace("http", "ws", 1) + "/ws", {}, {}
        form = {
            "CallSid": f"CA{number:032x}", "AccountSid": ACCOUNT, "From": f"+97252{number:07d}",
            "To": self._options.called, "Direction": "inbound", "CallStatus": "ringing",
        }  # fmt: skip
        answer = await self._twilio.post("/voice/incoming", form)
        stream = ElementTree.fromstring(answer.text).find("./Connect/Stream")
        if stream is None:
            raise ValueError(f"no <Stream> in the answer: {answer.text[:200]}")
        url = stream.get("url", "")
        local = server.replace("http", "ws", 1) + urlsplit(url).path
        signed = self._twilio.signature(url, {})
        parameters = {p.get("name", ""): p.get("value", "") for p in stream.findall("Parameter")}
        return local, {SIGNATURE: signed}, parameters

    async def evening(self) -> dict[str, object]:
        o = self._options
        began = CLOCK.monotonic_ms()
        steady = began + round((o.ramp + o.settle) * 1000)
        until = steady + round(o.seconds * 1000)
        metronome = asyncio.ensure_future(self._choir.sing())
        async with asyncio.TaskGroup() as group:
            for number in range(o.calls):
                group.create_task(self._later(number, number * o.ramp / o.calls, until))
            await CLOCK.sleep((steady - CLOCK.monotonic_ms()) / 1000)
            for caller in self.callers:
                caller.playback.pace = caller.steady
            if o.signal:
                await asyncio.to_thread(Path(o.signal).touch)
        metronome.cancel()
        return result(self.callers, self._heard, steady, until)

    async def _later(self, number: int, wait_s: float, until_ms: int) -> None:
        await CLOCK.sleep(wait_s)
        await self.call(number, until_ms)


def result(callers: list[Caller], heard: Heard, steady: int, until: int) -> dict[str, object]:
    """Everything after `steady`; what went wrong while others arrived is told apart."""

    def inside(timed: list[tuple[int, float]]) -> Iterator[float]:
        return (value for at, value in timed if steady <= at)

    paces = [c.steady for c in callers]
    figures: dict[str, Figures | int | float | list[str]] = {
        "calls": len(callers),
        "window_s": round((until - steady) / 1000, 1),
        "greeting_ms": spread(value for _, value in heard.greetings),
        "response_ms": spread(inside(heard.responses)),
        "barge_in_ms": spread(value for _, value in heard.barges),
        "uncut": heard.uncut,
        "unanswered": heard.unanswered,
        "jitter_ms": spread(abs(gap - 20) for p in paces for gap in p.gaps),
        "frames": sum(p.frames for p in paces),
        "late_frames": sum(p.late_frames for p in paces),
        "underruns": sum(p.underruns for p in paces),
        "underruns_while_arriving": sum(c.pace.underruns for c in callers),
        "lead_ms_max": max((p.lead_max for p in paces), default=0),
        "own_late_ms": spread(heard.own_late),
        "errors": sorted(set(heard.errors)),
    }
    return {k: v.to_json() if isinstance(v, Figures) else v for k, v in figures.items()}


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--server", required=True, help="http://host:port")
    parser.add_argument("--public", default="https://voice.example.com", help="the signed origin")
    parser.add_argument("--token", default="", help="the Twilio auth token")
    parser.add_argument("--called", default="", help="the number of the business")
    parser.add_argument("--floor", action="store_true", help="the socket alone, at /ws")
    parser.add_argument("--calls", type=int, default=1)
    parser.add_argument("--ramp", type=float, default=2.0, help="seconds in which callers arrive")
    parser.add_argument("--settle", type=float, default=3.0, help="seconds that do not count")
    parser.add_argument("--seconds", type=float, default=20.0, help="seconds that count")
    parser.add_argument("--signal", default="", help="a file that is written when counting begins")
    return parser.parse_args()


async def main() -> None:
    heard = Heard()
    voice = await Voice.spoken()
    gc.collect()
    gc.freeze()
    json.dump(await Town(options(), voice, heard).evening(), sys.stdout)


if __name__ == "__main__":
    uvloop.run(main())
