"""Google's recogniser in trouble (failure catalogue, part A): what must be true afterwards, with a call's own listener.

Every wait is for what has to happen; deadlines are settings, and short where a test is about one.
"""

import pytest
from google_stage import Call, calling, google_stt, listening, say, settings
from stt_ear import SECOND_OF_SILENCE, Ear, until

from dalpak.call.mulaw import SILENCE_FRAME
from dalpak.errors import ProviderError
from dalpak.services.stt.google import GoogleStream, GoogleStt
from dalpak.services.stt.google_leg import MESSAGE_MAX_BYTES, QUEUE_MAX_BYTES
from dalpak.simulator.coded_voice import coded_voice
from dalpak.simulator.google import GoogleSimulator
from dalpak.simulator.google_faults import GoogleFault
from dalpak.simulator.wire_proxy import WireProxy

pytestmark = pytest.mark.integration

BOOK, TOMORROW = "שלום אני רוצה תור", "מחר בעשר"
WORDS_MS = 4 * 300


async def heard_whole(call: Call, there: GoogleSimulator) -> None:
    """The call hears on: both utterances, each word once, over one stream at the end."""
    await call.hears(BOOK)
    await call.hears(TOMORROW)
    assert call.words == [*BOOK.split(), *TOMORROW.split()]
    assert call.lost == []
    await until(lambda: there.speech.open_streams <= 1)


# -- A1: Google's own limit ----------------------------------------------------------------------


@pytest.mark.parametrize("api", ["v1", "v2"])
@pytest.mark.parametrize("after_ms", range(0, WORDS_MS + 100, 100))
async def test_a1_a_stream_ended_at_its_limit_loses_no_word(api: str, after_ms: int) -> None:
    async with GoogleSimulator() as there:
        there.speech.troubles.order(GoogleFault.LIMIT, after_ms=after_ms)
        async with calling(there.address, google_stt_api=api) as call:
            call.listener.feed(SILENCE_FRAME)
            await until(lambda: bool(there.speech.streams))
            await heard_whole(call, there)

        assert there.speech.troubles.struck == 1


# -- A2: the connection breaks -------------------------------------------------------------------


@pytest.mark.parametrize("bytes_up", [0, 500, 1_500, 3_000, 5_000, 7_000, 9_000, 9_900])
async def test_a2_a_reset_connection_is_replaced_and_the_words_are_replayed(bytes_up: int) -> None:
    async with GoogleSimulator() as there, WireProxy(there.address) as wire:
        async with calling(wire.address, google_channels=1) as call:
            await until(lambda: there.speech.open_streams == 1)
            wire.reset_after(bytes_up)
            await heard_whole(call, there)

        assert wire.connections == 2


async def test_a2_a_server_that_is_not_there_is_told_in_time() -> None:
    async with GoogleSimulator() as there:
        address = there.address
    async with google_stt(address) as stt:
        with pytest.raises(ProviderError, match="google_stt_unavailable") as refused:
            await Ear().open(stt)
        assert refused.value.retryable
    async with google_stt(address, google_connect_timeout_s=0.05) as stt:
        await stt.warm_up()  # is logged, and raises nothing


async def test_a2_a_line_that_passes_nothing_on_is_told_in_time() -> None:
    async with GoogleSimulator() as there, WireProxy(there.address) as wire:
        wire.freeze()
        async with google_stt(wire.address, google_connect_timeout_s=0.1) as stt:
            with pytest.raises(ProviderError, match="google_stt_unreachable"):
                await Ear().open(stt)


async def test_a2_a_server_that_stops_costs_the_ears_and_not_the_call() -> None:
    async with GoogleSimulator() as there, calling(there.address) as call:
        await until(lambda: there.speech.open_streams == 1)
        await there.stop()
        await until(lambda: bool(call.lost))

        assert call.lost == ["google_stt_unavailable"]
        assert call.finals == []


# -- A3 to A5: late, or not at all ---------------------------------------------------------------


async def test_a3_a_recogniser_that_says_nothing_is_left_for_another() -> None:
    async with GoogleSimulator() as there:
        there.speech.troubles.order(GoogleFault.SILENT)
        async with calling(there.address, google_stt_final_s=0.1) as call:
            await until(lambda: there.speech.open_streams == 1)
            call.speak(BOOK)
            call.listener.finalize()
            await until(lambda: len(there.speech.streams) == 2)
            call.listener.finalize()
            await until(lambda: bool(call.finals))
            await call.hears(TOMORROW)

            assert call.words == [*BOOK.split(), *TOMORROW.split()]
            assert call.lost == []


async def test_a3_ears_that_never_hear_are_given_up() -> None:
    async with GoogleSimulator() as there:
        there.speech.troubles.order(GoogleFault.SILENT, streams=99)
        async with calling(there.address, google_stt_final_s=0.05) as call:
            call.speak(BOOK)

            def given_up() -> bool:
                call.listener.finalize()
                return bool(call.lost)

            await until(given_up)

            assert call.lost == ["google_stt_silent"]
            assert call.heard == call.heard[-1:]


async def test_a4_a_late_final_does_not_hold_up_newer_words_and_is_not_told_after_them() -> None:
    async with GoogleSimulator() as there:
        there.speech.slow_s = 0.5
        there.speech.troubles.order(GoogleFault.SLOW)
        async with listening(there, stt_timeout_ms=50, google_stt_final_s=5.0) as (ear, stream):
            say(stream, BOOK)
            say(stream, TOMORROW)
            await ear.until(lambda: bool(ear.finals))
            await until(lambda: there.speech.open_streams == 0)
            say(stream, "תודה")
            await ear.until(lambda: "תודה" in ear.finals)

            assert ear.finals == [TOMORROW, "תודה"]
            assert [text for text in ear.partials if text in BOOK] == []
            assert isinstance(stream, GoogleStream)
            assert stream.stale > 0


@pytest.mark.parametrize("fault", [GoogleFault.NO_FINAL, GoogleFault.ENDLESS])
async def test_a5_words_that_never_get_their_final_count_in_the_end(fault: GoogleFault) -> None:
    async with GoogleSimulator() as there:
        there.speech.troubles.order(fault)
        async with listening(there, google_stt_final_s=0.2) as (ear, stream):
            stream.feed(coded_voice(BOOK))
            await ear.until(lambda: BOOK in ear.partials)
            say(stream, "נו")
            await ear.until(lambda: bool(ear.finals))
            await until(lambda: there.speech.open_streams == 0)
            say(stream, TOMORROW)
            await ear.until(lambda: TOMORROW in ear.finals)

            assert ear.finals[0].startswith(BOOK)
            assert ear.finals[-1] == TOMORROW
            assert ear.lost == []


# -- A6: nonsense --------------------------------------------------------------------------------


async def test_a6_babble_reaches_the_call_short_and_printable() -> None:
    async with GoogleSimulator() as there:
        there.speech.troubles.order(GoogleFault.BABBLE)
        async with calling(there.address) as call:
            await until(lambda: there.speech.open_streams == 1)
            await call.hears(BOOK)
            await call.hears(TOMORROW)

            assert call.finals[-1] == TOMORROW
            assert all(len(text) <= 500 and text.isprintable() for text in call.finals)


async def test_a6_an_empty_final_is_no_words() -> None:
    async with GoogleSimulator() as there:
        there.speech.troubles.order(GoogleFault.EMPTY)
        async with listening(there) as (ear, stream):
            say(stream, BOOK)
            await until(lambda: [seen.over for seen in there.speech.streams[:1]] == [True])
            await ear.hears(stream, TOMORROW)

            assert ear.finals == [TOMORROW]


@pytest.mark.parametrize("fault", [GoogleFault.GARBAGE, GoogleFault.HALF, GoogleFault.RESET])
@pytest.mark.parametrize("after_ms", [0, 400, 900])
async def test_a6_a_stream_that_breaks_in_the_middle_is_replayed(
    fault: GoogleFault, after_ms: int
) -> None:
    async with GoogleSimulator() as there:
        there.speech.troubles.order(fault, after_ms=after_ms)
        async with calling(there.address) as call:
            call.speak(BOOK)
            await until(lambda: len(there.speech.streams) == 2)
            call.listener.feed(SECOND_OF_SILENCE)
            await until(lambda: bool(call.finals))
            await call.hears(TOMORROW)

            assert call.words == [*BOOK.split(), *TOMORROW.split()]
            assert call.lost == []
        assert there.speech.troubles.struck == 1


async def test_a_final_told_twice_is_one() -> None:
    async with GoogleSimulator() as there:
        there.speech.troubles.order(GoogleFault.TWICE)
        async with listening(there) as (ear, stream):
            await ear.hears(stream, BOOK)
            await ear.hears(stream, TOMORROW)

            assert ear.finals == [BOOK, TOMORROW]


# -- A7: refused ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (GoogleFault.QUOTA, "google_stt_quota"),
        (GoogleFault.UNAUTHENTICATED, "google_stt_auth"),
    ],
)
async def test_a7_a_refusal_ends_the_ears_of_this_call_soon_and_of_no_other(
    fault: GoogleFault, code: str
) -> None:
    async with GoogleSimulator() as there, google_stt(there.address) as stt:
        ear = Ear()
        healthy = await ear.open(stt)
        await until(lambda: there.speech.open_streams == 1)
        there.speech.troubles.order(fault, streams=3)
        call = Call(stt)
        call.listener.open()
        await until(lambda: bool(call.lost))

        assert call.lost == [code]
        assert len(there.speech.streams) == 4
        await ear.hears(healthy, BOOK)
        assert ear.finals == [BOOK]
        assert ear.lost == []
        await healthy.aclose()
        await call.supervisor.aclose()


async def test_a7_what_google_does_not_accept_is_told_as_refused() -> None:
    async with GoogleSimulator() as there, google_stt(there.address) as stt:
        ear = Ear()
        stream = await stt.open(
            locale="xx-XX", hints=(), on_transcript=ear.heard.append, on_lost=ear._lose
        )
        await ear.until(lambda: bool(ear.lost))
        stream.feed(coded_voice(BOOK))
        stream.finalize()
        await stream.aclose()

        assert ear.lost == ["google_stt_refused"]
        assert ear.heard == []


# -- a slow line ---------------------------------------------------------------------------------


async def test_feeding_a_line_that_takes_nothing_neither_blocks_nor_grows() -> None:
    async with GoogleSimulator() as there, WireProxy(there.address) as wire:
        stt = GoogleStt(settings(wire.address))
        ear = Ear()
        stream = await ear.open(stt)
        assert isinstance(stream, GoogleStream)
        await until(lambda: there.speech.open_streams == 1)
        wire.freeze()
        for _ in range(60):
            stream.feed(SILENCE_FRAME * 50)
        assert stream.waiting_bytes <= QUEUE_MAX_BYTES + MESSAGE_MAX_BYTES
        wire.thaw()
        say(stream, BOOK)
        await ear.until(lambda: bool(ear.finals))
        await stream.aclose()
        await stt.aclose()

    assert ear.finals == [BOOK]
    assert max(seen.largest for seen in there.speech.streams) <= MESSAGE_MAX_BYTES
    assert there.speech.streams[0].audio_ms < 60_000
