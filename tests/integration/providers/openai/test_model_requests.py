"""What really goes over the wire to a model, and what comes back while it is written; both APIs, the vendor's code."""

import json

import pytest
from desk_call import CALLER, DeskCall
from model_on_the_wire import APIS, EASY, KEY, competent, model_agent

from dalpak.agents.openai_agent import OpenAiAgent
from dalpak.agents.openai_models import MODELS, UNKNOWN, capabilities
from dalpak.agents.openai_sdk import Endpoint, OpenAiModel
from dalpak.agents.openai_tools import model_tools
from dalpak.call.inputs import Said
from dalpak.clock import SystemClock
from dalpak.errors import ProviderError
from dalpak.ports.agent import Say
from dalpak.services.llm.openai_http import OpenAiHttp
from dalpak.simulator.openai_server import OpenAiServer, Pace
from dalpak.simulator.openai_wire import Answer, Call, Refusal, Request, Text, answer

pytestmark = pytest.mark.integration

each_api = pytest.mark.parametrize("api", APIS)
CLOCK = SystemClock()


def says(*items: Call | Text | Refusal, incomplete: bool = False) -> OpenAiServer:
    return OpenAiServer(lambda _: Answer(items, incomplete))


async def booked(agent: OpenAiAgent) -> DeskCall:
    call = DeskCall(agent)
    for text in ("שלום", "מחר בעשר", "דנה כהן", "כן"):
        await call.says(text)
    return call


def tools_of(request: Request) -> list[dict[str, object]]:
    return [tool.get("function") or tool for tool in request.body["tools"]]


@each_api
async def test_a_request_asks_for_one_required_strict_tool_call_and_keeps_nothing(api: str) -> None:
    async with OpenAiServer(competent()) as server, model_agent(server, api) as agent:
        await booked(agent)
    for request in server.requests:
        body = request.body
        limit = body.get("max_output_tokens") or body.get("max_tokens")
        assert (body["tool_choice"], body["parallel_tool_calls"], limit) == ("required", False, 200)
        assert body["temperature"] == 0.2
        assert [t["name"] for t in tools_of(request)] == [t.name for t in model_tools()]
        assert all(t["strict"] is True for t in tools_of(request))
        assert all(t["parameters"]["additionalProperties"] is False for t in tools_of(request))  # type: ignore[index]


@each_api
async def test_one_model_call_a_turn_over_one_connection(api: str) -> None:
    async with OpenAiServer(competent()) as server, model_agent(server, api) as agent:
        call = await booked(agent)
        assert len(server.requests) == call.turns == 4
        assert server.connections == 1


@each_api
async def test_nothing_on_the_wire_tells_who_calls(api: str) -> None:
    async with OpenAiServer(competent()) as server, model_agent(server, api) as agent:
        await booked(agent)
        call = DeskCall(agent, caller=None)
        await call.says("מחר באחת עשרה, המספר שלי 052-345-6789")
        await call.says("רונית")
        await call.says("כן")
    sent = json.dumps([dict(r.body) for r in server.requests], ensure_ascii=False)
    for secret in (CALLER, CALLER[4:], "345-6789", "3456789", "salon", "call-1", KEY, "rb_0"):
        assert secret not in sent, secret


@each_api
async def test_the_first_sentence_is_spoken_while_the_model_still_writes(api: str) -> None:
    """Long after the first sentence there is more to come: the answer has not been sent to its end."""
    words = "שלום וברוכים הבאים. " + "ועוד " * 40
    mind = answer(Call("say", {"text": words, "asks": "when"}))
    async with (
        OpenAiServer(lambda _: mind, pace=Pace(next_ms=5)) as server,
        model_agent(server, api) as agent,
    ):
        call = DeskCall(agent)
        replies = agent.reply(await call.turn(Said(text="שלום")))
        first = await anext(replies)
        assert isinstance(first, Say)
        assert first.spoken.text == "שלום וברוכים הבאים."
        assert server.finished == 0
        await replies.aclose()


@each_api
async def test_text_outside_tools_is_spoken_as_free_words(api: str) -> None:
    """What servers do that know no tools."""
    async with (
        says(Text("בשמחה. האם לבדוק שעות פנויות ביום שלישי?")) as server,
        model_agent(server, api) as agent,
    ):
        out = await DeskCall(agent).does(Said(text="שלום"))
        assert [o.spoken.text for o in out if isinstance(o, Say)] == [
            "בשמחה.",
            "האם לבדוק שעות פנויות ביום שלישי?",
        ]
        assert all(isinstance(o, Say) and o.free_text for o in out)


@each_api
@pytest.mark.parametrize(
    ("items", "code"),
    [
        ((), "empty"),
        ((Refusal(),), "refused"),
        ((Call("no_such_tool", {}),), "garbage"),
        ((Call("calendar_find_slots", '{"date": '),), "garbage"),
    ],
    ids=["empty", "refusal", "wrong tool", "bad json"],
)
async def test_an_answer_without_use_gives_the_turn_back(
    api: str, items: tuple[Call | Refusal, ...], code: str
) -> None:
    async with says(*items) as server, model_agent(server, api) as agent:
        with pytest.raises(ProviderError) as failed:
            await DeskCall(agent).says("שלום")
        assert failed.value.code == code


@each_api
async def test_an_answer_cut_by_its_limit_is_spoken_as_far_as_it_is_whole(api: str) -> None:
    text = "שלום לכם. אשמח לעזור לכם לקבוע תור ביום שנוח"
    async with (
        says(Call("say", {"text": text, "asks": "when"}), incomplete=True) as server,
        model_agent(server, api) as agent,
    ):
        spoken = await DeskCall(agent).says("שלום")
        assert spoken[0] == "שלום לכם."
        assert not any(s.startswith("אשמח") for s in spoken)


@each_api
async def test_of_parallel_calls_the_first_is_carried_out(api: str) -> None:
    find = Call("calendar_find_slots", {"date": "2026-11-24", "time": "10:00"})
    async with says(find, Call("call_goodbye"), find) as server, model_agent(server, api) as agent:
        call = DeskCall(agent)
        await call.says("מחר בעשר")
        assert call.traces.count("calendar.find_slots") == 2, "the look ahead, and the model's own"
        assert "call.goodbye" not in call.traces


# -- what servers refuse ---------------------------------------------------------------------------

REFUSABLE = {
    "responses": ("temperature", "reasoning", "parallel_tool_calls", "prompt_cache_key"),
    "chat": ("temperature", "verbosity", "parallel_tool_calls", "prompt_cache_key"),
}


@pytest.mark.parametrize(("api", "refused"), [(a, p) for a, ps in REFUSABLE.items() for p in ps])
async def test_a_refused_parameter_is_dropped_within_the_turn_and_for_good(
    api: str, refused: str
) -> None:
    caps = capabilities("gpt-5.6-luna")
    async with OpenAiServer(competent()) as server, model_agent(server, api, caps=caps) as agent:
        server.rules.refuses = {refused}
        call = DeskCall(agent)
        assert await call.says("שלום")
        await call.says("מחר בעשר")
        assert len(server.requests) == 2, "the refused one never reached the model"
        assert all(request.body.get(refused) is None for request in server.requests)


@each_api
@pytest.mark.parametrize("model", [*MODELS, "somebodys-own"])
async def test_every_model_of_the_table_is_asked_with_what_it_takes(api: str, model: str) -> None:
    caps = capabilities(model)
    async with OpenAiServer(competent()) as server, model_agent(server, api, caps=caps) as agent:
        assert await DeskCall(agent).says("שלום")
        body = server.requests[0].body
    effort = body.get("reasoning_effort") or (body.get("reasoning") or {}).get("effort")
    assert effort == caps.effort
    assert ("temperature" in body) == caps.temperature
    assert ("prompt_cache_key" in body) == caps.cache_key
    assert body.get("store") is (False if caps.cache_key else None)


# -- the client --------------------------------------------------------------------------------------


def client(server: OpenAiServer, key: str = KEY) -> OpenAiHttp:
    return OpenAiHttp(
        CLOCK,
        base_url=server.base_url,
        api_key=key,
        connect_s=5,
        keepalive_s=900,
        max_connections=10,
    )


async def test_a_ping_opens_the_connection_that_the_next_turn_uses() -> None:
    async with OpenAiServer(competent()) as server:
        http = client(server)
        agent = _agent_on(http, server)
        await http.ping()
        await DeskCall(agent).says("שלום")
        assert server.connections == 1
        await http.aclose()


async def test_a_ping_tells_a_wrong_key_and_a_dead_server() -> None:
    async with OpenAiServer(competent()) as server:
        server.rules.api_key = KEY
        good, wrong, dead = client(server), client(server, "other"), client(server)
        assert await good.ping() >= 0
        with pytest.raises(ProviderError, match="auth_failed"):
            await wrong.ping()
    with pytest.raises(ProviderError, match="unreachable"):
        await dead.ping()
    for http in (good, wrong, dead):
        await http.aclose()


async def test_a_rehearsal_touches_no_network_and_never_raises() -> None:
    async with OpenAiServer(competent()) as server:
        for api in APIS:
            async with model_agent(server, api) as agent:
                await agent.warm_up()
        assert (server.connections, server.requests) == (0, [])


def _agent_on(http: OpenAiHttp, server: OpenAiServer) -> OpenAiAgent:
    at = Endpoint(server.base_url, KEY, "responses", "simulated-model")
    return OpenAiAgent(OpenAiModel(at, UNKNOWN, http.client), EASY)
