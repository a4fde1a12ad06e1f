"""How long a simulated provider takes: log-normal, from a median and a 95th percentile, drawn from a seed.

The figures are other people's measurements (or say that nobody published one); whoever reports a result made with
them says so. No sleeping here.
"""

import math
import random
from dataclasses import dataclass

Z95 = 1.6448536269514722
"""The 95th percentile of a normal distribution, in standard deviations."""


@dataclass(frozen=True, slots=True)
class Latency:
    """Milliseconds. Equal figures are a constant."""

    median_ms: float
    p95_ms: float

    def draw_s(self, rng: random.Random) -> float:
        if self.median_ms <= 0:
            return 0.0
        sigma = math.log(max(1.0, self.p95_ms / self.median_ms)) / Z95
        return rng.lognormvariate(math.log(self.median_ms), sigma) / 1000


NONE = Latency(0, 0)
STT_PARTIAL = Latency(150, 300)
"""From a word's end to the interim result that has it. Nobody published Google's: assumed."""
STT_FINAL = Latency(250, 500)
"""From half-close to the final. The median is what Soniox reports with a local VAD; Google's is not published."""
TTS_STREAMING = Latency(200, 400)
"""First chunk of Chirp3-HD streaming: livekit#2143 reports about 0.2 s; the tail is assumed."""
TTS_UNARY = Latency(600, 1_000)
"""Whole answer of the unary call: livekit#2143 reports 0.5 to 1 s."""
