"""The vendor's client, sending requests as they were built.

The library walks every request along the types of its parameters, in case a key has another name on the wire; none
that we send has. With our tools that walk is a thousand steps: a third of what a turn costs the event loop. Another
third: it tries every piece of an answer against sixty types, of which the piece itself names one. So the two resources
that the Agents SDK asks are replaced by ones that post what they are given, by the client's own documented way for
requests it has no method for, and that read a piece as what it says it is. Connections, faults, streams and their types
stay the library's. Imported only where the model's library is.
"""

from collections.abc import Callable
from functools import cached_property
from typing import Any, Self, get_args

import msgspec
from openai import AsyncOpenAI, AsyncStream, NotGiven, Omit
from openai.types.chat import ChatCompletion, ChatCompletionChunk
from openai.types.responses import Response, ResponseStreamEvent
from pydantic import BaseModel, ValidationError

BESIDE_THE_BODY = {"extra_headers": "headers", "extra_query": "params", "timeout": "timeout"}
"""What `create` takes that is no part of the request, by the name that `post` has for it."""


class DirectClient(AsyncOpenAI):
    """`AsyncOpenAI` of which only `responses.create` and `chat.completions.create` are to be used."""

    @cached_property
    def responses(self) -> Any:
        return _Resource(self, "/responses", Response, AsyncStream[object], Events)

    @cached_property
    def chat(self) -> Any:
        return _Chat(self)


class _Chat:
    def __init__(self, client: AsyncOpenAI) -> None:
        self.completions = _Resource(
            client, "/chat/completions", ChatCompletion, AsyncStream[ChatCompletionChunk], _as_it_is
        )


class _Resource:
    """Without `with_streaming_response`, so that the SDK asks `create` for its streams, too."""

    def __init__(
        self,
        client: AsyncOpenAI,
        path: str,
        whole: Any,
        stream: Any,
        read: Callable[[Any], Any],
    ) -> None:
        self._client, self._path, self._whole, self._stream = client, path, whole, stream
        self._read = read

    async def create(self, **parameters: Any) -> Any:
        """Every parameter under the name that it has on the wire."""
        given = {k: v for k, v in parameters.items() if not isinstance(v, (Omit, NotGiven))}
        more = given.pop("extra_body", None) or {}
        beside = {name: given.pop(name, None) for name in BESIDE_THE_BODY}
        options: Any = {
            BESIDE_THE_BODY[name]: value for name, value in beside.items() if value is not None
        }
        streamed = bool(given.get("stream"))
        answer: Any = await self._client.post(
            self._path,
            cast_to=self._whole,
            content=_json(given | more),
            options=options,
            stream=streamed,
            stream_cls=self._stream,
        )
        return self._read(answer) if streamed else answer


def _as_it_is(stream: Any) -> Any:
    return stream


class Events:
    """The pieces of an answer as the library's own events, each by the type that it names."""

    def __init__(self, stream: AsyncStream[object]) -> None:
        self._stream = stream

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Any:
        """Kinds that this release of the library does not know are passed over. Raises ValueError for what is no
        event at all.
        """
        while True:
            data = await anext(self._stream)
            if not isinstance(data, dict):
                raise ValueError("an event that is no object")
            kind = KINDS.get(str(data.get("type")))
            if kind is not None:
                return event_of(kind, data)

    async def close(self) -> None:
        await self._stream.close()


def event_of(kind: type[BaseModel], data: dict[str, Any]) -> BaseModel:
    """Servers of others leave fields out, or add some: like the library, we then take what there is."""
    try:
        return kind.model_validate(data)
    except ValidationError:
        return kind.construct(**data)


def _kinds() -> dict[str, type[BaseModel]]:
    union, *_ = get_args(ResponseStreamEvent)
    return {get_args(kind.model_fields["type"].annotation)[0]: kind for kind in get_args(union)}


KINDS = _kinds()
"""The library's class of each event by its name on the wire."""


def _plain(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json", exclude_unset=True)
    raise TypeError(f"no JSON for {type(value).__name__}")


_json = msgspec.json.Encoder(enc_hook=_plain).encode
