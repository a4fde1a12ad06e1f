"""Caller audio to verdicts and words: nothing lost at the seams, and the ears' end is told."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import pytest
from fed_stream import FedStream

from dalpak.call.inputs import EarsLost, FinalHeard, FrameHeard, Input, PartialHeard
from dalpak.call.mulaw import SILENCE_FRAME
from dalpak.clock import VirtualClock, run_virtual
from dalpak.errors import ProviderError
from dalpak.ports.stt import SttStream, Transcript
from dalpak.ports.vad import VoiceActivityDetector
from dalpak.runtime.listen import (
    KEPT_FRAMES,
    LIVE_FRAMES,
    QUIET_PIECE_FRAMES,
    REOPENS_MAX,
    TEXT_MAX,
    Listener,
)
from dalpak.runtime.supervise import Supervisor

pytestmark = pytest.mark.unit


class FakeStt:
    """Keeps every stream it opened; `refuse` makes opening fail that many times."""

    name = "fake"

    def __init__(self, refuse: int = 0) -> None:
        self.streams: list[FedStream] = []
        self.refuse = refuse
        self.hear: Callable[[Transcript], None] = lambda _t: None
        self.lose: Callable[[str], None] = lambda _r: None

    async def open(
        self,
        *,
        locale: str,
        hints: Sequence[str],
        on_transcript: Callable[[Transcript], None],
        on_lost: Callable[[str], None],
    ) -> SttStream:
        if self.refuse:
            self.refuse -= 1
            raise ProviderError("stt_quota")
        self.hear, self.lose = on_transcript, on_lost
        self.streams.append(FedStream())
        return self.streams[-1]


class EveryThird:
    """Hears a voice in every third frame, until it is told that there is `quiet`."""

    def __init__(self) -> None:
        self.frames = 0
        self.quiet = False

    def listen(self, frame: bytes, tell: Callable[[bool], None]) -> None:
        assert len(frame) == 160
        self.frames += 1
        tell(self.frames % 3 == 0 and not self.quiet)

    def close(self) -> None:
        pass


def listener(
    stt: FakeStt,
    heard: list[Input],
    debounce_ms: int = 40,
    vad: VoiceActivityDetector | None = None,
) -> tuple[Listener, VirtualClock]:
    clock = VirtualClock(datetime(2026, 11, 22, tzinfo=UTC))
    made = Listener(
        stt=stt,
        vad=vad or EveryThird(),
        locale="he-IL",
        hints=(),
        debounce_ms=debounce_ms,
        clock=clock,
        supervisor=Supervisor("test"),
        hear=heard.append,
    )
    return made, clock


def test_frames_of_any_length_are_judged_20_ms_at_a_time() -> None:
    async def main() -> None:
        heard: list[Input] = []
        ear, _ = listener(FakeStt(), heard)
        ear.open()
        for size in (100, 220, 1, 159):
            ear.feed(b"\xff" * size)
        assert heard == [FrameHeard(True)], "of three frames the third; the core hears of voices"

    run_virtual(main())


def test_quiet_goes_to_the_stream_in_larger_pieces_and_a_voice_or_a_question_sends_them() -> None:
    async def main() -> None:
        stt, vad = FakeStt(), EveryThird()
        ear, clock = listener(stt, [], vad=vad)
        ear.open()
        await clock.sleep(0.01)
        fed, vad.quiet = stt.streams[0].fed, True

        def frames(count: int) -> list[int]:
            """Lengths of what the stream is given while so many frames come."""
            before = len(fed)
            for _ in range(count):
                ear.feed(SILENCE_FRAME)
            return [len(piece) // len(SILENCE_FRAME) for piece in fed[before:]]

        assert frames(LIVE_FRAMES) == [1] * LIVE_FRAMES
        assert frames(3 * QUIET_PIECE_FRAMES) == [QUIET_PIECE_FRAMES] * 3
        assert frames(5) == []
        vad.quiet = False
        assert frames(3)[0] > 5, "what was held goes first, with the frame that has the voice"
        assert frames(4) == [1] * 4

        vad.quiet = True
        frames(LIVE_FRAMES + 5)
        before = len(fed)
        ear.finalize()
        assert sum(map(len, fed)) == (LIVE_FRAMES * 2 + 3 * QUIET_PIECE_FRAMES + 17) * len(
            SILENCE_FRAME
        ), "who asks for the final has given everything"
        assert len(fed) == before + 1
        assert frames(2) == [1, 1], "somebody waits for it"

    run_virtual(main())


def test_quiet_that_was_not_sent_is_sent_once_after_a_break() -> None:
    async def main() -> None:
        stt, vad = FakeStt(), EveryThird()
        ear, clock = listener(stt, [], vad=vad)
        ear.open()
        await clock.sleep(0.01)
        vad.quiet = True
        for number in range(LIVE_FRAMES + 7):
            ear.feed(number.to_bytes(2, "big") * 80)
        stt.hear(Transcript("one", final=True))
        stt.lose("reset")
        await clock.sleep(0.01)

        told = [int.from_bytes(piece[:2], "big") for piece in stt.streams[1].fed]
        assert told == list(range(LIVE_FRAMES, LIVE_FRAMES + 7)), "and nothing that became words"
        vad.quiet = False
        for _ in range(3):
            ear.feed(SILENCE_FRAME)
        assert len(b"".join(stt.streams[1].fed)) == (7 + 3) * 160

    run_virtual(main())


def test_audio_that_comes_before_the_stream_is_open_is_fed_to_it() -> None:
    async def main() -> None:
        stt, heard = FakeStt(), []
        ear, clock = listener(stt, heard)
        ear.open()
        ear.feed(b"early" * 32)
        assert not stt.streams
        await clock.sleep(0.01)
        ear.feed(b"later" * 32)
        assert stt.streams[0].fed == [b"early" * 32, b"later" * 32]

    run_virtual(main())


def test_a_lost_stream_is_opened_again_with_the_last_eight_seconds() -> None:
    async def main() -> None:
        stt, heard = FakeStt(), []
        ear, clock = listener(stt, heard)
        ear.open()
        await clock.sleep(0.01)
        for number in range(KEPT_FRAMES + 50):
            ear.feed(number.to_bytes(2, "big") * 80)
        stt.lose("reset")
        await clock.sleep(0.01)
        again = stt.streams[1].fed
        assert len(again) == KEPT_FRAMES
        assert int.from_bytes(again[0][:2], "big") == 50
        assert not any(isinstance(what, EarsLost) for what in heard)

    run_virtual(main())


def test_a_final_that_was_asked_for_is_asked_of_the_next_stream_too_until_it_came() -> None:
    async def main() -> None:
        stt, heard = FakeStt(), []
        ear, clock = listener(stt, heard)
        ear.open()
        ear.feed(b"early" * 32)
        ear.finalize()
        await clock.sleep(0.01)
        assert (stt.streams[0].fed, stt.streams[0].finalized) == ([b"early" * 32], 1)
        stt.lose("reset")
        await clock.sleep(0.01)
        assert stt.streams[1].finalized == 1
        stt.hear(Transcript("early", final=True))
        stt.lose("reset")
        await clock.sleep(0.01)
        assert stt.streams[2].finalized == 0

    run_virtual(main())


def test_a_caller_who_goes_on_no_longer_waits_for_the_final() -> None:
    async def main() -> None:
        stt, heard = FakeStt(), []
        ear, clock = listener(stt, heard)
        ear.open()
        await clock.sleep(0.01)
        ear.finalize()
        ear.feed(SILENCE_FRAME * 3)
        assert FrameHeard(True) in heard
        stt.lose("reset")
        await clock.sleep(0.01)
        assert stt.streams[1].finalized == 0

    run_virtual(main())


def test_what_has_become_words_is_not_fed_again() -> None:
    async def main() -> None:
        stt, heard = FakeStt(), []
        ear, clock = listener(stt, heard)
        ear.open()
        await clock.sleep(0.01)
        ear.feed(b"said" * 40)
        stt.hear(Transcript("said", final=True))
        ear.feed(b"next" * 40)
        stt.lose("reset")
        await clock.sleep(0.01)
        assert stt.streams[1].fed == [b"next" * 40]

    run_virtual(main())


def test_ears_that_cannot_be_opened_are_told_once() -> None:
    async def main() -> None:
        stt, heard = FakeStt(refuse=10), []
        ear, clock = listener(stt, heard)
        ear.open()
        await clock.sleep(1)
        assert heard == [EarsLost("stt_quota")]
        assert stt.refuse == 10 - 1 - REOPENS_MAX
        ear.feed(SILENCE_FRAME * 3)
        assert heard[1:] == [FrameHeard(True)], "no words, but that somebody speaks is still told"

    run_virtual(main())


def test_deaf_ears_still_tell_a_voice_until_the_call_is_over() -> None:
    async def main() -> None:
        stt, heard = FakeStt(), []
        ear, clock = listener(stt, heard)
        ear.open()
        await clock.sleep(0.01)
        ear.deafen()
        ear.feed(SILENCE_FRAME * 3)
        await clock.sleep(0.01)
        assert stt.streams[0].closed
        assert stt.streams[0].fed == []
        assert heard == [FrameHeard(True)]
        ear.close()
        ear.feed(SILENCE_FRAME * 3)
        assert len(heard) == 1

    run_virtual(main())


def test_the_first_partial_is_never_delayed_and_the_last_of_a_burst_is_never_lost() -> None:
    async def main() -> None:
        stt, heard = FakeStt(), []
        ear, clock = listener(stt, heard)
        ear.open()
        await clock.sleep(0.01)
        for text in ("a", "a b", "a b c"):
            stt.hear(Transcript(text, final=False))
        assert heard == [PartialHeard("a")]
        await clock.sleep(0.05)
        assert heard == [PartialHeard("a"), PartialHeard("a b c")]

    run_virtual(main())


def test_a_partial_never_follows_its_final() -> None:
    async def main() -> None:
        stt, heard = FakeStt(), []
        ear, clock = listener(stt, heard)
        ear.open()
        await clock.sleep(0.01)
        stt.hear(Transcript("a", final=False))
        stt.hear(Transcript("a b", final=False))
        stt.hear(Transcript("a b", final=True))
        await clock.sleep(0.2)
        assert heard == [PartialHeard("a"), FinalHeard("a b")]

    run_virtual(main())


def test_a_providers_garbage_is_cut_and_cleaned() -> None:
    async def main() -> None:
        stt, heard = FakeStt(), []
        ear, clock = listener(stt, heard)
        ear.open()
        await clock.sleep(0.01)
        stt.hear(Transcript("x\x00\x1b[2J" + "y" * 5000, final=True))
        text = heard[0].text if isinstance(heard[0], FinalHeard) else ""
        assert text.startswith("x[2Jy")
        assert len(text) <= TEXT_MAX
        assert text.isprintable()

    run_virtual(main())


def test_closed_ears_hear_nothing_and_their_stream_is_closed() -> None:
    async def main() -> None:
        stt, heard = FakeStt(), []
        ear, clock = listener(stt, heard)
        ear.open()
        await clock.sleep(0.01)
        ear.close()
        ear.feed(SILENCE_FRAME)
        stt.lose("late")
        await clock.sleep(0.01)
        assert stt.streams[0].closed
        assert heard == []
        assert len(stt.streams) == 1

    run_virtual(main())
