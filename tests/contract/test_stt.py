"""One suite for everything that turns speech into words: partials, then one final; never a word after the end.

To add an adapter: one line in ADAPTERS, a context manager that yields it, ready to be opened. What is said comes from
`voice_for`, whose audio carries its words: a provider's simulator hears what it was given. Nothing waits on the wall
clock: a test goes on when the words are there, and fails after PATIENCE_S without them.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stt_ear import SECOND_OF_SILENCE, Ear

from dalpak.call.mulaw import SILENCE_FRAME
from dalpak.config import Settings
from dalpak.ports.stt import SpeechToText
from dalpak.services.registry import speech_to_text
from dalpak.services.stt.whisper import WhisperStt
from dalpak.simulator.google import GoogleSimulator
from dalpak.simulator.recogniser import Recogniser, Script
from dalpak.simulator.scripted_stt import ScriptedStt, voice_for
from dalpak.simulator.soniox_server import API_KEY as SONIOX_KEY
from dalpak.simulator.soniox_server import SonioxServer

pytestmark = pytest.mark.contract

FIRST, SECOND = "שלום אני רוצה תור", "מחר בעשר"
SPOKEN_AND_QUIET = voice_for(FIRST) + SECOND_OF_SILENCE * 2

Make = Callable[[], AbstractAsyncContextManager[SpeechToText]]


@dataclass(frozen=True)
class Adapter:
    make: Make
    partials: bool = True
    """False: gives finals only."""


@asynccontextmanager
async def scripted() -> AsyncIterator[SpeechToText]:
    yield ScriptedStt([FIRST, SECOND])


def google(**chosen: object) -> Make:
    """The real client library against Google's simulator."""

    @asynccontextmanager
    async def running() -> AsyncIterator[SpeechToText]:
        async with GoogleSimulator() as there:
            wanted = Settings(
                _env_file=None,
                stt_provider="google",
                google_stt_endpoint=there.address,
                # Deadlines are other tests' business: here a busy machine may take its time.
                google_connect_timeout_s=10.0,
                google_stt_final_s=10.0,
                stt_timeout_ms=5000,
                **chosen,
            )
            stt = speech_to_text(wanted)
            assert stt is not None
            yield stt
            await stt.aclose()

    return running


@asynccontextmanager
async def soniox() -> AsyncIterator[SpeechToText]:
    """Behind the wrapper that the registry puts around every service."""
    async with SonioxServer() as there:
        wanted = Settings(
            _env_file=None,
            stt_provider="soniox",
            soniox_url=there.address,
            soniox_api_key=SONIOX_KEY,
        )
        stt = speech_to_text(wanted)
        assert stt is not None
        yield stt
        await stt.aclose()


@asynccontextmanager
async def second_of_two() -> AsyncIterator[SpeechToText]:
    """The first refuses everybody: what is heard, the second hears."""
    async with SonioxServer(api_key="another") as down, GoogleSimulator() as there:
        wanted = Settings(
            _env_file=None,
            stt_provider="soniox",
            stt_second="google",
            soniox_url=down.address,
            soniox_api_key=SONIOX_KEY,
            google_stt_endpoint=there.address,
        )
        stt = speech_to_text(wanted)
        assert stt is not None
        yield stt
        await stt.aclose()


@asynccontextmanager
async def whisper() -> AsyncIterator[SpeechToText]:
    """The adapter's own part; a real model is in tests/unit/services/test_whisper.py."""
    stt = WhisperStt(Scribe(), workers=1, queue=8)
    yield stt
    await stt.aclose()


class Scribe:
    """A model that reads the coded voice."""

    def load(self) -> None:
        """Nothing to load."""

    def transcribe(self, audio: bytes, *, language: str, hints: Sequence[str]) -> str:
        ear = Recogniser(Script())
        return " ".join(h.text for h in (*ear.hear(audio), *ear.finish()) if h.final)


ADAPTERS: dict[str, Adapter] = {
    "scripted": Adapter(scripted),
    "soniox": Adapter(soniox),
    "second-of-two": Adapter(second_of_two),
    "whisper": Adapter(whisper, partials=False),
    "google-v2": Adapter(google()),
    "google-v1": Adapter(google(google_stt_api="v1")),
    "google-rolling": Adapter(google(google_stt_stream="rolling")),
}

each_adapter = pytest.mark.parametrize("adapter", ADAPTERS.values(), ids=ADAPTERS)
each_with_partials = pytest.mark.parametrize(
    "adapter",
    [adapter for adapter in ADAPTERS.values() if adapter.partials],
    ids=[name for name, adapter in ADAPTERS.items() if adapter.partials],
)


@each_with_partials
async def test_words_grow_while_they_are_spoken(adapter: Adapter) -> None:
    async with adapter.make() as stt:
        ear = Ear()
        stream = await ear.open(stt)
        stream.feed(voice_for(FIRST))
        stream.feed(SECOND_OF_SILENCE[:1600])
        await ear.until(lambda: FIRST in ear.partials)

        assert len(ear.partials) >= 2
        assert all(FIRST.startswith(text) for text in ear.partials)
        assert ear.partials == sorted(ear.partials, key=len)
        assert ear.finals == []
        await stream.aclose()


@each_adapter
async def test_the_final_comes_when_asked_for(adapter: Adapter) -> None:
    async with adapter.make() as stt:
        ear = Ear()
        stream = await ear.open(stt)
        stream.feed(voice_for(FIRST))
        stream.finalize()
        stream.feed(SECOND_OF_SILENCE[:2400])
        await ear.until(lambda: bool(ear.finals))

        assert ear.finals == [FIRST]
        assert ear.heard[-1].final
        await stream.aclose()


@each_adapter
async def test_asking_after_the_final_has_come_gives_it_no_second_time(adapter: Adapter) -> None:
    async with adapter.make() as stt:
        ear = Ear()
        stream = await ear.open(stt)
        stream.feed(voice_for(FIRST) + SECOND_OF_SILENCE * 2)
        stream.finalize()
        await ear.until(lambda: bool(ear.finals))
        stream.finalize()
        stream.feed(SECOND_OF_SILENCE)
        await ear.hears(stream, SECOND)

        assert ear.finals == [FIRST, SECOND]
        await stream.aclose()


@each_adapter
async def test_utterances_do_not_run_into_each_other(adapter: Adapter) -> None:
    async with adapter.make() as stt:
        ear = Ear()
        stream = await ear.open(stt)
        for utterance in (FIRST, SECOND):
            await ear.hears(stream, utterance)

        assert ear.finals == [FIRST, SECOND]
        if adapter.partials:
            assert any(text.startswith(SECOND.split()[0]) for text in ear.partials)
        await stream.aclose()


@each_adapter
async def test_speech_that_goes_on_at_once_is_neither_lost_nor_heard_twice(
    adapter: Adapter,
) -> None:
    """The caller only paused: what follows the request for the final belongs to the next one."""
    async with adapter.make() as stt:
        ear = Ear()
        stream = await ear.open(stt)
        stream.feed(voice_for(FIRST) + SILENCE_FRAME * 6)
        stream.finalize()
        stream.feed(voice_for(SECOND) + SILENCE_FRAME * 6)
        stream.finalize()
        stream.feed(SECOND_OF_SILENCE)
        await ear.until(lambda: " ".join(ear.finals).endswith(SECOND))

        assert " ".join(ear.finals) == f"{FIRST} {SECOND}"
        await stream.aclose()


@each_adapter
async def test_asking_for_a_final_of_silence_gives_no_words(adapter: Adapter) -> None:
    async with adapter.make() as stt:
        ear = Ear()
        stream = await ear.open(stt)
        stream.finalize()
        stream.feed(SECOND_OF_SILENCE)
        stream.finalize()
        stream.feed(SECOND_OF_SILENCE)
        await ear.hears(stream, FIRST)

        assert ear.finals[-1] == FIRST
        assert [text for text in ear.words if not FIRST.startswith(text)] == []
        assert [text for text in ear.finals if text.strip()] == [FIRST]
        await stream.aclose()


@each_adapter
async def test_nothing_is_told_after_the_end(adapter: Adapter) -> None:
    async with adapter.make() as stt:
        ear = Ear()
        stream = await ear.open(stt)
        stream.feed(voice_for(FIRST))
        stream.finalize()
        await stream.aclose()
        told = len(ear.heard)
        stream.feed(SECOND_OF_SILENCE)
        stream.finalize()
        await stream.aclose()

        other = Ear()
        await other.hears(await other.open(stt), FIRST)

        assert len(ear.heard) == told
        assert ear.lost == []


@each_adapter
async def test_two_streams_do_not_hear_each_other(adapter: Adapter) -> None:
    async with adapter.make() as stt:
        one, other = Ear(), Ear()
        first, second = await one.open(stt), await other.open(stt)
        second.feed(SECOND_OF_SILENCE)
        await one.hears(first, FIRST)

        assert one.finals == [FIRST]
        assert other.words == []
        await first.aclose()
        await second.aclose()


@each_adapter
async def test_the_first_connection_may_be_made_ahead(adapter: Adapter) -> None:
    async with adapter.make() as stt:
        await stt.warm_up()
        await stt.warm_up()
        ear = Ear()
        stream = await ear.open(stt)
        await ear.hears(stream, FIRST)

        assert ear.finals == [FIRST]
        await stream.aclose()


@each_adapter
@settings(max_examples=10)
@given(cuts=st.lists(st.integers(0, 900), max_size=30))
async def test_audio_may_come_in_pieces_of_any_length(adapter: Adapter, cuts: list[int]) -> None:
    async with adapter.make() as stt:
        ear = Ear()
        stream = await ear.open(stt)
        audio = SPOKEN_AND_QUIET
        for length in cuts:
            stream.feed(audio[:length])
            audio = audio[length:]
        stream.feed(audio)
        stream.finalize()
        await ear.until(lambda: bool(ear.finals))

        assert ear.finals == [FIRST]
        await stream.aclose()
