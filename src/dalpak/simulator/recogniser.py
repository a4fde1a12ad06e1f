"""What a simulated recogniser makes of audio: words as they are said, and finals at a pause or when it is asked.

A coded voice says its own words (coded_voice.py). Any other loud sound is the next utterance of the script, a word for
every WORD_MS of it; the same sound again, as in a replay after a fault, is the same utterance. One `Recogniser` hears
one stream; time is the audio it was given. No sockets and no latency here: those are the providers' simulators.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from dalpak.call.mulaw import FRAME_BYTES, energy
from dalpak.simulator.coded_voice import FRAME_MS, MARK, WORD_MS, decoded

LOUD = 300.0
ENDPOINT_MS = 700
"""Quiet after which the final comes unasked."""
PRINT_FRAMES = 3
"""Loud frames by which an utterance that is not coded is known again."""


@dataclass(frozen=True, slots=True)
class Heard:
    """`end_ms`: where in the stream's audio the last of these words ends."""

    text: str
    final: bool
    end_ms: int


class Script:
    """The utterances of callers whose voice is not coded, in the order in which they begin."""

    def __init__(self, utterances: Iterable[str] = ()) -> None:
        self._left = deque(utterances)
        self._known: dict[bytes, list[str]] = {}

    def say(self, text: str) -> None:
        self._left.append(text)

    def words(self, sound: bytes) -> list[str]:
        """Of the utterance that begins with this sound."""
        if sound not in self._known:
            self._known[sound] = self._left.popleft().split() if self._left else []
        return self._known[sound]


class Recogniser:
    def __init__(
        self, script: Script, *, endpoint_ms: int = ENDPOINT_MS, word_ms: int = WORD_MS
    ) -> None:
        self._script, self._endpoint_ms, self._word_ms = script, endpoint_ms, word_ms
        self.heard_ms = 0
        """Audio given so far."""
        self.voiced = False
        """Whether the latest frame was loud."""
        self._rest = b""
        self._said: list[str] = []
        """Since the last final."""
        self._end_ms = 0
        self._quiet_ms = FRAME_MS
        self._print = b""
        self._burst_ms = 0
        self._burst_said = 0

    def hear(self, audio: bytes) -> list[Heard]:
        """What becomes known by this much more audio."""
        self._rest += audio
        return [heard for frame in self._frames() for heard in self._frame(frame)]

    def finish(self) -> list[Heard]:
        """No more audio, or no more patience: the final of what was said, if anything was."""
        if not self._said:
            return []
        heard = Heard(" ".join(self._said), final=True, end_ms=self._end_ms)
        self._said = []
        return [heard]

    def _frames(self) -> Iterator[bytes]:
        """Pieces of 20 ms; where a coded frame begins elsewhere than expected, from there on."""
        while len(self._rest) >= FRAME_BYTES:
            begins = self._rest.find(MARK, 1, FRAME_BYTES + len(MARK) - 1)
            if self._rest.startswith(MARK) or begins < 0:
                begins = FRAME_BYTES
            frame, self._rest = self._rest[:begins], self._rest[begins:]
            self.heard_ms += round(len(frame) / FRAME_BYTES * FRAME_MS)
            yield frame

    def _frame(self, frame: bytes) -> list[Heard]:
        self.voiced = energy(frame) > LOUD
        if not self.voiced:
            return self._quiet()
        if self._quiet_ms:
            self._print, self._burst_ms, self._burst_said = b"", 0, 0
        self._quiet_ms = 0
        coded = decoded(frame)
        if coded is not None:
            return self._word(coded.word) if coded.is_middle else []
        return self._sound(frame)

    def _sound(self, frame: bytes) -> list[Heard]:
        self._burst_ms += FRAME_MS
        if len(self._print) < PRINT_FRAMES * FRAME_BYTES:
            self._print += frame
            return []
        words = self._script.words(self._print)
        if self._burst_said >= len(words) or self._burst_ms < self._word_ms * (
            self._burst_said + 1
        ):
            return []
        self._burst_said += 1
        return self._word(words[self._burst_said - 1])

    def _word(self, word: str) -> list[Heard]:
        self._said.append(word)
        self._end_ms = self.heard_ms
        return [Heard(" ".join(self._said), final=False, end_ms=self.heard_ms)]

    def _quiet(self) -> list[Heard]:
        self._quiet_ms += FRAME_MS
        over = self._quiet_ms >= self._endpoint_ms
        return self.finish() if over else []
