"""Google Speech-to-Text as this project hears with it: a stream of Google's for every utterance, or one that rolls.

Google ends an utterance when it likes; closing the stream's sending side makes it tell the final at once. So `finalize`
closes the stream, and the next audio opens the next one, beginning with the quiet before it: nothing between them is
lost and nothing is heard twice. A stream that breaks is not mended here: `on_lost` is told, and the listener opens
another with the audio that has not become words (runtime/listen.py is the only place that replays a fault).
"""

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from dalpak.call.mulaw import SILENCE_BYTE
from dalpak.config import Settings
from dalpak.errors import ProviderError
from dalpak.logs import get_logger
from dalpak.ports.stt import SttStream, Transcript
from dalpak.services.google_channel import Endpoint, GoogleChannels, provider_error
from dalpak.services.stt.google_leg import Leg
from dalpak.services.stt.google_wire import Dialect, Result, dialect
from dalpak.services.stt.rolling import BYTES_PER_MS, Relay, Tail
from dalpak.services.tasks import Tasks

OVERLAP_MS = 200
"""Quiet before an utterance that its stream is given too: an onset is recognised by what it rises from. So much quiet
is also a pause between words, long enough to change streams in."""
LAST_CALL_BYTES = 285_000 * BYTES_PER_MS
"""A stream this old is changed in the middle of a word if need be: Google ends it at 300 s."""

_log = get_logger(__name__)


class GoogleStt:
    """`ports.stt.SpeechToText`. One per process; its connections are shared by all calls."""

    name = "google"

    def __init__(self, settings: Settings) -> None:
        """Raises ConfigError for an endpoint that cannot be one. Connects to nothing."""
        self._settings = settings
        self._dialect = dialect(settings)
        endpoint = Endpoint.parse(
            settings.google_stt_endpoint or self._dialect.host(), "GOOGLE_STT_ENDPOINT"
        )
        self._channels: GoogleChannels[Any] = GoogleChannels(
            settings, endpoint, "google_stt", self._dialect.client
        )

    async def open(
        self,
        *,
        locale: str,
        hints: Sequence[str],
        on_transcript: Callable[[Transcript], None],
        on_lost: Callable[[str], None],
    ) -> SttStream:
        """Connected when it returns, within GOOGLE_CONNECT_TIMEOUT_S."""
        project = await self._channels.project() if self._dialect.needs_project else ""
        stream = GoogleStream(
            self._settings,
            self._channels,
            self._dialect,
            self._dialect.opening(project=project, locale=locale, hints=hints),
            on_transcript,
            on_lost,
        )
        await stream.start()
        return stream

    async def warm_up(self) -> None:
        try:
            await self._channels.ready()
        except ProviderError as fault:
            _log.warning("STT_NOT_READY", provider=self.name, code=fault.code)

    async def aclose(self) -> None:
        await self._channels.aclose()


class GoogleStream:
    """`ports.stt.SttStream`: the caller's audio of one call, over as many of Google's streams as it takes."""

    def __init__(
        self,
        settings: Settings,
        channels: GoogleChannels[Any],
        dialect: Dialect,
        opening: Any,
        on_transcript: Callable[[Transcript], None],
        on_lost: Callable[[str], None],
    ) -> None:
        self._channels, self._dialect, self._opening = channels, dialect, opening
        self._on_transcript, self._on_lost = on_transcript, on_lost
        self._rolling = settings.google_stt_stream == "rolling"
        self._chunk_bytes = settings.google_stt_chunk_ms * BYTES_PER_MS
        self._roll_bytes = round(settings.google_stt_roll_s * 1000) * BYTES_PER_MS
        self._pad = bytes([SILENCE_BYTE]) * (settings.google_stt_pad_ms * BYTES_PER_MS)
        self._connect_s = settings.google_connect_timeout_s
        self._turn_s = settings.stt_timeout_ms / 1000
        self._patience_s = settings.google_stt_final_s
        self._tail = Tail(OVERLAP_MS)
        self._relay = Relay()
        self._tasks = Tasks("google_stt")
        self._timers: dict[int, list[asyncio.TimerHandle]] = {}
        self._legs: dict[int, Leg] = {}
        self._current: Leg | None = None
        self._made = 0
        self._asked_at = 0
        """Position in the audio up to which a final was asked for."""
        self._over = False

    async def start(self) -> None:
        """The first of Google's streams, connected. Raises ProviderError."""
        leg = self._leg()
        await leg.connect(await self._channels.client(), self._connect_s)
        self._run(leg, leg.read())

    # -- the port --------------------------------------------------------------------------------

    def feed(self, audio: bytes) -> None:
        if self._over or not audio:
            return
        leg = self._current or self._next_leg()
        leg.feed(audio)
        self._tail.add(audio)
        if leg.length >= self._roll_bytes:
            self._grow_old(leg)

    def finalize(self) -> None:
        leg = self._current
        if self._over or leg is None or self._tail.end == self._asked_at:
            return
        self._asked_at = self._tail.end
        if self._rolling:
            leg.feed(self._pad)
        else:
            self._cut(leg)

    async def aclose(self) -> None:
        self._end()
        await self._tasks.aclose()

    @property
    def waiting_bytes(self) -> int:
        """Audio that has not left yet."""
        return sum(leg.waiting_bytes for leg in self._legs.values())

    @property
    def stale(self) -> int:
        """Results that came too late to be told."""
        return self._relay.stale

    # -- streams come and go ---------------------------------------------------------------------

    def _leg(self) -> Leg:
        self._made += 1
        leg = Leg(
            self._made,
            dialect=self._dialect,
            opening=self._opening,
            chunk_bytes=self._chunk_bytes,
            tell=self._heard,
        )
        self._legs[leg.number] = self._current = leg
        self._relay.begin(leg.number)
        return leg

    def _next_leg(self) -> Leg:
        """It begins with the quiet before it."""
        leg = self._leg()
        leg.feed(self._tail.quiet())
        self._run(leg, self._connect_and_read(leg))
        return leg

    async def _connect_and_read(self, leg: Leg) -> None:
        await leg.connect(await self._channels.client(), self._connect_s)
        await leg.read()

    def _run(self, leg: Leg, work: Any) -> None:
        leg.task = self._tasks.spawn(
            work, name=f"leg:{leg.number}", on_fault=partial(self._failed, leg)
        )
        leg.task.add_done_callback(partial(self._ended, leg))

    def _cut(self, leg: Leg) -> None:
        """Ask `leg` for its final; audio from now on goes to the next one."""
        self._current = None
        leg.half_close()
        loop = asyncio.get_running_loop()
        self._timers[leg.number] = [
            loop.call_later(self._turn_s, self._late, leg),
            loop.call_later(self._patience_s, self._overdue, leg),
        ]

    def _grow_old(self, leg: Leg) -> None:
        """Change streams where no word is cut: at a pause, and at the last moment anyhow."""
        if self._tail.is_quiet or leg.length >= LAST_CALL_BYTES:
            self._cut(leg)

    # -- what they say ---------------------------------------------------------------------------

    def _heard(self, leg: Leg, result: Result) -> None:
        said = Transcript(result.text, final=result.final, confidence=result.confidence)
        self._tell(self._relay.heard(leg.number, said, result.end_ms))

    def _tell(self, said: list[Transcript]) -> None:
        for transcript in said:
            if not self._over:
                self._on_transcript(transcript)

    def _late(self, leg: Leg) -> None:
        self._tell(self._relay.late(leg.number))

    def _overdue(self, leg: Leg) -> None:
        """The stream was closed long ago and is still open: its last partial must do, or nothing was heard at all."""
        if leg.number not in self._legs:
            return
        if not self._relay.spoke(leg.number):
            self._lost("google_stt_silent")
            return
        self._tell(self._relay.ended(leg.number))
        self._drop(leg)

    def _ended(self, leg: Leg, task: "asyncio.Task[None]") -> None:
        """Its task is done. Only a stream that was closed by us may end."""
        if leg.number not in self._legs or task.cancelled() or task.exception() is not None:
            return
        if leg is self._current:
            self._lost("google_stt_ended")
            return
        self._tell(self._relay.ended(leg.number))
        self._drop(leg)

    def _failed(self, leg: Leg, fault: BaseException) -> None:
        if leg.number in self._legs:
            self._lost(provider_error("google_stt", fault).code)

    def _drop(self, leg: Leg) -> None:
        self._legs.pop(leg.number, None)
        for timer in self._timers.pop(leg.number, ()):
            timer.cancel()
        leg.half_close()
        if leg.task is not None:
            leg.task.cancel()

    def _end(self) -> None:
        self._over = True
        self._current = None
        for leg in list(self._legs.values()):
            self._drop(leg)

    def _lost(self, code: str) -> None:
        if self._over:
            return
        _log.warning("STT_LOST", provider="google", code=code)
        self._end()
        self._on_lost(code)
