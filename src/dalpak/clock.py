"""The one home of time, sleeping, randomness and ids. Everything else is given a `Clock`.

`VirtualLoop` runs asyncio in virtual time: when nothing is ready it leaps to the next timer instead of waiting.
Work that happens in real threads (the database) is announced with `Clock.real_work()`: the loop then waits
for it really, so that a whole call with a real SQLite runs at hundreds of times real speed and replays exactly.
"""

import asyncio
import random
import secrets
import selectors
import time
import uuid
from collections.abc import Coroutine, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol, TypeVar

T = TypeVar("T")

REAL_WAIT_S = 0.05
"""How long one real wait may last while threads work in virtual time; a bound, not a poll interval."""


class Clock(Protocol):
    def now(self) -> datetime:
        """Wall time, aware, UTC. Only policies and records use it."""
        ...

    def monotonic_ms(self) -> int: ...

    async def sleep(self, seconds: float) -> None: ...

    def new_id(self, prefix: str = "") -> str: ...

    def new_secret(self) -> str: ...

    def random(self) -> random.Random: ...

    def real_work(self) -> AbstractContextManager[None]: ...


class SystemClock:
    """Real time."""

    def __init__(self) -> None:
        self._random = random.SystemRandom()

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic_ms(self) -> int:
        return time.monotonic_ns() // 1_000_000

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    def new_id(self, prefix: str = "") -> str:
        """Sortable by time: 48 bits of milliseconds, 80 random bits."""
        stamp = time.time_ns() // 1_000_000
        return f"{prefix}{stamp:012x}{secrets.token_hex(10)}"

    def new_secret(self) -> str:
        return secrets.token_urlsafe(32)

    def random(self) -> random.Random:
        return self._random

    def real_work(self) -> AbstractContextManager[None]:
        return nullcontext()


class PinnedClock(SystemClock):
    """Runs at the pace of real time from a moment of our choice: dialogues that are the same every day."""

    def __init__(self, start: datetime) -> None:
        super().__init__()
        self._offset = start - super().now()

    def now(self) -> datetime:
        return super().now() + self._offset


class VirtualClock:
    """Time as the running `VirtualLoop` tells it; ids and randomness from a seed, so that a call replays."""

    def __init__(self, start: datetime, seed: int = 0) -> None:
        self._start = start
        self._random = random.Random(seed)

    def _loop(self) -> "VirtualLoop":
        loop = asyncio.get_running_loop()
        if not isinstance(loop, VirtualLoop):
            raise TypeError(f"expected a VirtualLoop, got {type(loop).__name__}")
        return loop

    def now(self) -> datetime:
        return self._start + timedelta(seconds=self._loop().time())

    def monotonic_ms(self) -> int:
        return round(self._loop().time() * 1000)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    def new_id(self, prefix: str = "") -> str:
        return f"{prefix}{uuid.UUID(int=self._random.getrandbits(128)).hex}"

    def new_secret(self) -> str:
        return f"{self._random.getrandbits(256):064x}"

    def random(self) -> random.Random:
        return self._random

    @contextmanager
    def _hold(self) -> Iterator[None]:
        loop = self._loop()
        loop.real_work += 1
        try:
            yield
        finally:
            loop.real_work -= 1

    def real_work(self) -> AbstractContextManager[None]:
        return self._hold()


class _LeapingSelector(selectors.SelectSelector):
    """Instead of waiting for a timer, moves the loop's clock to it."""

    loop: "VirtualLoop"

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if ready or timeout == 0:
            return ready
        if self.loop.real_work > 0:
            return super().select(REAL_WAIT_S)
        if timeout is None:
            raise RuntimeError(
                "deadlock in virtual time: nothing is scheduled and nothing is ready"
            )
        self.loop.leap(timeout)
        return ready


class VirtualLoop(asyncio.SelectorEventLoop):
    """An asyncio loop whose clock leaps. `real_work` counts threads that must really be waited for."""

    def __init__(self) -> None:
        self._now = 0.0
        self.real_work = 0
        selector = _LeapingSelector()
        selector.loop = self
        super().__init__(selector)
        self._clock_resolution = 1e-9

    def time(self) -> float:
        return self._now

    def leap(self, seconds: float) -> None:
        self._now += seconds

    async def shutdown_default_executor(self, timeout: float | None = None) -> None:  # noqa: ARG002 - 3.12 has it
        """Its threads end in real time."""
        self.real_work += 1
        try:
            await super().shutdown_default_executor()
        finally:
            self.real_work -= 1


def run_virtual(main: Coroutine[Any, Any, T]) -> T:
    """Run `main` to its end in virtual time."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(main)
