"""Speech-to-text that hears a script: words are revealed on the audio's own clock.

For checks and tests of the real runtime without a provider. A burst of voice in the audio is the
next utterance of the script; what is loud is a voice, whatever it says. No wall clock: results come
when enough audio has come, so that a stalled line stalls its words too.
"""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from dalpak.call.mulaw import FRAME_BYTES, SAMPLE_RATE_HZ, energy
from dalpak.ports.stt import SttStream, Transcript
from dalpak.simulator.coded_voice import WORD_MS, coded_voice

BYTES_PER_MS = SAMPLE_RATE_HZ // 1000
FRAME_MS = FRAME_BYTES // BYTES_PER_MS

LOUD = 300.0
LATENCY_MS = 150
"""From a word's end to the result that has it."""
ENDPOINT_MS = 700
"""Quiet after which the final comes unasked."""


def voice_for(text: str, word_ms: int = WORD_MS) -> bytes:
    """Mu-law as long as it takes to say `text`: one unbroken loud sound, which simulated providers can read."""
    return coded_voice(text, word_ms)


@dataclass(slots=True)
class ScriptedStt:
    """`ports.stt.SpeechToText`. Every stream hears the whole script from its beginning."""

    script: Sequence[str]
    """One utterance each."""
    word_ms: int = WORD_MS
    latency_ms: int = LATENCY_MS
    endpoint_ms: int = ENDPOINT_MS
    name: str = "scripted"

    async def open(
        self,
        *,
        locale: str,
        hints: Sequence[str],
        on_transcript: Callable[[Transcript], None],
        on_lost: Callable[[str], None],
    ) -> SttStream:
        del locale, hints, on_lost
        return ScriptedStream(self, on_transcript)

    async def warm_up(self) -> None:
        """Nothing is far away."""

    async def aclose(self) -> None:
        """Nothing is kept between streams."""


class ScriptedStream:
    """`ports.stt.SttStream`. Time is the audio fed so far."""

    def __init__(self, stt: ScriptedStt, on_transcript: Callable[[Transcript], None]) -> None:
        self._stt = stt
        self._hear = on_transcript
        self._utterances = deque(utterance.split() for utterance in stt.script)
        self._now_ms = self._voiced_ms = 0
        self._quiet_ms = FRAME_MS
        self._words: list[str] = []
        """Of the utterance being said, those not said yet."""
        self._said: list[str] = []
        """Revealed since the last final."""
        self._due: deque[tuple[int, Transcript]] = deque()
        self._rest = b""
        self._open = True

    def feed(self, audio: bytes) -> None:
        data = self._rest + audio
        whole = len(data) // FRAME_BYTES * FRAME_BYTES
        self._rest = data[whole:]
        for start in range(0, whole, FRAME_BYTES):
            self._frame(data[start : start + FRAME_BYTES])

    def finalize(self) -> None:
        if self._said:
            self._later(Transcript(" ".join(self._said), final=True, confidence=1.0))
            self._said = []

    async def aclose(self) -> None:
        self._open = False
        self._due.clear()

    def _frame(self, frame: bytes) -> None:
        self._now_ms += FRAME_MS
        if energy(frame) > LOUD:
            self._voice()
        else:
            self._quiet_ms += FRAME_MS
            if self._quiet_ms == self._stt.endpoint_ms // FRAME_MS * FRAME_MS:
                self.finalize()
        while self._open and self._due and self._due[0][0] <= self._now_ms:
            self._hear(self._due.popleft()[1])

    def _voice(self) -> None:
        if self._quiet_ms and not self._words and self._utterances:
            self._words = self._utterances.popleft()
            self._voiced_ms = 0
        self._quiet_ms = 0
        self._voiced_ms += FRAME_MS
        if self._words and self._voiced_ms >= self._stt.word_ms:
            self._voiced_ms -= self._stt.word_ms
            self._said.append(self._words.pop(0))
            self._later(Transcript(" ".join(self._said), final=False))

    def _later(self, transcript: Transcript) -> None:
        self._due.append((self._now_ms + self._stt.latency_ms, transcript))
