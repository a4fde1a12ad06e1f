"""The doctor's look at the agent's model: key, credit, model, speed; over either protocol."""

from pathlib import Path
from typing import Any

import pytest
from doctor_stage import SECRET, Told, look, settings_with
from tests.serving import free_port

from dalpak.services.checks import openai
from dalpak.simulator.openai_server import Fault, OpenAiServer
from dalpak.simulator.openai_wire import Text, answer
from dalpak.simulator.provider_http import Reply

pytestmark = pytest.mark.integration

MODELS = Reply(200, {"data": [{"id": "gpt-5.6-luna"}, {"id": "gpt-6-luna"}]})


def configured(folder: Path, url: str, **changes: Any) -> Any:
    values = {"agent_provider": "openai", "openai_api_key": SECRET, "openai_base_url": f"{url}/v1"}
    return settings_with(folder, **values | changes)


def server(path: str = "/v1/responses", answer: Reply | None = None) -> Told:
    told = Told(f"Bearer {SECRET}")
    told.answers = {"/v1/models": MODELS, path: answer or Reply(200, {"output": []})}
    return told


def error(status: int, code: str) -> Reply:
    return Reply(status, {"error": {"code": code, "message": f"quoting {SECRET}"}})


@pytest.mark.parametrize(
    ("api", "path"), [("responses", "responses"), ("chat", "chat/completions")]
)
async def test_a_model_that_answers(tmp_path: Path, api: str, path: str) -> None:
    async with server(f"/v1/{path}") as told:
        (found,) = await look(openai.look, configured(tmp_path, told.url, openai_api=api))

    assert found.state == "ok"
    assert found.took_ms is not None
    assert told.asked[-1].json["model"] == "gpt-5.6-luna"
    assert told.connections == 1, "the time is that of an open connection"


@pytest.mark.parametrize(
    ("answer", "words", "setting"),
    [
        (error(429, "insufficient_quota"), "quota", "Billing"),
        (error(404, "model_not_found"), "model", "gpt-6-luna"),
        (error(500, "server_error"), "failed", "status page"),
    ],
)
async def test_what_a_model_refuses(
    tmp_path: Path, answer: Reply, words: str, setting: str
) -> None:
    async with server(answer=answer) as told:
        (found,) = await look(openai.look, configured(tmp_path, told.url))

    assert found.state == "error"
    assert words in found.found
    assert "built-in dialogue answers" in found.found
    assert setting in found.remedy


async def test_a_wrong_key(tmp_path: Path) -> None:
    async with server() as told:
        told.key = "Bearer another"
        (found,) = await look(openai.look, configured(tmp_path, told.url))

    assert found.state == "error"
    assert "OPENAI_API_KEY" in found.remedy


async def test_a_slow_model_is_named_with_the_limit_of_calls(tmp_path: Path) -> None:
    async with server() as told:
        settings = configured(tmp_path, told.url).model_copy(update={"llm_first_token_ms": -1})
        (found,) = await look(openai.look, settings)

    assert found.state == "warning"
    assert "LLM_FIRST_TOKEN_MS" in found.found


async def test_a_server_that_is_not_there(tmp_path: Path) -> None:
    (found,) = await look(openai.look, configured(tmp_path, f"http://127.0.0.1:{free_port()}"))

    assert found.state == "warning"
    assert "built-in dialogue answers" in found.found


async def test_no_key_and_no_model_at_all(tmp_path: Path) -> None:
    (keyless,) = await look(openai.look, settings_with(tmp_path, agent_provider="openai"))
    (embedded,) = await look(openai.look, settings_with(tmp_path))

    assert (keyless.state, embedded.state) == ("warning", "ok")


@pytest.mark.parametrize("api", ["responses", "chat"])
@pytest.mark.parametrize(
    ("fault", "state"), [(None, "ok"), (Fault.HTTP_401, "error"), (Fault.HTTP_429, "error")]
)
async def test_the_simulated_model_is_asked_as_a_call_asks_it(
    tmp_path: Path, api: str, fault: Fault | None, state: str
) -> None:
    async with OpenAiServer(lambda _: answer(Text("ok"))) as model:
        model.faults = [fault]
        settings = settings_with(
            tmp_path,
            agent_provider="openai",
            openai_base_url=model.base_url,
            openai_api=api,
            llm_first_token_ms=60_000,
        )
        (found,) = await look(openai.look, settings)

    assert found.state == state, found
