"""Azure's voice over real HTTP: what is asked, the sound that comes back, and every way in which it fails."""

from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager

import httpx
import pytest

from dalpak.call.mulaw import SAMPLE_RATE_HZ
from dalpak.clock import SystemClock
from dalpak.errors import ProviderError
from dalpak.language.base import Spoken, say
from dalpak.services.tts.azure import LONGEST_BYTES, AzureTts
from dalpak.simulator.azure_server import API_KEY, AzureFault, AzureServer
from dalpak.simulator.coded_voice import coded_voice

pytestmark = pytest.mark.integration

TEXT = "שלום במה אפשר לעזור"
HELLO = Spoken(TEXT, "ʃalˈom")


@asynccontextmanager
async def speaking(
    *troubles: AzureFault | None, key: str = API_KEY, timeout_s: float = 5.0
) -> AsyncIterator[tuple[AzureServer, AzureTts]]:
    async with AzureServer() as server:
        server.troubles.extend(troubles)
        voice = AzureTts(
            url=server.url,
            key=key,
            voice="he-IL-HilaNeural",
            timeout_s=timeout_s,
            clock=SystemClock(),
        )
        try:
            yield server, voice
        finally:
            await voice.aclose()


async def sound(voice: AzureTts, what: Spoken = HELLO, locale: str = "he-IL") -> bytes:
    return b"".join([chunk async for chunk in voice.synthesize(what, locale=locale)])


def connections(voice: AzureTts) -> int:
    """Open ones, in use or kept for the next sentence."""
    transport = voice._http._transport
    assert isinstance(transport, httpx.AsyncHTTPTransport)
    return len(transport._pool.connections)


async def code_of(voice: AzureTts) -> tuple[str, bool]:
    with pytest.raises(ProviderError) as failed:
        await sound(voice)
    return failed.value.code, failed.value.retryable


async def test_the_sentence_comes_back_as_it_was_said() -> None:
    async with speaking() as (server, voice):
        assert await sound(voice) == coded_voice(TEXT)
        assert server.said == [TEXT]
        assert 'name="he-IL-HilaNeural"' in server.asked[0].body.decode()
        assert 'xml:lang="he-IL"' in server.asked[0].body.decode()


async def test_another_language_gets_a_voice_that_speaks_it() -> None:
    async with speaking() as (server, voice):
        await sound(voice, Spoken("hello"), locale="en-US")
        assert 'name="en-US-JennyNeural"' in server.asked[0].body.decode()


@pytest.mark.parametrize("name", ["<break/>", "\"&'", "a\x00b\x1b[2J", "]]>", "\ud800"])
async def test_what_a_caller_is_called_is_words_and_never_markup(name: str) -> None:
    async with speaking() as (server, voice):
        assert await sound(voice, say(HELLO, Spoken(name)))
        printable = [c for c in name if c.isprintable() and c != " "]
        assert [c for c in server.said[0].removeprefix(TEXT) if c != " "] == printable


async def test_one_connection_serves_sentence_after_sentence() -> None:
    async with speaking() as (_, voice):
        for _ in range(3):
            await sound(voice)
        assert connections(voice) == 1


async def test_the_first_sound_is_there_before_the_last_is_made() -> None:
    async with speaking(AzureFault.STALL) as (server, voice):
        async with aclosing(voice.synthesize(HELLO, locale="he-IL")) as chunks:
            assert coded_voice(TEXT).startswith(await anext(chunks))
        assert server.said == [TEXT]


@pytest.mark.parametrize(
    ("trouble", "code", "retryable", "asked"),
    [
        (AzureFault.UNAUTHORIZED, "tts_unauthenticated", False, 1),
        (AzureFault.QUOTA, "tts_quota", True, 2),
        (AzureFault.DOWN, "tts_unavailable", True, 2),
        (AzureFault.RESET, "tts_unreachable", True, 2),
        (AzureFault.EMPTY, "tts_empty", True, 2),
        (AzureFault.PCM, "tts_format", True, 2),
        (AzureFault.MP3, "tts_format", True, 2),
    ],
)
async def test_a_sentence_that_does_not_begin_is_tried_once_more_at_most(
    trouble: AzureFault, code: str, retryable: bool, asked: int
) -> None:
    async with speaking(trouble, trouble) as (server, voice):
        assert await code_of(voice) == (code, retryable)
        assert len(server.asked) == asked


async def test_a_second_try_may_succeed_and_nothing_is_said_twice() -> None:
    async with speaking(AzureFault.DOWN, None) as (server, voice):
        assert await sound(voice) == coded_voice(TEXT)
        assert len(server.asked) == 2


@pytest.mark.parametrize(
    ("trouble", "code", "timeout_s"),
    [
        (AzureFault.SILENT, "tts_timeout", 0.2),
        (AzureFault.SLOW, "tts_timeout", 0.2),
        (AzureFault.STALL, "tts_stalled", 1.0),
        (AzureFault.HALF, "tts_cut", 5.0),
    ],
)
async def test_a_service_that_stops_is_given_up_and_its_connection_with_it(
    trouble: AzureFault, code: str, timeout_s: float
) -> None:
    async with speaking(trouble, timeout_s=timeout_s) as (server, voice):
        assert await code_of(voice) == (code, True)
        assert len(server.said) == 1
        assert connections(voice) == 0


async def test_a_sentence_without_an_end_is_cut() -> None:
    async with speaking(AzureFault.ENDLESS) as (_, voice):
        given: list[bytes] = []

        async def listen() -> None:
            async for chunk in voice.synthesize(HELLO, locale="he-IL"):
                given.append(chunk)

        with pytest.raises(ProviderError, match="tts_endless"):
            await listen()
        assert LONGEST_BYTES - SAMPLE_RATE_HZ < len(b"".join(given)) <= LONGEST_BYTES


async def test_a_header_is_taken_off() -> None:
    async with speaking(AzureFault.WAV) as (_, voice):
        assert await sound(voice) == coded_voice(TEXT)


async def test_a_wrong_key_is_never_shown() -> None:
    async with speaking(key="secret-of-mine") as (_, voice):
        with pytest.raises(ProviderError) as failed:
            await sound(voice)
        assert failed.value.code == "tts_unauthenticated"
        assert "secret-of-mine" not in repr(failed.value)


async def test_nobody_there() -> None:
    async with speaking() as (server, voice):
        await server.__aexit__()
        assert await code_of(voice) == ("tts_unreachable", True)
