"""Caller audio to verdicts and words: feeds the VAD and the STT stream, and keeps the last seconds for a re-open.

Audio never enters the core. Nothing here decides what a word means or whose turn it is.
"""

from collections import deque
from collections.abc import Callable, Sequence

from dalpak.call.inputs import EarsLost, FinalHeard, FrameHeard, Input, PartialHeard
from dalpak.call.limits import FRAME_BYTES, FRAME_MS
from dalpak.clock import Clock
from dalpak.errors import ProviderError
from dalpak.ports.stt import SpeechToText, SttStream, Transcript
from dalpak.ports.vad import VoiceActivityDetector
from dalpak.runtime.supervise import Supervisor

KEPT_FRAMES = 8_000 // FRAME_MS
"""The last 8 s of the caller, replayed into a stream that had to be opened again."""
REOPENS_MAX = 2
TEXT_MAX = 500
"""Characters of one transcript; a provider's garbage is cut here."""
LIVE_FRAMES = 1_000 // FRAME_MS
"""So long after a voice, sound still goes to the STT as it comes: whoever waits for its final waits no longer."""
QUIET_PIECE_FRAMES = 400 // FRAME_MS
"""In longer quiet it goes in pieces of this length, which cost a quarter. A voice sends at once what was held."""


class Listener:
    def __init__(
        self,
        *,
        stt: SpeechToText | None,
        vad: VoiceActivityDetector | None,
        locale: str,
        hints: Sequence[str],
        debounce_ms: int,
        clock: Clock,
        supervisor: Supervisor,
        hear: Callable[[Input], None],
    ) -> None:
        self._stt, self._vad = stt, vad
        self._locale, self._hints = locale, hints
        self._debounce_ms = debounce_ms
        self._clock, self._supervisor, self._hear = clock, supervisor, hear
        self._stream: SttStream | None = None
        self._wanted = self._watched = False
        """For words, and for a voice: that is watched on when there are no words to be had."""
        self._reopens = 0
        self._kept: deque[bytes] = deque(maxlen=KEPT_FRAMES)
        self._rest = b""
        self._held: list[bytes] = []
        """Quiet that the open stream has not been given yet."""
        self._quiet_frames = 0
        """Since the last voice."""
        self._last_partial_ms = -10_000
        self._pending_partial = ""
        self._asked = False

    def feed(self, payload: bytes) -> None:
        """Mu-law of any length from the wire: to the STT as it is, to the VAD in frames of 20 ms."""
        if self._wanted and payload:
            self._kept.append(payload)
            if self._stream is not None:
                self._held.append(payload)
                if self._is_live() or len(self._held) >= QUIET_PIECE_FRAMES:
                    self._send_held()
        if self._vad is None or not self._watched:
            return
        data = self._rest + payload
        whole = len(data) // FRAME_BYTES * FRAME_BYTES
        self._rest = data[whole:]
        for start in range(0, whole, FRAME_BYTES):
            self._vad.listen(data[start : start + FRAME_BYTES], self._judged)

    def _judged(self, voiced: bool) -> None:
        """The core is told of voices only: time closes an utterance, not frames without a voice."""
        if not self._watched:
            return
        if not voiced:
            self._quiet_frames += 1
            return
        self._quiet_frames = 0
        self._send_held()
        self._asked = False
        self._hear(FrameHeard(voiced))

    def _is_live(self) -> bool:
        """Somebody waits for the words of this sound, or nobody can say that it is quiet."""
        return self._vad is None or self._asked or self._quiet_frames < LIVE_FRAMES

    def _send_held(self) -> None:
        held, self._held = self._held, []
        if self._stream is not None and held:
            self._stream.feed(b"".join(held))

    def open(self) -> None:
        """Effect OpenEars. Audio that comes while the stream is being opened is kept and fed then."""
        self._wanted = self._watched = True
        if self._stt is not None:
            self._supervisor.spawn(self._open(self._stt), name="stt.open", on_fault=self._failed)

    async def _open(self, stt: SpeechToText) -> None:
        stream = await stt.open(
            locale=self._locale,
            hints=self._hints,
            on_transcript=self._transcript,
            on_lost=self._lost,
        )
        if not self._wanted:
            await stream.aclose()
            return
        for payload in self._kept:
            stream.feed(payload)
        self._held.clear()
        self._stream = stream
        if self._asked:
            self.finalize()

    def finalize(self) -> None:
        """Effect FinalizeEars. A stream that is opened before the answer came is asked too, after the replay."""
        self._asked = True
        if self._stream is not None:
            self._send_held()
            self._stream.finalize()

    def close(self) -> None:
        """The call is over. Its sound goes now, whoever still knows this listener."""
        self.deafen()
        self._kept.clear()
        self._watched = False
        if self._vad is not None:
            self._vad.close()

    def deafen(self) -> None:
        """Effect CloseEars: no words any more. That there is a voice is still told."""
        self._wanted = self._asked = False
        self._held.clear()
        stream, self._stream = self._stream, None
        if stream is not None:
            self._supervisor.spawn(stream.aclose(), name="stt.close")

    def _transcript(self, heard: Transcript) -> None:
        text = "".join(c for c in heard.text[:TEXT_MAX] if c.isprintable())
        if heard.final:
            self._asked = False
            self._pending_partial = ""
            self._reopens = 0
            # What has become words must not be heard again by a new stream.
            self._kept.clear()
            self._kept.extend(self._held)
            self._hear(FinalHeard(text))
            return
        now = self._clock.monotonic_ms()
        if now - self._last_partial_ms >= self._debounce_ms:
            self._pending_partial = ""
            self._pass_on(text)
        elif not self._pending_partial:
            self._pending_partial = text
            self._supervisor.spawn(self._debounced(), name="stt.debounce")
        else:
            self._pending_partial = text

    def _pass_on(self, text: str) -> None:
        self._last_partial_ms = self._clock.monotonic_ms()
        self._hear(PartialHeard(text))

    async def _debounced(self) -> None:
        """When it is due: an older one never follows a newer, which has taken its place meanwhile."""
        while self._pending_partial:
            due_ms = self._last_partial_ms + self._debounce_ms - self._clock.monotonic_ms()
            if due_ms <= 0:
                text, self._pending_partial = self._pending_partial, ""
                self._pass_on(text)
                return
            await self._clock.sleep(due_ms / 1000)

    def _failed(self, fault: Exception) -> None:
        self._lost(fault.code if isinstance(fault, ProviderError) else type(fault).__name__)

    def _lost(self, reason: str) -> None:
        """The stream broke: open another with the last seconds, or tell the core that the ears are gone."""
        self._stream = None
        self._held.clear()  # it is among what is kept
        if not self._wanted:
            return
        self._reopens += 1
        if self._reopens > REOPENS_MAX:
            self._wanted = False
            self._hear(EarsLost(reason))
        else:
            self.open()
