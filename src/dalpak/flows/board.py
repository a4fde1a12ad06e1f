"""The flows as people see them: which there are, how each stands, and a hand on them.

Reads and changes through DBOS's client, so that a command and a page work where no flow runs. A
flow that was tried several times is one line here: its last attempt.
"""

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from dalpak.flows.database import create_tables, open_client, open_engine
from dalpak.flows.names import QUEUE, VERSION, WORKFLOW
from dalpak.flows.runner import AGAIN

if TYPE_CHECKING:
    from dbos import DBOSClient, EnqueueOptions, WorkflowStatus

MAX_LISTED = 2_000
"""Attempts read for one list."""


class FlowState(StrEnum):
    WAITING = "waiting"
    """For a free place; a moment."""
    RUNNING = "running"
    LATER = "later"
    """It has a time at which it goes on: after a failure, or because it sleeps."""
    DONE = "done"
    GIVEN_UP = "given_up"
    CANCELLED = "cancelled"


_STATES = {
    "ENQUEUED": FlowState.WAITING,
    "PENDING": FlowState.RUNNING,
    "DELAYED": FlowState.LATER,
    "SUCCESS": FlowState.DONE,
    "ERROR": FlowState.GIVEN_UP,
    "MAX_RECOVERY_ATTEMPTS_EXCEEDED": FlowState.GIVEN_UP,
    "CANCELLED": FlowState.CANCELLED,
}
ACTIVE = frozenset({FlowState.WAITING, FlowState.RUNNING, FlowState.LATER})


@dataclass(frozen=True, slots=True)
class FlowView:
    """One flow by its last attempt."""

    id: str
    flow: str
    business_id: str
    payload: dict[str, str]
    state: FlowState
    attempt: int
    failed: int
    """Attempts that failed; the others waited for something."""
    result: str
    """Of a flow that is done: the state of its message."""
    error: str
    """Of a flow that was given up: a code, or the name of an exception."""
    next_at: datetime | None
    created_at: datetime | None
    updated_at: datetime | None


@contextmanager
def open_board(url: str) -> Iterator["FlowBoard"]:
    """The board of a database, for a command: beside whatever runs its flows."""
    engine = open_engine(url)
    try:
        create_tables(engine, url)
        yield FlowBoard(open_client(engine))
    finally:
        engine.dispose()


class FlowBoard:
    """Every method blocks for one or two small queries, in a thread of its own."""

    def __init__(self, client: "DBOSClient") -> None:
        self._client = client

    async def flows(
        self, *, business_id: str = "", states: Iterable[FlowState] = (), limit: int = 50
    ) -> list[FlowView]:
        """Newest first."""
        wanted = frozenset(states)
        found = await asyncio.to_thread(self._read, limit=MAX_LISTED)
        views = [
            view
            for view in _last_attempts(found)
            if business_id in ("", view.business_id) and (not wanted or view.state in wanted)
        ]
        return views[:limit]

    async def flow(self, flow_id: str) -> FlowView | None:
        return next(iter(_last_attempts(await self._attempts(flow_id))), None)

    async def retry(self, flow_id: str) -> FlowView | None:
        """Run a flow that was given up or cancelled once more, with what it had done. None when
        there is no such flow, or it is done or still at work."""
        attempts = await self._attempts(flow_id)
        view = next(iter(_last_attempts(attempts)), None)
        if view is None or view.state not in (FlowState.GIVEN_UP, FlowState.CANCELLED):
            return None
        flow, payload, _attempt, done, _failed = _arguments(
            max(attempts, key=lambda a: _attempt_of(a.workflow_id))
        )
        following = view.attempt + 1
        options: EnqueueOptions = {
            "workflow_name": WORKFLOW,
            "queue_name": QUEUE,
            "workflow_id": f"{flow_id}#{following}",
            "app_version": VERSION,
        }
        arguments = (flow, payload, following, done, 0)
        await asyncio.to_thread(lambda: self._client.enqueue(options, *arguments))
        return await self.flow(flow_id)

    async def cancel(self, flow_id: str) -> FlowView | None:
        """Stop a flow that is still at work; None when it is not. A step that runs is finished."""
        attempts = await self._attempts(flow_id)
        active = [a.workflow_id for a in attempts if _STATES[a.status] in ACTIVE]
        if not active:
            return None
        await asyncio.to_thread(self._client.cancel_workflows, active)
        return await self.flow(flow_id)

    async def _attempts(self, flow_id: str) -> list["WorkflowStatus"]:
        found = await asyncio.to_thread(self._read, limit=MAX_LISTED, prefix=flow_id)
        return [a for a in found if a.workflow_id.partition("#")[0] == flow_id]

    def _read(self, *, limit: int, prefix: str | None = None) -> list["WorkflowStatus"]:
        return self._client.list_workflows(
            name=WORKFLOW, workflow_id_prefix=prefix, limit=limit, sort_desc=True
        )


def _last_attempts(attempts: Sequence["WorkflowStatus"]) -> list[FlowView]:
    last: dict[str, WorkflowStatus] = {}
    for attempt in attempts:
        flow_id = attempt.workflow_id.partition("#")[0]
        known = last.get(flow_id)
        if known is None or _attempt_of(attempt.workflow_id) > _attempt_of(known.workflow_id):
            last[flow_id] = attempt
    return [_view(flow_id, attempt) for flow_id, attempt in last.items()]


def _attempt_of(workflow_id: str) -> int:
    number = workflow_id.partition("#")[2]
    return int(number) if number.isdigit() else 1


def _arguments(status: "WorkflowStatus") -> tuple[str, dict[str, str], int, dict[str, Any], int]:
    """Of an attempt; an input that DBOS cannot read comes as a string."""
    inputs: Any = status.input
    given = list(inputs["args"]) if isinstance(inputs, dict) else []
    flow, payload, attempt, done, failed = [*given, *["", {}, 1, {}, 0][len(given) :]][:5]
    return str(flow), dict(payload), int(attempt), dict(done or {}), int(failed)


def _view(flow_id: str, status: "WorkflowStatus") -> FlowView:
    flow, payload, attempt, _done, failed = _arguments(status)
    state = _STATES[status.status]
    result = str(status.output) if state is FlowState.DONE else ""
    if result.startswith(f"{AGAIN}:"):
        # Its next attempt is being enqueued at this moment.
        state, result = FlowState.WAITING, ""
    error = ""
    if state is FlowState.GIVEN_UP:
        error = str(status.error) if status.error else "killed_process"
    return FlowView(
        id=flow_id,
        flow=flow,
        business_id=payload.get("business_id", ""),
        payload=payload,
        state=state,
        attempt=attempt,
        failed=failed,
        result=result,
        error=error,
        next_at=_instant(status.delay_until_epoch_ms) if state is FlowState.LATER else None,
        created_at=_instant(status.created_at),
        updated_at=_instant(status.updated_at),
    )


def _instant(epoch_ms: int | None) -> datetime | None:
    return None if epoch_ms is None else datetime.fromtimestamp(epoch_ms / 1000, UTC)
