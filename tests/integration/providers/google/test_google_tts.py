"""Google's voices, asked by the real client library: what is asked for, what comes, what is never played."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from google_stage import settings
from stt_ear import PATIENCE_S, until

from dalpak.call.mulaw import energy
from dalpak.clock import SystemClock
from dalpak.errors import ProviderError
from dalpak.language.base import Spoken, say
from dalpak.ports.tts import TextToSpeech
from dalpak.services.registry import text_to_speech
from dalpak.services.tts.bank import PromptBank
from dalpak.services.tts.google import longest_bytes
from dalpak.services.tts.wav import ROAR
from dalpak.simulator.coded_voice import coded_voice, decoded
from dalpak.simulator.google import GoogleSimulator
from dalpak.simulator.google_faults import GoogleFault
from dalpak.simulator.wire_proxy import WireProxy

pytestmark = pytest.mark.integration

HELLO = Spoken("שלום, במה אפשר לעזור?", "ʃalˈom, bamˈe efʃˈaʁ laʔazˈoʁ?")
both = pytest.mark.parametrize("provider", ["google", "google_unary"])


@asynccontextmanager
async def voice(
    there: GoogleSimulator, provider: str, **chosen: Any
) -> AsyncIterator[TextToSpeech]:
    made = text_to_speech(settings(there.address, tts_provider=provider, **chosen))
    try:
        yield made
    finally:
        await made.aclose()


async def gather(voice: TextToSpeech, what: Spoken, given: list[bytes]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        async for chunk in voice.synthesize(what, locale="he-IL"):
            given.append(chunk)


async def spoken(voice: TextToSpeech, what: Spoken = HELLO, locale: str = "he-IL") -> list[bytes]:
    return [chunk async for chunk in voice.synthesize(what, locale=locale)]


def words_in(audio: bytes) -> str:
    frames = [decoded(audio[at : at + 160]) for at in range(0, len(audio), 160)]
    return " ".join(frame.word for frame in frames if frame is not None and frame.is_middle)


# -- what is asked, what comes -------------------------------------------------------------------


async def test_a_sentence_streams_in_mulaw_from_a_hebrew_voice() -> None:
    async with GoogleSimulator() as there, voice(there, "google", google_tts_rate=1.1) as google:
        chunks = await spoken(google)

        asked = there.tts.requests[0].streaming_config
        audio = asked.streaming_audio_config
        assert (asked.voice.language_code, asked.voice.name) == ("he-IL", "he-IL-Chirp3-HD-Aoede")
        assert (audio.audio_encoding, audio.sample_rate_hertz) == (5, 8000)
        assert audio.speaking_rate == pytest.approx(1.1)
        assert there.tts.asked == [HELLO.text]
        assert len(chunks) > 1
        assert b"".join(chunks) == coded_voice(HELLO.text)
        assert google.voice == "he-IL-Chirp3-HD-Aoede@1.1"


async def test_in_one_piece_the_header_is_taken_off() -> None:
    async with GoogleSimulator() as there, voice(there, "google_unary") as google:
        chunks = await spoken(google)

        asked = there.tts.requests[0]
        assert asked.voice.name == "he-IL-Wavenet-A"
        assert (asked.audio_config.audio_encoding, asked.audio_config.sample_rate_hertz) == (
            5,
            8000,
        )
        assert asked.input.text == HELLO.text
        assert chunks == [coded_voice(HELLO.text)]


async def test_a_header_before_a_stream_is_taken_off_too() -> None:
    async with GoogleSimulator() as there, voice(there, "google") as google:
        there.tts.headers_when_streaming = True

        assert b"".join(await spoken(google)) == coded_voice(HELLO.text)


async def test_phonemes_are_told_only_when_wanted_and_only_where_they_are_known() -> None:
    what = say(Spoken("שלום", "ʃalˈom"), Spoken(","), Spoken('ד"ר <כהן>'))
    async with GoogleSimulator() as there:
        async with voice(there, "google_unary") as plain:
            await spoken(plain, what)
        async with voice(there, "google_unary", google_tts_phonemes=True) as phonetic:
            await spoken(phonetic, what)
            assert plain.voice != phonetic.voice

        assert there.tts.requests[0].input.text == what.text
        assert there.tts.requests[1].input.ssml == (
            '<speak><phoneme alphabet="ipa" ph="ʃalˈom">שלום</phoneme> , ד"ר &lt;כהן&gt;</speak>'
        )


async def test_another_language_gets_the_voice_of_the_same_name() -> None:
    async with GoogleSimulator() as there, voice(there, "google") as google:
        await spoken(google, Spoken("Hello"), "en-US")

        asked = there.tts.requests[0].streaming_config.voice
        assert (asked.language_code, asked.name) == ("en-US", "en-US-Chirp3-HD-Aoede")


async def test_sentences_and_calls_share_the_connections_of_the_process() -> None:
    async with GoogleSimulator() as there, WireProxy(there.address) as wire:
        google = text_to_speech(settings(wire.address, tts_provider="google", google_channels=1))
        await asyncio.gather(*(spoken(google) for _ in range(20)))
        await google.aclose()

        assert wire.connections == 1
        with pytest.raises(ProviderError, match="google_tts_closed"):
            await spoken(google)


async def test_the_bank_keeps_what_was_rendered_for_each_voice(tmp_path: Path) -> None:
    prompts = {"hello": HELLO}
    async with GoogleSimulator() as there:
        for name, times in (("Aoede", 1), ("Aoede", 1), ("Charon", 2)):
            chosen = {"google_tts_voice": f"he-IL-Chirp3-HD-{name}"}
            async with voice(there, "google", **chosen) as google:
                bank = PromptBank(google, folder=tmp_path, clock=SystemClock())
                await bank.maybe_warmup(prompts, locale="he-IL")
                assert bank.get(HELLO)
            assert len(there.tts.asked) == times


# -- in trouble (failure catalogue, part C) ------------------------------------------------------


@both
@pytest.mark.parametrize("fault", [GoogleFault.SILENT, GoogleFault.SLOW])
async def test_c1_no_sound_in_time_is_told_in_time(provider: str, fault: GoogleFault) -> None:
    async with (
        GoogleSimulator() as there,
        voice(there, provider, google_tts_timeout_s=0.1) as google,
    ):
        there.tts.troubles.order(fault)
        with pytest.raises(ProviderError, match="google_tts_timeout") as failed:
            await spoken(google)
        assert failed.value.retryable
        await until(lambda: there.tts.open_streams == 0)


@pytest.mark.parametrize("after_ms", [0, 200, 800])
@pytest.mark.parametrize(
    ("fault", "code"),
    [(GoogleFault.RESET, "google_tts_unavailable"), (GoogleFault.GARBAGE, "google_tts_garbage")],
)
async def test_c2_what_came_before_the_break_is_given_and_the_break_is_told(
    fault: GoogleFault, code: str, after_ms: int
) -> None:
    async with GoogleSimulator() as there, voice(there, "google") as google:
        there.tts.troubles.order(fault, after_ms=after_ms)
        given: list[bytes] = []
        with pytest.raises(ProviderError, match=code):
            await gather(google, HELLO, given)

        assert b"".join(given) == coded_voice(HELLO.text)[: after_ms * 8]
        assert b"".join(await spoken(google)) == coded_voice(HELLO.text)


@both
@pytest.mark.parametrize(
    "fault", [GoogleFault.WRONG_FORMAT, GoogleFault.WRONG_HEADER, GoogleFault.COMPRESSED]
)
async def test_c3_another_format_is_never_played(provider: str, fault: GoogleFault) -> None:
    async with GoogleSimulator() as there, voice(there, provider) as google:
        there.tts.troubles.order(fault)
        with pytest.raises(ProviderError, match="tts_format"):
            await spoken(google)

        assert energy(b"".join(await spoken(google))) < ROAR


@both
async def test_c3_an_answer_without_sound_is_an_error(provider: str) -> None:
    async with GoogleSimulator() as there, voice(there, provider) as google:
        there.tts.troubles.order(GoogleFault.EMPTY)
        with pytest.raises(ProviderError, match="google_tts_empty"):
            await spoken(google)


@both
async def test_c4_an_endless_answer_is_cut(provider: str) -> None:
    async with GoogleSimulator() as there, voice(there, provider) as google:
        there.tts.troubles.order(GoogleFault.ENDLESS)
        given: list[bytes] = []
        with pytest.raises(ProviderError, match="google_tts_endless"):
            await gather(google, Spoken("כן"), given)

        assert len(b"".join(given)) <= longest_bytes("כן")
        await until(lambda: there.tts.open_streams == 0)


@both
@pytest.mark.parametrize(
    ("fault", "code"),
    [(GoogleFault.QUOTA, "google_tts_quota"), (GoogleFault.UNAUTHENTICATED, "google_tts_auth")],
)
async def test_a_refusal_is_told_as_one_that_waiting_does_not_mend(
    provider: str, fault: GoogleFault, code: str
) -> None:
    async with GoogleSimulator() as there, voice(there, provider) as google:
        there.tts.troubles.order(fault)
        with pytest.raises(ProviderError, match=code) as refused:
            await spoken(google)

        assert not refused.value.retryable
        assert words_in(b"".join(await spoken(google))) == HELLO.text


@both
@pytest.mark.parametrize("fault", [GoogleFault.GARBAGE, GoogleFault.RESET])
async def test_a_broken_answer_is_an_error(provider: str, fault: GoogleFault) -> None:
    async with GoogleSimulator() as there, voice(there, provider) as google:
        there.tts.troubles.order(fault)
        with pytest.raises(ProviderError, match="google_tts_"):
            await spoken(google)


async def test_a_voice_that_cannot_stream_is_refused_by_google_and_told() -> None:
    async with (
        GoogleSimulator() as there,
        voice(there, "google", google_tts_voice="he-IL-Wavenet-A") as google,
    ):
        with pytest.raises(ProviderError, match="google_tts_refused: Currently, only Chirp 3"):
            await spoken(google)


@both
async def test_a_server_that_is_not_there_is_told(provider: str) -> None:
    async with GoogleSimulator() as there:
        pass
    async with voice(there, provider) as google:
        with pytest.raises(ProviderError, match="google_tts_unavailable"):
            await spoken(google)


async def test_a_line_that_passes_nothing_on_is_told_in_time() -> None:
    async with GoogleSimulator() as there, WireProxy(there.address) as wire:
        wire.freeze()
        google = text_to_speech(
            settings(wire.address, tts_provider="google", google_connect_timeout_s=0.1)
        )
        with pytest.raises(ProviderError, match="google_tts_unreachable"):
            await spoken(google)
        await google.aclose()


async def test_a_listener_who_leaves_ends_the_stream_at_google() -> None:
    async with GoogleSimulator() as there, voice(there, "google") as google:
        there.tts.troubles.order(GoogleFault.ENDLESS)
        async with aclosing(google.synthesize(HELLO, locale="he-IL")) as chunks:
            await anext(chunks)
            assert there.tts.open_streams == 1
        await until(lambda: there.tts.open_streams == 0)
