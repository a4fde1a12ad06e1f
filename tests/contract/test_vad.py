"""Every voice detector keeps the port's contract: one verdict per frame, in order, a voice heard and a silence not."""

import asyncio
import math
from array import array
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from dalpak.call.limits import FRAME_BYTES, FRAME_MS
from dalpak.call.mulaw import SILENCE_FRAME, encode
from dalpak.ports.vad import VoiceActivityDetector
from dalpak.services.vad.energy import EnergyVad
from dalpak.services.vad.silero_model import MODEL_FILE

pytestmark = pytest.mark.contract

VOWELS = ((700, 1200), (300, 2300), (400, 800), (500, 1700))
PITCH_HZ = 120


def voice(ms: int) -> bytes:
    """A buzz through changing formants, four syllables a second: no speech, but made as speech is."""
    loud = [
        [
            sum(math.exp(-(((h * PITCH_HZ - f) / 150) ** 2)) for f in vowel) + 0.02
            for vowel in VOWELS
        ]
        for h in range(1, 28)
    ]
    samples, phase = [], 0.0
    for n in range(ms * 8):
        t = n / 8_000
        phase += 2 * math.pi * PITCH_HZ * (1 + 0.1 * math.sin(13.2 * t)) / 8_000
        vowel = int(t / 0.14) % len(VOWELS)
        tone = sum(amps[vowel] * math.sin(h * phase) for h, amps in enumerate(loud, start=1))
        samples.append(int(1_800 * tone * (0.55 + 0.45 * math.sin(28.3 * t - 1.5))))
    return encode(array("h", [max(-32_000, min(32_000, s)) for s in samples]).tobytes())


def frames(audio: bytes) -> list[bytes]:
    return [audio[k : k + FRAME_BYTES] for k in range(0, len(audio), FRAME_BYTES)]


def silero() -> tuple[VoiceActivityDetector, Callable[[], None]]:
    if not MODEL_FILE.exists():
        pytest.skip("set-up could not fetch the model")
    from dalpak.services.vad.silero import SileroDetectors

    detectors = SileroDetectors()
    return detectors(), detectors.close


def energy() -> tuple[VoiceActivityDetector, Callable[[], None]]:
    return EnergyVad(), lambda: None


@contextmanager
def one(
    make: Callable[[], tuple[VoiceActivityDetector, Callable[[], None]]],
) -> Iterator[VoiceActivityDetector]:
    vad, close = make()
    try:
        yield vad
    finally:
        close()


async def verdicts(vad: VoiceActivityDetector, audio: list[bytes]) -> list[bool]:
    """One per frame; each is waited for, so that a fast test is judged as a slow call is."""
    out: list[bool] = []
    told = asyncio.Event()

    def tell(voiced: bool) -> None:
        out.append(voiced)
        told.set()

    for n, frame in enumerate(audio, start=1):
        vad.listen(frame, tell)
        while len(out) < n:
            told.clear()
            await asyncio.wait_for(told.wait(), 10)
    return out


each = pytest.mark.parametrize("make", [energy, silero], ids=["energy", "silero"])


@each
async def test_a_voice_is_heard_and_the_silence_around_it_is_not(make) -> None:  # type: ignore[no-untyped-def]
    with one(make) as vad:
        before = await verdicts(vad, [SILENCE_FRAME] * 50)
        during = await verdicts(vad, frames(voice(1_600)))
        after = await verdicts(vad, [SILENCE_FRAME] * 50)

    assert not any(before)
    onset = during.index(True) * FRAME_MS
    assert onset <= 160
    assert sum(during[onset // FRAME_MS :]) >= 0.7 * len(during[onset // FRAME_MS :])
    assert not any(after[15:])


@each
async def test_every_frame_is_told_once_however_they_come(make) -> None:  # type: ignore[no-untyped-def]
    with one(make) as vad:
        told: list[bool] = []
        done = asyncio.Event()
        audio = [SILENCE_FRAME] * 7 + frames(voice(300)) + [b"\xff" * 40, b""]

        def tell(voiced: bool) -> None:
            told.append(voiced)
            if len(told) == len(audio):
                done.set()

        for frame in audio:
            vad.listen(frame, tell)
        await asyncio.wait_for(done.wait(), 10)

    assert len(told) == len(audio)


@each
async def test_a_closed_detector_tells_nothing_more(make) -> None:  # type: ignore[no-untyped-def]
    with one(make) as vad:
        told: list[bool] = []
        for _ in range(20):
            vad.listen(SILENCE_FRAME, told.append)
        vad.close()
        at_close = len(told)
        await asyncio.get_running_loop().run_in_executor(None, lambda: None)

    assert len(told) == at_close
