"""How late the loop is, and who is let in then."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, cast

import pytest

from dalpak.call.limits import Limits
from dalpak.clock import VirtualClock, run_virtual
from dalpak.runtime.calls import Calls, Kit
from dalpak.runtime.loop_lag import EVERY_MS, WINDOW, LoopLag
from dalpak.runtime.supervise import Supervisor

pytestmark = pytest.mark.unit


class LateClock(VirtualClock):
    """A loop that wakes sleepers late, as a busy one does."""

    late_ms = 0

    async def sleep(self, seconds: float) -> None:
        await super().sleep(seconds + self.late_ms / 1000)


def clock() -> LateClock:
    return LateClock(datetime(2026, 11, 23, tzinfo=UTC))


def test_lateness_is_measured_and_forgotten_after_the_window() -> None:
    async def main() -> None:
        late = clock()
        lag, work = LoopLag(late), Supervisor("test")
        assert lag.p95_ms == 0
        work.spawn(lag.watch(), name="lag")
        await VirtualClock.sleep(late, 5)
        assert lag.p95_ms == 0
        late.late_ms = 150
        await VirtualClock.sleep(late, 5)
        assert (lag.p95_ms, lag.worst_ms) == (150, 150)
        late.late_ms = 0
        await VirtualClock.sleep(late, EVERY_MS * WINDOW / 1000 + 1)
        assert (lag.p95_ms, lag.worst_ms) == (0, 150)
        await work.aclose()

    run_virtual(main())


def test_one_late_moment_is_not_a_late_loop() -> None:
    lag = LoopLag(clock())
    for _ in range(WINDOW - 1):
        lag.note(1)
    lag.note(900)

    assert lag.p95_ms == 1


class Untouched:
    """A provider that must not be asked anything."""

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"a provider was touched: {name}")

    async def synthesize(self) -> AsyncIterator[bytes]:
        raise AssertionError("a provider was touched")
        yield b""


def calls(**changes: Any) -> Calls:
    nobody = Untouched()
    kit = Kit(
        limits=Limits(),
        store=cast(Any, nobody),
        clock=clock(),
        agent=cast(Any, nobody),
        open_desk=cast(Any, nobody),
        voice=cast(Any, nobody),
        stt=cast(Any, nobody),
        make_vad=cast(Any, nobody),
        debounce_ms=40,
        tts_timeout_s=1.0,
        max_live_calls=3,
        journal_dir=None,
        max_loop_lag_ms=80,
    )
    return Calls(replace(kit, **changes))


def test_places_on_their_way_count_and_are_given_back() -> None:
    made = calls()
    with (
        made.reserve() as one,
        made.reserve() as two,
        made.reserve() as three,
        made.reserve() as four,
    ):
        assert (one, two, three, four) == (True, True, True, False)
        assert made.reserved == 3

    assert made.reserved == 0
    assert made.has_room()


def test_a_loop_that_is_late_takes_no_more_calls_and_no_provider_is_asked() -> None:
    made = calls()
    for _ in range(WINDOW):
        made.lag.note(81)
    with made.reserve() as first:
        assert first, "whatever made an idle process late, it was no call"
        with made.reserve() as second:
            assert not second
        for _ in range(WINDOW):
            made.lag.note(80)
        with made.reserve() as third:
            assert third
