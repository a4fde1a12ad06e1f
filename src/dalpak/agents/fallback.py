"""Two agents as one: the first *useful* output of the primary within its deadline, else the other.

Both work on the same call state and the same tools, whose gate makes it safe to change horses. No
retries here: time is the caller's, and a second attempt belongs to the provider's client. While the
primary keeps failing its breaker opens, and nobody waits for it.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from dataclasses import replace
from typing import Protocol, runtime_checkable

from dalpak.errors import ProviderError
from dalpak.logs import get_logger
from dalpak.ports.agent import Agent, AgentOutput, AgentTurn, Say, Toolbox, ToolOutcome
from dalpak.ports.mishaps import Mishaps, Untold


@runtime_checkable
class Warms(Protocol):
    """An agent whose first turn would cost more than its tenth."""

    async def warm_up(self) -> None:
        """Everything that is done once, done now. Never raises for the outside's sake."""
        ...


class Breaker(Protocol):
    """Spares a primary that is down. A ticket of `enter` comes back exactly once."""

    def enter(self) -> int | None:
        """None: do not even try."""
        ...

    def succeeded(self, ticket: int) -> None: ...

    def failed(self, ticket: int, code: str = "") -> None: ...

    def abandoned(self, ticket: int) -> None:
        """Cancelled before it showed anything."""
        ...


class AlwaysTry:
    """A breaker that never opens."""

    def enter(self) -> int | None:
        return 0

    def succeeded(self, ticket: int) -> None:
        """Nothing is counted."""

    def failed(self, ticket: int, code: str = "") -> None:
        """Nothing is counted."""

    def abandoned(self, ticket: int) -> None:
        """Nothing is counted."""


class _Deadline:
    """Runs until the primary did something useful: said a word, or chose a tool, whose time is its own."""

    def __init__(self, seconds: float) -> None:
        self._limit = asyncio.timeout(seconds)
        self._running = False

    async def __aenter__(self) -> None:
        await self._limit.__aenter__()
        self._running = True

    async def __aexit__(self, *fault: object) -> None:
        self._running = False
        await self._limit.__aexit__(*fault)  # type: ignore[arg-type]

    def met(self) -> None:
        if self._running:
            self._limit.reschedule(None)


class _Tools:
    """The tools of the turn; the first one that is used meets the deadline."""

    def __init__(self, tools: Toolbox, deadline: _Deadline) -> None:
        self._tools, self._deadline = tools, deadline

    def names(self) -> tuple[str, ...]:
        return self._tools.names()

    def writes(self, name: str) -> bool:
        return self._tools.writes(name)

    async def call(self, name: str, arguments: Mapping[str, object]) -> ToolOutcome:
        if self._tools.writes(name):
            self._deadline.met()
        return await self._tools.call(name, arguments)


class FallbackAgent:
    """`ports.agent.Agent`. Once the primary has said something, the turn is its own to the end."""

    def __init__(
        self,
        primary: Agent,
        backup: Agent,
        *,
        first_output_s: float,
        breaker: Breaker | None = None,
        mishaps: Mishaps | None = None,
    ) -> None:
        self.name = f"{primary.name}+{backup.name}"
        self._primary, self._backup = primary, backup
        self._first_output_s = first_output_s
        self._breaker: Breaker = breaker or AlwaysTry()
        self._mishaps = mishaps or Untold()
        self._log = get_logger(__name__)

    async def warm_up(self) -> None:
        """Whichever of the two has something to warm."""
        for agent in (self._primary, self._backup):
            if isinstance(agent, Warms):
                await agent.warm_up()

    async def reply(self, turn: AgentTurn) -> AsyncGenerator[AgentOutput, None]:
        ticket = self._breaker.enter()
        if ticket is not None:
            deadline = _Deadline(self._first_output_s)
            asked = replace(turn, tools=_Tools(turn.tools, deadline))
            outputs = self._primary.reply(asked)
            try:
                first = await self._first(outputs, deadline, ticket)
                if first is not None:
                    yield first
                    try:
                        async for output in outputs:
                            yield output
                    except ProviderError as e:
                        self._mishaps.failed("llm", e.code)
                        self._log.warning(
                            "agent stopped short", agent=self._primary.name, code=e.code
                        )
                    return
            finally:
                await _close(outputs)
        self._mishaps.replaced("llm")
        outputs = self._backup.reply(turn)
        try:
            async for output in outputs:
                yield output
        finally:
            await _close(outputs)

    async def _first(
        self, outputs: AsyncIterator[AgentOutput], deadline: _Deadline, ticket: int
    ) -> AgentOutput | None:
        """None when nothing useful came in time."""
        why = "empty"
        try:
            async with deadline:
                async for output in outputs:
                    if _useful(output):
                        self._breaker.succeeded(ticket)
                        return output
        except TimeoutError:
            why = "timeout"
        except ProviderError as e:
            why = e.code
        except BaseException:
            self._breaker.abandoned(ticket)
            raise
        self._breaker.failed(ticket, why)
        self._mishaps.failed("llm", why)
        self._log.warning("agent replaced for this turn", agent=self._primary.name, reason=why)
        return None


async def _close(outputs: AsyncIterator[AgentOutput]) -> None:
    if isinstance(outputs, AsyncGenerator):
        await outputs.aclose()


def _useful(output: AgentOutput) -> bool:
    return not isinstance(output, Say) or bool(output.spoken.text.strip())
