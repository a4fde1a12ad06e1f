"""PCM of any rate to 8 kHz mu-law, for voices that cannot speak mu-law themselves.

A windowed-sinc low-pass evaluated only where an output sample falls (polyphase), so that nothing
above the telephone band folds into it. Plain Python: it runs in a worker thread, off the loop.
"""

import math
import operator
import sys
from array import array
from functools import lru_cache

from dalpak.call.mulaw import SAMPLE_RATE_HZ, encode

CUTOFF_HZ = 3_400
HALF_WIDTH_S = 0.0008
"""Half the filter's length: 36 taps at 22.05 kHz. Twice as many take twice the time."""

_PEAK = 32_767


@lru_cache(maxsize=8)
def _phases(rate_hz: int) -> tuple[int, tuple[tuple[float, ...], ...], int]:
    """Input steps per cycle, the taps of every phase, and the half width in input samples."""
    shared = math.gcd(rate_hz, SAMPLE_RATE_HZ)
    phases, steps = SAMPLE_RATE_HZ // shared, rate_hz // shared
    half = max(1, round(HALF_WIDTH_S * rate_hz))
    cutoff = CUTOFF_HZ / rate_hz
    table = []
    for phase in range(phases):
        offset = (phase * steps % phases) / phases
        taps = [_tap(k - half + 1 - offset, cutoff, half) for k in range(2 * half)]
        total = sum(taps)
        table.append(tuple(tap / total for tap in taps))
    return steps, tuple(table), half


def _tap(x: float, cutoff: float, half: int) -> float:
    if abs(x) >= half:
        return 0.0
    angle = 2 * math.pi * cutoff * x
    sinc = 1.0 if abs(x) < 1e-12 else math.sin(angle) / angle
    return sinc * (0.54 + 0.46 * math.cos(math.pi * x / half))


def to_mulaw(pcm16: bytes, rate_hz: int) -> bytes:
    """16-bit little-endian mono PCM at `rate_hz` to 8 kHz mu-law."""
    samples = array("h")
    samples.frombytes(pcm16)
    if sys.byteorder == "big":
        samples.byteswap()
    if rate_hz != SAMPLE_RATE_HZ:
        samples = _resampled(samples, rate_hz)
    if sys.byteorder == "big":
        samples.byteswap()
    return encode(samples.tobytes())


def _resampled(samples: "array[int]", rate_hz: int) -> "array[int]":
    """Phase by phase: outputs of one phase share their taps, which keeps the inner loop tight."""
    steps, table, half = _phases(rate_hz)
    phases = len(table)
    margin = [0] * half
    padded = margin + samples.tolist() + margin
    count = len(samples) * phases // steps
    out = array("h", bytes(2 * count))
    width, multiply = 2 * half, operator.mul
    for phase, taps in enumerate(table):
        first = phase * steps // phases + 1
        many = len(range(phase, count, phases))
        out[phase::phases] = array(
            "h",
            [
                max(-_PEAK, min(_PEAK, int(sum(map(multiply, padded[at : at + width], taps)))))
                for at in range(first, first + many * steps, steps)
            ],
        )
    return out
