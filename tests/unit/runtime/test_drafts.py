"""A reply begun ahead: it may read, its writes wait, and of one that is dropped nothing stays."""

from collections.abc import AsyncIterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, cast

import pytest

from dalpak.call.inputs import Input, ReplyDelta, ReplyEnded, Said, ToolEnded, ToolStarted
from dalpak.clock import VirtualClock, run_virtual
from dalpak.language.base import Asked, Spoken
from dalpak.ports.agent import AgentOutput, AgentState, AgentTurn, Say, ToolOutcome
from dalpak.ports.desk import CallDesk
from dalpak.runtime.supervise import Supervisor
from dalpak.runtime.think import Thinker

pytestmark = pytest.mark.unit

CLOCK = VirtualClock(datetime(2026, 11, 23, tzinfo=UTC))
SAID = Said(text="tomorrow at ten")


class Words:
    def claims_booking(self, text: str) -> bool:
        return False

    def phrase(self, key: str, /, **slots: Spoken) -> Spoken:
        return Spoken(key)


@dataclass
class Desk:
    """A gate that remembers what every tool did to it."""

    language: Words = field(default_factory=Words)
    gate: list[str] = field(default_factory=list)
    done: list[str] = field(default_factory=list)

    @property
    def tools(self) -> "Desk":
        return self

    def names(self) -> tuple[str, ...]:
        return ("find_slots", "create_appointment")

    def writes(self, name: str) -> bool:
        return name == "create_appointment"

    async def call(self, name: str, arguments: Mapping[str, object]) -> ToolOutcome:
        await CLOCK.sleep(0.1)
        self.gate.append(name)
        self.done.append(name)
        return ToolOutcome({"ok": True})

    def draft_began(self, number: int, *, ears: bool) -> None:
        self.done.append(f"draft of {number}")

    def turn_began(self, number: int, said: Said, *, ears: bool) -> None:
        self.gate.append(f"consent {said.text}")

    def state(self) -> dict[str, object]:
        return {"gate": deepcopy(self.gate)}

    def restore(self, state: dict[str, object]) -> None:
        self.gate[:] = cast(list[str], state["gate"])


class Mind:
    """Looks, remembers, writes and tells."""

    name = "mind"

    async def reply(self, turn: AgentTurn) -> AsyncIterator[AgentOutput]:
        await turn.tools.call("find_slots", {})
        turn.state.data["seen"] = turn.said.text
        turn.state.asked = Asked.PHONE
        yield Say(Spoken("a look"))
        await turn.tools.call("create_appointment", {})
        yield Say(Spoken("done"))


@dataclass
class Scene:
    desk: Desk
    thinker: Thinker
    heard: list[Input]


def scene() -> Scene:
    desk, heard = Desk(), cast(list[Input], [])
    thinker = Thinker(
        agent=cast(Any, Mind()),
        desk=cast(CallDesk, desk),
        state=AgentState({"kept": "before"}),
        caller_phone=None,
        clock=CLOCK,
        supervisor=Supervisor("test"),
        hear=heard.append,
    )
    return Scene(desk, thinker, heard)


def test_a_draft_reads_and_its_write_waits_for_the_turn() -> None:
    async def main() -> None:
        s = scene()
        s.thinker.draft(-1, 4, SAID)
        await CLOCK.sleep(60)
        assert s.desk.done == ["draft of 4", "find_slots"]
        assert s.heard == [
            ToolStarted(-1, "find_slots"),
            ToolEnded(-1, "find_slots", ok=True, ms=100),
            ReplyDelta(-1, Spoken("a look")),
        ]
        assert not any(step.startswith("consent") for step in s.desk.gate)

        s.thinker.commit(-1, 4, SAID)
        await CLOCK.sleep(1)
        assert s.desk.gate == ["find_slots", "consent tomorrow at ten", "create_appointment"]
        assert s.heard[3:] == [
            ToolStarted(4, "create_appointment", writes=True),
            ToolEnded(4, "create_appointment", ok=True, ms=100),
            ReplyDelta(4, Spoken("done")),
            ReplyEnded(4),
        ]

    run_virtual(main())


def test_what_a_committed_draft_remembers_is_remembered() -> None:
    async def main() -> None:
        s = scene()
        s.thinker.draft(-1, 1, SAID)
        await CLOCK.sleep(1)
        assert s.thinker.state.to_json() == {"kept": "before", "asked": "nothing"}
        s.thinker.commit(-1, 1, SAID)

        assert s.thinker.state.data["seen"] == SAID.text
        assert s.thinker.state.asked is Asked.PHONE

    run_virtual(main())


@pytest.mark.parametrize("after_s", [0.0, 0.05, 0.1, 5.0])
def test_of_a_dropped_draft_nothing_stays(after_s: float) -> None:
    async def main() -> None:
        s = scene()
        s.desk.gate.append("offered before")
        s.thinker.draft(-1, 1, SAID)
        await CLOCK.sleep(after_s)
        s.thinker.cancel(-1)
        told = len(s.heard)
        await CLOCK.sleep(60)

        assert s.desk.gate == ["offered before"]
        assert s.thinker.state.to_json() == {"kept": "before", "asked": "nothing"}
        assert "create_appointment" not in s.desk.done
        assert len(s.heard) == told

    run_virtual(main())


def test_a_number_of_another_draft_commits_and_drops_nothing() -> None:
    async def main() -> None:
        s = scene()
        s.thinker.draft(-2, 1, SAID)
        await CLOCK.sleep(1)
        s.thinker.commit(-1, 1, SAID)
        s.thinker.cancel(-1)
        await CLOCK.sleep(1)
        assert "create_appointment" not in s.desk.done

        s.thinker.commit(-2, 1, SAID)
        await CLOCK.sleep(1)
        assert "create_appointment" in s.desk.done

    run_virtual(main())
