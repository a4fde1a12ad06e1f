"""Our two short cuts through the vendor's client give what the client itself would give."""

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import openai
import pytest
from openai.types.responses import ResponseInProgressEvent, ResponseTextDeltaEvent
from openai.types.shared import Reasoning

from dalpak.agents.openai_client import KINDS, DirectClient, Events, event_of

pytestmark = pytest.mark.unit

RESPONSE: dict[str, Any] = {
    "id": "resp_0",
    "object": "response",
    "created_at": 0,
    "status": "in_progress",
    "model": "m",
    "output": [],
    "tools": [],
    "tool_choice": "required",
    "parallel_tool_calls": False,
}
ITEM = {
    "id": "item_0",
    "type": "function_call",
    "call_id": "call_0",
    "name": "say",
    "arguments": "{}",
    "status": "completed",
}
TOLD: list[dict[str, Any]] = [
    {"type": "response.created", "sequence_number": 0, "response": RESPONSE},
    {
        "type": "response.output_item.added",
        "sequence_number": 1,
        "output_index": 0,
        "item": {**ITEM, "arguments": ""},
    },
    {
        "type": "response.function_call_arguments.delta",
        "sequence_number": 2,
        "output_index": 0,
        "item_id": "item_0",
        "delta": "{}",
        "obfuscation": "a field of a later release",
    },
    {"type": "response.output_text.delta", "delta": "a server that leaves the rest out"},
    {
        "type": "response.output_item.done",
        "sequence_number": 3,
        "output_index": 0,
        "item": ITEM,
    },
    {
        "type": "response.completed",
        "sequence_number": 4,
        "response": {**RESPONSE, "status": "completed", "output": [ITEM]},
    },
]
REQUEST: dict[str, Any] = {
    "model": "gpt-4.1-mini",
    "instructions": "Answer briefly.",
    "input": [{"role": "user", "content": "שלום"}],
    "tools": [
        {
            "type": "function",
            "name": "say",
            "description": "Say it.",
            "parameters": {"type": "object", "properties": {"text": {"type": "string"}}},
            "strict": True,
        }
    ],
    "tool_choice": "required",
    "reasoning": Reasoning(effort="low"),
    "temperature": openai.omit,
    "store": False,
    "extra_headers": {"x-test": "1"},
    "extra_body": {"more": 1},
}


class Wire:
    """A server that answers with `TOLD` and keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[httpx2.Request] = []

    async def answer(self, request: httpx2.Request) -> httpx2.Response:
        self.asked.append(request)
        sse = "".join(f"event: {e['type']}\ndata: {json.dumps(e)}\n\n" for e in TOLD)
        head = {"content-type": "text/event-stream"}
        return httpx2.Response(200, headers=head, content=sse.encode())

    def client(self, kind: type[openai.AsyncOpenAI]) -> openai.AsyncOpenAI:
        http = httpx2.AsyncClient(transport=httpx2.MockTransport(self.answer))
        return kind(api_key="k", base_url="http://model.test/v1", max_retries=0, http_client=http)


async def events(client: openai.AsyncOpenAI) -> list[Any]:
    stream: Any = await client.responses.create(**REQUEST, stream=True)
    return [event async for event in stream]


async def test_a_request_and_its_answer_are_those_of_the_library() -> None:
    ours, theirs = Wire(), Wire()
    heard = await events(ours.client(DirectClient))
    expected = await events(theirs.client(openai.AsyncOpenAI))

    assert [type(event) for event in heard] == [type(event) for event in expected]
    assert [event.to_dict() for event in heard] == [event.to_dict() for event in expected]
    (mine,), (its,) = ours.asked, theirs.asked
    assert json.loads(mine.content) == json.loads(its.content)
    assert mine.url == its.url
    for header in ("authorization", "content-type", "accept", "x-test"):
        assert mine.headers[header] == its.headers[header]


async def test_an_answer_that_is_not_streamed_is_read_as_a_whole() -> None:
    async def answer(_request: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(200, json={**RESPONSE, "status": "completed", "output": [ITEM]})

    http = httpx2.AsyncClient(transport=httpx2.MockTransport(answer))
    client = DirectClient(api_key="k", base_url="http://model.test/v1", http_client=http)
    whole = await client.responses.create(**REQUEST)
    assert whole.output[0].name == "say"


async def test_kinds_nobody_knows_are_passed_over_and_what_is_no_event_is_a_fault() -> None:
    async def told() -> AsyncIterator[object]:
        yield {"type": "response.of_the_future", "x": 1}
        yield {"type": "response.in_progress", "sequence_number": 1, "response": RESPONSE}
        yield ["no", "event"]

    heard = Events(told())  # type: ignore[arg-type]
    assert isinstance(await anext(heard), ResponseInProgressEvent)
    with pytest.raises(ValueError, match="no object"):
        await anext(heard)


def test_every_kind_is_known_by_its_name() -> None:
    assert len(KINDS) > 40
    lenient = event_of(KINDS["response.output_text.delta"], {"delta": "x"})
    assert isinstance(lenient, ResponseTextDeltaEvent)
    assert lenient.delta == "x"
