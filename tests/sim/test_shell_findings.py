"""What simulated days found in the call's shell, each in its smallest form."""

import asyncio
import gc
import warnings
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import pytest

from dalpak.call.effects import RecordTurn
from dalpak.call.inputs import Said
from dalpak.clock import VirtualClock, run_virtual
from dalpak.domain.records import CallEnd, CallRecord
from dalpak.runtime.recorder import Recorder
from dalpak.runtime.supervise import Supervisor
from dalpak.runtime.tallies import Tallies

pytestmark = pytest.mark.sim

MORNING = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)


class SlowStore:
    """Keeps the numbers of turns; what is begun in the second second takes three."""

    def __init__(self, clock: VirtualClock) -> None:
        self._clock = clock
        self.kept: list[int] = []
        self.closed = False

    @asynccontextmanager
    async def writing(self, scope: object) -> AsyncIterator[Any]:
        del scope
        await self._clock.sleep(3 if 1_000 <= self._clock.monotonic_ms() < 2_000 else 0.1)
        rows: list[int] = []
        store = self

        class Writing:
            async def add_turn(self, turn: Any) -> None:
                rows.append(turn.number)

            async def save_checkpoint(self, *_: object) -> None: ...
            async def touch_call(self, *_: object, **__: object) -> None: ...
            async def close_call(self, *_: object, **__: object) -> bool:
                store.closed = True
                return True

        yield Writing()
        self.kept += rows


def test_closing_a_call_waits_for_what_is_being_written() -> None:
    async def scene() -> SlowStore:
        clock = VirtualClock(MORNING)
        store = SlowStore(clock)
        supervisor = Supervisor("call")
        record = CallRecord("c", "b", "twilio", "CA1", "", None, None, MORNING, MORNING)
        recorder = Recorder(
            record=record,
            store=store,  # type: ignore[arg-type]
            clock=clock,
            supervisor=supervisor,
            checkpoint=dict,
            journal=None,
            tallies=Tallies({}),
        )
        recorder.start()
        recorder.turn(RecordTurn(0, Said(opening=True), "", interrupted=False))
        await clock.sleep(1.5)
        recorder.turn(RecordTurn(1, Said(text="x"), "", interrupted=False))
        await clock.sleep(1)
        recorder.turn(RecordTurn(2, Said(text="y"), "", interrupted=False))
        closing = supervisor.spawn(recorder.close(CallEnd.CALLER, over=True), name="close")
        await asyncio.wait({closing}, timeout=5)
        await supervisor.aclose()
        return store

    store = run_virtual(scene())

    assert store.kept == [0, 1, 2]
    assert store.closed


def test_work_that_is_cancelled_before_it_began_is_closed() -> None:
    async def late() -> None: ...

    async def scene() -> None:
        supervisor = Supervisor("call")
        task = supervisor.spawn(late(), name="late")
        task.cancel()
        await supervisor.aclose()

    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        run_virtual(scene())
        gc.collect()

    assert [str(warning.message) for warning in told] == []
