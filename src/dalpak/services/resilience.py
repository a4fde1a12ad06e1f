"""What stands between us and an outside service: deadline, retry budget, circuit breaker, hedge. The only copy.

Nothing here knows a provider or a call. Time comes from the clock and the running loop, so that every rule is tested
in virtual time. An attempt carries a ticket: a verdict that comes late, for an attempt of an older state of the
breaker, is ignored. Correctness never rests on a cancelled task having ended.
"""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from enum import StrEnum
from functools import partial
from typing import Generic, TypeVar

from dalpak.clock import Clock
from dalpak.errors import ProviderError
from dalpak.logs import get_logger
from dalpak.services.tasks import Tasks

T = TypeVar("T")

FAILURES_MAX = 3
"""In a row: then the breaker opens. A stream that cannot be opened is tried three times within a second."""
WINDOW = 20
"""Latest verdicts remembered; with half of them bad the breaker opens too: half a provider is worse than none."""
OPEN_S = 5.0
"""First pause of an open breaker. A restart of a service takes about this long; callers must not wait for it."""
OPEN_MAX_S = 60.0
"""The pause doubles with every failed trial, up to this."""
TRIAL_S = 15.0
"""A trial without a verdict after this long was lost; another one may go."""

RETRY_RATIO = 0.1
"""Retries per request in the long run: 10 % (Google SRE), so that a failing service is not asked twice as much."""
RETRIES_PER_S = 3.0
"""The floor, for a process with few calls; at this rate it is no load."""
RETRIES_MAX = 10.0
"""Saved up at most: the burst that a short fault may cost."""
BACKOFF_S = 0.05
"""Before a retry, plus as much again by chance. A caller is waiting: longer pauses are the breaker's business."""

LATENCIES = 64
"""Remembered to tell the p95."""


async def deadline(work: Awaitable[T], seconds: float, code: str = "timeout") -> T:
    """The result of `work`, or ProviderError(`code`) after so long. The work is cancelled then."""
    limit = asyncio.timeout(seconds)
    try:
        async with limit:
            return await work
    except TimeoutError:
        if not limit.expired():
            raise
        raise ProviderError(code, f"{seconds:g} s") from None


async def each_within(
    items: AsyncIterator[T], *, first_s: float, next_s: float, code: str = "timeout"
) -> AsyncGenerator[T, None]:
    """The items of a stream, each within its time: `first_s` for the first, `next_s` between two of them.

    The time that the taker spends on an item is not counted. Use it inside `aclosing`.
    """
    seconds = first_s
    while True:
        try:
            item = await deadline(anext(items), seconds, code)
        except StopAsyncIteration:
            return
        yield item
        seconds = next_s


class RetryBudget:
    """A token bucket for one provider: a request puts in a part of a retry, a retry takes out a whole one.

    Over any span, retries <= `ratio` x requests + `per_s` x seconds + `most`: never a multiple of the load.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        ratio: float = RETRY_RATIO,
        per_s: float = RETRIES_PER_S,
        most: float = RETRIES_MAX,
    ) -> None:
        self._clock = clock
        self._ratio, self._per_s, self._most = ratio, per_s, most
        self._tokens = most
        self._filled_ms = clock.monotonic_ms()

    def request(self) -> None:
        """A first attempt was made."""
        self._tokens = min(self._most, self._tokens + self._ratio)

    def take(self) -> bool:
        """Whether a retry may be made now; then it counts as made."""
        now = self._clock.monotonic_ms()
        gained = (now - self._filled_ms) / 1000 * self._per_s
        self._tokens = min(self._most, self._tokens + gained)
        self._filled_ms = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True


class State(StrEnum):
    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


class CircuitBreaker:
    """Spares a provider that is down, and its callers the wait. One per provider and kind of work.

    `enter()` gives a ticket, or None while the breaker is open; the ticket comes back by `succeeded`, `failed` or
    `abandoned` (cancelled: no verdict). After the pause one attempt at a time goes as a trial.
    """

    def __init__(
        self,
        name: str,
        clock: Clock,
        *,
        failures: int = FAILURES_MAX,
        open_s: float = OPEN_S,
        open_max_s: float = OPEN_MAX_S,
    ) -> None:
        self.name = name
        self._clock, self._failures = clock, failures
        self._open_ms, self._open_max_ms = round(open_s * 1000), round(open_max_s * 1000)
        self._age = 0
        """Counts changes of state; it is what a ticket carries."""
        self._in_a_row = 0
        self._verdicts: deque[bool] = deque(maxlen=WINDOW)
        self._pause_ms = self._open_ms
        self._until_ms: int | None = None
        """End of the pause; None while closed."""
        self._trial_ms: int | None = None
        """When the trial that is under way began."""
        self._log = get_logger(__name__)

    @property
    def state(self) -> State:
        if self._until_ms is None:
            return State.CLOSED
        return State.OPEN if self._clock.monotonic_ms() < self._until_ms else State.HALF_OPEN

    def enter(self) -> int | None:
        """A ticket for one attempt, or None: do not even try."""
        match self.state:
            case State.CLOSED:
                return self._age
            case State.OPEN:
                return None
            case State.HALF_OPEN:
                now = self._clock.monotonic_ms()
                if self._trial_ms is not None and now - self._trial_ms < TRIAL_S * 1000:
                    return None
                self._trial_ms = now
                self._age += 1
                return self._age

    def succeeded(self, ticket: int) -> None:
        if ticket != self._age:
            return
        self._in_a_row = 0
        self._verdicts.append(True)
        if self._until_ms is not None:
            self._close()

    def failed(self, ticket: int, code: str = "") -> None:
        if ticket != self._age:
            return
        self._in_a_row += 1
        self._verdicts.append(False)
        half_bad = len(self._verdicts) == WINDOW and self._verdicts.count(False) * 2 >= WINDOW
        if self._until_ms is not None or self._in_a_row >= self._failures or half_bad:
            self._open(code)

    def abandoned(self, ticket: int) -> None:
        """The attempt was cancelled before it showed anything: a trial is given back."""
        if ticket == self._age:
            self._trial_ms = None

    async def run(self, work: Callable[[], Awaitable[T]]) -> T:
        """`work()` under this breaker: ProviderError is a failure, "circuit_open" when it was not even tried."""
        ticket = self.enter()
        if ticket is None:
            raise ProviderError("circuit_open", self.name)
        try:
            result = await work()
        except ProviderError as fault:
            self.failed(ticket, fault.code)
            raise
        except BaseException:
            self.abandoned(ticket)
            raise
        self.succeeded(ticket)
        return result

    def _open(self, code: str) -> None:
        trial = self._until_ms is not None
        self._pause_ms = min(self._pause_ms * 2, self._open_max_ms) if trial else self._open_ms
        self._until_ms = self._clock.monotonic_ms() + self._pause_ms
        self._settle()
        self._log.warning("PROVIDER_SPARED", provider=self.name, code=code, pause_ms=self._pause_ms)

    def _close(self) -> None:
        self._until_ms = None
        self._settle()
        self._log.info("PROVIDER_BACK", provider=self.name)

    def _settle(self) -> None:
        self._age += 1
        self._in_a_row = 0
        self._verdicts.clear()
        self._trial_ms = None


class Latencies:
    """The latest durations of one kind of work, to know what is unusually slow."""

    def __init__(self, expected_ms: int) -> None:
        """`expected_ms` stands for the p95 until enough was seen."""
        self._expected_ms = expected_ms
        self._seen: deque[int] = deque(maxlen=LATENCIES)

    def add(self, ms: int) -> None:
        self._seen.append(ms)

    @property
    def p95_ms(self) -> int:
        if len(self._seen) * 4 < LATENCIES:
            return self._expected_ms
        return sorted(self._seen)[len(self._seen) * 95 // 100]


class Hedge(Generic[T]):
    """A second attempt beside a slow first one. The first useful result wins; what the other brings is thrown away.

    It does not wait for the loser to end: `tasks` owns it until then.
    """

    def __init__(
        self,
        tasks: Tasks,
        *,
        useful: Callable[[T], bool] = lambda _: True,
        discard: Callable[[T], Awaitable[None]] | None = None,
    ) -> None:
        """`discard` gets every result that nobody will use: to close what it holds."""
        self._tasks, self._useful, self._discard = tasks, useful, discard

    async def run(
        self,
        first: Callable[[], Awaitable[T]],
        second: Callable[[], Awaitable[T]],
        *,
        after_s: float,
        may: Callable[[], bool] = lambda: True,
    ) -> T:
        """The first useful result. `second` starts after `after_s`, or at once when `first` has failed.

        `may` is asked before the second starts because the first is slow (a retry budget); a first that has failed
        is always followed. Raises the ProviderError of the attempt that failed last.
        """
        done: asyncio.Queue[asyncio.Task[T]] = asyncio.Queue()
        running = {self._start(first, done)}
        waiting: Callable[[], Awaitable[T]] | None = second
        wait_s: float | None = after_s
        try:
            while True:
                task = await _next(done, wait_s)
                wait_s = None
                fault: ProviderError | None = None
                if task is not None:
                    running.discard(task)
                    fault = _fault_of(task)
                    if fault is None:
                        if self._useful(task.result()):
                            return task.result()
                        self._throw_away(task)
                if waiting is not None and (task is not None or may()):
                    running.add(self._start(waiting, done))
                    waiting = None
                elif not running:
                    raise fault or ProviderError("nothing_useful")
        finally:
            for task in running:
                task.add_done_callback(self._throw_away)
                task.cancel()

    def _start(
        self, work: Callable[[], Awaitable[T]], done: "asyncio.Queue[asyncio.Task[T]]"
    ) -> "asyncio.Task[T]":
        async def attempt() -> T:
            return await work()

        task = self._tasks.spawn(attempt(), name="hedge", on_fault=lambda _: None)
        task.add_done_callback(done.put_nowait)
        return task

    def _throw_away(self, task: "asyncio.Task[T]") -> None:
        if self._discard is None or task.cancelled() or task.exception() is not None:
            return
        self._tasks.spawn(self._discarded(task.result()), name="hedge.discard")

    async def _discarded(self, result: T) -> None:
        if self._discard is not None:
            await self._discard(result)


async def _next(
    done: "asyncio.Queue[asyncio.Task[T]]", wait_s: float | None
) -> "asyncio.Task[T] | None":
    """The next attempt that ended, or None after `wait_s`."""
    try:
        async with asyncio.timeout(wait_s):
            return await done.get()
    except TimeoutError:
        return None


def _fault_of(task: "asyncio.Task[T]") -> ProviderError | None:
    """Why the attempt failed. What is not a provider's fault is ours, and raised."""
    if task.cancelled():
        return ProviderError("cancelled")
    fault = task.exception()
    if fault is None or isinstance(fault, ProviderError):
        return fault
    raise fault


async def _attempt(work: Callable[[], Awaitable[T]], seconds: float, code: str) -> T:
    return await deadline(work(), seconds, code)


class Provider:
    """One provider's breaker and retry budget, and the way it is asked."""

    def __init__(self, name: str, clock: Clock) -> None:
        self.name = name
        self._clock = clock
        self.breaker = CircuitBreaker(name, clock)
        self.budget = RetryBudget(clock)

    async def ask(
        self,
        work: Callable[[], Awaitable[T]],
        *,
        within_s: float,
        tries: int = 2,
        code: str = "timeout",
    ) -> T:
        """The result of `work()` within `within_s` in all, tried again only while time and budget are left.

        What is not retryable, or took all the time, is not tried again. Raises ProviderError.
        """
        ends_ms = self._clock.monotonic_ms() + round(within_s * 1000)
        self.budget.request()
        while True:
            left_s = (ends_ms - self._clock.monotonic_ms()) / 1000
            try:
                return await self.breaker.run(partial(_attempt, work, left_s, code))
            except ProviderError as fault:
                tries -= 1
                pause_s = BACKOFF_S * (1 + self._clock.random().random())
                late = self._clock.monotonic_ms() + pause_s * 1000 >= ends_ms
                if not fault.retryable or fault.code == "circuit_open" or late or tries < 1:
                    raise
                if not self.budget.take():
                    raise
            await self._clock.sleep(pause_s)
