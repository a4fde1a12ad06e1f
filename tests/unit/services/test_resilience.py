"""Deadline, budget, breaker, hedge: their rules over random histories, in virtual time."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from datetime import UTC, datetime
from functools import partial

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from dalpak.clock import VirtualClock, run_virtual
from dalpak.errors import ProviderError
from dalpak.services.resilience import (
    FAILURES_MAX,
    LATENCIES,
    OPEN_MAX_S,
    OPEN_S,
    TRIAL_S,
    WINDOW,
    CircuitBreaker,
    Hedge,
    Latencies,
    Provider,
    RetryBudget,
    State,
    deadline,
    each_within,
)
from dalpak.services.tasks import Tasks

pytestmark = pytest.mark.unit


def clock() -> VirtualClock:
    return VirtualClock(datetime(2026, 11, 23, tzinfo=UTC), seed=1)


class Attempts:
    """Work that takes its time, then gives or fails; and what became of each attempt."""

    def __init__(self, time: VirtualClock) -> None:
        self.time = time
        self.began: list[tuple[str, float]] = []
        self.cancelled: list[str] = []

    async def work(self, name: str, seconds: float, fails: str = "") -> str:
        self.began.append((name, self.time.monotonic_ms() / 1000))
        try:
            await self.time.sleep(seconds)
        except asyncio.CancelledError:
            self.cancelled.append(name)
            raise
        if fails:
            raise ProviderError(fails, retryable=fails != "unauthenticated")
        return name


# -- deadline ------------------------------------------------------------------------------------


@given(work_ms=st.integers(0, 5_000), limit_ms=st.integers(1, 5_000))
def test_work_is_done_in_its_time_or_is_cancelled_then(work_ms: int, limit_ms: int) -> None:
    async def main() -> None:
        time = clock()
        attempts = Attempts(time)
        try:
            await deadline(attempts.work("a", work_ms / 1000), limit_ms / 1000, "slow")
            code = ""
        except ProviderError as fault:
            code = fault.code
        if work_ms != limit_ms:
            assert code == ("" if work_ms < limit_ms else "slow")
        assert attempts.cancelled == (["a"] if code else [])
        assert time.monotonic_ms() == min(work_ms, limit_ms)

    run_virtual(main())


def test_a_timeout_of_the_work_itself_is_not_taken_for_ours() -> None:
    async def main() -> None:
        async def its_own() -> None:
            raise TimeoutError("its own")

        with pytest.raises(TimeoutError, match="its own"):
            await deadline(its_own(), 1)

    run_virtual(main())


@given(
    gaps_ms=st.lists(st.integers(0, 900), max_size=8),
    first_ms=st.integers(1, 900),
    next_ms=st.integers(1, 900),
    taker_ms=st.integers(0, 5_000),
)
def test_each_item_has_its_own_time_and_the_taker_all_of_it(
    gaps_ms: list[int], first_ms: int, next_ms: int, taker_ms: int
) -> None:
    async def main() -> None:
        time = clock()

        async def items() -> AsyncIterator[int]:
            for gap in gaps_ms:
                await time.sleep(gap / 1000)
                yield gap

        limits = [first_ms] + [next_ms] * len(gaps_ms)
        in_time = [gap < limit for gap, limit in zip(gaps_ms, limits, strict=False)]
        expected = gaps_ms[: in_time.index(False)] if False in in_time else gaps_ms
        taken: list[int] = []
        stream = each_within(items(), first_s=first_ms / 1000, next_s=next_ms / 1000)
        try:
            async with aclosing(stream) as chunks:
                async for item in chunks:
                    taken.append(item)
                    await time.sleep(taker_ms / 1000)
            assert expected == gaps_ms
        except ProviderError:
            assert expected != gaps_ms
        assert taken == expected

    run_virtual(main())


# -- retry budget --------------------------------------------------------------------------------

histories = st.lists(
    st.tuples(st.sampled_from(["request", "retry", "wait"]), st.integers(0, 3_000)), max_size=300
)


@given(history=histories)
@example(history=[("request", 0)] * 200 + [("retry", 0)] * 100)
def test_retries_never_multiply_the_load(history: list[tuple[str, int]]) -> None:
    async def main() -> None:
        time = clock()
        budget = RetryBudget(time, ratio=0.1, per_s=0.5, most=4)
        requests = retries = 0
        for what, ms in history:
            match what:
                case "request":
                    budget.request()
                    requests += 1
                case "retry":
                    retries += budget.take()
                case _:
                    await time.sleep(ms / 1000)
            assert retries <= 0.1 * requests + 0.5 * time.monotonic_ms() / 1000 + 4 + 1e-6

    run_virtual(main())


def test_an_idle_budget_fills_up_to_its_limit_and_no_further() -> None:
    async def main() -> None:
        time = clock()
        budget = RetryBudget(time, per_s=1, most=3)
        assert [budget.take() for _ in range(4)] == [True, True, True, False]
        await time.sleep(1_000)
        assert [budget.take() for _ in range(4)] == [True, True, True, False]

    run_virtual(main())


# -- breaker -------------------------------------------------------------------------------------


@given(
    steps=st.lists(
        st.one_of(
            st.tuples(st.just("enter"), st.just(0)),
            st.tuples(st.sampled_from(["good", "bad", "gone"]), st.integers(0, 9)),
            st.tuples(st.just("wait"), st.integers(0, 20_000)),
        ),
        max_size=120,
    )
)
def test_an_open_breaker_lets_nothing_through_and_a_trial_goes_alone(
    steps: list[tuple[str, int]],
) -> None:
    async def main() -> None:
        time = clock()
        breaker = CircuitBreaker("acme", time)
        out: list[int] = []
        trial_since: int | None = None
        for what, number in steps:
            before = breaker.state
            if what == "wait":
                await time.sleep(number / 1000)
            elif what == "enter":
                ticket = breaker.enter()
                match before:
                    case State.CLOSED:
                        assert ticket is not None
                    case State.OPEN:
                        assert ticket is None
                    case State.HALF_OPEN:
                        now = time.monotonic_ms()
                        if ticket is not None:
                            assert trial_since is None or now - trial_since >= TRIAL_S * 1000
                            trial_since = now
                        else:
                            assert trial_since is not None
                if ticket is not None:
                    out.append(ticket)
            elif out:
                ticket = out.pop(number % len(out))
                {"good": breaker.succeeded, "bad": breaker.failed, "gone": breaker.abandoned}[what](
                    ticket
                )
                if breaker.state is not before or what == "gone":
                    trial_since = None
                if what == "good":
                    assert breaker.state in (before, State.CLOSED)

    run_virtual(main())


def test_failures_in_a_row_open_it_and_a_good_trial_closes_it() -> None:
    async def main() -> None:
        time = clock()
        breaker = CircuitBreaker("acme", time)
        attempts = Attempts(time)
        for _ in range(FAILURES_MAX):
            assert breaker.state is State.CLOSED
            with pytest.raises(ProviderError, match="quota"):
                await breaker.run(partial(attempts.work, "x", 0, "quota"))
        with pytest.raises(ProviderError, match="circuit_open"):
            await breaker.run(partial(attempts.work, "x", 0))
        assert len(attempts.began) == FAILURES_MAX
        await time.sleep(OPEN_S)
        assert breaker.state is State.HALF_OPEN
        assert await breaker.run(partial(attempts.work, "x", 0)) == "x"
        assert breaker.state is State.CLOSED

    run_virtual(main())


def test_the_operator_is_told_once_when_a_provider_is_spared_and_when_it_is_back() -> None:
    async def main() -> None:
        time = clock()
        breaker = CircuitBreaker("acme", time)
        for _ in range(FAILURES_MAX):
            breaker.failed(breaker.enter() or 0, "stt_quota")
        await time.sleep(OPEN_S)
        breaker.succeeded(breaker.enter() or 0)

    with capture_logs() as logs:
        run_virtual(main())
    assert [(line["event"], line["provider"], line.get("code")) for line in logs] == [
        ("PROVIDER_SPARED", "acme", "stt_quota"),
        ("PROVIDER_BACK", "acme", None),
    ]


def test_half_of_the_latest_failed_opens_it_too() -> None:
    async def main() -> None:
        breaker = CircuitBreaker("acme", clock())
        for n in range(WINDOW):
            assert breaker.state is State.CLOSED
            ticket = breaker.enter()
            assert ticket is not None
            (breaker.failed if n % 2 else breaker.succeeded)(ticket)
        assert breaker.state is State.OPEN

    run_virtual(main())


def test_the_pause_doubles_with_each_failed_trial_up_to_its_limit() -> None:
    async def main() -> None:
        time = clock()
        breaker = CircuitBreaker("acme", time)
        for _ in range(FAILURES_MAX):
            breaker.failed(breaker.enter() or 0)
        pauses = []
        for _ in range(6):
            began = time.monotonic_ms()
            while breaker.state is State.OPEN:
                await time.sleep(0.5)
            pauses.append((time.monotonic_ms() - began) / 1000)
            breaker.failed(breaker.enter() or 0)
        assert pauses == [OPEN_S, 10.0, 20.0, 40.0, OPEN_MAX_S, OPEN_MAX_S]

    run_virtual(main())


def test_a_verdict_on_an_attempt_of_an_older_state_is_ignored() -> None:
    async def main() -> None:
        time = clock()
        breaker = CircuitBreaker("acme", time)
        old = breaker.enter() or 0
        for _ in range(FAILURES_MAX):
            breaker.failed(breaker.enter() or 0)
        breaker.succeeded(old)
        assert breaker.state is State.OPEN
        await time.sleep(OPEN_S)
        assert breaker.enter() is not None
        breaker.failed(old)
        breaker.abandoned(old)
        assert breaker.enter() is None

    run_virtual(main())


def test_a_cancelled_trial_is_given_back() -> None:
    async def main() -> None:
        time = clock()
        breaker = CircuitBreaker("acme", time)
        attempts = Attempts(time)
        for _ in range(FAILURES_MAX):
            breaker.failed(breaker.enter() or 0)
        await time.sleep(OPEN_S)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(1):
                await breaker.run(partial(attempts.work, "x", 60))
        assert breaker.state is State.HALF_OPEN
        assert breaker.enter() is not None

    run_virtual(main())


# -- hedge ---------------------------------------------------------------------------------------

outcomes = st.tuples(st.integers(0, 3_000), st.sampled_from(["good", "useless", "failed"]))


@given(
    first=outcomes,
    second=outcomes,
    after_ms=st.integers(1, 2_000),
    may=st.booleans(),
)
@example(first=(500, "good"), second=(0, "good"), after_ms=500, may=True)
@example(first=(900, "good"), second=(400, "good"), after_ms=500, may=True)
def test_the_first_useful_result_wins_and_every_other_is_thrown_away(
    first: tuple[int, str], second: tuple[int, str], after_ms: int, may: bool
) -> None:
    """Against a model that reads the two outcomes from a table of times."""

    async def main() -> None:
        time = clock()
        tasks = Tasks("test")
        began: list[str] = []
        made: list[str] = []
        thrown: list[str] = []

        async def attempt(name: str, ms: int, how: str) -> str:
            began.append(name)
            await time.sleep(ms / 1000)
            if how == "failed":
                raise ProviderError(name)
            made.append(f"{name}:{how}")
            return f"{name}:{how}"

        async def discard(result: str) -> None:
            thrown.append(result)

        hedge: Hedge[str] = Hedge(tasks, useful=lambda r: r.endswith("good"), discard=discard)
        (ms1, how1), (ms2, how2) = first, second
        slow_starts = after_ms if may and ms1 > after_ms else None
        starts2 = slow_starts
        if starts2 is None and how1 != "good":
            starts2 = ms1
        ends = [(ms1, "first", how1)]
        if starts2 is not None:
            ends.append((starts2 + ms2, "second", how2))
        useful = sorted(ms for ms, _, how in ends if how == "good")
        try:
            won = await hedge.run(
                partial(attempt, "first", ms1, how1),
                partial(attempt, "second", ms2, how2),
                after_s=after_ms / 1000,
                may=lambda: may,
            )
            winner: str | None = won
        except ProviderError:
            winner = None
        finished = time.monotonic_ms()
        await time.sleep(20)
        if ms1 != after_ms:
            assert (winner is None) == (not useful)
            assert finished == (useful[0] if useful else max(ms for ms, _, _ in ends))
        assert sorted(thrown) == sorted(r for r in made if r != winner)
        assert began.count("first") == 1
        assert began.count("second") <= 1
        assert tasks.running == 0

    run_virtual(main())


def test_a_loser_that_will_not_end_keeps_nobody_waiting() -> None:
    async def main() -> None:
        time = clock()
        tasks = Tasks("test")

        async def stubborn() -> str:
            try:
                await time.sleep(60)
            except asyncio.CancelledError:
                await time.sleep(30)
            return "late"

        thrown: list[str] = []

        async def discard(result: str) -> None:
            thrown.append(result)

        async def quick() -> str:
            return "quick"

        hedge: Hedge[str] = Hedge(tasks, discard=discard)
        assert await hedge.run(stubborn, quick, after_s=0.2) == "quick"
        assert time.monotonic_ms() == 200
        await time.sleep(60)
        assert thrown == ["late"]

    run_virtual(main())


def test_an_asker_that_goes_away_takes_both_attempts_with_it() -> None:
    async def main() -> None:
        time = clock()
        tasks = Tasks("test")
        attempts = Attempts(time)
        hedge: Hedge[str] = Hedge(tasks)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(1):
                await hedge.run(
                    partial(attempts.work, "a", 9), partial(attempts.work, "b", 9), after_s=0.1
                )
        await time.sleep(0.1)
        assert sorted(attempts.cancelled) == ["a", "b"]
        assert tasks.running == 0

    run_virtual(main())


def test_a_mistake_of_ours_is_raised_not_hedged_away() -> None:
    async def main() -> None:
        async def wrong() -> str:
            raise ZeroDivisionError

        hedge: Hedge[str] = Hedge(Tasks("test"))
        with pytest.raises(ZeroDivisionError):
            await hedge.run(wrong, wrong, after_s=1)

    run_virtual(main())


def test_p95_is_the_expected_one_until_enough_was_seen() -> None:
    seen = Latencies(expected_ms=400)
    for ms in range(LATENCIES // 4 - 1):
        seen.add(ms)
        assert seen.p95_ms == 400
    for ms in range(1, 101):
        seen.add(ms)
    assert 95 <= seen.p95_ms <= 98


# -- asking a provider ---------------------------------------------------------------------------


@given(
    script=st.lists(
        st.tuples(st.integers(0, 1_500), st.sampled_from(["", "unavailable", "unauthenticated"])),
        min_size=3,
        max_size=3,
    ),
    within_ms=st.integers(50, 3_000),
    tries=st.integers(1, 3),
)
def test_asking_never_takes_longer_than_it_may(
    script: list[tuple[int, str]], within_ms: int, tries: int
) -> None:
    async def main() -> None:
        time = clock()
        attempts = Attempts(time)
        provider = Provider("acme", time)
        left = iter(script)

        def work() -> Awaitable[str]:
            ms, fails = next(left)
            return attempts.work("x", ms / 1000, fails)

        try:
            code = await provider.ask(work, within_s=within_ms / 1000, tries=tries)
        except ProviderError as fault:
            code = fault.code
        last = script[len(attempts.began) - 1][1]
        assert code in ("timeout", last or "x")
        assert time.monotonic_ms() <= within_ms
        assert len(attempts.began) <= tries
        assert "unauthenticated" not in [f for _, f in script[: len(attempts.began) - 1]]

    run_virtual(main())


def test_an_empty_budget_means_one_attempt() -> None:
    async def main() -> None:
        time = clock()
        attempts = Attempts(time)
        provider = Provider("acme", time)
        while provider.budget.take():
            pass

        work: Callable[[], Awaitable[str]] = partial(attempts.work, "x", 0, "unavailable")
        with pytest.raises(ProviderError):
            await provider.ask(work, within_s=10)
        assert len(attempts.began) == 1

    run_virtual(main())


def test_waiting_too_long_counts_against_the_provider() -> None:
    async def main() -> None:
        time = clock()
        attempts = Attempts(time)
        provider = Provider("acme", time)
        for _ in range(FAILURES_MAX):
            with pytest.raises(ProviderError, match="tts_timeout"):
                await provider.ask(partial(attempts.work, "x", 9), within_s=1, code="tts_timeout")
        assert provider.breaker.state is State.OPEN
        began = len(attempts.began)
        with pytest.raises(ProviderError, match="circuit_open"):
            await provider.ask(partial(attempts.work, "x", 0), within_s=1)
        assert len(attempts.began) == began

    run_virtual(main())
