"""Two agents as one: the first *useful* output of the primary within its deadline, else the other.

Both work on the same call state and the same tools, whose gate makes it safe to change horses. No
retries here: time is the caller's, and a second attempt belongs to the provider's client.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator

from dalpak.errors import ProviderError
from dalpak.logs import get_logger
from dalpak.ports.agent import Agent, AgentOutput, AgentTurn, Say


class FallbackAgent:
    """`ports.agent.Agent`. Once the primary has said something, the turn is its own to the end."""

    def __init__(self, primary: Agent, backup: Agent, *, first_output_s: float) -> None:
        self.name = f"{primary.name}+{backup.name}"
        self._primary, self._backup = primary, backup
        self._first_output_s = first_output_s
        self._log = get_logger(__name__)

    async def reply(self, turn: AgentTurn) -> AsyncGenerator[AgentOutput, None]:
        outputs = self._primary.reply(turn)
        try:
            first = await self._first(outputs)
            if first is not None:
                yield first
                try:
                    async for output in outputs:
                        yield output
                except ProviderError as e:
                    self._log.warning("agent stopped short", agent=self._primary.name, code=e.code)
                return
        finally:
            if isinstance(outputs, AsyncGenerator):
                await outputs.aclose()
        async for output in self._backup.reply(turn):
            yield output

    async def _first(self, outputs: AsyncIterator[AgentOutput]) -> AgentOutput | None:
        """None when nothing useful came in time."""
        why = "empty"
        try:
            async with asyncio.timeout(self._first_output_s):
                async for output in outputs:
                    if _useful(output):
                        return output
        except TimeoutError:
            why = "timeout"
        except ProviderError as e:
            why = e.code
        self._log.warning("agent replaced for this turn", agent=self._primary.name, reason=why)
        return None


def _useful(output: AgentOutput) -> bool:
    return not isinstance(output, Say) or bool(output.spoken.text.strip())
