"""A caller at the real desk, over a store in memory, whichever agent answers; read-backs are heard to their end."""

from dataclasses import dataclass, field

from front_desk import FakeClock, salon
from memory_store import MemoryStore

from dalpak.agents.builtin_agent import BuiltinAgent
from dalpak.call.inputs import Said
from dalpak.domain.records import Appointment, CallRecord
from dalpak.language.he import HEBREW
from dalpak.ports.agent import Agent, AgentOutput, AgentState, AgentTurn, Say
from dalpak.tools.desk import ToolDesk, desk_factory

CALLER = "+972541112233"


@dataclass
class DeskCall:
    agent: Agent = field(default_factory=BuiltinAgent)
    caller: str | None = CALLER
    store: MemoryStore = field(default_factory=lambda: MemoryStore(salon(), salon("other")))
    clock: FakeClock = field(default_factory=FakeClock)
    state: AgentState = field(default_factory=AgentState)
    traces: list[str] = field(default_factory=list)
    turns: int = 0
    ears: bool = True
    senders: tuple[str, ...] = ()
    desk: ToolDesk | None = None

    async def opened(self) -> ToolDesk:
        if self.desk is None:
            now = self.clock.now()
            record = CallRecord("call-1", "salon", "twilio", "x", "", self.caller, None, now, now)
            open_desk = desk_factory(self.store, self.clock, lambda _: HEBREW, self.senders)  # type: ignore[arg-type]
            opened = await open_desk(record, lambda trace: self.traces.append(trace.tool))
            assert isinstance(opened, ToolDesk)
            self.desk = opened
        return self.desk

    async def turn(self, said: Said, heard: str | None = None) -> AgentTurn:
        desk = await self.opened()
        self.turns += 1
        desk.turn_began(self.turns, said, ears=self.ears)
        return AgentTurn(
            self.turns, said, desk.tools, HEBREW, self.state, self.ears, self.caller, heard
        )

    async def does(self, said: Said, heard: str | None = None) -> list[AgentOutput]:
        turn = await self.turn(said, heard)
        out = [output async for output in self.agent.reply(turn)]
        for output in out:
            if isinstance(output, Say) and output.tag is not None:
                (await self.opened()).read_back_heard(output.tag)
        self.state = AgentState(self.state.to_json())
        return out

    async def says(self, text: str) -> list[str]:
        return [o.spoken.text for o in await self.does(Said(text=text)) if isinstance(o, Say)]

    def rows(self) -> list[Appointment]:
        return [row.appointment for row in self.store.tables("salon").rows.values()]
