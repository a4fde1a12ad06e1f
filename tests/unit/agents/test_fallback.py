"""Two agents as one: who answers when the first is late, broken, empty or fine."""

from collections.abc import AsyncIterator, Callable

import pytest
from scripted_desk import ScriptedDesk

from dalpak.agents.fallback import FallbackAgent
from dalpak.clock import SystemClock, run_virtual
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
)

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


def answer_of(primary: Body, deadline_s: float = 1.0) -> tuple[list[str], dict[str, object]]:
    state = AgentState({"before": 1})
    turn = AgentTurn(1, Said(text="x"), ScriptedDesk(), HEBREW, state, True, None)
    agent = FallbackAgent(
        OneAgent("first", primary), OneAgent("second", backup), first_output_s=deadline_s
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

    assert answer_of(primary)[0] == ["one"]


def test_a_bug_is_not_hidden() -> None:
    async def primary(_: AgentTurn) -> AsyncIterator[AgentOutput]:
        raise KeyError("bug")
        yield words("never")

    with pytest.raises(KeyError):
        answer_of(primary)
