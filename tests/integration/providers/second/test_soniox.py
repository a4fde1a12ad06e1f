"""Soniox's protocol over a real socket: what is asked, what comes back, and every way in which it breaks."""

import asyncio

import pytest
from soniox_stage import QUIET, listening, options, say
from stt_ear import Ear, until

from dalpak.call.mulaw import SILENCE_FRAME
from dalpak.clock import SystemClock
from dalpak.errors import ProviderError
from dalpak.services.stt.soniox import KEPT_BYTES, SonioxStt
from dalpak.services.stt.soniox_protocol import HINT_MAX, HINTS_MAX
from dalpak.simulator.coded_voice import coded_voice
from dalpak.simulator.latency import Latency
from dalpak.simulator.soniox_server import SonioxFault, SonioxServer

pytestmark = pytest.mark.integration

FIRST, SECOND, THIRD = "שלום אני רוצה תור", "מחר בעשר", "תודה רבה להתראות"


async def test_the_opening_says_what_comes_and_the_key_travels_with_the_handshake_only() -> None:
    async with SonioxServer() as server, listening(server, "תור", "תור", "", "x" * 500):
        await until(lambda: bool(server.sessions[0].start))

        start = server.sessions[0].start
        assert start["context"] == {"terms": ["תור", "x" * HINT_MAX]}
        assert start["language_hints"] == ["he"]
        assert (start["audio_format"], start["sample_rate"], start["num_channels"]) == (
            "mulaw",
            8000,
            1,
        )
        assert "api_key" not in start


async def test_hints_are_few() -> None:
    async with SonioxServer() as server, listening(server, *map(str, range(500))):
        await until(lambda: bool(server.sessions[0].start))

        assert len(server.sessions[0].start["context"]["terms"]) == HINTS_MAX


async def test_audio_arrives_whole_in_order_and_before_the_final_that_was_asked() -> None:
    async with SonioxServer() as server, listening(server) as (ear, stream):
        audio = coded_voice(FIRST)
        for at in range(0, len(audio), 333):
            stream.feed(audio[at : at + 333])
        stream.finalize()
        await ear.until(lambda: ear.finals == [FIRST])

        assert bytes(server.sessions[0].audio) == audio
        assert server.sessions[0].finalizes == 1
        assert all(FIRST.startswith(text) for text in ear.partials)
        assert ear.heard[-1].confidence == pytest.approx(0.9)


async def test_a_final_is_asked_once_for_the_same_audio() -> None:
    async with SonioxServer() as server, listening(server) as (ear, stream):
        stream.finalize()
        say(stream, FIRST)
        stream.finalize()
        stream.finalize()
        await ear.until(lambda: ear.finals == [FIRST])
        say(stream, SECOND)
        await ear.until(lambda: ear.finals == [FIRST, SECOND])

        assert server.sessions[0].finalizes == 2


async def test_a_quiet_line_is_kept_open() -> None:
    async with SonioxServer() as server, listening(server, keepalive_s=0.05) as (ear, stream):
        await until(lambda: server.sessions[0].keepalives >= 3)
        say(stream, FIRST)
        await ear.until(lambda: ear.finals == [FIRST])

        assert ear.lost == []


async def test_results_keep_their_order_however_long_each_takes() -> None:
    slow = Latency(20, 60)
    async with (
        SonioxServer(partial=slow, final=slow, seed=7) as server,
        listening(server) as (ear, stream),
    ):
        for text in (FIRST, SECOND, THIRD):
            say(stream, text)
        await ear.until(lambda: len(ear.finals) == 3)

        assert ear.finals == [FIRST, SECOND, THIRD]
        begun = [text.split()[0] for text in ear.partials]
        assert begun == sorted(begun, key=(FIRST + SECOND + THIRD).index)


# -- what goes wrong -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "code", "retryable"),
    [
        (SonioxFault.REFUSED, "stt_unauthenticated", False),
        (SonioxFault.DOWN, "stt_restart", True),
        (SonioxFault.HANGS, "stt_unreachable", True),
    ],
)
async def test_a_stream_that_cannot_be_opened_says_why(
    fault: SonioxFault, code: str, retryable: bool
) -> None:
    async with SonioxServer() as server:
        server.faults.append(fault)
        ear = Ear()
        open_s = 0.2 if fault is SonioxFault.HANGS else 5.0
        with pytest.raises(ProviderError) as failed:
            await ear.open(SonioxStt(options(server, open_s=open_s), SystemClock()))

        assert (failed.value.code, failed.value.retryable) == (code, retryable)
        assert ear.lost == []


async def test_a_wrong_key_is_never_shown() -> None:
    async with SonioxServer() as server:
        made = options(server, api_key="secret-of-mine")
        with pytest.raises(ProviderError) as failed:
            await Ear().open(SonioxStt(made, SystemClock()))

        assert failed.value.code == "stt_unauthenticated"
        assert "secret-of-mine" not in f"{failed.value!r} {made!r}"


async def test_nobody_there() -> None:
    async with SonioxServer() as server:
        made = options(server)
    with pytest.raises(ProviderError, match="stt_unreachable"):
        await Ear().open(SonioxStt(made, SystemClock()))


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (SonioxFault.QUOTA, "stt_quota"),
        (SonioxFault.UNAUTHORIZED, "stt_unauthenticated"),
        (SonioxFault.RESTART, "stt_restart"),
        (SonioxFault.RESET, "stt_reset"),
        (SonioxFault.HALF, "stt_closed"),
        (SonioxFault.GARBAGE, "stt_garbage"),
    ],
)
async def test_a_stream_that_breaks_is_lost_once_and_says_why(
    fault: SonioxFault, reason: str
) -> None:
    async with SonioxServer() as server:
        server.faults.append(fault)
        async with listening(server) as (ear, stream):
            say(stream, FIRST)
            await ear.until(lambda: bool(ear.lost))
            told = len(ear.heard)
            stream.feed(coded_voice(SECOND))
            stream.finalize()
            await stream.aclose()

            assert ear.lost == [reason]
            assert len(ear.heard) == told


async def test_a_service_that_says_nothing_is_lost_after_its_time() -> None:
    async with SonioxServer() as server:
        server.faults.append(SonioxFault.SILENT)
        async with listening(server, silent_s=0.2) as (ear, stream):
            say(stream, FIRST)
            await ear.until(lambda: bool(ear.lost))

            assert ear.lost == ["stt_silent"]


async def test_a_message_without_sense_is_skipped() -> None:
    async with SonioxServer() as server:
        server.faults.append(SonioxFault.NOISE)
        async with listening(server) as (ear, stream):
            say(stream, SECOND)
            await ear.until(lambda: ear.finals == [SECOND])

            assert ear.lost == []


async def test_a_service_that_does_not_read_loses_the_stream(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("dalpak.services.stt.soniox.SEND_S", 0.3)
    async with SonioxServer(after_ms=0) as server:
        server.faults.append(SonioxFault.DEAF)
        async with listening(server) as (ear, stream):
            while not ear.lost:
                stream.feed(SILENCE_FRAME * 300)
                await SystemClock().sleep(0)
                await until(lambda: bool(ear.lost) or not getattr(stream, "_out"))  # noqa: B009

            assert ear.lost == ["stt_stalled"]


# -- a long call ---------------------------------------------------------------------------------


async def test_an_old_socket_is_replaced_between_two_utterances() -> None:
    async with SonioxServer() as server, listening(server, roll_s=0.0) as (ear, stream):
        for utterance in (FIRST, SECOND, THIRD):
            before = len(server.sessions)
            say(stream, utterance)
            await ear.until(lambda wanted=utterance: wanted in ear.finals)  # type: ignore[misc]
            await until(lambda was=before: len(server.sessions) > was)  # type: ignore[misc]

        assert ear.finals == [FIRST, SECOND, THIRD]
        assert ear.lost == []


@pytest.mark.parametrize("cut", range(0, 4_800 * 2, 1_200))
async def test_no_word_is_lost_or_doubled_by_a_replacement_in_the_middle(cut: int) -> None:
    """The socket's life ends at any point of an utterance; both sockets are real."""
    async with SonioxServer() as server, listening(server) as (ear, stream):
        audio = coded_voice(FIRST) + QUIET
        stream.feed(audio[:cut])
        getattr(stream, "_roll")()  # noqa: B009
        stream.feed(audio[cut : cut + 800])
        await until(lambda: len(server.sessions) == 2 and bool(server.sessions[1].start))
        stream.feed(audio[cut + 800 :])
        stream.finalize()
        await ear.until(lambda: bool(ear.finals))
        say(stream, SECOND)
        await ear.until(lambda: len(ear.finals) == 2)

        assert ear.finals == [FIRST, SECOND]
        assert len(audio) < KEPT_BYTES


async def test_a_replacement_that_cannot_be_opened_leaves_the_old_socket_in_use() -> None:
    async with SonioxServer() as server, listening(server, roll_s=0.0) as (ear, stream):
        server.faults.append(SonioxFault.DOWN)
        say(stream, FIRST)
        await until(lambda: len(server.sessions) == 2)
        say(stream, SECOND)
        await ear.until(lambda: ear.finals == [FIRST, SECOND])

        assert ear.lost == []
        assert not server.sessions[1].start


async def test_closing_while_a_replacement_is_being_opened_leaves_nothing_open() -> None:
    async with SonioxServer() as server:
        async with listening(server, roll_s=0.0) as (ear, stream):
            server.faults.append(SonioxFault.HANGS)
            say(stream, FIRST)
            await ear.until(lambda: ear.finals == [FIRST])
            await until(lambda: len(server.sessions) == 2)
        left = [t for t in asyncio.all_tasks() if t.get_name().startswith("soniox:")]

        assert left == []
