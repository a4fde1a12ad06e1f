"""Whether a provider's sound is what was asked for: a header taken off, another format refused or turned into ours.

A wrong format is never played: it would be a roar in somebody's ear. No network here.
"""

from dataclasses import dataclass

from dalpak.call.mulaw import SAMPLE_RATE_HZ, energy
from dalpak.errors import ProviderError
from dalpak.services.tts.resample import to_mulaw

PCM, MULAW = 1, 7
"""Codes of WAV's format field."""
ROAR = 14_000.0
"""Energy that no voice has over a whole piece, and 16-bit samples read as mu-law always do (about 17,000)."""
ROAR_BYTES = 400
"""50 ms: a shorter piece may be one loud vowel's peak."""
NOT_MULAW = (b"ID3", b"OggS", b"fLaC")
HEADER_MAX = 256
"""A header longer than this is something else."""


@dataclass(frozen=True, slots=True)
class Header:
    code: int
    channels: int
    rate_hz: int
    bits: int
    data_at: int
    """Where the samples begin."""

    @property
    def is_ours(self) -> bool:
        return (self.code, self.channels, self.rate_hz) == (MULAW, 1, SAMPLE_RATE_HZ)


def header_of(audio: bytes) -> Header | None:
    """None: there is no header. Raises ProviderError for one that cannot be read."""
    if audio[:4] != b"RIFF" or audio[8:12] != b"WAVE":
        return None
    form, at = b"", 12
    while at + 8 <= min(len(audio), HEADER_MAX):
        name, length = audio[at : at + 4], int.from_bytes(audio[at + 4 : at + 8], "little")
        at += 8
        if name == b"fmt ":
            form = audio[at : at + length]
        elif name == b"data" and len(form) >= 16:
            code, channels, rate_hz, bits = (
                int.from_bytes(form[i:j], "little") for i, j in ((0, 2), (2, 4), (4, 8), (14, 16))
            )
            return Header(code, channels, rate_hz, bits, data_at=at)
        at += length + length % 2
    raise ProviderError("tts_format", "a WAV header that cannot be read")


def bare(first: bytes) -> bytes:
    """The first piece of a stream as raw mu-law. Raises ProviderError when it is anything else."""
    header = header_of(first)
    if header is not None:
        if not header.is_ours:
            raise ProviderError("tts_format", f"{header.rate_hz} Hz, WAV format {header.code}")
        first = first[header.data_at :]
    if first.startswith(NOT_MULAW):
        raise ProviderError("tts_format", "compressed")
    return bearable(first)


def bearable(piece: bytes) -> bytes:
    """The piece, if it can be mu-law. Raises ProviderError for a roar."""
    if len(piece) >= ROAR_BYTES and energy(piece) > ROAR:
        raise ProviderError("tts_format", "not mu-law")
    return piece


def whole(audio: bytes) -> bytes:
    """A complete answer as raw mu-law; 16-bit samples of any rate are turned into it, which takes a while."""
    header = header_of(audio)
    if header is None or header.is_ours:
        return bare(audio)
    if (header.code, header.channels, header.bits) != (PCM, 1, 16):
        raise ProviderError("tts_format", f"{header.bits} bits, WAV format {header.code}")
    samples = audio[header.data_at :]
    return to_mulaw(samples[: len(samples) // 2 * 2], header.rate_hz)
