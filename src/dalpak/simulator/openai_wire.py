"""OpenAI's protocol as a server speaks it: what a request asks, and an answer as server-sent events, piece by piece.

Responses and Chat Completions from the same answer. Pure: bytes in, bytes out; pace, faults and sockets are the
server's business.
"""

import json
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any

RESPONSES, CHAT = "responses", "chat"
PIECE_MAX = 6
"""Characters of one delta, as tokens are."""


@dataclass(frozen=True, slots=True)
class Call:
    """A tool call. `arguments` as text is sent as it is, JSON or not."""

    name: str
    arguments: Mapping[str, object] | str = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Text:
    """Plain words outside any tool."""

    text: str


@dataclass(frozen=True, slots=True)
class Refusal:
    text: str = "I cannot help with that."


Item = Call | Text | Refusal


@dataclass(frozen=True, slots=True)
class Answer:
    """What the model writes. No item at all is an empty answer; several calls are parallel ones."""

    items: tuple[Item, ...] = ()
    incomplete: bool = False
    """It ran into the limit of tokens: the last item breaks off in its middle."""


def answer(*items: Item) -> Answer:
    return Answer(items)


@dataclass(frozen=True, slots=True)
class Request:
    """A request as the model sees it, whichever API it came by."""

    api: str
    model: str
    instructions: str
    messages: tuple[tuple[str, str], ...]
    """Role and text, oldest first; the instructions are not among them."""
    tools: tuple[str, ...]
    body: Mapping[str, Any]

    @property
    def said(self) -> str:
        """Everything behind the instructions, as one text."""
        return "\n".join(text for _, text in self.messages)


class BadRequest(Exception):
    """What the real server answers with 400."""


def read_request(path: str, body: Mapping[str, Any]) -> Request:
    """Raises BadRequest for what the real server would refuse."""
    api = RESPONSES if path.endswith("/responses") else CHAT
    tools = body.get("tools") or []
    names = tuple(str((tool.get("function") or tool)["name"]) for tool in tools)
    if any(
        len(name) > 64 or not name.replace("_", "").replace("-", "").isalnum() for name in names
    ):
        raise BadRequest("tools[0].name")
    if not body.get("stream"):
        raise BadRequest("stream")
    listed = body.get("input" if api == RESPONSES else "messages") or []
    if isinstance(listed, str):
        listed = [{"role": "user", "content": listed}]
    messages = [(str(m.get("role", "")), _text(m.get("content"))) for m in listed]
    instructions = str(body.get("instructions") or "")
    if api == CHAT and messages and messages[0][0] == "system":
        instructions = messages.pop(0)[1]
    return Request(api, str(body.get("model")), instructions, tuple(messages), names, body)


def _text(content: Any) -> str:
    if isinstance(content, str):
        return content
    return " ".join(str(part.get("text", "")) for part in content or ())


# -- an answer on the wire -------------------------------------------------------------------------


def events(asked: Request, given: Answer, rng: random.Random) -> Iterator[bytes]:
    """The events of the answer, each with its frame; the first tells of nothing but the beginning."""
    if asked.api == RESPONSES:
        return _Responses(asked, given, rng).events()
    return _chat(asked, given, rng)


def pieces(text: str, rng: random.Random) -> Iterator[str]:
    at = 0
    while at < len(text):
        size = rng.randint(1, PIECE_MAX)
        yield text[at : at + size]
        at += size


def _arguments(call: Call, rng: random.Random) -> str:
    if isinstance(call.arguments, str):
        return call.arguments
    return json.dumps(call.arguments, ensure_ascii=rng.random() < 0.5)


def _written(given: Answer, rng: random.Random) -> list[tuple[Item, str]]:
    """Each item with the text that it streams; the last one shortened when it broke off."""
    texts = [
        (item, _arguments(item, rng) if isinstance(item, Call) else item.text)
        for item in given.items
    ]
    if given.incomplete and texts:
        item, text = texts[-1]
        texts[-1] = (item, text[: len(text) * 2 // 3])
    return texts


class _Responses:
    def __init__(self, asked: Request, given: Answer, rng: random.Random) -> None:
        self._asked, self._given, self._rng = asked, given, rng
        self._numbers = count()

    def events(self) -> Iterator[bytes]:
        yield self._event("response.created", response=self._response("in_progress", []))
        done: list[dict[str, Any]] = []
        for index, (item, text) in enumerate(_written(self._given, self._rng)):
            yield from self._item(index, item, text, done)
        status = "incomplete" if self._given.incomplete else "completed"
        yield self._event(f"response.{status}", response=self._response(status, done))

    def _item(
        self, index: int, item: Item, text: str, done: list[dict[str, Any]]
    ) -> Iterator[bytes]:
        at = {"output_index": index, "item_id": f"item_{index}"}
        whole = _item(index, item, text)
        done.append(whole)
        yield self._event("response.output_item.added", output_index=index, item=_begun(whole))
        if isinstance(item, Call):
            name = "response.function_call_arguments"
            for piece in pieces(text, self._rng):
                yield self._event(f"{name}.delta", **at, delta=piece)
            yield self._event(f"{name}.done", **at, arguments=text, name=item.name)
        else:
            kind = "output_text" if isinstance(item, Text) else "refusal"
            in_part = {**at, "content_index": 0}
            more: dict[str, Any] = {"logprobs": []} if isinstance(item, Text) else {}
            empty = {**whole["content"][0], "text" if more else "refusal": ""}
            yield self._event("response.content_part.added", **in_part, part=empty)
            for piece in pieces(text, self._rng):
                yield self._event(f"response.{kind}.delta", **in_part, delta=piece, **more)
            last = {"text" if more else "refusal": text}
            yield self._event(f"response.{kind}.done", **in_part, **last, **more)
        yield self._event("response.output_item.done", output_index=index, item=whole)

    def _event(self, kind: str, **data: object) -> bytes:
        told = {"type": kind, "sequence_number": next(self._numbers), **data}
        return f"event: {kind}\ndata: {json.dumps(told, ensure_ascii=False)}\n\n".encode()

    def _response(self, status: str, output: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        usage = {
            "input_tokens": 900,
            "output_tokens": 20,
            "total_tokens": 920,
            "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
            "output_tokens_details": {"reasoning_tokens": 0},
        }
        why = {"reason": "max_output_tokens"} if status == "incomplete" else None
        return {
            "id": "resp_1",
            "object": "response",
            "created_at": 0,
            "status": status,
            "model": self._asked.model,
            "output": list(output),
            "tools": [],
            "tool_choice": "required",
            "parallel_tool_calls": False,
            "usage": None if status == "in_progress" else usage,
            "error": None,
            "incomplete_details": why,
            "instructions": None,
            "metadata": {},
            "temperature": 1.0,
            "top_p": 1.0,
        }


def _item(index: int, item: Item, text: str) -> dict[str, Any]:
    if isinstance(item, Call):
        return {
            "id": f"item_{index}",
            "type": "function_call",
            "call_id": f"call_{index}",
            "name": item.name,
            "arguments": text,
            "status": "completed",
        }
    part: dict[str, Any] = {"type": "refusal", "refusal": text}
    if isinstance(item, Text):
        part = {"type": "output_text", "text": text, "annotations": []}
    return {
        "id": f"item_{index}",
        "type": "message",
        "role": "assistant",
        "status": "completed",
        "content": [part],
    }


def _begun(item: Mapping[str, Any]) -> dict[str, Any]:
    empty: dict[str, Any] = (
        {"arguments": ""} if item["type"] == "function_call" else {"content": []}
    )
    return {**item, "status": "in_progress", **empty}


def _chat(asked: Request, given: Answer, rng: random.Random) -> Iterator[bytes]:
    def chunk(delta: Mapping[str, Any], finish: str | None = None) -> bytes:
        told = {
            "id": "chatcmpl-1",
            "object": "chat.completion.chunk",
            "created": 0,
            "model": asked.model,
            "choices": [{"index": 0, "delta": delta, "finish_reason": finish}],
        }
        return f"data: {json.dumps(told, ensure_ascii=False)}\n\n".encode()

    yield chunk({"role": "assistant", "content": None})
    calls = 0
    for item, text in _written(given, rng):
        if isinstance(item, Call):
            begun = {"name": item.name, "arguments": ""}
            call: dict[str, Any] = {
                "index": calls,
                "id": f"call_{calls}",
                "type": "function",
                "function": begun,
            }
            yield chunk({"tool_calls": [call]})
            for piece in pieces(text, rng):
                yield chunk({"tool_calls": [{"index": calls, "function": {"arguments": piece}}]})
            calls += 1
        else:
            key = "content" if isinstance(item, Text) else "refusal"
            for piece in pieces(text, rng):
                yield chunk({key: piece})
    finish = "length" if given.incomplete else "tool_calls" if calls else "stop"
    yield chunk({}, finish)
    yield b"data: [DONE]\n\n"
