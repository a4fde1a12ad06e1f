"""A front desk for tests of the grade: says what a test wants, and leaves the rows it wants."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from dalpak.domain.records import CallEnd
from dalpak.language.base import Spoken
from dalpak.language.he import HEBREW
from dalpak.simulator.evals.drawing import e164
from dalpak.simulator.evals.goals import Goal
from dalpak.simulator.evals.salon import SERVICES
from dalpak.simulator.evals.stage import Aftermath, Reply, Row


def wanted_row(goal: Goal) -> Row:
    visit = goal.visits[0]
    start = visit.wishes[-1].takes.start
    assert start is not None
    return Row(start, visit.service_id, "tamar", goal.name, e164(goal.phone))


@dataclass
class ScriptedDesk:
    """`stage.FrontDesk`: reads `told` back, waits for a yes, says it booked, and leaves `rows`."""

    told: Callable[[Goal], Row] = wanted_row
    rows: Callable[[Goal], Sequence[Row]] = lambda goal: [wanted_row(goal)]
    confirms: bool = True
    waits: bool = True
    said: list[str] = field(default_factory=list)

    @asynccontextmanager
    async def call(self, goal: Goal, seed: int) -> AsyncIterator["ScriptedExchange"]:
        yield ScriptedExchange(self, goal)


class ScriptedExchange:
    def __init__(self, desk: ScriptedDesk, goal: Goal) -> None:
        self._desk, self._goal, self._turn = desk, goal, 0

    def _reading(self) -> dict[str, Spoken]:
        row, now = self._desk.told(self._goal), self._goal.now
        return {
            "service": Spoken(SERVICES[row.service_id].name),
            "when": HEBREW.speech.moment(row.start, now),
            "name": Spoken(row.name),
            "phone": HEBREW.speech.digits(row.phone),
        }

    async def greeting(self) -> Reply:
        return Reply([HEBREW.phrase("greeting", business=Spoken("x")).text])

    async def say(self, text: str) -> Reply:
        self._desk.said.append(text)
        self._turn += 1
        read_back = HEBREW.phrase("read_back", **self._reading()).text
        booked = HEBREW.phrase("booked", **self._reading()).text
        more = HEBREW.phrase("anything_else").text
        if self._turn == 1 and self._desk.waits:
            return Reply([read_back])
        if self._turn <= 2:
            return Reply([booked, more] if self._desk.confirms else [more])
        return Reply([HEBREW.phrase("goodbye").text], over=True)

    async def press(self, keys: str) -> Reply:
        raise AssertionError("nobody asked for a number")

    async def wait(self) -> Reply:
        raise AssertionError("nobody is silent")

    async def hang_up(self) -> None:
        self._turn = 3

    async def aftermath(self, phones: Sequence[str]) -> Aftermath:
        return Aftermath(tuple(self._desk.rows(self._goal)), "", CallEnd.AGENT)
