"""Everything that goes wrong on the way to a model, injected on the wire: the built-in agent goes on in the same turn.

Nothing is timed here: what never answers is waited for a little, and what is broken answers at once.
"""

import pytest
from desk_call import DeskCall
from model_on_the_wire import APIS, competent, model_agent

from dalpak.agents.builtin_agent import BuiltinAgent
from dalpak.agents.fallback import FallbackAgent
from dalpak.agents.openai_agent import Patience
from dalpak.agents.openai_words import CHARACTERS_MAX
from dalpak.clock import SystemClock
from dalpak.domain.records import AppointmentStatus
from dalpak.errors import ProviderError
from dalpak.services.resilience import CircuitBreaker
from dalpak.simulator.openai_server import Fault, OpenAiServer
from dalpak.simulator.openai_wire import Call, Text, answer

pytestmark = pytest.mark.integration

each_api = pytest.mark.parametrize("api", APIS)

CODES: dict[Fault, set[str]] = {
    Fault.SILENT: {"timeout"},
    Fault.NOTHING_USEFUL: {"timeout"},
    Fault.REFUSED: {"unreachable", "connection_lost"},
    Fault.RESET: {"connection_lost", "unreachable"},
    Fault.STALL: {"stalled", "timeout"},
    Fault.HALF: {"empty", "garbage", "connection_lost"},
    Fault.GARBAGE: {"garbage"},
    Fault.HTTP_401: {"auth_failed"},
    Fault.HTTP_404: {"model_not_found"},
    Fault.HTTP_429: {"rate_limited"},
    Fault.HTTP_500: {"server_error"},
    Fault.HTTP_503: {"server_error"},
}
"""What our own code for each is; ENDLESS and STRANGE may well give something that can be said."""
BRIEF = Patience(first_token_s=0.3, stall_s=0.3, answer_s=30)
STALLED = Patience(first_token_s=30, stall_s=0.3, answer_s=30)
"""For what begins: a busy machine is no silent model."""
WAITS = {Fault.SILENT, Fault.NOTHING_USEFUL, Fault.STALL}
FIND = answer(Call("calendar_find_slots", {"date": "2026-11-24", "time": "10:00"}))


@each_api
@pytest.mark.parametrize("fault", CODES, ids=str)
async def test_each_fault_has_its_own_code_and_says_nothing_first(api: str, fault: Fault) -> None:
    async with OpenAiServer(lambda _: FIND) as server:
        server.always = fault
        patience = {"patience": BRIEF} if fault in WAITS else {}
        async with model_agent(server, api, **patience) as agent:  # type: ignore[arg-type]
            call = DeskCall(agent)
            with pytest.raises(ProviderError) as failed:
                await call.says("מחר בעשר")
        assert failed.value.code in CODES[fault]
        assert call.rows() == []


BOTH_IN_TURN = [(APIS[n % 2], fault) for n, fault in enumerate(Fault) if fault is not Fault.ENDLESS]


@pytest.mark.parametrize(("api", "fault"), BOTH_IN_TURN)
async def test_a_caller_books_although_two_of_three_requests_fail(api: str, fault: Fault) -> None:
    async with OpenAiServer(competent()) as server:
        server.faults = [fault, fault, None] * 20
        patience = {"patience": BRIEF} if fault in WAITS else {}
        async with model_agent(server, api, **patience) as primary:  # type: ignore[arg-type]
            call = DeskCall(FallbackAgent(primary, BuiltinAgent(), first_output_s=30))
            for text in ("שלום", "מחר בעשר", "דנה כהן", "כן"):
                assert await call.says(text), text
        booked = [r for r in call.rows() if r.status is AppointmentStatus.BOOKED]
        assert [(r.name, r.phone) for r in booked] == [("דנה כהן", "+972541112233")]
        assert call.traces.count("calendar.create_appointment") == 1


BREAKS = [
    (api, fault)
    for api in APIS
    for fault in (Fault.RESET, Fault.HALF, Fault.STALL, Fault.GARBAGE)
    # Chat Completions of other servers may end politely anywhere: that cannot be told from an end.
    if (api, fault) != ("chat", Fault.HALF)
]


@pytest.mark.parametrize(("api", "fault"), BREAKS)
async def test_what_was_whole_when_it_broke_is_spoken_and_a_question_follows(
    api: str, fault: Fault
) -> None:
    """A sentence is never half heard, and the caller is never left without a question."""
    words = "אני כאן בשבילכם. " + "ועוד מילה " * 20
    async with OpenAiServer(lambda _: answer(Text(words))) as server:
        server.faults = [fault]
        patience = {"patience": STALLED} if fault is Fault.STALL else {}
        async with model_agent(server, api, **patience) as agent:  # type: ignore[arg-type]
            spoken = await DeskCall(agent).says("שלום")
    assert spoken[0] == "אני כאן בשבילכם."
    assert len(spoken) == 2
    assert spoken[1].endswith("?")


@each_api
async def test_an_endless_answer_is_cut_and_its_connection_closed(api: str) -> None:
    async with OpenAiServer(competent()) as server, model_agent(server, api) as agent:
        server.faults = [Fault.ENDLESS]
        call = DeskCall(agent)
        assert sum(map(len, await call.says("שלום"))) <= CHARACTERS_MAX
        assert server.finished == 0
        await call.says("מחר בעשר")
        assert (server.finished, server.connections) == (1, 2)


@each_api
async def test_a_dead_server_is_left_alone_after_a_few_calls(api: str) -> None:
    async with OpenAiServer(competent()) as server:
        dead = server.base_url
    async with OpenAiServer(competent()) as other, model_agent(other, api, base_url=dead) as agent:
        breaker = CircuitBreaker("openai", SystemClock(), failures=2, open_s=600)
        both = FallbackAgent(agent, BuiltinAgent(), first_output_s=30, breaker=breaker)
        call = DeskCall(both)
        for text in ("שלום", "מחר בעשר", "דנה כהן", "כן"):
            assert await call.says(text)
        assert breaker.enter() is None
        assert [r.status for r in call.rows()] == [AppointmentStatus.BOOKED]


@each_api
async def test_after_a_fault_the_next_turn_is_the_models_again(api: str) -> None:
    async with OpenAiServer(competent()) as server, model_agent(server, api) as primary:
        call = DeskCall(FallbackAgent(primary, BuiltinAgent(), first_output_s=30))
        server.faults = [Fault.HTTP_429]
        await call.says("מחר בעשר")
        asked = len(server.requests)
        await call.says("דנה כהן")
        assert len(server.requests) == asked + 1
        assert "chosen: " in server.requests[-1].said, "it knows what the other one did"
