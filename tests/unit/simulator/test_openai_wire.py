"""The simulated model server says what it should: the same answer on both APIs, at the pace that was published."""

import json
import random
import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dalpak.simulator.openai_server import AT_ONCE, PUBLISHED
from dalpak.simulator.openai_wire import (
    Answer,
    BadRequest,
    Call,
    Request,
    Text,
    answer,
    events,
    read_request,
)

pytestmark = pytest.mark.unit

TOOL = {"type": "function", "name": "say", "parameters": {"properties": {}}}


def request(api: str) -> Request:
    return Request(api, "m", "", (("user", "x"),), ("say",), {})


def told(api: str, given_answer: Answer, seed: int = 0) -> list[dict[str, object]]:
    whole = b"".join(events(request(api), given_answer, random.Random(seed))).decode()
    lines = [line.removeprefix("data: ") for line in whole.split("\n") if line.startswith("data")]
    return [json.loads(line) for line in lines if line != "[DONE]"]


@given(text=st.text(max_size=40), seed=st.integers(0, 99))
def test_both_apis_stream_the_same_arguments(text: str, seed: int) -> None:
    made = answer(Call("say", {"text": text}))
    responses = [e["delta"] for e in told("responses", made, seed) if "delta" in e]
    chat = [
        call["function"]["arguments"]
        for chunk in told("chat", made, seed)
        for call in chunk["choices"][0]["delta"].get("tool_calls", [])  # type: ignore[index]
    ]
    assert json.loads("".join(map(str, responses))) == {"text": text}
    assert json.loads("".join(chat)) == {"text": text}


@pytest.mark.parametrize("api", ["responses", "chat"])
def test_an_answer_that_ran_into_its_limit_breaks_off(api: str) -> None:
    made = Answer((Text("one two three four five six"),), incomplete=True)
    whole = json.dumps(told(api, made))
    assert "incomplete" in whole or "length" in whole
    assert "six" not in "".join(whole.split('"'))


def test_what_the_real_server_refuses_is_refused() -> None:
    good = {"model": "m", "stream": True, "input": "x", "tools": [TOOL]}
    assert read_request("/v1/responses", good).tools == ("say",)
    for bad in ({**good, "stream": False}, {**good, "tools": [{**TOOL, "name": "a.b"}]}):
        with pytest.raises(BadRequest):
            read_request("/v1/responses", bad)


def test_instructions_are_told_apart_from_the_conversation_on_both() -> None:
    messages = [{"role": "system", "content": "rules"}, {"role": "user", "content": "x"}]
    chat = read_request("/v1/chat/completions", {"stream": True, "messages": messages})
    by_responses = read_request(
        "/v1/responses", {"stream": True, "instructions": "rules", "input": messages[1:]}
    )
    assert (chat.instructions, chat.messages) == (
        by_responses.instructions,
        by_responses.messages,
    )


def test_the_pace_is_the_published_one() -> None:
    rng = random.Random(7)
    first = sorted(PUBLISHED.first.draw_s(rng) * 1000 for _ in range(4_000))
    assert statistics.median(first) == pytest.approx(PUBLISHED.first_ms, rel=0.03)
    assert first[3_800] == pytest.approx(PUBLISHED.first_p95_ms, rel=0.05)
    assert AT_ONCE.first.draw_s(rng) == AT_ONCE.next.draw_s(rng) == 0
