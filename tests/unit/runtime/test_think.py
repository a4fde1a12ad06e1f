"""One turn of an agent, hostile or broken: what of it may reach the call."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, cast

import pytest

from dalpak.call.inputs import (
    DirectiveGiven,
    Input,
    ReplyDelta,
    ReplyEnded,
    ReplyFailed,
    Said,
    SayGoodbye,
    ToolEnded,
    ToolStarted,
)
from dalpak.clock import VirtualClock, run_virtual
from dalpak.errors import ProviderError
from dalpak.language.base import Spoken
from dalpak.ports.agent import AgentOutput, AgentState, AgentTurn, Direct, Say, ToolOutcome
from dalpak.ports.desk import CallDesk
from dalpak.runtime.supervise import Supervisor
from dalpak.runtime.think import FREE_TEXT_MAX, OUTPUTS_MAX, Thinker

pytestmark = pytest.mark.unit

CLOCK = VirtualClock(datetime(2026, 11, 22, tzinfo=UTC))


class Words:
    """Just enough of a language for the guard."""

    def claims_booking(self, text: str) -> bool:
        return "booked" in text

    def phrase(self, key: str, /, **slots: Spoken) -> Spoken:
        return Spoken(f"<{key}>")


@dataclass
class Tools:
    """A write that takes two seconds and is counted when it is done."""

    done: list[str] = field(default_factory=list)

    def names(self) -> tuple[str, ...]:
        return ("write", "read", "broken")

    def writes(self, name: str) -> bool:
        return name == "write"

    async def call(self, name: str, arguments: Mapping[str, object]) -> ToolOutcome:
        if name == "broken":
            raise RuntimeError("a tool that raises")
        await CLOCK.sleep(2.0)
        self.done.append(name)
        return ToolOutcome({"ok": True})


@dataclass
class FakeDesk:
    tools: Tools = field(default_factory=Tools)
    language: Words = field(default_factory=Words)
    turns: list[tuple[int, Said, bool]] = field(default_factory=list)

    def turn_began(self, number: int, said: Said, *, ears: bool) -> None:
        self.turns.append((number, said, ears))


class Scripted:
    name = "scripted"

    def __init__(self, *outputs: AgentOutput | str | Exception) -> None:
        """A string calls the tool of that name; an exception is raised."""
        self.outputs = outputs
        self.outcomes: list[ToolOutcome] = []

    async def reply(self, turn: AgentTurn) -> AsyncIterator[AgentOutput]:
        for output in self.outputs:
            if isinstance(output, Exception):
                raise output
            if isinstance(output, str):
                self.outcomes.append(await turn.tools.call(output, {}))
            else:
                yield output


def thinker(agent: Any, heard: list[Input]) -> tuple[Thinker, FakeDesk]:
    desk = FakeDesk()
    made = Thinker(
        agent=agent,
        desk=cast(CallDesk, desk),
        state=AgentState(),
        caller_phone=None,
        clock=CLOCK,
        supervisor=Supervisor("test"),
        hear=heard.append,
    )
    return made, desk


def run(agent: Any, *, cancel_after: float | None = None) -> tuple[list[Input], Thinker, FakeDesk]:
    async def main() -> tuple[list[Input], Thinker, FakeDesk]:
        heard: list[Input] = []
        mind, desk = thinker(agent, heard)
        mind.start(4, Said(text="hello"))
        if cancel_after is not None:
            await CLOCK.sleep(cancel_after)
            mind.cancel(4)
        await CLOCK.sleep(30)
        return heard, mind, desk

    return run_virtual(main())


def test_outputs_become_inputs_with_the_turns_number() -> None:
    heard, _, desk = run(Scripted(Say(Spoken("hi"), tag="t"), Direct(SayGoodbye())))
    assert heard == [
        ReplyDelta(4, Spoken("hi"), "t"),
        DirectiveGiven(4, SayGoodbye()),
        ReplyEnded(4),
    ]
    assert desk.turns == [(4, Said(text="hello"), True)]


def test_free_text_that_claims_a_booking_is_never_heard() -> None:
    heard, mind, _ = run(Scripted(Say(Spoken("you are booked for ten"), free_text=True)))
    assert heard == [ReplyDelta(4, Spoken("<checking>")), ReplyEnded(4)]
    assert mind.blocked_claims == 1


def test_a_fact_from_a_tool_is_spoken_as_it_is() -> None:
    heard, mind, _ = run(Scripted(Say(Spoken("booked for ten"))))
    assert heard[0] == ReplyDelta(4, Spoken("booked for ten"))
    assert mind.blocked_claims == 0


def test_free_text_is_cut_to_size_and_carries_no_tag() -> None:
    heard, _, _ = run(Scripted(Say(Spoken("x" * 5000), tag="forged", free_text=True)))
    assert heard[0] == ReplyDelta(4, Spoken("x" * FREE_TEXT_MAX), None)


def test_an_endless_agent_is_cut() -> None:
    heard, _, _ = run(Scripted(*[Say(Spoken("again"))] * 10_000))
    assert len(heard) == OUTPUTS_MAX + 1
    assert heard[-1] == ReplyEnded(4)


@pytest.mark.parametrize(
    ("fault", "reason"), [(ProviderError("llm_down"), "llm_down"), (ValueError("x"), "ValueError")]
)
def test_a_fault_becomes_reply_failed(fault: Exception, reason: str) -> None:
    heard, _, _ = run(Scripted(Say(Spoken("well")), fault))
    assert heard == [ReplyDelta(4, Spoken("well")), ReplyFailed(4, reason)]


def test_a_tool_that_raises_is_an_outcome() -> None:
    agent = Scripted("broken")
    heard, _, _ = run(agent)
    assert agent.outcomes[0].data["error"] == "internal"
    assert heard[-1] == ReplyEnded(4)


def test_a_write_outlives_its_cancelled_turn_and_a_read_does_not() -> None:
    for tool, done in (("write", ["write"]), ("read", [])):
        heard, _, desk = run(Scripted(tool, Say(Spoken("never"))), cancel_after=0.5)
        assert heard[0] == ToolStarted(4, tool, writes=tool == "write")
        assert ReplyDelta(4, Spoken("never")) not in heard
        assert desk.tools.done == done


def test_a_tool_is_timed() -> None:
    heard, _, _ = run(Scripted("write"))
    assert heard[1] == ToolEnded(4, "write", ok=True, ms=2000)


def test_between_a_read_back_and_the_yes_no_model_may_talk() -> None:
    """The yes must be to the read-back; what code says after it, the keys of a menu, still follows."""
    read_back = Say(Spoken("shall I?"), tag="rb_1")
    chatter = Say(Spoken("a mere formality"), free_text=True)
    heard, _, _ = run(Scripted(chatter, read_back, chatter, Say(Spoken("press 1")), chatter))
    assert [i.spoken.text for i in heard if isinstance(i, ReplyDelta)] == [
        "a mere formality",
        "shall I?",
        "press 1",
    ]


def test_a_tag_that_a_model_forged_on_its_own_words_silences_nobody() -> None:
    forged = Say(Spoken("shall I?"), tag="rb_1", free_text=True)
    heard, _, _ = run(Scripted(forged, Say(Spoken("more"), free_text=True)))
    assert [i.spoken.text for i in heard if isinstance(i, ReplyDelta)] == ["shall I?", "more"]
