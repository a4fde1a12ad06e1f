"""G.711: the table must be the standard's, for every sample and every code."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dalpak.call import mulaw

pytestmark = pytest.mark.unit


def step_of(sample: int) -> int:
    """Width of the quantiser's interval that a magnitude falls into."""
    magnitude = min(abs(sample), 32_635) + 132
    return 1 << (magnitude.bit_length() - 5)


@given(st.binary(max_size=400))
def test_every_code_comes_back_except_negative_zero(codes: bytes) -> None:
    expected = codes.replace(b"\x7f", b"\xff")
    assert mulaw.encode(mulaw.decode(codes)) == expected


def test_no_sample_is_farther_from_its_code_than_half_a_step() -> None:
    samples = range(-32_635, 32_636)
    pcm = struct.pack(f"<{len(samples)}h", *samples)
    back = struct.unpack(f"<{len(samples)}h", mulaw.decode(mulaw.encode(pcm)))
    worst = [s for s, b in zip(samples, back, strict=True) if abs(s - b) > step_of(s) // 2]
    assert worst == []


def test_known_codes() -> None:
    pcm = struct.pack("<5h", 0, 32_767, -32_768, 1_000, -1_000)
    assert mulaw.encode(pcm) == bytes([0xFF, 0x80, 0x00, 0xCE, 0x4E])


def test_half_a_sample_is_refused() -> None:
    with pytest.raises(ValueError, match="bytes"):
        mulaw.encode(b"\x00")


def test_silence_has_no_energy_and_loudness_is_the_root_mean_square() -> None:
    assert mulaw.energy(mulaw.SILENCE_FRAME) == 0
    assert mulaw.energy(b"") == 0
    square = mulaw.encode(struct.pack("<160h", *([8_000, -8_000] * 80)))
    assert mulaw.energy(square) == pytest.approx(8_000, rel=0.03)
