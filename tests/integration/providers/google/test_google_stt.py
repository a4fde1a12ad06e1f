"""Google's recogniser, asked by the real client library: what it is asked for, and that no word is lost or doubled."""

import asyncio

import pytest
from google_stage import PAUSE, google_stt, listening, say, settings
from hypothesis import given
from hypothesis import settings as tries
from hypothesis import strategies as st
from stt_ear import SECOND_OF_SILENCE, Ear, until

from dalpak.call.mulaw import SILENCE_FRAME, encode
from dalpak.clock import SystemClock
from dalpak.errors import ConfigError
from dalpak.services.stt import google_leg
from dalpak.services.stt.google import GoogleStt
from dalpak.simulator.coded_voice import coded_voice
from dalpak.simulator.google import GoogleSimulator
from dalpak.simulator.latency import Latency
from dalpak.simulator.recogniser import Script
from dalpak.simulator.wire_proxy import WireProxy

pytestmark = pytest.mark.integration

BOOK, TOMORROW = "שלום אני רוצה תור", "מחר בעשר"
NUMBERS = "אפס אחת שתיים שלוש ארבע חמש שש שבע שמונה תשע".split()


# -- what is asked -------------------------------------------------------------------------------


async def test_v2_asks_for_hebrew_on_the_telephone() -> None:
    async with (
        GoogleSimulator() as there,
        listening(there, google_project="salon", google_stt_boost=7.5) as (ear, stream),
    ):
        say(stream, BOOK)
        await ear.until(lambda: bool(ear.finals))

        asked = there.speech.streams[0].config
        config, streaming = asked.streaming_config.config, asked.streaming_config
        assert asked.recognizer == "projects/salon/locations/eu/recognizers/_"
        assert (config.model, list(config.language_codes)) == ("chirp_3", ["iw-IL"])
        decoding = config.explicit_decoding_config
        assert (decoding.encoding, decoding.sample_rate_hertz) == (2, 8000)
        assert decoding.audio_channel_count == 1
        assert config.features.enable_automatic_punctuation is False
        assert config.features.max_alternatives == 1
        phrases = config.adaptation.phrase_sets[0].inline_phrase_set.phrases
        assert [(p.value, p.boost) for p in phrases] == [("תור", 7.5), ("מחר", 7.5)]
        assert streaming.streaming_features.interim_results
        assert streaming.streaming_features.endpointing_sensitivity == 2


async def test_v1_asks_for_the_same_in_its_own_words() -> None:
    async with (
        GoogleSimulator() as there,
        listening(there, google_stt_api="v1") as (ear, stream),
    ):
        say(stream, BOOK)
        await ear.until(lambda: bool(ear.finals))

        streaming = there.speech.streams[0].config.streaming_config
        config = streaming.config
        assert (config.model, config.language_code) == ("default", "iw-IL")
        assert (config.encoding, config.sample_rate_hertz) == (3, 8000)
        assert config.enable_automatic_punctuation is False
        assert list(config.speech_contexts[0].phrases) == ["תור", "מחר"]
        assert streaming.interim_results
        assert not streaming.single_utterance


async def test_hints_are_few_short_and_told_once() -> None:
    hints = ["תור", " תור ", "", "א" * 300, *(f"שירות {n}" for n in range(500))]
    async with GoogleSimulator() as there, google_stt(there.address) as stt:
        ear = Ear()
        stream = await stt.open(
            locale="he-IL", hints=hints, on_transcript=ear.heard.append, on_lost=ear.lost.append
        )
        await until(lambda: bool(there.speech.streams))
        asked = there.speech.streams[0].config.streaming_config.config
        values = [p.value for p in asked.adaptation.phrase_sets[0].inline_phrase_set.phrases]
        await stream.aclose()

    assert len(values) == 100
    assert values[:2] == ["תור", "א" * 100]
    assert len(set(values)) == 100


@pytest.mark.parametrize(("chunk_ms", "messages"), [(100, 20), (20, 100)])
async def test_audio_goes_out_in_pieces_of_the_chosen_length(chunk_ms: int, messages: int) -> None:
    async with (
        GoogleSimulator() as there,
        listening(there, google_stt_chunk_ms=chunk_ms) as (_, stream),
    ):
        await until(lambda: bool(there.speech.streams))
        seen = there.speech.streams[0]
        for frame in range(100):
            stream.feed(SILENCE_FRAME)
            if (frame + 1) * 20 % chunk_ms == 0:
                await until(lambda fed=(frame + 1) * 20: seen.audio_ms == fed)

        assert (seen.messages, seen.largest) == (messages, chunk_ms * 8)


async def test_a_final_does_not_wait_for_a_full_piece() -> None:
    async with GoogleSimulator() as there, listening(there) as (ear, stream):
        stream.feed(coded_voice("כן") + SILENCE_FRAME)
        stream.finalize()
        await ear.until(lambda: bool(ear.finals))

        assert ear.finals == ["כן"]
        assert there.speech.streams[0].audio_ms == 320


# -- one stream after another --------------------------------------------------------------------


async def test_a_final_comes_by_closing_and_the_next_audio_opens_the_next_stream() -> None:
    async with GoogleSimulator() as there, listening(there) as (ear, stream):
        say(stream, BOOK)
        await ear.until(lambda: ear.finals == [BOOK])
        assert [seen.half_closed for seen in there.speech.streams] == [True]
        say(stream, TOMORROW)
        await ear.until(lambda: ear.finals == [BOOK, TOMORROW])
        await until(lambda: there.speech.open_streams == 0)

        second = there.speech.streams[1]
        assert len(there.speech.streams) == 2
        # The quiet before the onset is heard again, and no word of the first utterance.
        assert second.audio_ms == 120 + 2 * 300 + 120


async def test_rolling_asks_with_silence_and_keeps_its_stream() -> None:
    async with (
        GoogleSimulator() as there,
        listening(there, google_stt_stream="rolling") as (ear, stream),
    ):
        for text in (BOOK, TOMORROW, BOOK):
            say(stream, text)
            await ear.until(lambda text=text: ear.finals[-1:] == [text])

        assert ear.finals == [BOOK, TOMORROW, BOOK]
        assert len(there.speech.streams) == 1


async def test_words_of_the_next_utterance_wait_for_the_final_of_the_one_before() -> None:
    async with GoogleSimulator() as there, listening(there) as (ear, stream):
        there.speech.final_latency = Latency(150, 150)
        say(stream, BOOK)
        stream.feed(coded_voice(TOMORROW))
        await ear.until(lambda: TOMORROW in ear.partials)

        final = next(n for n, t in enumerate(ear.heard) if t.final)
        assert ear.heard[final].text == BOOK
        assert all(t.text in (TOMORROW, "מחר") for t in ear.heard[final + 1 :])


@tries(max_examples=15)
@given(
    utterances=st.lists(
        st.tuples(
            st.lists(st.sampled_from(NUMBERS), min_size=1, max_size=6),
            st.integers(6, 60),
            st.booleans(),
        ),
        min_size=1,
        max_size=6,
    ),
    mode=st.sampled_from(("utterance", "rolling")),
    roll_ms=st.integers(300, 3_000),
)
async def test_streams_that_grow_old_lose_no_word_and_hear_none_twice(
    utterances: list[tuple[list[str], int, bool]], mode: str, roll_ms: int
) -> None:
    """Whether or not a final is asked for at a pause, and wherever in the talk a stream grows old."""
    chosen = {"google_stt_stream": mode, "google_stt_roll_s": roll_ms / 1000}
    async with GoogleSimulator() as there, listening(there, **chosen) as (ear, stream):
        wanted: list[str] = []
        for words, frames_of_quiet, asks in utterances:
            wanted += words
            audio = coded_voice(" ".join(words)) + SILENCE_FRAME * frames_of_quiet
            for at in range(0, len(audio), 160):
                stream.feed(audio[at : at + 160])
                await SystemClock().sleep(0)
            if asks:
                stream.finalize()
        stream.finalize()
        stream.feed(SECOND_OF_SILENCE)
        stream.finalize()
        await ear.until(lambda: len(" ".join(ear.finals).split()) >= len(wanted))
        await until(lambda: there.speech.open_streams <= 1)

        assert " ".join(ear.finals).split() == wanted
        assert ear.lost == []


async def test_a_caller_who_never_pauses_is_heard_on_when_the_stream_is_at_its_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("dalpak.services.stt.google.LAST_CALL_BYTES", 4_000 * 8)
    words = [NUMBERS[n % 10] for n in range(30)]
    async with GoogleSimulator() as there, listening(there, google_stt_roll_s=2.0) as (ear, stream):
        there.speech.max_stream_ms = 5_000
        audio = coded_voice(" ".join(words))
        for at in range(0, len(audio), 160):
            stream.feed(audio[at : at + 160])
            await SystemClock().sleep(0)
        stream.finalize()
        await ear.until(lambda: len(" ".join(ear.finals).split()) >= len(words))

        assert " ".join(ear.finals).split() == words
        assert len(there.speech.streams) == 3


async def test_a_caller_who_says_nothing_for_minutes_is_still_heard() -> None:
    async with GoogleSimulator() as there, listening(there, google_stt_roll_s=2.0) as (ear, stream):
        there.speech.max_stream_ms = 3_000
        for _ in range(20):
            stream.feed(SECOND_OF_SILENCE)
            await SystemClock().sleep(0)
        say(stream, BOOK)
        await ear.until(lambda: bool(ear.finals))

        assert ear.finals == [BOOK]
        assert ear.lost == []
        await until(lambda: there.speech.open_streams == 0)


async def test_a_line_without_audio_is_kept_open_with_silence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Google ends a stream that gets nothing for 5 s; a muted caller sends nothing for longer."""
    monkeypatch.setattr(google_leg, "IDLE_S", 0.02)
    async with GoogleSimulator() as there, listening(there) as (ear, stream):
        await until(lambda: bool(there.speech.streams) and there.speech.streams[0].messages >= 5)
        say(stream, BOOK)
        await ear.until(lambda: bool(ear.finals))

        assert ear.finals == [BOOK]
        assert ear.lost == []


async def test_any_voice_is_heard_by_its_loudness() -> None:
    """A real recording carries no words for the simulator: the script says what was said."""
    sound = encode(
        b"".join(
            int(9000 * (n % 37 - 18) / 18).to_bytes(2, "little", signed=True) for n in range(8000)
        )
    )
    async with (
        GoogleSimulator(script=Script([TOMORROW])) as there,
        listening(there) as (ear, stream),
    ):
        stream.feed(sound + PAUSE)
        stream.finalize()
        await ear.until(lambda: bool(ear.finals))

        assert ear.finals == [TOMORROW]


# -- one client for all --------------------------------------------------------------------------


async def test_calls_share_the_connections_of_the_process() -> None:
    async with (
        GoogleSimulator() as there,
        WireProxy(there.address) as wire,
        google_stt(wire.address, google_channels=2) as stt,
    ):
        await asyncio.gather(*(stt.warm_up() for _ in range(5)))
        ears = [Ear() for _ in range(12)]
        streams = await asyncio.gather(*(ear.open(stt) for ear in ears))
        for stream in streams:
            say(stream, BOOK)
        for ear in ears:
            await ear.until(lambda ear=ear: bool(ear.finals))
        for stream in streams:
            await stream.aclose()

        assert [ear.finals for ear in ears] == [[BOOK]] * 12
        assert wire.connections == 2


async def test_closing_the_process_ends_every_stream_and_is_done_once() -> None:
    async with GoogleSimulator() as there:
        stt = GoogleStt(settings(there.address))
        ear = Ear()
        stream = await ear.open(stt)
        await until(lambda: there.speech.open_streams == 1)
        await stream.aclose()
        await stt.aclose()
        await stt.aclose()
        await until(lambda: there.speech.open_streams == 0)

        assert ear.lost == []
        with pytest.raises(Exception, match="google_stt_closed"):
            await ear.open(stt)


@pytest.mark.parametrize("wrong", ["http://127.0.0.1:1", "127.0.0.1:abc", ":443", "a/b"])
def test_an_endpoint_that_cannot_be_one_names_its_setting(wrong: str) -> None:
    with pytest.raises(ConfigError, match="GOOGLE_STT_ENDPOINT"):
        GoogleStt(settings(wrong))


async def test_no_other_machine_is_ever_reached_in_the_open() -> None:
    """Anywhere but here there is TLS and there are credentials: without them nothing is sent."""
    chosen = settings("192.0.2.1:50051", google_credentials_file="/nowhere/key.json")
    stt = GoogleStt(chosen)
    with pytest.raises(Exception, match="google_stt_auth"):
        await Ear().open(stt)
    await stt.aclose()


def test_published_latencies_are_drawn_from_the_seed() -> None:
    def drawn(seed: int) -> list[float]:
        there = GoogleSimulator(seed=seed, published_latencies=True)
        speech, tts = there.speech, there.tts
        return [
            speech.partial_latency.draw_s(speech.rng),
            speech.final_latency.draw_s(speech.rng),
            tts.streaming_latency.draw_s(tts.rng),
            tts.unary_latency.draw_s(tts.rng),
        ]

    assert drawn(7) == drawn(7) != drawn(8)
    assert all(seconds > 0 for seconds in drawn(7))
