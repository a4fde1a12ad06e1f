"""The heap is set aside while nobody talks, and nothing that dies later stays in it for ever."""

import gc
import weakref
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from dalpak.clock import VirtualClock, run_virtual
from dalpak.runtime.heap import ENDED_CALLS, EVERY_S, LOOK_S, THRESHOLDS, Heap
from dalpak.runtime.supervise import Supervisor

pytestmark = pytest.mark.unit


@pytest.fixture(autouse=True)
def process_as_it_was() -> Iterator[None]:
    thresholds = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*thresholds)


class Ring:
    """Only the collector can free it."""

    def __init__(self) -> None:
        self.myself = self


def test_it_is_set_aside_only_while_nobody_talks() -> None:
    talking = True

    async def main() -> None:
        nonlocal talking
        clock = VirtualClock(datetime(2026, 11, 23, tzinfo=UTC))
        heap, work = Heap(clock, busy=lambda: talking, ended=lambda: 0), Supervisor("test")
        work.spawn(heap.watch(), name="heap")
        await clock.sleep(LOOK_S / 2)
        warmed = [Ring() for _ in range(2_000)]
        await clock.sleep(LOOK_S * 3)
        assert heap.settled == 1, "at the start, and not again under a call"
        assert gc.get_threshold() == THRESHOLDS
        aside = gc.get_freeze_count()
        assert aside > 10_000

        talking = False
        await clock.sleep(LOOK_S)
        assert gc.get_freeze_count() >= aside + len(warmed), "what warmed up is set aside, too"
        assert heap.settled == 1, "and nobody had to wait for it"
        await clock.sleep(EVERY_S)
        assert heap.settled == 2
        await work.aclose()

    run_virtual(main())


def test_what_dies_after_it_was_set_aside_is_freed_at_the_next_time() -> None:
    async def main() -> None:
        clock = VirtualClock(datetime(2026, 11, 23, tzinfo=UTC))
        heap, work = Heap(clock, busy=lambda: False, ended=lambda: 0), Supervisor("test")
        ring = Ring()
        seen = weakref.ref(ring)
        work.spawn(heap.watch(), name="heap")
        await clock.sleep(1)
        del ring
        gc.collect()
        assert seen() is not None, "it was set aside: no collection looks at it"
        await clock.sleep(EVERY_S + LOOK_S)
        assert seen() is None
        await work.aclose()

    run_virtual(main())


def test_a_process_that_is_never_idle_frees_what_ended_calls_left() -> None:
    async def main() -> None:
        clock, ended = VirtualClock(datetime(2026, 11, 23, tzinfo=UTC)), 0
        heap, work = Heap(clock, busy=lambda: True, ended=lambda: ended), Supervisor("test")
        work.spawn(heap.watch(), name="heap")
        await clock.sleep(1)
        ring = Ring()
        seen = weakref.ref(ring)
        del ring
        ended = ENDED_CALLS - 1
        await clock.sleep(LOOK_S)
        assert seen() is not None, "not for a few"
        ended += 1
        await clock.sleep(LOOK_S)
        assert seen() is None
        assert heap.settled == 1, "what live calls use is not set aside"
        await work.aclose()

    gc.disable()
    try:
        run_virtual(main())
    finally:
        gc.enable()
