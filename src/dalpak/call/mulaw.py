"""G.711 mu-law, the only sound this project handles: 8 kHz, one byte a sample, 160 bytes in 20 ms.

It stands in the pure core because telephony, services and simulators all need it and none may
import another. Table-driven: `audioop` left the standard library in 3.13. No resampling, no files,
no protocols here.
"""

import sys
from array import array

SAMPLE_RATE_HZ = 8_000
FRAME_BYTES = 160
"""20 ms at 8 kHz."""

SILENCE_BYTE = 0xFF
"""Mu-law for zero. A frame of 0x00 would be a loud click."""

SILENCE_FRAME = bytes([SILENCE_BYTE]) * FRAME_BYTES

_BIAS = 132
_POSITIVE = 32_768


def _encode_table() -> bytes:
    """Code of every 16-bit sample, indexed by the sample read as an unsigned number."""
    codes = bytearray()
    for exponent in range(8):
        for mantissa in range(16):
            end = ((17 + mantissa) << (exponent + 3)) - _BIAS
            code = 0xFF ^ (exponent << 4 | mantissa)
            codes += bytes([code]) * (end - len(codes))
    codes += codes[-1:] * (_POSITIVE - len(codes))
    # -32768 has no positive twin; -1 … -32767 mirror 1 … 32767 with the sign bit cleared.
    negative = bytes(code & 0x7F for code in reversed(codes[1:]))
    return bytes(codes) + negative[:1] + negative


def _decode_table() -> tuple[int, ...]:
    samples = []
    for code in range(256):
        bits = code ^ 0xFF
        magnitude = (((bits & 0x0F) << 3) + _BIAS << ((bits >> 4) & 7)) - _BIAS
        samples.append(-magnitude if bits & 0x80 else magnitude)
    return tuple(samples)


_ENCODE = _encode_table()
_DECODE = _decode_table()
_SQUARE = tuple(sample * sample for sample in _DECODE)


def encode(pcm16: bytes) -> bytes:
    """16-bit little-endian mono PCM to mu-law, one byte per sample. ValueError on half a sample."""
    samples = array("H")
    samples.frombytes(pcm16)
    if sys.byteorder == "big":
        samples.byteswap()
    return bytes(map(_ENCODE.__getitem__, samples))


def decode(ulaw: bytes) -> bytes:
    """Mu-law to 16-bit little-endian mono PCM, two bytes per sample."""
    samples = array("h", map(_DECODE.__getitem__, ulaw))
    if sys.byteorder == "big":
        samples.byteswap()
    return samples.tobytes()


def energy(frame: bytes) -> float:
    """Loudness of some mu-law as the root mean square of its samples, 0 (silence) to 32124."""
    if not frame:
        return 0.0
    return float((sum(map(_SQUARE.__getitem__, frame)) / len(frame)) ** 0.5)
