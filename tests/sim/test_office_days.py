"""Days at the office: several callers at once through the real shell, agent, tools and database, from seeds."""

from collections.abc import AsyncIterator, Iterator

import office_day
import pytest
import structlog
from office_day import DayOutcome, ShakyAgent, Trouble, Troubles, run_day

from dalpak.language.base import Spoken
from dalpak.ports.agent import AgentOutput, AgentTurn, Say
from dalpak.runtime.supervise import Supervisor
from dalpak.store.writing import SqlWriting

pytestmark = pytest.mark.sim

DAYS = 8


@pytest.fixture(autouse=True)
def logging_as_it_was() -> Iterator[None]:
    before = structlog.get_config()
    yield
    structlog.configure(**before)


@pytest.fixture(scope="module")
def days() -> list[DayOutcome]:
    return [run_day(seed) for seed in range(DAYS)]


def test_every_rule_holds_on_every_day(days: list[DayOutcome]) -> None:
    assert {day.seed: day.wrong for day in days if day.wrong} == {}


def test_the_days_are_worth_looking_at(days: list[DayOutcome]) -> None:
    assert sum(day.booked for day in days) > 2
    assert sum(day.claims for day in days) >= sum(day.booked for day in days)
    assert sum(bool(day.happened) for day in days) >= 3
    assert {end for day in days for end in day.ends} >= {"caller", "agent"}


def test_a_day_replays_exactly(days: list[DayOutcome]) -> None:
    assert [run_day(seed) for seed in range(3)] == days[:3]


def test_every_trouble_can_happen() -> None:
    assert {kind for seed in range(100) for kind in Troubles(seed).rates} == set(Trouble)


# -- the rules are tested, too ---------------------------------------------------------------------


def wrong_on_some_day() -> str:
    for seed in range(20):
        if wrong := run_day(seed).wrong:
            return "\n".join(wrong)
    return ""


def test_an_agent_that_claims_a_booking_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    async def lies(self: ShakyAgent, turn: AgentTurn) -> AsyncIterator[AgentOutput]:
        del self
        what = Spoken("x")
        yield Say(turn.language.phrase("booked", service=what, when=what))

    monkeypatch.setattr(ShakyAgent, "reply", lies)

    assert "I3" in wrong_on_some_day()


def test_an_appointment_nobody_was_told_of_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    async def forgets(self: SqlWriting, event: object) -> bool:
        del self, event
        return True

    monkeypatch.setattr(SqlWriting, "publish", forgets)

    assert "I4" in wrong_on_some_day()


def test_two_people_in_one_chair_are_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    day = office_day.Day
    real = day.query

    def doubled(self: office_day.Day, sql: str, *args: object) -> object:
        rows = real(self, sql, *args)
        return [row for row in rows for _ in range(2)] if "order by resource_id" in sql else rows

    monkeypatch.setattr(day, "query", doubled)

    assert "I4" in wrong_on_some_day()


def test_a_task_that_is_left_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    async def leaves(self: Supervisor) -> None:
        del self

    monkeypatch.setattr(Supervisor, "aclose", leaves)

    assert "I6" in wrong_on_some_day()
