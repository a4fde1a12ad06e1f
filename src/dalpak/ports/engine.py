"""The flow engine port: durable follow-up work. Flow code sees only this."""

from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from dalpak.domain.events import Event


class FlowContext(Protocol):
    """What a running flow may do. Every outside effect is a step; a step may run twice after a crash."""

    flow_id: str

    async def step(self, name: str, work: Callable[[], Awaitable[Any]]) -> Any:
        """Run `work` once per flow (at least once across crashes); its result must be JSON."""
        ...

    async def sleep_until(self, instant_iso: str) -> None:
        """Durable: survives a restart."""
        ...


class FlowEngine(Protocol):
    def on_event(self, event: Event, connection: Any) -> None:
        """Enqueue every flow subscribed to the event inside the caller's transaction.

        `connection` is the synchronous SQLAlchemy connection of that transaction. Ids are
        `"{flow}:{event.id}"`, so the same event never starts a flow twice.
        """
        ...

    async def start(self) -> None: ...
    async def stop(self) -> None: ...
