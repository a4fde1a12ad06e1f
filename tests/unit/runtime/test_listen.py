"""Caller audio to verdicts and words: nothing lost at the seams, and the ears' end is told."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import pytest

from dalpak.call.inputs import EarsLost, FinalHeard, FrameHeard, Input, PartialHeard
from dalpak.call.mulaw import SILENCE_FRAME
from dalpak.clock import VirtualClock, run_virtual
from dalpak.errors import ProviderError
from dalpak.ports.stt import SttStream, Transcript
from dalpak.runtime.listen import KEPT_FRAMES, REOPENS_MAX, TEXT_MAX, Listener
from dalpak.runtime.supervise import Supervisor

pytestmark = pytest.mark.unit


class Stream:
    def __init__(self) -> None:
        self.fed: list[bytes] = []
        self.finalized = 0
        self.closed = False

    def feed(self, audio: bytes) -> None:
        self.fed.append(audio)

    def finalize(self) -> None:
        self.finalized += 1

    async def aclose(self) -> None:
        self.closed = True


class FakeStt:
    """Keeps every stream it opened; `refuse` makes opening fail that many times."""

    name = "fake"

    def __init__(self, refuse: int = 0) -> None:
        self.streams: list[Stream] = []
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
        self.streams.append(Stream())
        return self.streams[-1]


class EveryThird:
    def __init__(self) -> None:
        self.frames = 0

    def listen(self, frame: bytes, tell: Callable[[bool], None]) -> None:
        assert len(frame) == 160
        self.frames += 1
        tell(self.frames % 3 == 0)

    def close(self) -> None:
        pass


def listener(
    stt: FakeStt, heard: list[Input], debounce_ms: int = 40
) -> tuple[Listener, VirtualClock]:
    clock = VirtualClock(datetime(2026, 11, 22, tzinfo=UTC))
    made = Listener(
        stt=stt,
        vad=EveryThird(),
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
        assert heard == [FrameHeard(False), FrameHeard(False), FrameHeard(True)]

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
        ear.feed(SILENCE_FRAME)
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
