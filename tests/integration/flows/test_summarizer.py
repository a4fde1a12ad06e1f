"""A model's sentence about a call, from a server on the wire: both protocols, and every way to fail."""

from typing import Any

import pytest

from dalpak.errors import ProviderError
from dalpak.ports.summarizer import Exchange, SummaryRequest
from dalpak.services.llm.summarizer import SAID_CHARS, OpenAiSummarizer
from dalpak.simulator.provider_http import Asked, HttpFault, ProviderHttp, Reply

pytestmark = pytest.mark.integration

REQUEST = SummaryRequest("he", [Exchange('יש חניה?"}]' + "א" * 1000, "כן")])
SAID = "שאלה על חניה."
CHAT = {"choices": [{"message": {"content": SAID}}]}
RESPONSES = {
    "output": [
        {"type": "reasoning"},
        {"type": "message", "content": [{"type": "output_text", "text": SAID}]},
    ]
}


class ModelServer(ProviderHttp):
    """Says what it was told to say."""

    def __init__(self, body: object) -> None:
        super().__init__()
        self.body = body

    async def answer(self, asked: Asked) -> Reply:
        return Reply(200, self.body)

    def api_fault(self) -> Reply:
        return Reply(500, {"error": {"code": "server_error"}})


async def gist(server: ModelServer, api: str) -> str:
    summarizer = OpenAiSummarizer(base_url=server.url, api_key="key", api=api, model="m")
    try:
        return await summarizer.gist(REQUEST)
    finally:
        await summarizer.aclose()


@pytest.mark.parametrize(
    ("api", "body", "path"),
    [("chat", CHAT, "/chat/completions"), ("responses", RESPONSES, "/responses")],
)
async def test_both_protocols(api: str, body: dict[str, Any], path: str) -> None:
    async with ModelServer(body) as server:
        assert await gist(server, api) == SAID

    (asked,) = server.asked
    assert asked.path == path
    assert asked.headers["authorization"] == "Bearer key"
    sent = str(asked.json)
    assert "חניה" in sent
    assert "א" * (SAID_CHARS + 1) not in sent


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (HttpFault.DOWN, "http_503"),
        (HttpFault.API_FAULT, "http_500"),
        (HttpFault.CLOSED_BEFORE, "unreachable"),
        (HttpFault.GARBAGE_AFTER, "garbage"),
    ],
)
async def test_a_fault_is_a_code(fault: HttpFault, code: str) -> None:
    async with ModelServer(CHAT) as server:
        server.faults.append(fault)
        with pytest.raises(ProviderError) as failed:
            await gist(server, "chat")
    assert failed.value.code == code


@pytest.mark.parametrize("body", [{}, {"choices": []}, [], {"choices": [{"message": None}]}])
async def test_an_answer_of_another_shape(body: object) -> None:
    async with ModelServer(body) as server:
        with pytest.raises(ProviderError, match="garbage"):
            await gist(server, "chat")


async def test_nothing_said_is_nothing() -> None:
    async with ModelServer({"choices": [{"message": {"content": None}}]}) as server:
        assert await gist(server, "chat") == ""
