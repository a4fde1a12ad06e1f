"""One suite for everything that answers a caller: it books by the gate, survives as JSON, and ends what it begins."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import pytest
from desk_call import DeskCall
from front_desk import MONDAY_TEN
from model_on_the_wire import APIS, competent, model_agent

from dalpak.agents.builtin_agent import BuiltinAgent
from dalpak.agents.fallback import FallbackAgent
from dalpak.call.inputs import Said
from dalpak.clock import SystemClock
from dalpak.domain.records import AppointmentStatus
from dalpak.ports.agent import Agent, AgentState, Direct, Say, SayGoodbye
from dalpak.runtime.supervise import Supervisor
from dalpak.simulator.openai_server import Fault, OpenAiServer

pytestmark = pytest.mark.contract

CLOCK = SystemClock()
LATE_S = 20.0
TICKS = 50
"""Turns of the loop in which what was closed may end."""


@asynccontextmanager
async def builtin() -> AsyncIterator[Agent]:
    yield BuiltinAgent()


def with_model(api: str) -> Callable[[], AbstractAsyncContextManager[Agent]]:
    @asynccontextmanager
    async def opened() -> AsyncIterator[Agent]:
        async with OpenAiServer(competent()) as server, model_agent(server, api) as agent:
            yield agent

    return opened


def falling_back(*faults: Fault | None) -> Callable[[], AbstractAsyncContextManager[Agent]]:
    """The model that the first faults hit, and every third request after them."""

    @asynccontextmanager
    async def opened() -> AsyncIterator[Agent]:
        async with OpenAiServer(competent()) as server:
            server.faults = [*faults] * 20
            async with model_agent(server, "responses") as primary:
                yield FallbackAgent(primary, BuiltinAgent(), first_output_s=LATE_S)

    return opened


AGENTS: dict[str, Callable[[], AbstractAsyncContextManager[Agent]]] = {
    "builtin": builtin,
    **{f"openai-{api}": with_model(api) for api in APIS},
    "fallback": falling_back(None),
    "fallback-broken": falling_back(Fault.HTTP_401),
    "fallback-by-turns": falling_back(None, Fault.HTTP_429),
}

each_agent = pytest.mark.parametrize("make", AGENTS.values(), ids=AGENTS)
Make = Callable[[], AbstractAsyncContextManager[Agent]]


@each_agent
async def test_it_books_what_was_agreed_to_and_says_so_once(make: Make) -> None:
    async with make() as agent:
        call = DeskCall(agent)
        told = [await call.says(t) for t in ("שלום", "מחר בעשר בבוקר", "דנה כהן", "כן")]
        (row,) = call.rows()
        assert all(told), "every turn is answered"
        assert (row.status, row.name, row.phone) == (
            AppointmentStatus.BOOKED,
            "דנה כהן",
            "+972541112233",
        )
        assert row.start.astimezone(MONDAY_TEN.tzinfo).isoformat() == "2026-11-24T10:00:00+02:00"
        assert call.traces.count("calendar.create_appointment") == 1
        assert len(call.store.tables("salon").events) == 1


@each_agent
async def test_nothing_is_booked_without_a_yes(make: Make) -> None:
    async with make() as agent:
        call = DeskCall(agent)
        for text in ("מחר בעשר", "דנה כהן", "רגע", "לא", "תודה", "ביי"):
            await call.says(text)
        assert AppointmentStatus.BOOKED not in {row.status for row in call.rows()}


@each_agent
async def test_a_caller_who_changes_the_hour_gets_the_new_one(make: Make) -> None:
    async with make() as agent:
        call = DeskCall(agent)
        for text in ("מחר בעשר", "דנה כהן", "לא, מחר בשתים עשרה", "כן"):
            await call.says(text)
        booked = [r for r in call.rows() if r.status is AppointmentStatus.BOOKED]
        assert [r.start.astimezone(MONDAY_TEN.tzinfo).hour for r in booked] == [12]


@each_agent
async def test_a_number_is_keyed_when_the_carrier_gives_none(make: Make) -> None:
    async with make() as agent:
        call = DeskCall(agent, caller=None)
        await call.says("מחר בעשר")
        await call.says("דנה כהן")
        await call.does(Said(keys="0523456789"))
        await call.says("כן")
        assert [row.phone for row in call.rows()] == ["+972523456789"]


@each_agent
async def test_a_caller_with_keys_only_books_by_menus(make: Make) -> None:
    async with make() as agent:
        call = DeskCall(agent, ears=False)
        await call.does(Said(opening=True))
        for keys in ("1", "1", "1"):
            await call.does(Said(keys=keys))
        assert [row.status for row in call.rows()] == [AppointmentStatus.BOOKED]


@each_agent
async def test_a_silence_is_answered_with_the_question(make: Make) -> None:
    async with make() as agent:
        call = DeskCall(agent)
        await call.says("מחר בעשר")
        out = await call.does(Said(silence=True))
        assert [o for o in out if isinstance(o, Say)][-1].spoken.text.endswith("?")


@each_agent
async def test_a_goodbye_ends_the_call_with_words(make: Make) -> None:
    async with make() as agent:
        call = DeskCall(agent)
        await call.says("מחר בעשר")
        out = await call.does(Said(text="תודה, ביי"))
        assert any(isinstance(o, Direct) and isinstance(o.directive, SayGoodbye) for o in out)
        assert isinstance(out[0], Say)


@each_agent
async def test_everything_it_remembers_is_json_and_enough(make: Make) -> None:
    """Another process goes on with it: the agent itself keeps nothing of a call."""
    async with make() as agent:
        call = DeskCall(agent)
        await call.says("מחר בעשר")
    async with make() as another:
        call.agent = another
        call.state = AgentState(json.loads(json.dumps(call.state.to_json())))
        await call.says("דנה כהן")
        await call.says("כן")
        assert [row.status for row in call.rows()] == [AppointmentStatus.BOOKED]


@each_agent
async def test_what_is_spoken_from_rows_is_not_free_text_and_read_backs_are_tagged(
    make: Make,
) -> None:
    async with make() as agent:
        call = DeskCall(agent)
        await call.says("מחר בעשר")
        out = await call.does(Said(text="דנה כהן"))
        tagged = [o for o in out if isinstance(o, Say) and o.tag is not None]
        assert len(tagged) == 1
        assert not tagged[0].free_text
        assert out[-1] is tagged[0], "nothing is said between the read-back and the yes"


def running() -> set[str]:
    """Every task but those of the simulated server."""
    coroutines = (str(task.get_coro()) for task in asyncio.all_tasks())
    return {told for told in coroutines if "OpenAiServer" not in told}


@each_agent
@pytest.mark.parametrize("after", [0, 1])
async def test_a_reply_that_is_given_up_leaves_nothing_running(make: Make, after: int) -> None:
    async with make() as agent:
        call = DeskCall(agent)
        await call.says("שלום")
        before = running()
        outputs = agent.reply(await call.turn(Said(text="מחר בעשר")))
        for _ in range(after):
            await anext(outputs)
        await outputs.aclose()  # type: ignore[attr-defined]
        for _ in range(TICKS):
            await CLOCK.sleep(0)
        assert running() == before


@each_agent
async def test_a_cancelled_turn_can_be_asked_again(make: Make) -> None:
    async with make() as agent:
        call = DeskCall(agent)
        turn = await call.turn(Said(text="מחר בעשר"))

        async def reply() -> None:
            async for _ in agent.reply(turn):
                pass

        supervisor = Supervisor("test")
        supervisor.spawn(reply(), name="turn")
        await CLOCK.sleep(0)
        await supervisor.aclose()
        for text in ("מחר בעשר", "דנה כהן", "כן"):
            await call.says(text)
        assert [row.status for row in call.rows()] == [AppointmentStatus.BOOKED]
