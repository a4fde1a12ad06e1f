"""What a call needs of real ears: `make live`. They hear a real voice: the simulators' coded one says nothing to them.

Whether every word is right is not asked: a synthetic voice is no caller. That words come, grow, end, and never come
twice, is.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from live_stage import EARS, VOICES, ears_of, voice_of
from stt_ear import SECOND_OF_SILENCE, Ear

from dalpak.clock import SystemClock
from dalpak.config import load_settings
from dalpak.language.base import Spoken
from dalpak.ports.stt import SttStream

pytestmark = pytest.mark.live

SENTENCE = Spoken("שלום, אני רוצה לקבוע תור למחר בשעה עשר")
WORDS = frozenset("שלום אני רוצה לקבוע תור למחר בשעה עשר".split())
FINALS_ONLY = frozenset({"whisper"})
PIECE = 800
LATE_S = 1.0
"""Whatever was on its way when a stream was closed would have come by then."""
SPOKEN: dict[str, bytes] = {}
"""By voice: each says the sentence once."""


async def speech() -> bytes:
    """The sentence by the first real voice that there is a key for."""
    settings = load_settings()
    for name, service in VOICES.items():
        if name not in SPOKEN and not service.missing(settings):
            async with voice_of(name) as voice:
                chunks = [c async for c in voice.synthesize(SENTENCE, locale="he-IL")]
            SPOKEN[name] = b"".join(chunks)
        if name in SPOKEN:
            return SPOKEN[name]
    pytest.skip("no real voice to speak to them: set GOOGLE_CREDENTIALS_FILE or AZURE_SPEECH_KEY")


async def say(stream: SttStream, audio: bytes) -> None:
    """In the pace of speech: a recogniser that is poured over answers for nothing."""
    clock = SystemClock()
    for at in range(0, len(audio), PIECE):
        stream.feed(audio[at : at + PIECE])
        await clock.sleep(PIECE / 8000)


@asynccontextmanager
async def listening(name: str) -> AsyncIterator[tuple[Ear, SttStream]]:
    async with ears_of(name) as stt:
        ear = Ear()
        stream = await ear.open(stt)
        try:
            yield ear, stream
        finally:
            await stream.aclose()


def share_of_words(heard: str) -> float:
    return len(WORDS & set(heard.replace(",", " ").split())) / len(WORDS)


@pytest.mark.parametrize("name", EARS)
async def test_a_sentence_becomes_words_once(name: str) -> None:
    EARS[name].settings()
    audio = await speech()
    async with listening(name) as (ear, stream):
        await say(stream, audio)
        stream.finalize()
        await ear.until(lambda: bool(ear.finals))
        await say(stream, SECOND_OF_SILENCE)

    assert share_of_words(" ".join(ear.finals)) >= 0.5, ear.finals
    assert ear.lost == []
    if name not in FINALS_ONLY:
        assert ear.partials, "words come while they are spoken"


@pytest.mark.parametrize("name", EARS)
async def test_a_second_sentence_is_heard_after_the_first(name: str) -> None:
    EARS[name].settings()
    audio = await speech()
    async with listening(name) as (ear, stream):
        for said in (1, 2):
            await say(stream, audio)
            stream.finalize()
            await ear.until(lambda wanted=said: len(ear.finals) >= wanted)

    assert all(share_of_words(final) >= 0.3 for final in ear.finals[:2]), ear.finals


@pytest.mark.parametrize("name", EARS)
async def test_silence_gives_no_words(name: str) -> None:
    EARS[name].settings()
    async with listening(name) as (ear, stream):
        await say(stream, SECOND_OF_SILENCE)
        stream.finalize()
        await say(stream, SECOND_OF_SILENCE)

    assert ear.words == []
    assert ear.lost == []


@pytest.mark.parametrize("name", EARS)
async def test_nothing_is_told_after_the_end(name: str) -> None:
    EARS[name].settings()
    audio = await speech()
    async with listening(name) as (ear, stream):
        await say(stream, audio)
    told = len(ear.heard)
    await SystemClock().sleep(LATE_S)

    assert len(ear.heard) == told
