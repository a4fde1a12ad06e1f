"""The way down to the telephone's 8 kHz: what is kept, and what must not fold into it."""

import math
import struct

import pytest

from dalpak.call.mulaw import encode, energy
from dalpak.services.tts.resample import to_mulaw

pytestmark = pytest.mark.unit


def tone(hertz: int, rate: int, peak: int = 10_000) -> bytes:
    step = math.tau * hertz / rate
    return struct.pack(f"<{rate}h", *(int(peak * math.sin(n * step)) for n in range(rate)))


def loss_db(hertz: int, rate: int) -> float:
    audio = to_mulaw(tone(hertz, rate), rate)
    level = energy(audio[400:-400])
    return 20 * math.log10(max(level, 1) / (10_000 / math.sqrt(2)))


@pytest.mark.parametrize("rate", [16_000, 22_050, 24_000])
def test_speech_passes_and_what_would_alias_does_not(rate: int) -> None:
    assert abs(loss_db(300, rate)) < 0.5
    assert abs(loss_db(1_000, rate)) < 0.5
    assert abs(loss_db(2_500, rate)) < 1.5
    assert loss_db(4_600, rate) < -25
    assert loss_db(6_000, rate) < -40


@pytest.mark.parametrize("rate", [8_000, 16_000, 22_050, 24_000, 44_100])
def test_length_is_kept(rate: int) -> None:
    assert len(to_mulaw(tone(440, rate), rate)) == pytest.approx(8_000, abs=1)


def test_8_khz_goes_through_untouched() -> None:
    pcm = tone(440, 8_000)
    assert to_mulaw(pcm, 8_000) == encode(pcm)


def test_too_loud_is_clipped_not_wrapped() -> None:
    square = struct.pack("<2205h", *([32_767] * 2_205))
    assert set(to_mulaw(square, 22_050)[50:-50]) <= {0x80, 0x81}


def test_nothing_gives_nothing() -> None:
    assert to_mulaw(b"", 22_050) == b""
