"""Two voices, in virtual time: the second says what the first does not; one sentence has one voice."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from told_mishaps import ToldMishaps

from dalpak.clock import SystemClock, VirtualClock, run_virtual
from dalpak.errors import ProviderError
from dalpak.language.base import Spoken
from dalpak.services.resilience import (
    FAILURES_MAX,
    LATENCIES,
    OPEN_S,
    RETRIES_MAX,
    RETRY_RATIO,
)
from dalpak.services.tts.bank import PromptBank
from dalpak.services.tts.second import BEYOND_P95, LEAST_S, EitherTts

pytestmark = pytest.mark.unit

HELLO = Spoken("hello")
AFTER_S = 0.45


class Voice:
    """Begins after `first_s`, says three pieces; fails before the first or in the middle."""

    def __init__(self, name: str, clock: VirtualClock) -> None:
        self.name, self.voice = name, f"{name}'s"
        self.clock = clock
        self.first_s, self.fails, self.breaks, self.empty = 0.1, "", False, False
        self.asked = self.open = self.closed = 0

    async def synthesize(self, spoken: Spoken, *, locale: str) -> AsyncIterator[bytes]:
        self.asked += 1
        self.open += 1
        try:
            await self.clock.sleep(self.first_s)
            if self.fails:
                raise ProviderError(self.fails)
            if self.empty or not spoken.text:
                return
            for piece in range(3):
                if piece == 1 and self.breaks:
                    raise ProviderError("tts_cut")
                yield f"{self.name}{piece} ".encode()
        finally:
            self.open -= 1

    async def aclose(self) -> None:
        self.closed += 1


class Stage:
    def __init__(self) -> None:
        self.clock = VirtualClock(datetime(2026, 11, 23, tzinfo=UTC))
        self.one, self.two = Voice("one", self.clock), Voice("two", self.clock)
        self.told = ToldMishaps()
        self.tts = EitherTts(
            self.one, self.two, after_s=AFTER_S, clock=self.clock, mishaps=self.told
        )

    async def said(self, what: Spoken = HELLO) -> tuple[str, float]:
        """What was said, and when its first sound came."""
        began = self.clock.monotonic_ms()
        pieces: list[bytes] = []
        first_ms = 0
        async with aclosing(self.tts.synthesize(what, locale="he-IL")) as chunks:  # type: ignore[type-var]
            async for chunk in chunks:
                if not pieces:
                    first_ms = self.clock.monotonic_ms() - began
                pieces.append(chunk)
        return b"".join(pieces).decode(), first_ms / 1000


def virtual(story: Callable[[Stage], Awaitable[None]]) -> None:
    async def main() -> None:
        stage = Stage()
        await story(stage)
        await stage.clock.sleep(10)
        assert (stage.one.open, stage.two.open) == (0, 0)
        await stage.tts.aclose()
        assert (stage.one.closed, stage.two.closed) == (1, 1)

    run_virtual(main())


ONE, TWO = "one0 one1 one2 ", "two0 two1 two2 "


def test_a_healthy_first_is_the_only_one_asked() -> None:
    async def story(stage: Stage) -> None:
        assert await stage.said() == (ONE, 0.1)
        assert stage.two.asked == 0
        assert (stage.tts.name, stage.tts.voice) == ("one", "one's")
        assert (stage.told.failures, stage.told.replacements) == ([], [])

    virtual(story)


@pytest.mark.parametrize("how", ["fails", "empty"])
def test_a_first_that_cannot_is_followed_at_once(how: str) -> None:
    async def story(stage: Stage) -> None:
        setattr(stage.one, how, "tts_quota")
        assert await stage.said() == (TWO, 0.2)
        code = "tts_quota" if how == "fails" else "tts_empty"
        assert (stage.told.failures, stage.told.replacements) == ([("tts", code)], ["tts"])

    virtual(story)


def test_a_slow_first_is_overtaken_and_never_heard() -> None:
    async def story(stage: Stage) -> None:
        stage.one.first_s = 2.0
        assert await stage.said() == (TWO, pytest.approx(AFTER_S + 0.1))

    virtual(story)


def test_nothing_to_say_is_no_fault() -> None:
    async def story(stage: Stage) -> None:
        assert await stage.said(Spoken("")) == ("", 0.0)
        assert stage.two.asked == 0

    virtual(story)


def test_a_sentence_that_breaks_off_is_not_finished_by_another_voice() -> None:
    async def story(stage: Stage) -> None:
        stage.one.breaks = True
        with pytest.raises(ProviderError, match="tts_cut"):
            await stage.said()
        assert stage.two.asked == 0

    virtual(story)


def test_both_down_is_told_and_then_told_at_once() -> None:
    async def story(stage: Stage) -> None:
        stage.one.fails, stage.two.fails = "tts_quota", "tts_unavailable"
        for _ in range(FAILURES_MAX):
            with pytest.raises(ProviderError, match="tts_unavailable"):
                await stage.said()
        # What was raised is counted by the call that hears it.
        assert stage.told.failures == [("tts", "tts_quota")] * FAILURES_MAX
        began = stage.clock.monotonic_ms()
        with pytest.raises(ProviderError, match="circuit_open"):
            await stage.said()
        assert stage.clock.monotonic_ms() == began
        assert (stage.one.asked, stage.two.asked) == (FAILURES_MAX, FAILURES_MAX)
        assert len(stage.told.failures) == FAILURES_MAX, "who is spared has not failed"
        assert stage.told.replacements == []

    virtual(story)


def test_a_first_that_never_answers_is_spared_after_a_few_sentences_and_then_comes_back() -> None:
    async def story(stage: Stage) -> None:
        stage.one.first_s = 60.0
        for _ in range(FAILURES_MAX):
            assert (await stage.said())[0] == TWO
        assert await stage.said() == (TWO, 0.1)
        assert stage.one.asked == FAILURES_MAX
        assert stage.told.failures == [("tts", "tts_slow")] * FAILURES_MAX
        assert stage.told.replacements == ["tts"] * (FAILURES_MAX + 1)
        stage.one.first_s = 0.1
        await stage.clock.sleep(OPEN_S)
        assert await stage.said() == (ONE, 0.1)

    virtual(story)


def test_patience_follows_the_first_voices_own_p95_within_bounds() -> None:
    async def story(stage: Stage) -> None:
        stage.one.first_s = 0.2
        for _ in range(LATENCIES):
            await stage.said()
        stage.one.first_s = 1.0
        assert await stage.said() == (TWO, pytest.approx(0.2 * BEYOND_P95 + 0.1))
        stage.one.first_s = 0.001
        for _ in range(LATENCIES):
            await stage.said()
        stage.one.first_s = 1.0
        assert await stage.said() == (TWO, pytest.approx(LEAST_S + 0.1))

    virtual(story)


def test_asking_twice_because_of_slowness_stays_within_the_budget() -> None:
    async def story(stage: Stage) -> None:
        stage.one.first_s = AFTER_S - 0.01
        for _ in range(LATENCIES):
            await stage.said()
        assert stage.two.asked == 0
        stage.one.first_s = AFTER_S + 0.05
        await asyncio.gather(*(stage.said() for _ in range(200)))
        assert 0 < stage.two.asked <= RETRIES_MAX + RETRY_RATIO * 200

    virtual(story)


def test_a_listener_that_leaves_closes_what_was_begun() -> None:
    async def story(stage: Stage) -> None:
        async with aclosing(stage.tts.synthesize(HELLO, locale="he-IL")) as chunks:  # type: ignore[type-var]
            assert await anext(chunks) == b"one0 "
            assert stage.one.open == 1
        assert stage.one.open == 0

    virtual(story)


@given(
    one=st.tuples(st.integers(0, 900), st.sampled_from(["", "fails", "empty"])),
    two=st.tuples(st.integers(0, 900), st.sampled_from(["", "fails", "empty"])),
)
def test_one_sentence_has_one_voice_and_comes_as_soon_as_it_can(
    one: tuple[int, str], two: tuple[int, str]
) -> None:
    async def story(stage: Stage) -> None:
        for voice, (ms, how) in ((stage.one, one), (stage.two, two)):
            voice.first_s = ms / 1000
            if how:
                setattr(voice, how, "x")
        after = round(AFTER_S * 1000)
        begins = after if one[0] > after else one[0] if one[1] else None
        can = [one[0]] if not one[1] else []
        if begins is not None and not two[1]:
            can.append(begins + two[0])
        if one[0] == after:
            return
        if not can:
            with pytest.raises(ProviderError):
                await stage.said()
            return
        said, first_s = await stage.said()
        assert said in (ONE, TWO)
        assert first_s == pytest.approx(min(can) / 1000)

    virtual(story)


# -- in front of it, the bank --------------------------------------------------------------------


async def test_the_disk_never_keeps_a_prompt_in_the_second_voice(tmp_path: Path) -> None:
    clock = SystemClock()
    one, two = Voice("one", clock), Voice("two", clock)  # type: ignore[arg-type]
    one.first_s = two.first_s = 0.0
    one.fails = "tts_unavailable"
    bank = PromptBank(
        EitherTts(one, two, after_s=AFTER_S, clock=clock), folder=tmp_path, clock=clock
    )
    await bank.maybe_warmup({"hello": HELLO}, locale="he-IL")

    assert list(tmp_path.iterdir()) == []
    assert bank.get(HELLO) is None
    spoken = [chunk async for chunk in bank.synthesize(HELLO, locale="he-IL")]
    assert b"".join(spoken).decode() == TWO
    assert list(tmp_path.iterdir()) == []
    await bank.aclose()


async def test_both_voices_are_kept_warm(tmp_path: Path) -> None:
    clock = SystemClock()
    one, two = Voice("one", clock), Voice("two", clock)  # type: ignore[arg-type]
    one.first_s = two.first_s = 0.0
    bank = PromptBank(
        EitherTts(one, two, after_s=AFTER_S, clock=clock), folder=tmp_path, clock=clock
    )
    for _ in range(2):
        await bank.maybe_warmup({"hello": HELLO}, locale="he-IL")

    assert (one.asked, two.asked) == (2, 1)
    await bank.aclose()
