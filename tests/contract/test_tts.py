"""One suite for everything that turns words into sound: raw 8 kHz mu-law, soon, and nothing else.

To add an adapter: one line in ADAPTERS, a context manager that yields it, ready to speak. Its failures are its own
tests' business; here it works.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager
from dataclasses import dataclass

import pytest

from dalpak.call.mulaw import SAMPLE_RATE_HZ, SILENCE_FRAME, energy
from dalpak.clock import SystemClock
from dalpak.config import Settings
from dalpak.language.base import Spoken, say
from dalpak.ports.tts import TextToSpeech
from dalpak.services.registry import text_to_speech
from dalpak.services.tts.bank import PromptBank
from dalpak.simulator.azure_server import API_KEY as AZURE_KEY
from dalpak.simulator.azure_server import AzureServer
from dalpak.simulator.google import GoogleSimulator

pytestmark = pytest.mark.contract

HELLO = Spoken("שלום, במה אפשר לעזור?", "ʃalˈom, bamˈe efʃˈaʁ laʔazˈoʁ?")
YES = Spoken("כן", "kˈen")
NAME = Spoken("דנה")
SENTENCE = say(Spoken("שלום", "ʃalˈom"), Spoken(","), NAME, Spoken("."))
LOUD = 100.0
PATIENCE_S = 60.0

Make = Callable[[], AbstractAsyncContextManager[TextToSpeech]]


@dataclass(frozen=True)
class Adapter:
    make: Make
    voiced: bool = True
    """False: the voice of nobody, whose sound does not grow with every word."""


@asynccontextmanager
async def silent() -> AsyncIterator[TextToSpeech]:
    async with closed(text_to_speech(Settings(_env_file=None, tts_provider="silent"))) as voice:
        yield voice


@asynccontextmanager
async def banked() -> AsyncIterator[TextToSpeech]:
    inner = text_to_speech(Settings(_env_file=None, tts_provider="silent"))
    async with closed(PromptBank(inner, folder=None, clock=SystemClock())) as voice:
        yield voice


@asynccontextmanager
async def closed(voice: TextToSpeech) -> AsyncIterator[TextToSpeech]:
    try:
        yield voice
    finally:
        await voice.aclose()


def google(provider: str) -> Make:
    """The real client library against Google's simulator."""

    @asynccontextmanager
    async def running() -> AsyncIterator[TextToSpeech]:
        async with GoogleSimulator() as there:
            wanted = Settings(
                _env_file=None,
                tts_provider=provider,
                google_tts_endpoint=there.address,
                google_connect_timeout_s=10.0,
                google_tts_timeout_s=10.0,
            )
            async with closed(text_to_speech(wanted)) as voice:
                yield voice

    return running


@asynccontextmanager
async def azure() -> AsyncIterator[TextToSpeech]:
    async with AzureServer() as there:
        wanted = Settings(
            _env_file=None,
            tts_provider="azure",
            azure_tts_url=there.url,
            azure_speech_key=AZURE_KEY,
        )
        async with closed(text_to_speech(wanted)) as voice:
            yield voice


@asynccontextmanager
async def second_of_two() -> AsyncIterator[TextToSpeech]:
    """The first refuses everybody: what is said, the second says."""
    async with GoogleSimulator() as there, AzureServer() as down:
        wanted = Settings(
            _env_file=None,
            tts_provider="azure",
            tts_second="google",
            azure_tts_url=down.url,
            azure_speech_key="another",
            google_tts_endpoint=there.address,
        )
        async with closed(text_to_speech(wanted)) as voice:
            yield voice


ADAPTERS: dict[str, Adapter] = {
    "azure": Adapter(azure),
    "second-of-two": Adapter(second_of_two),
    "google": Adapter(google("google")),
    "google_unary": Adapter(google("google_unary")),
    "silent": Adapter(silent, voiced=False),
    "bank": Adapter(banked, voiced=False),
}

each_adapter = pytest.mark.parametrize("adapter", ADAPTERS.values(), ids=ADAPTERS)


async def chunks_of(voice: TextToSpeech, what: Spoken) -> list[bytes]:
    async with asyncio.timeout(PATIENCE_S):
        return [chunk async for chunk in voice.synthesize(what, locale="he-IL")]


@each_adapter
async def test_a_sentence_sounds_like_a_sentence(adapter: Adapter) -> None:
    async with adapter.make() as voice:
        audio = b"".join(await chunks_of(voice, HELLO))

        assert 0.3 < len(audio) / SAMPLE_RATE_HZ < 10
        assert max(energy(audio[at : at + 160]) for at in range(0, len(audio), 160)) > LOUD


@each_adapter
async def test_there_is_no_header_and_no_empty_chunk(adapter: Adapter) -> None:
    async with adapter.make() as voice:
        chunks = await chunks_of(voice, HELLO)

        assert chunks
        assert all(chunks)
        assert b"RIFF" not in b"".join(chunks)
        assert b"data" not in chunks[0][:64]


@each_adapter
async def test_more_words_take_longer(adapter: Adapter) -> None:
    async with adapter.make() as voice:
        short = b"".join(await chunks_of(voice, YES))
        long = b"".join(await chunks_of(voice, HELLO))

        assert len(short) < len(long)


@each_adapter
async def test_a_sentence_of_parts_and_names_is_spoken_whole(adapter: Adapter) -> None:
    async with adapter.make() as voice:
        audio = b"".join(await chunks_of(voice, SENTENCE))

        assert len(audio) > len(SILENCE_FRAME) * 10


@each_adapter
async def test_nothing_to_say_is_no_sound_and_no_error(adapter: Adapter) -> None:
    async with adapter.make() as voice:
        assert await chunks_of(voice, Spoken("")) == []


@each_adapter
async def test_a_listener_may_leave_in_mid_sentence(adapter: Adapter) -> None:
    async with adapter.make() as voice:
        async with (
            asyncio.timeout(PATIENCE_S),
            aclosing(voice.synthesize(HELLO, locale="he-IL")) as c,
        ):
            assert await anext(c)

        assert b"".join(await chunks_of(voice, YES))


@each_adapter
async def test_many_sentences_at_once_do_not_mix(adapter: Adapter) -> None:
    async with adapter.make() as voice:
        alone = [b"".join(await chunks_of(voice, what)) for what in (YES, HELLO)]
        together = await asyncio.gather(*(chunks_of(voice, w) for w in (YES, HELLO, YES, HELLO)))

        assert [len(b"".join(chunks)) for chunks in together] == [len(a) for a in alone * 2]


@each_adapter
async def test_who_speaks_is_told_and_stays(adapter: Adapter) -> None:
    """The bank's disk keeps sound by these: two voices must not share them."""
    async with adapter.make() as voice:
        before = voice.name, voice.voice
        await chunks_of(voice, YES)

        assert all(before)
        assert (voice.name, voice.voice) == before


@each_adapter
async def test_closing_twice_is_closing_once(adapter: Adapter) -> None:
    async with adapter.make() as voice:
        await chunks_of(voice, YES)
        await voice.aclose()
        await voice.aclose()
