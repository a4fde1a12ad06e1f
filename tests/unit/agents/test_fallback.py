"""Two agents as one: who answers when the first is late, broken, empty or fine."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import UTC, datetime

import pytest
from scripted_desk import ScriptedDesk
from told_mishaps import ToldMishaps

from dalpak.agents.fallback import FallbackAgent
from dalpak.clock import SystemClock, VirtualClock, run_virtual
from dalpak.errors import ProviderError
from dalpak.language.base import Spoken
from dalpak.language.he import HEBREW
from dalpak.ports.agent import (
    AgentOutput,
    AgentState,
    AgentTurn,
    Direct,
    Said,
    Say,
    SayGoodbye,
    ToolOutcome,
)
from dalpak.services.resilience import CircuitBreaker

pytestmark = pytest.mark.unit

CLOCK = SystemClock()
Body = Callable[[AgentTurn], AsyncIterator[AgentOutput]]


class OneAgent:
    def __init__(self, name: str, body: Body) -> None:
        self.name, self._body = name, body

    def reply(self, turn: AgentTurn) -> AsyncIterator[AgentOutput]:
        return self._body(turn)


def words(text: str) -> Say:
    return Say(Spoken(text))


async def backup(turn: AgentTurn) -> AsyncIterator[AgentOutput]:
    turn.state.data["backup"] = True
    yield words("backup")


def answer_of(
    primary: Body, deadline_s: float = 1.0, told: ToldMishaps | None = None
) -> tuple[list[str], dict[str, object]]:
    state = AgentState({"before": 1})
    turn = AgentTurn(1, Said(text="x"), ScriptedDesk(), HEBREW, state, True, None)
    agent = FallbackAgent(
        OneAgent("first", primary),
        OneAgent("second", backup),
        first_output_s=deadline_s,
        mishaps=told,
    )

    async def run() -> list[str]:
        return [
            o.spoken.text if isinstance(o, Say) else type(o.directive).__name__
            async for o in agent.reply(turn)
        ]

    return run_virtual(run()), state.to_json()


def test_the_name_tells_both() -> None:
    agent = FallbackAgent(OneAgent("a", backup), OneAgent("b", backup), first_output_s=1)
    assert agent.name == "a+b"


def test_a_primary_in_time_has_the_whole_turn_however_long() -> None:
    async def primary(_: AgentTurn) -> AsyncIterator[AgentOutput]:
        yield words("one")
        await CLOCK.sleep(60)
        yield words("two")
        yield Direct(SayGoodbye())

    said, state = answer_of(primary)
    assert said == ["one", "two", "SayGoodbye"]
    assert "backup" not in state


def test_a_late_primary_is_closed_and_replaced_on_the_same_state() -> None:
    closed: list[bool] = []

    async def primary(turn: AgentTurn) -> AsyncIterator[AgentOutput]:
        turn.state.data["primary"] = True
        try:
            await CLOCK.sleep(2)
            yield words("too late")
        finally:
            closed.append(True)

    said, state = answer_of(primary)
    assert said == ["backup"]
    assert closed == [True]
    assert state == {"before": 1, "primary": True, "backup": True, "asked": "nothing"}


def test_a_broken_primary_is_replaced() -> None:
    async def primary(_: AgentTurn) -> AsyncIterator[AgentOutput]:
        raise ProviderError("down")
        yield words("never")

    assert answer_of(primary)[0] == ["backup"]


def test_empty_words_are_not_an_answer() -> None:
    async def primary(_: AgentTurn) -> AsyncIterator[AgentOutput]:
        yield words(" ")

    assert answer_of(primary)[0] == ["backup"]


def test_blank_words_do_not_stop_the_clock() -> None:
    async def primary(_: AgentTurn) -> AsyncIterator[AgentOutput]:
        for _n in range(10):
            yield words("")
            await CLOCK.sleep(0.4)
        yield words("too late")

    assert answer_of(primary)[0] == ["backup"]


def test_a_primary_that_breaks_after_it_spoke_ends_the_turn() -> None:
    async def primary(_: AgentTurn) -> AsyncIterator[AgentOutput]:
        yield words("one")
        raise ProviderError("down")

    told = ToldMishaps()
    assert answer_of(primary, told=told)[0] == ["one"]
    assert (told.failures, told.replacements) == ([("llm", "down")], [])


def test_a_bug_is_not_hidden() -> None:
    async def primary(_: AgentTurn) -> AsyncIterator[AgentOutput]:
        raise KeyError("bug")
        yield words("never")

    with pytest.raises(KeyError):
        answer_of(primary)


# -- the breaker, and tools ------------------------------------------------------------------------


class Counting:
    """A primary that fails as long as it is told to."""

    name = "first"

    def __init__(self) -> None:
        self.asked = 0
        self.broken = True
        self.warm = False

    async def warm_up(self) -> None:
        self.warm = True

    async def reply(self, turn: AgentTurn) -> AsyncIterator[AgentOutput]:
        self.asked += 1
        if self.broken:
            raise ProviderError("server_error")
        yield words("primary")


def a_turn(tools: ScriptedDesk | None = None) -> AgentTurn:
    return AgentTurn(1, Said(text="x"), tools or ScriptedDesk(), HEBREW, AgentState(), True, None)


async def spoken(agent: FallbackAgent, turn: AgentTurn | None = None) -> list[str]:
    return [o.spoken.text async for o in agent.reply(turn or a_turn()) if isinstance(o, Say)]


def test_a_primary_that_keeps_failing_is_spared_and_tried_again_later() -> None:
    async def play() -> None:
        clock = VirtualClock(datetime(2026, 11, 22, tzinfo=UTC))
        primary = Counting()
        breaker = CircuitBreaker("model", clock, failures=3, open_s=5)
        told = ToldMishaps()
        agent = FallbackAgent(
            primary, OneAgent("second", backup), first_output_s=1, breaker=breaker, mishaps=told
        )
        for _ in range(10):
            assert await spoken(agent) == ["backup"]
        assert primary.asked == 3, "nobody waits for what is down"
        assert told.failures == [("llm", "server_error")] * 3, "who is spared has not failed"
        assert told.replacements == ["llm"] * 10
        primary.broken = False
        await clock.sleep(6)
        assert await spoken(agent) == ["primary"]
        assert len(told.replacements) == 10
        assert await spoken(agent) == ["primary"]
        assert primary.asked == 5

    run_virtual(play())


def test_a_turn_that_is_cancelled_says_nothing_of_the_primary() -> None:
    async def play() -> None:
        clock = VirtualClock(datetime(2026, 11, 22, tzinfo=UTC))
        breaker = CircuitBreaker("model", clock, failures=1)

        async def slow(_: AgentTurn) -> AsyncIterator[AgentOutput]:
            await CLOCK.sleep(60)
            yield words("never")

        agent = FallbackAgent(
            OneAgent("a", slow), OneAgent("b", backup), first_output_s=30, breaker=breaker
        )
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(1):
                await spoken(agent)
        assert breaker.enter() is not None

    run_virtual(play())


class SlowTools(ScriptedDesk):
    async def call(self, name: str, arguments: Mapping[str, object]) -> ToolOutcome:
        await CLOCK.sleep(3)
        self.calls.append(name)
        return ToolOutcome({"ok": True})


@pytest.mark.parametrize(
    ("tool", "said"), [("leads.take_message", ["primary"]), ("business.hours", ["backup"])]
)
def test_a_tool_that_writes_is_waited_for_and_one_that_reads_is_not(
    tool: str, said: list[str]
) -> None:
    """What was written must be told by whoever had it written."""

    async def primary(turn: AgentTurn) -> AsyncIterator[AgentOutput]:
        await turn.tools.call(tool, {})
        yield words("primary")

    async def play() -> list[str]:
        agent = FallbackAgent(
            OneAgent("first", primary), OneAgent("second", backup), first_output_s=1
        )
        return await spoken(agent, a_turn(SlowTools()))

    assert run_virtual(play()) == said


def test_both_are_warmed_where_they_can_be() -> None:
    async def play() -> None:
        primary = Counting()
        await FallbackAgent(primary, OneAgent("b", backup), first_output_s=1).warm_up()
        assert primary.warm

    run_virtual(play())
