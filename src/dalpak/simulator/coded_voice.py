"""A simulated voice that carries its words: loud mu-law in which a recogniser's simulator can read what is said.

Every 20 ms frame of a word says which word it is and how far it has got. So what a stream was given decides what
it hears, exactly: audio fed twice is heard twice, a word cut in two is heard by whoever got its middle, and a
replay after a fault needs no state anywhere. To everybody else it is a tone. No recognition here: recogniser.py.
"""

import math
from dataclasses import dataclass
from functools import lru_cache
from struct import pack

from dalpak.call.mulaw import FRAME_BYTES, SAMPLE_RATE_HZ, encode

FRAME_MS = 1000 * FRAME_BYTES // SAMPLE_RATE_HZ
WORD_MS = 300
"""Hebrew spoken without hurry."""
VOICE_HZ = 220
VOICE_PEAK = 6_000
MARK = b"\x11\x92\x13\x94"
"""No sound has these codes at the start of a frame by chance worth a thought: one in four thousand million."""
WORD_BYTES_MAX = 80
"""Of UTF-8; half a frame stays tone, so that the frame is loud whatever the word."""
HEADER_BYTES = len(MARK) + 3


@dataclass(frozen=True, slots=True)
class CodedFrame:
    """20 ms of a word: frame `index` of `count`."""

    word: str
    index: int
    count: int

    @property
    def is_middle(self) -> bool:
        """A word is heard by whoever gets its middle: once, wherever it is cut."""
        return self.index == self.count // 2


@lru_cache(maxsize=1)
def _tone() -> bytes:
    step = math.tau * VOICE_HZ / SAMPLE_RATE_HZ
    samples = (int(VOICE_PEAK * math.sin(n * step)) for n in range(FRAME_BYTES))
    return encode(b"".join(pack("<h", sample) for sample in samples))


def coded_voice(text: str, word_ms: int = WORD_MS) -> bytes:
    """Mu-law as long as it takes to say `text`: one unbroken loud sound."""
    count = max(1, word_ms // FRAME_MS)
    return b"".join(_frame(word, k, count) for word in text.split() for k in range(count))


def _frame(word: str, index: int, count: int) -> bytes:
    name = word.encode()[:WORD_BYTES_MAX]
    code = MARK + bytes((index, count, len(name))) + name
    return code + _tone()[len(code) :]


def decoded(frame: bytes) -> CodedFrame | None:
    """What 160 bytes say of themselves; None: any other sound."""
    if not frame.startswith(MARK) or len(frame) < HEADER_BYTES:
        return None
    index, count, length = frame[len(MARK) : HEADER_BYTES]
    word = frame[HEADER_BYTES : HEADER_BYTES + length].decode(errors="ignore")
    return CodedFrame(word, index, count)
