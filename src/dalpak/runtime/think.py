"""One turn of the agent: its outputs become inputs of the call; whatever it does wrong becomes ReplyFailed.

The guard stands here: free text that claims a booking is never heard (reliability I3); facts are spoken from
tool outcomes only. A tool that writes outlives the turn that asked for it.
"""

import asyncio
from collections.abc import Callable, Mapping

from dalpak.call.inputs import (
    DirectiveGiven,
    Input,
    ReplyDelta,
    ReplyEnded,
    ReplyFailed,
    Said,
    ToolEnded,
    ToolStarted,
)
from dalpak.clock import Clock
from dalpak.errors import ProviderError
from dalpak.ports.agent import Agent, AgentState, AgentTurn, Direct, Say, Toolbox, ToolOutcome
from dalpak.ports.desk import CallDesk
from dalpak.runtime.supervise import Supervisor

OUTPUTS_MAX = 40
"""Sentences and directives of one reply; an endless model is cut here."""
FREE_TEXT_MAX = 320
"""Characters of one free sentence."""


class WatchedTools:
    """The desk's tools as the agent of one turn sees them: the core hears when one runs; a write is shielded."""

    def __init__(self, tools: Toolbox, turn: int, thinker: "Thinker") -> None:
        self._tools, self._turn, self._thinker = tools, turn, thinker

    def names(self) -> tuple[str, ...]:
        return self._tools.names()

    def writes(self, name: str) -> bool:
        return self._tools.writes(name)

    async def call(self, name: str, arguments: Mapping[str, object]) -> ToolOutcome:
        return await self._thinker.run_tool(self._tools, self._turn, name, arguments)


class Thinker:
    def __init__(
        self,
        *,
        agent: Agent,
        desk: CallDesk,
        state: AgentState,
        caller_phone: str | None,
        clock: Clock,
        supervisor: Supervisor,
        hear: Callable[[Input], None],
    ) -> None:
        self._agent, self._desk, self.state = agent, desk, state
        self._caller_phone = caller_phone
        self._clock, self._supervisor, self._hear = clock, supervisor, hear
        self._task: tuple[int, asyncio.Task[None]] | None = None
        self.ears = True
        self.blocked_claims = 0

    def start(self, turn: int, said: Said) -> None:
        self._desk.turn_began(turn, said, ears=self.ears)
        task = self._supervisor.spawn(
            self._reply(turn, said),
            name=f"turn:{turn}",
            on_fault=lambda fault: self._hear(ReplyFailed(turn, _reason(fault))),
        )
        self._task = (turn, task)

    def cancel(self, turn: int) -> None:
        if self._task is not None and self._task[0] == turn:
            self._task[1].cancel()
            self._task = None

    async def _reply(self, turn: int, said: Said) -> None:
        ask = AgentTurn(
            number=turn,
            said=said,
            tools=WatchedTools(self._desk.tools, turn, self),
            language=self._desk.language,
            state=self.state,
            ears=self.ears,
            caller_phone=self._caller_phone,
        )
        count = 0
        async for output in self._agent.reply(ask):
            count += 1
            match output:
                case Say():
                    self._hear(self._guarded(turn, output))
                case Direct(directive):
                    self._hear(DirectiveGiven(turn, directive))
            if count >= OUTPUTS_MAX:
                break
        self._hear(ReplyEnded(turn))

    def _guarded(self, turn: int, output: Say) -> ReplyDelta:
        """Words of a model are cut to size, and blocked when they claim what only a committed row may say."""
        if not output.free_text:
            return ReplyDelta(turn, output.spoken, output.tag)
        text = output.spoken.text[:FREE_TEXT_MAX]
        if self._desk.language.claims_booking(text):
            self.blocked_claims += 1
            return ReplyDelta(turn, self._desk.language.phrase("checking"))
        return ReplyDelta(turn, type(output.spoken)(text))

    async def run_tool(
        self, tools: Toolbox, turn: int, name: str, arguments: Mapping[str, object]
    ) -> ToolOutcome:
        """Run one tool; the core is told, so that its watchdogs never cut a write."""
        writes = tools.writes(name)
        began = self._clock.monotonic_ms()
        self._hear(ToolStarted(turn, name, writes))
        work = self._supervisor.spawn(tools.call(name, arguments), name=f"tool:{name}")
        outcome: ToolOutcome | None = await (asyncio.shield(work) if writes else work)
        if outcome is None:
            outcome = ToolOutcome({"ok": False, "error": "internal", "reason": "the tool failed"})
        self._hear(ToolEnded(turn, name, outcome.ok, self._clock.monotonic_ms() - began))
        return outcome


def _reason(fault: Exception) -> str:
    return fault.code if isinstance(fault, ProviderError) else type(fault).__name__
