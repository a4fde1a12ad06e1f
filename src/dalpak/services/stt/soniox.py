"""Speech-to-text by Soniox over its documented WebSocket: 8 kHz mu-law out, tokens back.

One socket serves a call; near the end of its life it is replaced between two utterances. A broken socket is told, not
mended: the listener opens again and replays what was not yet words, so that replay lives in one place.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from functools import partial

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus

from dalpak.call.mulaw import SAMPLE_RATE_HZ
from dalpak.clock import Clock
from dalpak.errors import ProviderError
from dalpak.logs import get_logger
from dalpak.ports.stt import SttStream, Transcript
from dalpak.services.resilience import deadline
from dalpak.services.stt.soniox_protocol import KEEP_ALIVE, SonioxOptions, Words, fault_of, reply_of
from dalpak.services.tasks import Tasks

QUEUE_BYTES = 10 * SAMPLE_RATE_HZ
"""Audio that waits for a slow socket; past it the oldest is dropped. The listener replays 8 s at once."""
KEPT_BYTES = 8 * SAMPLE_RATE_HZ
"""Of the utterance that is being said, for a socket that takes over."""
OVERLAP_BYTES = 3 * SAMPLE_RATE_HZ // 2
"""The same while no word is pending: a word that had begun, but was not yet told."""
SEND_S = 1.0
"""A send that blocks longer: the other side has stopped reading."""
CLOSE_S = 1.0
MESSAGE_MAX_BYTES = 65_536
GARBAGE_MAX = 5
"""Messages that make no sense, on one socket. A single one is skipped."""
HARD = 1.05
"""Past this many times its planned life a socket is replaced in the middle of an utterance."""
ROLL_AGAIN_S = 5.0
"""After a replacement that could not be opened."""

_log = get_logger(__name__)


class SonioxStt:
    """`SpeechToText`. Calls share nothing: a socket is one call's, and their limit is the number of sockets."""

    name = "soniox"

    def __init__(self, options: SonioxOptions, clock: Clock) -> None:
        self.options, self._clock = options, clock

    async def open(
        self,
        *,
        locale: str,
        hints: Sequence[str],
        on_transcript: Callable[[Transcript], None],
        on_lost: Callable[[str], None],
    ) -> SttStream:
        dial = partial(_dial, self.options, self.options.start_message(locale, hints))
        stream = SonioxStream(self.options, self._clock, dial, on_transcript, on_lost)
        await stream.begin()
        return stream

    async def warm_up(self) -> None:
        """Every call opens a socket of its own: there is nothing to hold ready."""

    async def aclose(self) -> None:
        """Nothing is kept between calls."""


async def _dial(options: SonioxOptions, start: str) -> ClientConnection:
    """An open socket that has been told what comes. Raises ProviderError."""
    try:
        socket = await connect(
            options.address,
            additional_headers={"Authorization": f"Bearer {options.api_key}"},
            compression=None,
            proxy=None,
            open_timeout=options.open_s,
            close_timeout=CLOSE_S,
            max_size=MESSAGE_MAX_BYTES,
        )
        try:
            await deadline(socket.send(start), SEND_S, "stt_stalled")
        except BaseException:
            socket.transport.abort()
            raise
    except InvalidStatus as e:
        raise fault_of(e.response.status_code) from None
    except (OSError, TimeoutError, InvalidHandshake, ConnectionClosed) as e:
        raise ProviderError("stt_unreachable", type(e).__name__) from None
    return socket


class SonioxStream:
    """`SttStream`: a queue to the socket of the moment, and what comes back from it."""

    def __init__(
        self,
        options: SonioxOptions,
        clock: Clock,
        dial: Callable[[], Awaitable[ClientConnection]],
        on_transcript: Callable[[Transcript], None],
        on_lost: Callable[[str], None],
    ) -> None:
        self._options, self._clock, self._dial = options, clock, dial
        self._on_transcript, self._on_lost = on_transcript, on_lost
        self._tasks = Tasks("soniox")
        self._chunk_bytes = options.chunk_ms * SAMPLE_RATE_HZ // 1000
        self._rest = bytearray()
        self._out: deque[bytes | str] = deque()
        self._out_bytes = 0
        self._more = asyncio.Event()
        self._recent: deque[bytes] = deque()
        """What a new socket must hear again: audio since the last final, or its last part."""
        self._recent_bytes = 0
        self._open = True
        self._number = 0
        """Of the socket in use; what an older one still says is ignored."""
        self._socket: ClientConnection | None = None
        self._words = Words()
        self._born_ms = self._heard_ms = clock.monotonic_ms()
        self._asked = self._fed = self._rolling = False
        self.dropped_bytes = 0

    async def begin(self) -> None:
        self._adopt(await self._dial())

    # -- the port --------------------------------------------------------------------------------

    def feed(self, audio: bytes) -> None:
        if not self._open or not audio:
            return
        self._fed = True
        self._rest += audio
        while len(self._rest) >= self._chunk_bytes:
            self._put_audio(bytes(self._rest[: self._chunk_bytes]))
            del self._rest[: self._chunk_bytes]

    def finalize(self) -> None:
        """Asked twice for the same audio, it is told once: they disconnect who asks too often."""
        if not self._open or not self._fed:
            return
        self._fed = False
        if self._rest:
            self._put_audio(bytes(self._rest))
            self._rest.clear()
        self._out.append(self._options.finalize_message)
        self._more.set()
        if not self._asked:
            self._asked = True
            self._tasks.spawn(self._watch(self._number), name="watch")

    async def aclose(self) -> None:
        self._open = False
        self._more.set()
        await self._shut(self._socket)
        await self._tasks.aclose()

    # -- out -------------------------------------------------------------------------------------

    def _put_audio(self, audio: bytes) -> None:
        self._out.append(audio)
        self._out_bytes += len(audio)
        self._recent.append(audio)
        self._recent_bytes += len(audio)
        limit = KEPT_BYTES if self._words.pending or self._asked else OVERLAP_BYTES
        while self._recent_bytes > limit:
            self._recent_bytes -= len(self._recent.popleft())
        while self._out_bytes > QUEUE_BYTES:
            self._drop_oldest()
        self._more.set()
        if self._age_s() >= self._options.roll_s * HARD:
            self._roll()

    def _drop_oldest(self) -> None:
        """Of the audio only: an asked-for final stays asked for."""
        at = next(i for i, item in enumerate(self._out) if isinstance(item, bytes))
        lost = len(self._out[at])
        del self._out[at]
        self._out_bytes -= lost
        self.dropped_bytes += lost

    async def _write(self, number: int, socket: ClientConnection) -> None:
        while self._open and number == self._number:
            if not self._out:
                self._more.clear()
                try:
                    async with asyncio.timeout(self._options.keepalive_s):
                        await self._more.wait()
                except TimeoutError:
                    self._out.append(KEEP_ALIVE)
                continue
            item = self._out.popleft()
            if isinstance(item, bytes):
                self._out_bytes -= len(item)
            try:
                await deadline(socket.send(item), SEND_S, "stt_stalled")
            except ConnectionClosed:
                return  # the reader tells why
            except ProviderError as fault:
                self._lose(number, fault.code)

    # -- back ------------------------------------------------------------------------------------

    async def _read(self, number: int, socket: ClientConnection) -> None:
        garbage = 0
        reason = "stt_closed"
        try:
            async for message in socket:
                if not self._open or number != self._number:
                    return
                self._heard_ms = self._clock.monotonic_ms()
                reply = reply_of(message)
                if reply is None:
                    garbage += 1
                    if garbage > GARBAGE_MAX:
                        reason = "stt_garbage"
                        break
                    continue
                if reply.error_code is not None:
                    reason = fault_of(reply.error_code).code
                    break
                self._asked = self._asked and not reply.marked
                for transcript in self._words.take(reply):
                    self._tell(transcript)
        except ConnectionClosed:
            reason = "stt_reset"
        self._lose(number, reason)

    def _tell(self, transcript: Transcript) -> None:
        if not self._open:
            return
        if transcript.final:
            self._recent.clear()
            self._recent_bytes = 0
        self._on_transcript(transcript)
        if transcript.final and self._age_s() >= self._options.roll_s:
            self._roll()

    async def _watch(self, number: int) -> None:
        """`<fin>` always comes, and progress all the time: a socket that says nothing is as good as lost."""
        asked_ms = self._clock.monotonic_ms()
        await self._clock.sleep(self._options.silent_s)
        if self._asked and self._heard_ms <= asked_ms:
            self._lose(number, "stt_silent")

    # -- life ------------------------------------------------------------------------------------

    def _age_s(self) -> float:
        return (self._clock.monotonic_ms() - self._born_ms) / 1000

    def _adopt(self, socket: ClientConnection) -> None:
        self._number += 1
        self._socket, self._words = socket, Words()
        self._born_ms = self._heard_ms = self._clock.monotonic_ms()
        number = self._number

        def failed(fault: BaseException) -> None:
            _log.error("adapter_fault", owner="soniox", exc_info=fault)
            self._lose(number, "stt_fault")

        self._tasks.spawn(self._write(number, socket), name="write", on_fault=failed)
        self._tasks.spawn(self._read(number, socket), name="read", on_fault=failed)

    def _roll(self) -> None:
        if not self._rolling:
            self._rolling = True
            self._tasks.spawn(self._replace(), name="roll")

    async def _replace(self) -> None:
        """A new socket hears again what is not yet words; the old one is not listened to any more."""
        try:
            socket = await self._dial()
        except ProviderError as fault:
            _log.warning("STT_NOT_ROLLED", provider="soniox", code=fault.code)
            await self._clock.sleep(ROLL_AGAIN_S)
            return
        finally:
            self._rolling = False
        if not self._open:
            await self._shut(socket)
            return
        old, self._out = self._socket, deque(self._recent)
        self._out_bytes = self._recent_bytes
        if self._asked:
            self._out.append(self._options.finalize_message)
        self._adopt(socket)
        self._more.set()
        await self._shut(old)

    def _lose(self, number: int, reason: str) -> None:
        if not self._open or number != self._number:
            return
        self._open = False
        self._more.set()
        self._tasks.spawn(self._shut(self._socket), name="shut")
        self._on_lost(reason)

    async def _shut(self, socket: ClientConnection | None) -> None:
        """Politely within CLOSE_S; cut then, and when there is no time to be polite."""
        if socket is not None:
            try:
                await socket.close()
            finally:
                socket.transport.abort()
