"""A simulated Google Text-to-Speech: real messages over real gRPC, a voice that carries the words it was given.

Chirp3-HD voices stream, without a header; the others answer in one piece, with Google's WAV header. The sound is
coded_voice.py's, so that whoever hears it can read what was said. What goes wrong is google_faults.py's business.
"""

import asyncio
import random
import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from typing import Any

import grpc
from google.cloud import texttospeech_v1 as tts

from dalpak.call.mulaw import SAMPLE_RATE_HZ, decode
from dalpak.clock import Clock
from dalpak.simulator.coded_voice import coded_voice
from dalpak.simulator.google_faults import GoogleFault, Trouble, Troubles
from dalpak.simulator.google_speech import AT_ONCE, NOT_A_MESSAGE, RESET, Refusal, serialised
from dalpak.simulator.latency import NONE, Latency

CHUNK_MS = 200
WORD_MS = 300
BYTES_PER_MS = SAMPLE_RATE_HZ // 1000
PCM, MULAW = 1, 7
"""Codes of WAV's format field."""
VOICES = ("he-IL-Chirp3-HD-Aoede", "he-IL-Chirp3-HD-Charon", "he-IL-Wavenet-A", "he-IL-Wavenet-B")
MP3 = b"ID3\x04\x00\x00\x00\x00\x00\x00" + b"\xff\xfb\x90\x64" * 200
ENDLESS_S = 0.005
NOT_CHIRP = Refusal(
    grpc.StatusCode.INVALID_ARGUMENT,
    "Currently, only Chirp 3: HD voices are supported for streaming synthesis.",
)
NO_VOICE = Refusal(grpc.StatusCode.INVALID_ARGUMENT, "Voice does not exist. Is it misspelled?")
_TAGS = re.compile(r"<[^>]+>")


def wav(samples: bytes, *, code: int, rate_hz: int, bits: int) -> bytes:
    """With the header that Google puts before unary answers."""

    def number(value: int, size: int) -> bytes:
        return value.to_bytes(size, "little")

    step = bits // 8
    form = number(code, 2) + number(1, 2) + number(rate_hz, 4) + number(rate_hz * step, 4)
    form += number(step, 2) + number(bits, 2)
    body = b"WAVEfmt " + number(len(form), 4) + form + b"data" + number(len(samples), 4)
    return b"RIFF" + number(len(body) + len(samples), 4) + body + samples


@dataclass(slots=True)
class TtsSimulator:
    """The service. Its fields may be changed while it runs."""

    clock: Clock
    rng: random.Random
    streaming_latency: Latency = NONE
    unary_latency: Latency = NONE
    slow_s: float = 3.0
    word_ms: int = WORD_MS
    headers_when_streaming: bool = False
    """Nobody outside Google has said whether streamed mu-law begins with a header."""
    troubles: Troubles = field(default_factory=Troubles)
    asked: list[str] = field(default_factory=list)
    """Every text (or SSML), in order."""
    requests: list[Any] = field(default_factory=list)
    """The first message of every stream, and every unary request."""
    open_streams: int = 0

    def services(self) -> list[grpc.GenericRpcHandler]:
        unary, stream = grpc.unary_unary_rpc_method_handler, grpc.stream_stream_rpc_method_handler
        methods = {
            "SynthesizeSpeech": unary(
                self._synthesize,
                tts.SynthesizeSpeechRequest.pb().FromString,
                serialised,
            ),
            "StreamingSynthesize": stream(
                self._streaming,
                tts.StreamingSynthesizeRequest.pb().FromString,
                serialised,
            ),
            "ListVoices": unary(self._voices, tts.ListVoicesRequest.pb().FromString, serialised),
        }
        return [
            grpc.method_handlers_generic_handler(
                "google.cloud.texttospeech.v1.TextToSpeech", methods
            )
        ]

    async def _voices(self, request: Any, context: Any) -> Any:
        del context
        answer = tts.ListVoicesResponse.pb()()
        for name in VOICES:
            if name.startswith(request.language_code):
                answer.voices.add(
                    language_codes=["he-IL"], name=name, natural_sample_rate_hertz=24_000
                )
        return answer

    # -- one piece -------------------------------------------------------------------------------

    async def _synthesize(self, request: Any, context: Any) -> Any:
        self.requests.append(request)
        text = request.input.text or request.input.ssml
        self.asked.append(text)
        trouble = self.troubles.take()
        fault = trouble.fault if trouble else None
        if not request.voice.name:
            await _abort(context, NO_VOICE)
        if fault in AT_ONCE:
            await _abort(context, AT_ONCE[fault])
        await self._wait(self.unary_latency, fault)
        if fault is GoogleFault.RESET:
            await _abort(context, RESET)
        if fault is GoogleFault.GARBAGE:
            return NOT_A_MESSAGE
        audio = coded_voice(_TAGS.sub(" ", text), self.word_ms)
        return tts.SynthesizeSpeechResponse.pb()(
            audio_content=self._piece(audio, request.audio_config.audio_encoding, fault)
        )

    def _piece(self, audio: bytes, encoding: int, fault: GoogleFault | None) -> bytes:
        match fault:
            case GoogleFault.EMPTY:
                return wav(b"", code=MULAW, rate_hz=SAMPLE_RATE_HZ, bits=8)
            case GoogleFault.WRONG_FORMAT:
                return decode(audio)
            case GoogleFault.WRONG_HEADER:
                return wav(audio, code=MULAW, rate_hz=2 * SAMPLE_RATE_HZ, bits=8)
            case GoogleFault.COMPRESSED:
                return MP3
            case GoogleFault.ENDLESS:
                return audio * 200
        if encoding == tts.AudioEncoding.LINEAR16:
            return wav(decode(audio), code=PCM, rate_hz=SAMPLE_RATE_HZ, bits=16)
        return wav(audio, code=MULAW, rate_hz=SAMPLE_RATE_HZ, bits=8)

    # -- a stream --------------------------------------------------------------------------------

    async def _streaming(self, requests: AsyncIterator[Any], context: Any) -> None:
        self.open_streams += 1
        try:
            first = await anext(requests)
            self.requests.append(first)
            trouble = self.troubles.take()
            refusal = AT_ONCE.get(trouble.fault) if trouble else None
            if "Chirp3-HD" not in first.streaming_config.voice.name:
                refusal = NOT_CHIRP
            if refusal is not None:
                # Over a real wire a refusal comes a round trip later: when the text has been sent.
                await anext(requests, None)
                await _abort(context, refusal)
            async for request in requests:
                self.asked.append(request.input.text)
                await self._speak(request.input.text, context, trouble)
        finally:
            self.open_streams -= 1

    async def _speak(self, text: str, context: Any, trouble: Trouble | None) -> None:
        fault = trouble.fault if trouble else None
        await self._wait(self.streaming_latency, fault)
        after = trouble.after_ms * BYTES_PER_MS if trouble else 0
        sent = 0
        for chunk in self._chunks(coded_voice(text, self.word_ms), fault):
            if fault is GoogleFault.HALF and sent >= after:
                return
            if fault is GoogleFault.RESET and sent >= after:
                await _abort(context, RESET)
            if fault is GoogleFault.GARBAGE and sent >= after:
                await context.write(NOT_A_MESSAGE)
            await context.write(tts.StreamingSynthesizeResponse.pb()(audio_content=chunk))
            sent += len(chunk)
            if fault is GoogleFault.ENDLESS:
                await self.clock.sleep(ENDLESS_S)

    def _chunks(self, audio: bytes, fault: GoogleFault | None) -> Iterator[bytes]:
        if fault is GoogleFault.EMPTY:
            return
        if fault is GoogleFault.COMPRESSED:
            audio = MP3
        if fault is GoogleFault.WRONG_FORMAT:
            audio = decode(audio)
        if fault is GoogleFault.WRONG_HEADER:
            audio = wav(audio, code=MULAW, rate_hz=2 * SAMPLE_RATE_HZ, bits=8)
        elif self.headers_when_streaming:
            audio = wav(audio, code=MULAW, rate_hz=SAMPLE_RATE_HZ, bits=8)
        step = CHUNK_MS * BYTES_PER_MS
        while True:
            for start in range(0, len(audio), step):
                yield audio[start : start + step]
            if fault is not GoogleFault.ENDLESS:
                return

    async def _wait(self, latency: Latency, fault: GoogleFault | None) -> None:
        if fault is GoogleFault.SILENT:
            await asyncio.Event().wait()
        slow_s = self.slow_s if fault is GoogleFault.SLOW else 0.0
        await self.clock.sleep(latency.draw_s(self.rng) + slow_s)


async def _abort(context: Any, refusal: Refusal) -> None:
    await context.abort(refusal.status, refusal.words)
