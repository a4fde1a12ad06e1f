"""Runs one flow inside DBOS's one workflow: each step once, each retry as a new attempt.

A failed attempt ends and the next is enqueued with a delay, carrying the results of the steps that
are done: while it waits it holds none of the eight places, so an outage of one provider stops
nobody else's flows. What is recorded of a failure is a code or the name of an exception, never its
text, which may quote personal data.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from dalpak.errors import ProviderError
from dalpak.flows.desk import Desk, Flow, Poison, Postponed, StepFailed
from dalpak.flows.registry import FlowTable
from dalpak.flows.retries import FlowLimits, retry_wait_s
from dalpak.logs import get_logger

if TYPE_CHECKING:
    from dbos import WorkflowStatus

log = get_logger(__name__)

Again = Callable[[str, float, tuple[object, ...]], Awaitable[None]]
"""Enqueue (workflow id, wait in seconds, arguments)."""

AGAIN = "again"
"""An attempt's result when another follows: `again:{number}:{why}`."""

SLEEP_HERE_S = 10.0
"""A longer sleep gives its place back: the flow is enqueued again for when it is over."""


class FlowGivenUp(Exception):
    """What DBOS records of a dead letter: its code."""


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A flow that will not run again by itself."""

    flow_id: str
    flow: str
    payload: dict[str, str]
    error: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Work:
    """The arguments of one attempt."""

    flow: str
    payload: dict[str, str]
    attempt: int
    done: dict[str, Any]
    """Results of the steps that earlier attempts finished."""
    failed: int
    """How many attempts failed; waiting is none."""


class FlowRun:
    """`ports.engine.FlowContext` of one attempt."""

    def __init__(self, flow_id: str, done: dict[str, Any], desk: Desk, limits: FlowLimits) -> None:
        self.flow_id = flow_id
        self.done = done
        self._desk = desk
        self._limits = limits

    async def step(self, name: str, work: Callable[[], Awaitable[Any]]) -> Any:
        """Run `work` unless an earlier attempt did. Raises StepFailed for whatever it raised, and
        Postponed as it was."""
        from dbos import DBOS

        if name in self.done:
            return self.done[name]

        async def attempt() -> dict[str, Any]:
            return await outcome(name, work, self._limits.step_timeout_s)

        found: dict[str, Any] = await DBOS.run_step_async({"name": name}, attempt)
        if found.get("cause") == "later":
            raise Postponed(datetime.fromisoformat(found["until"]), found["code"])
        if "code" in found:
            # A record of an earlier release has no wish.
            wish_s = found.get("retry_after_s", 0.0)
            raise StepFailed(name, found["code"], found["cause"], wish_s)
        self.done[name] = found["value"]
        return found["value"]

    async def sleep_until(self, instant_iso: str) -> None:
        """Durable, for any time: what is longer than a moment ends this attempt. The flow then runs
        again from its beginning; its steps are done."""
        from dbos import DBOS

        instant = datetime.fromisoformat(instant_iso)
        left = (instant - self._desk.clock.now()).total_seconds()
        if left > SLEEP_HERE_S:
            raise Postponed(instant, "asleep")
        # DBOS numbers its steps: a sleep that is over must still take its number when the flow is
        # replayed.
        await DBOS.sleep_async(max(left, 0.001))


async def outcome(
    name: str, work: Callable[[], Awaitable[Any]], timeout_s: float
) -> dict[str, Any]:
    """`{value}` or `{code, cause, …}`: a value, so that a replay decides as the first run did."""
    try:
        async with asyncio.timeout(timeout_s):
            return {"value": await work()}
    except Postponed as e:
        return {"code": e.code, "cause": "later", "until": e.until.isoformat()}
    except Poison as e:
        return {"code": e.code, "cause": "poison"}
    except ProviderError as e:
        cause = "provider" if e.retryable else "poison"
        return {"code": e.code, "cause": cause, "retry_after_s": e.retry_after_s}
    except Exception as e:
        log.warning("flow step failed", step=name, error=type(e).__name__)
        return {"code": type(e).__name__, "cause": "fault"}


class Runner:
    """Every flow of this process, by name, and how many are in flight."""

    def __init__(self, table: FlowTable, desk: Desk, limits: FlowLimits, again: Again) -> None:
        self._flows: dict[str, Flow] = {
            name: flow for flows in table.values() for name, flow in flows.items()
        }
        self._desk = desk
        self._limits = limits
        self._again = again
        self._in_flight = 0
        self._idle = asyncio.Event()
        self._idle.set()

        async def flow_runner(
            flow: str,
            payload: dict[str, str],
            attempt: int = 1,
            done: dict[str, Any] | None = None,
            failed: int = 0,
        ) -> str:
            work = Work(flow, payload, attempt, done or {}, failed)
            return await self._attempt(work)

        # A plain function: DBOS keeps what it registers by identity and name.
        self.flow_runner = flow_runner

    async def drained(self, timeout_s: float) -> None:
        """Return when nothing is in flight, or after `timeout_s`."""
        try:
            async with asyncio.timeout(timeout_s):
                await self._idle.wait()
        except TimeoutError:
            log.warning("flows left unfinished", flows=self._in_flight)

    async def _attempt(self, work: Work) -> str:
        self._in_flight += 1
        self._idle.clear()
        try:
            return await self._decide(work)
        finally:
            self._in_flight -= 1
            if self._in_flight == 0:
                self._idle.set()

    async def _decide(self, work: Work) -> str:
        from dbos import DBOS
        from dbos import error as dbos_error

        flow_id = str(DBOS.workflow_id).partition("#")[0]
        run = FlowRun(flow_id, dict(work.done), self._desk, self._limits)
        failed = work.failed
        try:
            flow = self._flows.get(work.flow)
            if flow is None:
                raise Poison("unknown_flow")
            return await flow(run, self._desk, work.payload)
        except dbos_error.DBOSException:
            # Its own business (the database is gone, the engine stops): the flow stays as it is.
            raise
        except Postponed as e:
            wait_s = max(0.0, (e.until - self._desk.clock.now()).total_seconds())
            code = e.code
        except Exception as e:
            failed += 1
            retry_s = retry_wait_s(e, failed, self._limits)
            code = e.code if isinstance(e, Poison | StepFailed) else type(e).__name__
            if retry_s is None:
                log.error("flow dead-lettered", flow=work.flow, event_id=flow_id, error=code)
                raise FlowGivenUp(code) from None
            wait_s = retry_s
            log.warning(
                "flow will run again", flow=work.flow, event_id=flow_id, error=code, wait_s=wait_s
            )
        following = work.attempt + 1
        arguments = (work.flow, work.payload, following, run.done, failed)
        await self._again(f"{flow_id}#{following}", wait_s, arguments)
        return f"{AGAIN}:{following}:{code}"


def dead_letter(status: "WorkflowStatus") -> DeadLetter:
    """A given-up workflow as DBOS tells it; an input it cannot read comes as a string."""
    inputs: Any = status.input
    args = inputs["args"] if isinstance(inputs, dict) else ("", {})
    at = (status.completed_at or status.updated_at or 0) / 1000
    return DeadLetter(
        flow_id=status.workflow_id.partition("#")[0],
        flow=str(args[0]),
        payload=dict(args[1]) if len(args) > 1 and isinstance(args[1], dict) else {},
        error=str(status.error) if status.error else "killed_process",
        at=datetime.fromtimestamp(at, UTC),
    )
