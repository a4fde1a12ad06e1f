"""The tasks of an adapter: readers and writers of its streams, attempts that lost. No task of a call: those are
the runtime's, which stands beside the services and may not be imported here.
"""

import asyncio
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any, TypeVar

from dalpak.logs import get_logger

T = TypeVar("T")

CLOSE_S = 2.0
"""How long cancelled tasks may take to end; then they are left behind and told."""

_log = get_logger(__name__)


class Tasks:
    """Keeps its tasks alive, sees their faults, ends them all at once."""

    def __init__(self, owner: str) -> None:
        self._owner = owner
        self._running: set[asyncio.Task[Any]] = set()

    def spawn(
        self,
        work: Coroutine[Any, Any, T],
        *,
        name: str,
        on_fault: Callable[[BaseException], None] | None = None,
    ) -> "asyncio.Task[T]":
        """Start `work`. Its exception goes to `on_fault`, or to the log; never to nobody."""
        task = asyncio.get_running_loop().create_task(work, name=f"{self._owner}:{name}")
        self._running.add(task)
        task.add_done_callback(partial(self._ended, name, on_fault))
        return task

    def _ended(
        self, name: str, on_fault: Callable[[BaseException], None] | None, task: "asyncio.Task[Any]"
    ) -> None:
        self._running.discard(task)
        fault = None if task.cancelled() else task.exception()
        if fault is None:
            return
        if on_fault is not None:
            on_fault(fault)
        else:
            _log.error("adapter_fault", owner=self._owner, part=name, exc_info=fault)

    @property
    def running(self) -> int:
        return len(self._running)

    async def aclose(self) -> None:
        """Cancel what runs, and wait a bounded time."""
        tasks = [task for task in self._running if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        if tasks:
            _, left = await asyncio.wait(tasks, timeout=CLOSE_S)
            if left:
                _log.error("tasks_abandoned", owner=self._owner, count=len(left))
