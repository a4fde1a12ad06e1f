"""Keeps the books of one call: turns with their marks, tool traces, checkpoints, the journal.

The voice path only appends to memory here; one task writes, off the hot path, when a turn is over (SPEC D3).
A database that fails is asked again with the next turn; at worst it costs the record, never the call.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from pathlib import Path

from dalpak.call.effects import LatencyMark, RecordMark, RecordTurn
from dalpak.call.inputs import Said
from dalpak.clock import Clock
from dalpak.domain.records import CallEnd, CallRecord, TenantScope, TraceRecord, TurnRecord
from dalpak.logs import mask_phone
from dalpak.ports.store import Store
from dalpak.runtime.supervise import Supervisor
from dalpak.runtime.tallies import Tallies

HEARTBEAT_S = 15.0
"""A call that is not touched for `stale_call_s` is taken for dead; this must be well below it."""
CLOSE_S = 3.0
WAITING_MAX = 500
"""Records that may wait for the database; past it the oldest are dropped and counted."""


class Recorder:
    def __init__(
        self,
        *,
        record: CallRecord,
        store: Store,
        clock: Clock,
        supervisor: Supervisor,
        checkpoint: Callable[[], dict[str, object]],
        journal: Path | None,
        tallies: Tallies,
    ) -> None:
        self._record, self._store, self._clock = record, store, clock
        self._scope = TenantScope(record.business_id)
        self._supervisor = supervisor
        self._checkpoint = checkpoint
        self._journal = journal
        self._tallies = tallies
        self._lines: list[str] = []
        self._marks: dict[int, dict[str, int]] = {}
        self._waiting: deque[TurnRecord | TraceRecord] = deque(maxlen=WAITING_MAX)
        self._wake = asyncio.Event()
        self._flushing = asyncio.Lock()
        self._stream_id = record.stream_id

    def start(self) -> None:
        self._supervisor.spawn(self._write_forever(), name="recorder")
        self._supervisor.spawn(self._beat_forever(), name="heartbeat")

    # -- called from the voice path: memory only ---------------------------------------------------------

    def mark(self, mark: RecordMark) -> None:
        self._marks.setdefault(mark.turn, {})[mark.mark] = mark.ms

    def turn(self, turn: RecordTurn) -> TurnRecord:
        marks = self._marks.pop(turn.turn, {})
        row = TurnRecord(
            call_id=self._record.id,
            number=turn.turn,
            said=shown(turn.said),
            heard=turn.heard,
            started_at=self._clock.now(),
            interrupted=turn.interrupted,
            **{str(mark): marks.get(mark) for mark in LatencyMark},
        )
        self._tallies.turn(row)
        self._offer(row)
        return row

    def trace(self, trace: TraceRecord) -> None:
        self._tallies.trace(trace)
        self._offer(trace)

    def _offer(self, row: TurnRecord | TraceRecord) -> None:
        self._lose(len(self._waiting) + 1 - WAITING_MAX)
        self._waiting.append(row)
        self._wake.set()

    def journal_line(self, line: str) -> None:
        if self._journal is not None:
            self._lines.append(line)

    # -- the writing task ------------------------------------------------------------------------------------

    async def _write_forever(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            await self._flush()

    async def _flush(self) -> None:
        """One at a time: who closes the call waits for what is being written already."""
        async with self._flushing:
            batch = [self._waiting.popleft() for _ in range(len(self._waiting))]
            if batch:
                await self._supervisor.spawn(
                    self._save(batch), name="recorder.save", on_fault=lambda _: self._keep(batch)
                )
            await self._write_journal()

    async def _save(self, batch: list[TurnRecord | TraceRecord]) -> None:
        async with self._store.writing(self._scope) as tx:
            for row in batch:
                if isinstance(row, TurnRecord):
                    await tx.add_turn(row)
                else:
                    await tx.add_trace(row)
            await tx.save_checkpoint(self._record.id, self._checkpoint())
            await tx.touch_call(self._record.id, now=self._clock.now())

    def _keep(self, batch: list[TurnRecord | TraceRecord]) -> None:
        """For the next turn's flush, or the call's end: a database that is locked now may take it then."""
        kept = [*batch, *self._waiting]
        self._lose(len(kept) - WAITING_MAX)
        self._waiting = deque(kept, maxlen=WAITING_MAX)

    def _lose(self, count: int) -> None:
        self._tallies.records_lost += max(0, count)

    async def _write_journal(self) -> None:
        lines, self._lines = self._lines, []
        if self._journal is None or not lines:
            return
        with self._clock.real_work():
            await asyncio.to_thread(_append, self._journal, lines)

    async def _beat_forever(self) -> None:
        while True:
            self._supervisor.spawn(self._touch(), name="heartbeat.touch")
            await self._clock.sleep(HEARTBEAT_S)

    async def _touch(self) -> None:
        async with self._store.writing(self._scope) as tx:
            await tx.touch_call(self._record.id, now=self._clock.now(), stream_id=self._stream_id)

    async def close(self, reason: CallEnd, *, over: bool) -> None:
        """Write what waits; close the call's row when it is `over` (a lost line may come back)."""
        try:
            await self._flush()
            if over:
                async with asyncio.timeout(CLOSE_S), self._store.writing(self._scope) as tx:
                    await tx.close_call(self._record.id, reason=reason, now=self._clock.now())
        finally:
            self._lose(len(self._waiting))
            # What it asks knows this recorder: in that circle nothing of the call could be forgotten.
            self._checkpoint = dict


def shown(said: Said) -> str:
    """How the caller's part of a turn is kept and shown: words as heard, numbers masked."""
    if said.keys:
        hidden = max(0, len(said.keys) - 2)
        return f"[{'•' * hidden}{said.keys[hidden:]}]"
    return mask_phone(said.text)


def _append(path: Path, lines: list[str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.write("".join(f"{line}\n" for line in lines))
