"""A Soniox stream against the simulated service."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from stt_ear import Ear

from dalpak.call.mulaw import SILENCE_FRAME
from dalpak.clock import SystemClock
from dalpak.ports.stt import SttStream
from dalpak.services.stt.soniox import SonioxStt
from dalpak.services.stt.soniox_protocol import SonioxOptions
from dalpak.simulator.coded_voice import coded_voice
from dalpak.simulator.soniox_server import API_KEY, SonioxServer

QUIET = SILENCE_FRAME * 25


def options(server: SonioxServer, **changes: Any) -> SonioxOptions:
    values: dict[str, Any] = {
        "url": server.address,
        "api_key": API_KEY,
        "model": "stt-rt-v5",
        "open_s": 30.0,
        "chunk_ms": 100,
        "keepalive_s": 30.0,
        "silent_s": 30.0,
        "endpoint_ms": 700,
        "hangover_ms": 120,
        "roll_s": 3_600.0,
    }
    return SonioxOptions(**{**values, **changes})


def say(stream: SttStream, text: str) -> None:
    """Said, a short quiet, and the final asked for."""
    stream.feed(coded_voice(text) + SILENCE_FRAME * 6)
    stream.finalize()


@asynccontextmanager
async def listening(
    server: SonioxServer, *hints: str, **changes: Any
) -> AsyncIterator[tuple[Ear, SttStream]]:
    ear = Ear()
    stream = await ear.open(SonioxStt(options(server, **changes), SystemClock()), hints)
    try:
        yield ear, stream
    finally:
        await stream.aclose()
