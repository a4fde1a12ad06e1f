"""A simulated Google on this machine: speech in and out over gRPC, for the real client libraries.

    async with GoogleSimulator(seed=7) as google:
        Settings(google_stt_endpoint=google.address, google_tts_endpoint=google.address, ...)

No TLS and no credentials: the adapters allow that for a loopback address only.
"""

import random
from typing import Self

import grpc

from dalpak.clock import Clock, SystemClock
from dalpak.simulator.google_speech import SpeechSimulator
from dalpak.simulator.google_tts import TtsSimulator
from dalpak.simulator.latency import (
    STT_FINAL,
    STT_PARTIAL,
    TTS_STREAMING,
    TTS_UNARY,
)
from dalpak.simulator.recogniser import Script

HOST = "127.0.0.1"


class GoogleSimulator:
    """`speech` and `tts` are its controls: latencies, troubles, and what was asked. Quick and healthy unless told."""

    def __init__(
        self,
        *,
        port: int = 0,
        seed: int = 0,
        script: Script | None = None,
        published_latencies: bool = False,
        clock: Clock | None = None,
    ) -> None:
        """`script`: what callers say whose voice is not coded. `port` 0: any that is free."""
        clock = clock or SystemClock()
        self._port = port
        self.speech = SpeechSimulator(clock, random.Random(f"{seed}:stt"), script or Script())
        self.tts = TtsSimulator(clock, random.Random(f"{seed}:tts"))
        if published_latencies:
            self.speech.partial_latency, self.speech.final_latency = STT_PARTIAL, STT_FINAL
            self.tts.streaming_latency, self.tts.unary_latency = TTS_STREAMING, TTS_UNARY
        self._server: grpc.aio.Server | None = None
        self.address = ""
        """host:port, once it runs."""

    async def start(self) -> None:
        server = grpc.aio.server(options=[("grpc.so_reuseport", 0)])
        server.add_generic_rpc_handlers((*self.speech.services(), *self.tts.services()))
        port = server.add_insecure_port(f"{HOST}:{self._port}")
        await server.start()
        self._server, self.address = server, f"{HOST}:{port}"

    async def stop(self) -> None:
        """At once: open streams break."""
        server, self._server = self._server, None
        if server is not None:
            await server.stop(None)

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()
