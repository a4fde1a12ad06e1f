"""The energy detector: speech in and out, clicks, steady noise, and the cost of a frame."""

import random
import struct

import pytest

from dalpak.call.mulaw import SILENCE_FRAME, encode
from dalpak.services.vad.energy import ONSET_FRAMES, EnergyVad

pytestmark = pytest.mark.unit

RANDOM = random.Random(7)


def noise(peak: int) -> bytes:
    return encode(struct.pack("<160h", *(RANDOM.randint(-peak, peak) for _ in range(160))))


def verdicts(vad: EnergyVad, frames: list[bytes]) -> list[bool]:
    return [vad.judge(frame) for frame in frames]


def test_speech_begins_after_the_onset_and_ends_with_the_quiet() -> None:
    vad = EnergyVad()
    assert not any(verdicts(vad, [SILENCE_FRAME] * 50))
    assert verdicts(vad, [noise(6_000)] * 10) == [False] * (ONSET_FRAMES - 1) + [True] * 8
    assert not any(verdicts(vad, [SILENCE_FRAME] * 10))


def test_a_click_is_not_a_word() -> None:
    vad = EnergyVad()
    assert not any(verdicts(vad, [SILENCE_FRAME, noise(20_000), SILENCE_FRAME] * 20))


def test_steady_noise_becomes_the_floor_and_a_voice_over_it_is_heard() -> None:
    vad = EnergyVad()
    verdicts(vad, [noise(500) for _ in range(400)])
    assert not any(verdicts(vad, [noise(500) for _ in range(200)]))
    assert all(verdicts(vad, [noise(6_000) for _ in range(20)])[ONSET_FRAMES:])


def test_loud_noise_that_never_ends_stops_being_speech() -> None:
    vad = EnergyVad()
    judged = verdicts(vad, [noise(3_000) for _ in range(50 * 40)])
    assert judged[100]
    assert not any(judged[-100:])


def test_a_soft_ending_belongs_to_the_word() -> None:
    vad = EnergyVad()
    verdicts(vad, [noise(200) for _ in range(200)])
    verdicts(vad, [noise(5_000) for _ in range(20)])
    soft = noise(900)
    assert vad.judge(soft)
    assert not any(verdicts(EnergyVad(), [soft] * 2))


def test_short_and_empty_frames_are_judged_too() -> None:
    vad = EnergyVad()
    assert vad.judge(b"") is False
    assert vad.judge(SILENCE_FRAME[:40]) is False
