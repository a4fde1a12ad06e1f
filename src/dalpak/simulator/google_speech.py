"""A simulated Google Speech-to-Text, v1 and v2: real messages over real gRPC, words from the audio it is given.

It keeps Google's manners: the final comes when the sending side closes or after a pause, interim results in a steady
and an unsteady part, a stream has five minutes and may not go quiet, and what is asked for wrongly is refused. What it
hears is recogniser.py's business; what goes wrong, google_faults.py's.
"""

import asyncio
import random
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import grpc
from google.cloud import speech_v1 as v1
from google.cloud import speech_v2 as v2
from google.protobuf.duration_pb2 import Duration

from dalpak.clock import Clock
from dalpak.simulator.google_faults import GoogleFault, Trouble, Troubles
from dalpak.simulator.latency import NONE, Latency
from dalpak.simulator.recogniser import ENDPOINT_MS, Heard, Recogniser, Script

BYTES_PER_MS = 8
MESSAGE_MAX_BYTES = 25_600
HEBREW = "iw-IL"
BABBLE = "\x1b[2J\x00" + "x\u202e" * 2_500
ENDLESS_S = 0.02
"""Between two answers of a stream that never ends."""
NOT_A_MESSAGE = b"\xff\xff\xff\xff this is no message"


@dataclass(slots=True)
class StreamSeen:
    """What one stream was asked and given."""

    config: Any
    audio_bytes: int = 0
    messages: int = 0
    largest: int = 0
    half_closed: bool = False
    over: bool = False

    @property
    def audio_ms(self) -> int:
        return self.audio_bytes // BYTES_PER_MS


@dataclass(frozen=True, slots=True)
class Refusal:
    status: grpc.StatusCode
    words: str


RESET = Refusal(grpc.StatusCode.UNAVAILABLE, "recvmsg:Connection reset by peer")
QUOTA = Refusal(grpc.StatusCode.RESOURCE_EXHAUSTED, "Quota exceeded for quota metric")
NO_KEY = Refusal(grpc.StatusCode.UNAUTHENTICATED, "Request had invalid authentication credentials.")
QUIET = Refusal(
    grpc.StatusCode.ABORTED, "Stream timed out after receiving no more client requests."
)
AT_ONCE = {GoogleFault.QUOTA: QUOTA, GoogleFault.UNAUTHENTICATED: NO_KEY}


def _length(ms: int) -> Duration:
    length = Duration()
    length.FromMilliseconds(ms)
    return length


def _parts(heard: Heard) -> list[tuple[str, float]]:
    """(text, stability) of the results of one answer: the last word of an interim one is not sure yet."""
    before, _, last = heard.text.rpartition(" ")
    if heard.final or not before:
        return [(heard.text, 0.0)]
    return [(before, 0.9), (f" {last}", 0.01)]


def serialised(answer: Any) -> bytes:
    """Of a message; garbage goes out as it is."""
    return answer if isinstance(answer, bytes) else bytes(answer.SerializeToString())


class Version(ABC):
    """How one version of the protocol says things."""

    request: Any
    response: Any
    audio_field: str
    end_field: str
    limit: Refusal
    """The words with which it ends a stream that is too old."""

    @abstractmethod
    def refusal(self, first: Any) -> Refusal | None:
        """What is wrong with the first message, if anything."""

    def audio(self, request: Any) -> bytes:
        return bytes(getattr(request, self.audio_field))

    def answer(self, heard: Heard) -> Any:
        answer = self.response()
        for text, stability in _parts(heard):
            result = answer.results.add(is_final=heard.final, stability=stability)
            result.alternatives.add(transcript=text, confidence=0.93 if heard.final else 0.0)
            getattr(result, self.end_field).CopyFrom(_length(heard.end_ms))
        return answer

    def handler(self, behaviour: Any) -> grpc.RpcMethodHandler:
        return grpc.stream_stream_rpc_method_handler(behaviour, self.request.FromString, serialised)


class VersionTwo(Version):
    request, response = v2.StreamingRecognizeRequest.pb(), v2.StreamingRecognizeResponse.pb()
    audio_field, end_field = "audio", "result_end_offset"
    limit = Refusal(grpc.StatusCode.ABORTED, "Max duration of 5 minutes reached for stream.")

    def refusal(self, first: Any) -> Refusal | None:
        config = first.streaming_config.config
        wrong = grpc.StatusCode.INVALID_ARGUMENT
        if not first.recognizer.startswith("projects/"):
            return Refusal(wrong, "Invalid resource field value in the request: recognizer")
        if (
            config.explicit_decoding_config.encoding
            != v2.ExplicitDecodingConfig.AudioEncoding.MULAW
        ):
            return Refusal(wrong, "Audio encoding could not be detected.")
        if list(config.language_codes) != [HEBREW]:
            return Refusal(wrong, f"Language codes {list(config.language_codes)} not supported.")
        return None


class VersionOne(Version):
    request, response = v1.StreamingRecognizeRequest.pb(), v1.StreamingRecognizeResponse.pb()
    audio_field, end_field = "audio_content", "result_end_time"
    limit = Refusal(
        grpc.StatusCode.OUT_OF_RANGE, "Exceeded maximum allowed stream duration of 305 seconds."
    )

    def refusal(self, first: Any) -> Refusal | None:
        config = first.streaming_config.config
        wrong = grpc.StatusCode.INVALID_ARGUMENT
        if config.encoding != v1.RecognitionConfig.AudioEncoding.MULAW:
            return Refusal(wrong, "Invalid recognition 'config': bad encoding.")
        if config.language_code != HEBREW:
            return Refusal(wrong, f"Invalid recognition 'config': bad {config.language_code!r}.")
        return None


@dataclass(slots=True)
class SpeechSimulator:
    """The service, both versions. Its fields may be changed while it runs; streams that are open keep what they had."""

    clock: Clock
    rng: random.Random
    script: Script = field(default_factory=Script)
    partial_latency: Latency = NONE
    final_latency: Latency = NONE
    endpoint_ms: int = ENDPOINT_MS
    max_stream_ms: int = 300_000
    idle_s: float = 5.0
    slow_s: float = 3.0
    troubles: Troubles = field(default_factory=Troubles)
    streams: list[StreamSeen] = field(default_factory=list)

    @property
    def open_streams(self) -> int:
        return sum(not seen.over for seen in self.streams)

    def services(self) -> list[grpc.GenericRpcHandler]:
        return [
            grpc.method_handlers_generic_handler(
                f"google.cloud.speech.{name}.Speech",
                {"StreamingRecognize": version.handler(self._behaviour(version))},
            )
            for name, version in (("v1", VersionOne()), ("v2", VersionTwo()))
        ]

    def _behaviour(self, version: Version) -> Any:
        async def streaming_recognize(requests: AsyncIterator[Any], context: Any) -> None:
            await Conversation(self, version, context).run(requests)

        return streaming_recognize


class Conversation:
    """One stream."""

    def __init__(self, service: SpeechSimulator, version: Version, context: Any) -> None:
        self._service, self._version, self._context = service, version, context
        self._trouble: Trouble | None = service.troubles.take()
        self._recogniser = Recogniser(service.script, endpoint_ms=service.endpoint_ms)
        self._out: asyncio.Queue[tuple[float, Any] | None] = asyncio.Queue()
        self._due = 0.0
        self._broken = False
        """What was not said yet is not said any more."""

    def _has(self, fault: GoogleFault) -> bool:
        return self._trouble is not None and self._trouble.fault is fault

    async def run(self, requests: AsyncIterator[Any]) -> None:
        first = await anext(requests)
        seen = StreamSeen(first)
        self._service.streams.append(seen)
        try:
            refusal = self._version.refusal(first)
            if refusal is None and self._trouble is not None:
                refusal = AT_ONCE.get(self._trouble.fault)
            if refusal is None:
                refusal = await self._converse(requests, seen)
            if refusal is not None:
                await self._context.abort(refusal.status, refusal.words)
        finally:
            seen.over = True

    async def _converse(self, requests: AsyncIterator[Any], seen: StreamSeen) -> Refusal | None:
        refusal: Refusal | None = None
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._write())
                refusal = await self._read(requests, seen)
                self._broken = refusal is not None
                self._out.put_nowait(None)
        except* grpc.aio.BaseError:
            self._broken = True  # the server stops: nobody is there to be told
        return refusal

    # -- audio in --------------------------------------------------------------------------------

    async def _read(self, requests: AsyncIterator[Any], seen: StreamSeen) -> Refusal | None:
        while True:
            try:
                async with asyncio.timeout(self._service.idle_s):
                    audio = self._version.audio(await anext(requests))
            except StopAsyncIteration:
                break
            except TimeoutError:
                return QUIET
            refusal = self._count(audio, seen)
            if refusal is not None:
                return refusal
            for heard in self._recogniser.hear(audio):
                self._say(heard)
            if self._struck(seen) and self._has(GoogleFault.HALF):
                return None
        seen.half_closed = True
        await self._close()
        return None

    def _count(self, audio: bytes, seen: StreamSeen) -> Refusal | None:
        seen.audio_bytes += len(audio)
        seen.messages += 1
        seen.largest = max(seen.largest, len(audio))
        if len(audio) > MESSAGE_MAX_BYTES:
            return Refusal(
                grpc.StatusCode.INVALID_ARGUMENT, "Audio chunk can be of a maximum of 25600 bytes"
            )
        if seen.audio_ms > self._service.max_stream_ms:
            return self._version.limit
        if not self._struck(seen):
            return None
        if self._has(GoogleFault.RESET):
            return RESET
        if self._has(GoogleFault.LIMIT):
            return self._version.limit
        if self._has(GoogleFault.GARBAGE):
            self._out.put_nowait((0.0, NOT_A_MESSAGE))
        return None

    def _struck(self, seen: StreamSeen) -> bool:
        return self._trouble is not None and seen.audio_ms >= self._trouble.after_ms

    # -- words out -------------------------------------------------------------------------------

    def _say(self, heard: Heard) -> None:
        if self._has(GoogleFault.SILENT):
            return
        if heard.final and self._has(GoogleFault.NO_FINAL):
            return
        if heard.final and self._has(GoogleFault.BABBLE):
            heard = Heard(BABBLE, True, heard.end_ms)
        if heard.final and self._has(GoogleFault.EMPTY):
            heard = Heard("", True, heard.end_ms)
        for _ in range(2 if heard.final and self._has(GoogleFault.TWICE) else 1):
            self._later(heard)

    def _later(self, heard: Heard) -> None:
        service = self._service
        latency = service.final_latency if heard.final else service.partial_latency
        slow_s = service.slow_s if self._has(GoogleFault.SLOW) else 0.0
        due = asyncio.get_running_loop().time() + latency.draw_s(service.rng) + slow_s
        self._due = max(self._due, due)
        self._out.put_nowait((self._due, self._version.answer(heard)))

    async def _close(self) -> None:
        """The sending side is closed: the final, and the end; or what trouble makes of them."""
        for heard in self._recogniser.finish():
            self._say(heard)
        if self._has(GoogleFault.ENDLESS):
            await self._go_on()
        if self._has(GoogleFault.SILENT) or self._has(GoogleFault.NO_FINAL):
            await asyncio.Event().wait()

    async def _go_on(self) -> None:
        while True:
            self._later(Heard("x", False, self._recogniser.heard_ms))
            await self._service.clock.sleep(ENDLESS_S)

    async def _write(self) -> None:
        while (item := await self._out.get()) is not None:
            due, answer = item
            wait_s = due - asyncio.get_running_loop().time()
            if wait_s > 0 and not self._broken:
                await self._service.clock.sleep(wait_s)
            if not self._broken:
                await self._context.write(answer)
