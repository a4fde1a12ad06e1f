"""Every task of a call is started here, and every exception of a call ends here: nothing may kill a live call.

One of the few files where `except Exception` is allowed, and the only home of `create_task`.
"""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from dalpak.logs import get_logger

CLOSE_S = 2.0
"""How long cancelled tasks may take to end; then they are abandoned and counted."""

_log = get_logger(__name__)


class Supervisor:
    """Owns the tasks of one call (or one service). After `aclose` none of them runs."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._tasks: set[asyncio.Task[Any]] = set()
        self.faults = 0
        self.abandoned = 0

    def spawn(
        self,
        work: Coroutine[Any, Any, Any],
        *,
        name: str,
        on_fault: Callable[[Exception], None] | None = None,
    ) -> asyncio.Task[Any]:
        """Run `work`; an exception is logged, counted and handed to `on_fault`, never raised."""
        task = asyncio.create_task(self._guarded(work, name, on_fault), name=f"{self._name}:{name}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        # A task that is cancelled before its first step never awaits its work.
        task.add_done_callback(lambda _: work.close())
        return task

    async def _guarded(
        self,
        work: Coroutine[Any, Any, Any],
        name: str,
        on_fault: Callable[[Exception], None] | None,
    ) -> Any:
        try:
            return await work
        except Exception as fault:
            self._count(name, fault)
            if on_fault is not None:
                self.guard(f"{name}.on_fault", on_fault, fault)
            return None

    def guard(self, name: str, do: Callable[..., Any], *args: Any) -> Any:
        """Call `do` now; an exception is logged and counted, and None comes back."""
        try:
            return do(*args)
        except Exception as fault:
            self._count(name, fault)
            return None

    def _count(self, name: str, fault: Exception) -> None:
        self.faults += 1
        _log.error("fault_contained", owner=self._name, part=name, exc_info=fault)

    @property
    def running(self) -> int:
        return len(self._tasks)

    async def aclose(self) -> None:
        """Cancel what still runs; wait a bounded time."""
        tasks = [t for t in self._tasks if t is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        if not tasks:
            return
        _, pending = await asyncio.wait(tasks, timeout=CLOSE_S)
        self.abandoned += len(pending)
        if pending:
            _log.error("tasks_abandoned", owner=self._name, count=len(pending))
