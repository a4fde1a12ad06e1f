"""Two services that hear, in virtual time: who is asked, who is spared, and that a dead stream is silent."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime

import pytest
from fed_stream import FedStream
from hypothesis import given
from hypothesis import strategies as st
from told_mishaps import ToldMishaps

from dalpak.clock import VirtualClock, run_virtual
from dalpak.errors import ProviderError
from dalpak.ports.stt import SttStream, Transcript
from dalpak.services.resilience import FAILURES_MAX, OPEN_S, RETRIES_MAX, RETRY_RATIO
from dalpak.services.stt.second import HEDGE_S, SHY_S, EitherStt
from dalpak.services.stt.second import OPEN_S as ATTEMPT_S

pytestmark = pytest.mark.unit

WORDS = Transcript("words", final=True)


class Stream(FedStream):
    def __init__(self, hear: Callable[[Transcript], None], lose: Callable[[str], None]) -> None:
        super().__init__()
        self.hear, self.lose = hear, lose


class Service:
    """Opens after `takes_s`, or fails with `fails`."""

    def __init__(self, name: str, clock: VirtualClock) -> None:
        self.name, self.clock = name, clock
        self.takes_s = 0.05
        self.fails = ""
        self.stubborn = False
        """Opens even when nobody waits for it any more."""
        self.asked = 0
        self.warm = self.closed = 0
        self.streams: list[Stream] = []

    async def open(
        self,
        *,
        locale: str,
        hints: Sequence[str],
        on_transcript: Callable[[Transcript], None],
        on_lost: Callable[[str], None],
    ) -> SttStream:
        self.asked += 1
        until_ms = self.clock.monotonic_ms() + self.takes_s * 1000
        while (left_ms := until_ms - self.clock.monotonic_ms()) > 0:
            try:
                await self.clock.sleep(left_ms / 1000)
            except asyncio.CancelledError:
                if not self.stubborn:
                    raise
        if self.fails:
            raise ProviderError(self.fails)
        self.streams.append(Stream(on_transcript, on_lost))
        return self.streams[-1]

    async def warm_up(self) -> None:
        self.warm += 1

    async def aclose(self) -> None:
        self.closed += 1


class Stage:
    def __init__(self, services: int = 2) -> None:
        self.clock = VirtualClock(datetime(2026, 11, 23, tzinfo=UTC))
        self.services = [Service(name, self.clock) for name in ("one", "two")[:services]]
        self.told = ToldMishaps()
        self.stt = EitherStt(*self.services, clock=self.clock, mishaps=self.told)
        self.heard: list[Transcript] = []
        self.lost: list[str] = []

    async def open(self) -> SttStream:
        return await self.stt.open(
            locale="he-IL",
            hints=(),
            on_transcript=self.heard.append,
            on_lost=self.lost.append,
        )

    @property
    def asked(self) -> list[int]:
        return [service.asked for service in self.services]


def virtual(story: Callable[[Stage], Awaitable[None]], services: int = 2) -> None:
    async def main() -> None:
        stage = Stage(services)
        await story(stage)
        await stage.stt.aclose()
        assert [service.closed for service in stage.services] == [1] * services

    run_virtual(main())


def test_a_healthy_first_is_the_only_one_asked() -> None:
    async def story(stage: Stage) -> None:
        stream = await stage.open()
        stream.feed(b"audio")
        stream.finalize()
        inner = stage.services[0].streams[0]
        inner.hear(WORDS)
        await stream.aclose()
        await stage.stt.warm_up()
        assert (inner.fed, inner.finalized, inner.closed) == ([b"audio"], 1, True)
        assert stage.heard == [WORDS]
        assert stage.asked == [1, 0]
        assert (stage.told.failures, stage.told.replacements) == ([], [])
        assert [service.warm for service in stage.services] == [1, 1]

    virtual(story)


def test_a_first_that_refuses_costs_no_wait() -> None:
    async def story(stage: Stage) -> None:
        stage.services[0].fails = "stt_quota"
        await stage.open()
        assert stage.clock.monotonic_ms() == 100
        assert len(stage.services[1].streams) == 1
        assert (stage.told.failures, stage.told.replacements) == ([("stt", "stt_quota")], ["stt"])

    virtual(story)


def test_a_first_that_is_slow_to_open_is_overtaken_and_what_it_opens_late_is_closed_unheard() -> (
    None
):
    async def story(stage: Stage) -> None:
        first, second = stage.services
        first.takes_s, first.stubborn = HEDGE_S + 1.0, True
        await stage.open()
        assert stage.clock.monotonic_ms() == round((HEDGE_S + second.takes_s) * 1000)
        await stage.clock.sleep(5)
        (late,), (used,) = first.streams, second.streams
        late.hear(Transcript("late", final=True))
        late.lose("late")
        used.hear(WORDS)
        assert late.closed
        assert not used.closed
        assert (stage.heard, stage.lost) == ([WORDS], [])

    virtual(story)


def test_opening_twice_because_of_slowness_stays_within_the_budget() -> None:
    async def story(stage: Stage) -> None:
        stage.services[0].takes_s = stage.services[1].takes_s = HEDGE_S + 0.1
        await asyncio.gather(*(stage.open() for _ in range(100)))
        assert stage.asked[0] == 100
        assert 0 < stage.asked[1] <= RETRIES_MAX + RETRY_RATIO * 100

    virtual(story)


def test_a_first_that_is_quick_enough_is_not_doubled() -> None:
    async def story(stage: Stage) -> None:
        stage.services[0].takes_s = HEDGE_S - 0.01
        await stage.open()
        assert stage.asked == [1, 0]

    virtual(story)


def test_a_first_that_never_opens_is_given_up_even_when_it_is_alone() -> None:
    async def story(stage: Stage) -> None:
        stage.services[0].takes_s = 60
        with pytest.raises(ProviderError, match="stt_open_timeout"):
            await stage.open()
        assert stage.clock.monotonic_ms() == ATTEMPT_S * 1000

    virtual(story, services=1)


def test_who_has_just_lost_a_stream_is_asked_second_for_a_while() -> None:
    async def story(stage: Stage) -> None:
        await stage.open()
        stage.services[0].streams[0].lose("stt_reset")
        assert stage.lost == ["stt_reset"]
        await stage.open()
        assert stage.asked == [1, 1]
        await stage.clock.sleep(SHY_S)
        await stage.open()
        assert stage.asked == [2, 1]

    virtual(story)


def test_being_asked_to_start_again_is_nobodys_fault() -> None:
    async def story(stage: Stage) -> None:
        await stage.open()
        stage.services[0].streams[0].lose("stt_restart")
        await stage.open()
        assert stage.lost == ["stt_restart"]
        assert stage.asked == [2, 0]

    virtual(story)


def test_streams_that_break_before_a_word_open_the_breaker_and_words_close_it() -> None:
    async def story(stage: Stage) -> None:
        service = stage.services[0]
        for n in range(FAILURES_MAX):
            await stage.open()
            service.streams[n].lose("stt_silent")
        with pytest.raises(ProviderError, match="circuit_open"):
            await stage.open()
        assert service.asked == FAILURES_MAX
        await stage.clock.sleep(OPEN_S)
        await stage.open()
        with pytest.raises(ProviderError, match="circuit_open"):
            await stage.open()
        service.streams[-1].hear(WORDS)
        await stage.open()
        assert service.asked == FAILURES_MAX + 2

    virtual(story, services=1)


def test_a_trial_call_in_which_nobody_speaks_leaves_room_for_the_next() -> None:
    async def story(stage: Stage) -> None:
        service = stage.services[0]
        service.fails = "stt_unavailable"
        for _ in range(FAILURES_MAX):
            with pytest.raises(ProviderError):
                await stage.open()
        service.fails = ""
        await stage.clock.sleep(OPEN_S)
        stream = await stage.open()
        await stream.aclose()
        await stage.open()
        assert len(service.streams) == 2

    virtual(story, services=1)


def test_with_both_down_the_caller_is_told_at_once() -> None:
    async def story(stage: Stage) -> None:
        for service in stage.services:
            service.fails = "stt_unavailable"
        for _ in range(FAILURES_MAX):
            with pytest.raises(ProviderError, match="stt_unavailable"):
                await stage.open()
        began = stage.clock.monotonic_ms()
        with pytest.raises(ProviderError, match="circuit_open"):
            await stage.open()
        assert stage.clock.monotonic_ms() == began
        assert stage.asked == [FAILURES_MAX, FAILURES_MAX]

    virtual(story)


@given(events=st.lists(st.sampled_from(["hear", "lose", "close", "feed", "finalize"]), max_size=12))
def test_a_stream_that_is_over_tells_nothing(events: list[str]) -> None:
    async def story(stage: Stage) -> None:
        stream = await stage.open()
        inner = stage.services[0].streams[0]
        over, heard, lost = False, 0, 0
        for event in events:
            match event:
                case "hear":
                    inner.hear(WORDS)
                    heard += not over
                case "lose":
                    inner.lose("stt_reset")
                    lost += not over
                    over = True
                case "close":
                    await stream.aclose()
                    over = True
                case "feed":
                    stream.feed(b"x")
                case _:
                    stream.finalize()
            assert (len(stage.heard), len(stage.lost)) == (heard, lost)

    virtual(story)
