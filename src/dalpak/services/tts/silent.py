"""The voice when there is none: a soft tone, then quiet for as long as the sentence would take.

Pacing, marks and turn-taking go on as with a real voice, screens show the words, and `doctor` tells
the operator what is missing. It also makes tests independent of an installed program.
"""

import math
import struct
from collections.abc import AsyncIterator

from dalpak.call.mulaw import SAMPLE_RATE_HZ, SILENCE_BYTE, encode
from dalpak.language.base import Spoken

TONE_HZ = 440
TONE_S = 0.12
TONE_PEAK = 2_000
PER_CHARACTER_S = 0.065
"""Hebrew is read at about 15 letters a second."""
SHORTEST_S = 0.4
LONGEST_S = 20.0


def duration_s(spoken: Spoken) -> float:
    """How long a voice would take to say this."""
    return min(LONGEST_S, max(SHORTEST_S, len(spoken.text) * PER_CHARACTER_S))


def _tone() -> bytes:
    count = int(TONE_S * SAMPLE_RATE_HZ)
    step = math.tau * TONE_HZ / SAMPLE_RATE_HZ
    samples = (
        int(TONE_PEAK * math.sin(math.pi * n / count) * math.sin(n * step)) for n in range(count)
    )
    return encode(b"".join(struct.pack("<h", s) for s in samples))


class SilentTts:
    """`TextToSpeech` without a voice."""

    name = "silent"
    voice = "none"

    def __init__(self) -> None:
        self._tone = _tone()

    async def synthesize(self, spoken: Spoken, *, locale: str) -> AsyncIterator[bytes]:
        del locale
        if spoken.text:
            quiet = int(duration_s(spoken) * SAMPLE_RATE_HZ) - len(self._tone)
            yield self._tone
            yield bytes([SILENCE_BYTE]) * quiet

    async def aclose(self) -> None:
        """Nothing is open."""
