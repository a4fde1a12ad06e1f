"""The flow engine on DBOS: `on_event` is the only thing that starts a flow.

Events come in on the caller's transaction; flows run in a thread of their own, on a loop of their
own, so that nothing a flow does can delay a call. This file holds DBOS's life (start, run, chores,
stop). What the flows say and whom they tell is in their own files; SQL is in `database.py`.

DBOS adopts the loop that runs while it launches: here that is the flow loop, where the store is
opened too.
"""

import asyncio
import logging
import threading
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any

from dalpak.clock import Clock
from dalpak.config import Settings
from dalpak.domain.events import Event
from dalpak.errors import DalpakError
from dalpak.flows.board import FlowBoard
from dalpak.flows.database import Executors, create_tables, open_client, open_engine
from dalpak.flows.desk import DeliveryLimits, Desk
from dalpak.flows.housekeeping import (
    close_stale_calls,
    forget_old_flows,
    forget_old_messages,
    resume_orphans,
    tell_due_reminders,
)
from dalpak.flows.names import APP, QUEUE, VERSION, WORKFLOW
from dalpak.flows.registry import FLOWS, FlowTable
from dalpak.flows.retries import FlowLimits
from dalpak.flows.runner import DeadLetter, Runner, dead_letter
from dalpak.language.base import Language
from dalpak.logs import get_logger
from dalpak.ports.messenger import Messenger
from dalpak.ports.store import Store
from dalpak.ports.summarizer import Summarizer

if TYPE_CHECKING:
    from dbos import DBOSClient, DBOSConfig
    from sqlalchemy import Engine

log = get_logger(__name__)

_ONE = threading.Lock()
"""DBOS is a singleton, and a second engine would silently run on the first one's database."""

DEAD = ["ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"]


class NotPrepared(DalpakError):
    """An event before the flows' tables were there: no fact is committed without its follow-up."""


class DurableEngine:
    """`ports.engine.FlowEngine`. One per process: DBOS is a singleton.

    `open_store` is awaited on the flow loop: a store belongs to the loop that opened it.
    `messengers` are by name, and are closed there too.
    """

    def __init__(
        self,
        *,
        settings: Settings,
        clock: Clock,
        messengers: Mapping[str, Messenger],
        language_of: Callable[[str], Language],
        open_store: Callable[[], Awaitable[Store]],
        flows: FlowTable = FLOWS,
        limits: FlowLimits | None = None,
        delivery: DeliveryLimits | None = None,
        summarizer: Summarizer | None = None,
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._messengers = messengers
        self._language_of = language_of
        self._open_store = open_store
        self._flows = flows
        self._limits = limits or FlowLimits()
        self._delivery = delivery or DeliveryLimits()
        self._summarizer = summarizer
        self._preparing = threading.Lock()
        self._database: Engine | None = None
        self._client: DBOSClient | None = None
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping = asyncio.Event()
        self._ended: Future[None] = Future()

    @property
    def messengers(self) -> tuple[str, ...]:
        """By name, the usual one first."""
        return tuple(self._messengers)

    # -- events in ---------------------------------------------------------------------------------

    def on_event(self, event: Event, connection: Any) -> None:
        """Enqueue every subscribed flow in the transaction of `connection`, each id once."""
        names = self._flows.get(event.type)
        if not names:
            return
        if self._client is None:
            raise NotPrepared(f"{event.type} before prepare()")
        payload = {"business_id": event.business_id, **event.payload}
        for name in names:
            self._client.enqueue_in_transaction(
                connection,
                {
                    "workflow_name": WORKFLOW,
                    "queue_name": QUEUE,
                    "workflow_id": f"{name}:{event.id}",
                    "app_version": VERSION,
                },
                name,
                payload,
            )

    async def prepare(self) -> None:
        """Create the tables. From here on events are accepted, even if nothing runs them yet."""
        await asyncio.to_thread(self._prepare)

    def _prepare(self) -> None:
        with self._preparing:
            if self._client is not None:
                return
            _forward_logs()
            self._database = open_engine(self._settings.db_url)
            create_tables(self._database, self._settings.db_url)
            self._client = open_client(self._database)

    def _close(self) -> None:
        """Give back the connections. `on_event` needs none of its own and goes on."""
        if self._database is not None:
            self._database.dispose()

    async def ended(self) -> None:
        """Return when flows run no more in this process, whatever ended them."""
        await asyncio.wait([asyncio.wrap_future(self._ended)])

    @property
    def board(self) -> FlowBoard:
        """The flows as people see them. Raises NotPrepared."""
        if self._client is None:
            raise NotPrepared("the board before prepare()")
        return FlowBoard(self._client)

    async def dead_letters(self, limit: int = 100) -> list[DeadLetter]:
        """Flows that were given up, newest first. Their facts and Message rows say the rest."""
        client = self._client
        if client is None:
            raise NotPrepared("dead_letters before prepare()")
        given_up = await asyncio.to_thread(
            lambda: client.list_workflows(status=DEAD, limit=limit, sort_desc=True)
        )
        return [dead_letter(flow) for flow in given_up]

    # -- life --------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Once. Returns when flows run; raises what prevented it, or TimeoutError."""
        if self._thread is not None:
            raise RuntimeError("a flow engine starts once")
        ready: Future[None] = Future()
        self._thread = threading.Thread(target=self._run, args=(ready,), name="flows", daemon=True)
        self._thread.start()
        await _within(ready, self._limits.start_timeout_s)

    async def stop(self) -> None:
        """Let flows in flight end for a moment, then stop; the rest runs after the next start."""
        if self._thread is None or self._loop is None:
            await asyncio.to_thread(self._close)
            return
        if not self._ended.done():
            self._loop.call_soon_threadsafe(self._stopping.set)
        try:
            await _within(self._ended, self._limits.stop_timeout_s)
        except TimeoutError:
            log.warning("flows did not stop in time", seconds=self._limits.stop_timeout_s)

    def _run(self, ready: "Future[None]") -> None:
        """The thread: one loop, from here to the end."""
        try:
            self._prepare()
            if not _ONE.acquire(blocking=False):
                raise RuntimeError("another flow engine runs in this process")
            try:
                asyncio.run(self._serve(ready))
            finally:
                _ONE.release()
        except Exception as e:
            log.error("flow engine failed", error=type(e).__name__)
            if not ready.done():
                ready.set_exception(e)
        finally:
            self._ended.set_result(None)

    async def _serve(self, ready: "Future[None]") -> None:
        if self._database is None:
            raise NotPrepared("no database")
        self._loop = asyncio.get_running_loop()
        executors = Executors(self._database)
        executor_id = self._clock.new_id("flows_")
        async with AsyncExitStack() as closing:
            closing.callback(self._close)
            store = await self._open_store()
            closing.push_async_callback(store.aclose)
            for messenger in self._messengers.values():
                closing.push_async_callback(messenger.aclose)
            if self._summarizer is not None:
                closing.push_async_callback(self._summarizer.aclose)
            desk = Desk(
                store,
                self._messengers,
                self._language_of,
                self._clock,
                self._settings.summary_to,
                links_to=_followable(self._settings.public_base_url),
                summarizer=self._summarizer,
                limits=self._delivery,
            )
            runner = Runner(self._flows, desk, self._limits, self._again)
            # Alive before the first flow is taken, or another process would take it back.
            executors.beat(executor_id)
            closing.callback(executors.leave, executor_id)
            closing.push_async_callback(_destroy)
            await self._launch(self._database, executor_id, runner)
            ready.set_result(None)
            await self._keep_house(store, executors, executor_id)
            await runner.drained(self._limits.drain_timeout_s)

    async def _launch(self, database: "Engine", executor_id: str, runner: Runner) -> None:
        from dbos import DBOS

        DBOS(config=_config(database, executor_id, self._limits))
        # Its own count of deaths goes by executor id; `housekeeping` counts across ids.
        workflow = DBOS.workflow(name=WORKFLOW, max_recovery_attempts=self._limits.resumes)
        workflow(runner.flow_runner)
        DBOS.launch()
        await DBOS.register_queue_async(
            QUEUE,
            worker_concurrency=self._limits.workers,
            polling_interval_sec=self._settings.flows_poll_s,
            on_conflict="always_update",
        )

    async def _again(self, workflow_id: str, wait_s: float, arguments: tuple[object, ...]) -> None:
        """Enqueue the next attempt of a flow, once, however often its attempt is replayed."""
        from dbos import DBOS

        await DBOS.enqueue_workflow_with_options_async(
            {
                "workflow_name": WORKFLOW,
                "queue_name": QUEUE,
                "workflow_id": workflow_id,
                "app_version": VERSION,
                "delay_seconds": wait_s,
            },
            *arguments,
        )

    async def _keep_house(self, store: Store, executors: Executors, executor_id: str) -> None:
        """Beat and do what is due until the engine stops; a chore that fails has its next turn."""
        limits, settings, clock = self._limits, self._settings, self._clock

        async def beat() -> None:
            await asyncio.to_thread(executors.beat, executor_id)

        async def resume() -> None:
            await resume_orphans(executors, executor_id, QUEUE, limits)

        async def close_calls() -> None:
            await close_stale_calls(store, clock, settings.stale_call_s)

        async def remind() -> None:
            await tell_due_reminders(store, clock)

        async def tidy() -> None:
            await forget_old_flows(executors, clock, limits)

        async def forget() -> None:
            await forget_old_messages(store, clock, limits)

        chores: Mapping[Callable[[], Awaitable[None]], float] = {
            beat: limits.beat_s,
            resume: limits.beat_s,
            close_calls: limits.reap_calls_s,
            remind: limits.remind_s,
            tidy: limits.tidy_s,
            forget: limits.tidy_s,
        }
        due = dict.fromkeys(chores, clock.monotonic_ms())
        while not self._stopping.is_set():
            for chore, every_s in chores.items():
                if clock.monotonic_ms() < due[chore]:
                    continue
                due[chore] = clock.monotonic_ms() + round(every_s * 1000)
                try:
                    async with asyncio.timeout(limits.chore_timeout_s):
                        await chore()
                except Exception as e:
                    log.warning("flow chore failed", chore=chore.__name__, error=type(e).__name__)
            await self._pause((min(due.values()) - clock.monotonic_ms()) / 1000)

    async def _pause(self, seconds: float) -> None:
        """Until then, or until the engine stops."""
        try:
            async with asyncio.timeout(max(0.0, seconds)):
                await self._stopping.wait()
        except TimeoutError:
            return


def _followable(origin: str) -> str:
    """The origin of links that a customer can follow; a development server has none."""
    return origin if origin.startswith("https:") else ""


def _config(database: "Engine", executor_id: str, limits: FlowLimits) -> "DBOSConfig":
    """What DBOS must be told; each default it replaces lost or repeated work, or slowed calls."""
    from dbos import DBOSPortableJSONSerializer

    return {
        "name": APP,
        "system_database_engine": database,
        "executor_id": executor_id,
        "application_version": VERSION,
        "serializer": DBOSPortableJSONSerializer(),
        "max_executor_threads": limits.workers,
        # The tables were made by prepare(); launch only checks them.
        "run_migrations": False,
        # Nothing listens: this is only how long stopping waits for the listener's thread.
        "notification_listener_polling_interval_sec": 0.2,
        "log_level": "WARNING",
    }


async def _destroy() -> None:
    """In a thread of its own: DBOS's threads hand work to this loop until they are gone."""
    from dbos import DBOS

    def destroy() -> None:
        DBOS.destroy(destroy_registry=True)

    with ThreadPoolExecutor(1, "flows-stop") as aside:
        await asyncio.get_running_loop().run_in_executor(aside, destroy)


async def _within(future: "Future[None]", seconds: float) -> None:
    """Wait for another thread's future without ever cancelling it. Raises TimeoutError."""
    done, _ = await asyncio.wait([asyncio.wrap_future(future)], timeout=seconds)
    if not done:
        raise TimeoutError
    done.pop().result()


class _ForwardLogs(logging.Handler):
    """DBOS's warnings in our own log, without tracebacks: they may quote what a statement held."""

    def emit(self, record: logging.LogRecord) -> None:
        kind = record.exc_info[0] if record.exc_info else None
        log.warning("dbos", said=record.getMessage()[:300], error=kind.__name__ if kind else None)


def _forward_logs() -> None:
    """DBOS prints to the terminal unless its logger has a handler already."""
    logger = logging.getLogger("dbos")
    logger.propagate = False
    if not any(isinstance(h, _ForwardLogs) for h in logger.handlers):
        logger.addHandler(_ForwardLogs(logging.WARNING))
