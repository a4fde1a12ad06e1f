"""The books of a call: what the database refuses is offered again, with its marks; what it never takes is counted."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import pytest

from dalpak.call.effects import LatencyMark, RecordMark, RecordTurn
from dalpak.call.inputs import Said
from dalpak.clock import VirtualClock, run_virtual
from dalpak.domain.records import CallEnd, CallRecord, TenantScope, TurnRecord
from dalpak.errors import ProviderError
from dalpak.runtime.recorder import WAITING_MAX, Recorder
from dalpak.runtime.supervise import Supervisor
from dalpak.runtime.tallies import Tallies

pytestmark = pytest.mark.unit

MORNING = datetime(2026, 11, 24, 8, tzinfo=UTC)


class LockedStore:
    """Refuses until it is let go; a transaction that fails leaves nothing."""

    def __init__(self) -> None:
        self.locked = False
        self.turns: list[TurnRecord] = []
        self.closed = False

    @asynccontextmanager
    async def writing(self, scope: TenantScope) -> AsyncIterator[Any]:
        del scope
        pending: list[TurnRecord] = []
        store = self

        class Writing:
            async def add_turn(self, turn: TurnRecord) -> None:
                pending.append(turn)

            async def save_checkpoint(self, *_: object) -> None: ...
            async def touch_call(self, *_: object, **__: object) -> None: ...
            async def close_call(self, *_: object, **__: object) -> bool:
                store.closed = not store.locked
                return True

        yield Writing()
        if self.locked:
            raise ProviderError("store_busy", "database is locked")
        self.turns += pending


class Books:
    def __init__(self) -> None:
        self.clock, self.store = VirtualClock(MORNING), LockedStore()
        self.supervisor, self.tallies = Supervisor("call"), Tallies({})
        record = CallRecord("c", "b", "twilio", "CA1", "", None, None, MORNING, MORNING)
        self.recorder = Recorder(
            record=record,
            store=self.store,  # type: ignore[arg-type]
            clock=self.clock,
            supervisor=self.supervisor,
            checkpoint=dict,
            journal=None,
            tallies=self.tallies,
        )
        self.recorder.start()

    async def turn(self, number: int) -> None:
        self.recorder.mark(RecordMark(number, LatencyMark.HEARD_MS, 700 + number))
        self.recorder.turn(RecordTurn(number, Said(text="x"), "", interrupted=False))
        await self.clock.sleep(1)

    async def close(self) -> None:
        closing = self.recorder.close(CallEnd.CALLER, over=True)
        await self.supervisor.spawn(closing, name="close")
        await self.supervisor.aclose()


def test_turns_refused_once_are_kept_with_the_next_one_in_order_and_whole() -> None:
    async def main() -> None:
        books = Books()
        books.store.locked = True
        await books.turn(1)
        await books.turn(2)
        assert books.store.turns == []
        books.store.locked = False
        await books.turn(3)

        assert [turn.number for turn in books.store.turns] == [1, 2, 3]
        assert [turn.heard_ms for turn in books.store.turns] == [701, 702, 703]
        await books.close()
        assert (books.tallies.records_lost, books.store.closed) == (0, True)

    run_virtual(main())


def test_the_end_of_the_call_is_the_last_chance() -> None:
    async def main() -> None:
        books = Books()
        books.store.locked = True
        await books.turn(1)
        books.store.locked = False
        await books.close()

        assert [turn.number for turn in books.store.turns] == [1]
        assert books.tallies.records_lost == 0

    run_virtual(main())


def test_what_is_never_taken_is_bounded_and_counted() -> None:
    async def main() -> None:
        books = Books()
        books.store.locked = True
        for number in range(WAITING_MAX + 7):
            books.recorder.turn(RecordTurn(number, Said(text="x"), "", interrupted=False))
            if number % 100 == 0:
                await books.clock.sleep(1)
        await books.close()

        assert books.store.turns == []
        assert books.tallies.records_lost == WAITING_MAX + 7

    run_virtual(main())
