"""One turn of the agent: its outputs become inputs of the call; whatever it does wrong becomes ReplyFailed.

The guard stands here: free text that claims a booking is never heard (reliability I3); facts are spoken from
tool outcomes only. A tool that writes outlives the turn that asked for it.

A draft is a reply begun before the caller has surely finished. It works on a copy of the agent's memory, its tools may
read, and one that writes waits until the draft is committed. Of a dropped one nothing stays: the copy is forgotten and
the desk goes back to where it was.
"""

import asyncio
from collections.abc import Callable, Mapping
from copy import deepcopy

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


class Reply:
    """One attempt at an answer. `number` is what its outputs are labelled with: below zero while it is a draft."""

    def __init__(
        self,
        number: int,
        state: AgentState,
        before: dict[str, object] | None,
        heard: str | None = None,
    ) -> None:
        self.number, self.state = number, state
        self.before = before
        """The desk as it was before a draft touched it."""
        self.heard = heard
        """What the caller heard of the answer before."""
        self.asks_for_yes = False
        """A read-back was said: nothing of a model's own follows it in this reply."""
        self.committed = asyncio.Event()
        self.task: asyncio.Task[None] | None = None


class WatchedTools:
    """The desk's tools as the agent of one turn sees them: the core hears when one runs; a write is shielded."""

    def __init__(self, tools: Toolbox, reply: Reply, thinker: "Thinker") -> None:
        self._tools, self._reply, self._thinker = tools, reply, thinker

    def names(self) -> tuple[str, ...]:
        return self._tools.names()

    def writes(self, name: str) -> bool:
        return self._tools.writes(name)

    async def call(self, name: str, arguments: Mapping[str, object]) -> ToolOutcome:
        return await self._thinker.run_tool(self._tools, self._reply, name, arguments)


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
        self._reply: Reply | None = None
        self._draft: Reply | None = None
        self.ears = True
        self.blocked_claims = 0
        self.silenced = 0
        """Free words that would have stood between a read-back and the caller's yes."""

    def start(self, turn: int, said: Said, heard: str | None = None) -> None:
        self._desk.turn_began(turn, said, ears=self.ears)
        reply = self._reply = Reply(turn, self.state, None, heard)
        reply.committed.set()
        self._spawn(reply, turn, said)

    def draft(self, draft: int, turn: int, said: Said, heard: str | None = None) -> None:
        """Effect DraftTurn. The caller's words are no consent yet: the desk hears of them when it is committed."""
        copy = AgentState(deepcopy(self.state.to_json()))
        reply = self._draft = Reply(draft, copy, self._desk.state(), heard)
        self._desk.draft_began(turn, ears=self.ears)
        self._spawn(reply, turn, said)

    def commit(self, draft: int, turn: int, said: Said) -> None:
        """Effect CommitTurn: what it remembers is remembered, and what it wants to write may be written."""
        reply = self._draft
        if reply is None or reply.number != draft:
            return
        self._draft, self._reply = None, reply
        reply.number, self.state = turn, reply.state
        self._desk.turn_began(turn, said, ears=self.ears)
        reply.committed.set()

    def cancel(self, turn: int) -> None:
        draft, reply = self._draft, self._reply
        if draft is not None and draft.number == turn:
            self._draft = None
            _stop(draft)
            self._desk.restore(draft.before or {})
        elif reply is not None and reply.number == turn:
            self._reply = None
            _stop(reply)

    def _spawn(self, reply: Reply, turn: int, said: Said) -> None:
        reply.task = self._supervisor.spawn(
            self._answer(reply, turn, said),
            name=f"turn:{turn}",
            on_fault=lambda fault: self._hear(ReplyFailed(reply.number, _reason(fault))),
        )

    async def _answer(self, reply: Reply, turn: int, said: Said) -> None:
        ask = AgentTurn(
            number=turn,
            said=said,
            tools=WatchedTools(self._desk.tools, reply, self),
            language=self._desk.language,
            state=reply.state,
            ears=self.ears,
            caller_phone=self._caller_phone,
            heard=reply.heard,
        )
        count = 0
        async for output in self._agent.reply(ask):
            count += 1
            match output:
                case Say():
                    self._say(reply, output)
                case Direct(directive):
                    self._hear(DirectiveGiven(reply.number, directive))
            if count >= OUTPUTS_MAX:
                break
        self._hear(ReplyEnded(reply.number))

    def _say(self, reply: Reply, output: Say) -> None:
        """Between a read-back and the caller's yes no model may talk: the yes must be to the read-back."""
        if output.free_text and reply.asks_for_yes:
            self.silenced += 1
            return
        reply.asks_for_yes = reply.asks_for_yes or (output.tag is not None and not output.free_text)
        self._hear(self._guarded(reply.number, output))

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
        self, tools: Toolbox, reply: Reply, name: str, arguments: Mapping[str, object]
    ) -> ToolOutcome:
        """Run one tool; the core is told, so that its watchdogs never cut a write. In a draft a write waits."""
        writes = tools.writes(name)
        if writes:
            await reply.committed.wait()
        began = self._clock.monotonic_ms()
        self._hear(ToolStarted(reply.number, name, writes))
        work = self._supervisor.spawn(tools.call(name, arguments), name=f"tool:{name}")
        outcome: ToolOutcome | None = await (asyncio.shield(work) if writes else work)
        if outcome is None:
            outcome = ToolOutcome({"ok": False, "error": "internal", "reason": "the tool failed"})
        took = self._clock.monotonic_ms() - began
        self._hear(ToolEnded(reply.number, name, outcome.ok, took))
        return outcome


def _stop(reply: Reply) -> None:
    task, reply.task = reply.task, None  # where it was cut knows the reply: no circle is left
    if task is not None:
        task.cancel()


def _reason(fault: Exception) -> str:
    return fault.code if isinstance(fault, ProviderError) else type(fault).__name__
