"""A simulated Google, the real adapters before it, and a listener such as a call has."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from stt_ear import SECOND_OF_SILENCE, Ear, until

from dalpak.call.inputs import EarsLost, FinalHeard, Input, PartialHeard
from dalpak.call.mulaw import FRAME_BYTES, SILENCE_FRAME
from dalpak.clock import SystemClock
from dalpak.config import Settings
from dalpak.ports.stt import SttStream
from dalpak.runtime.listen import Listener
from dalpak.runtime.supervise import Supervisor
from dalpak.services.stt.google import GoogleStt
from dalpak.simulator.coded_voice import coded_voice
from dalpak.simulator.google import GoogleSimulator

PAUSE = SILENCE_FRAME * 6
"""120 ms: what the VAD waits before it asks for a final."""


def settings(address: str, **chosen: Any) -> Settings:
    values: dict[str, Any] = {
        "google_stt_endpoint": address,
        "google_tts_endpoint": address,
        # Long enough for a busy machine; a test of a deadline gives its own.
        "google_connect_timeout_s": 10.0,
        "google_tts_timeout_s": 10.0,
        "google_stt_final_s": 10.0,
        "stt_timeout_ms": 5000,
    }
    return Settings(_env_file=None, **{**values, **chosen})


@asynccontextmanager
async def google_stt(address: str, **chosen: Any) -> AsyncIterator[GoogleStt]:
    stt = GoogleStt(settings(address, **chosen))
    try:
        yield stt
    finally:
        await stt.aclose()


@asynccontextmanager
async def listening(there: GoogleSimulator, **chosen: Any) -> AsyncIterator[tuple[Ear, SttStream]]:
    """One open stream of a healthy process."""
    async with google_stt(there.address, **chosen) as stt:
        ear = Ear()
        stream = await ear.open(stt)
        yield ear, stream
        await stream.aclose()


def say(stream: SttStream, text: str) -> None:
    """Said, the quiet after it, and the final asked for."""
    stream.feed(coded_voice(text) + PAUSE)
    stream.finalize()


class Call:
    """The listening side of a call: what the core would be told."""

    def __init__(self, stt: GoogleStt) -> None:
        self.heard: list[Input] = []
        self.supervisor = Supervisor("test")
        self.listener = Listener(
            stt=stt,
            vad=None,
            locale="he-IL",
            hints=(),
            debounce_ms=0,
            clock=SystemClock(),
            supervisor=self.supervisor,
            hear=self.heard.append,
        )

    @property
    def finals(self) -> list[str]:
        return [what.text for what in self.heard if isinstance(what, FinalHeard)]

    @property
    def words(self) -> list[str]:
        return " ".join(self.finals).split()

    @property
    def partials(self) -> list[str]:
        return [what.text for what in self.heard if isinstance(what, PartialHeard)]

    @property
    def lost(self) -> list[str]:
        return [what.reason for what in self.heard if isinstance(what, EarsLost)]

    def speak(self, text: str) -> None:
        """In frames, as from the wire."""
        audio = coded_voice(text) + PAUSE
        for at in range(0, len(audio), FRAME_BYTES):
            self.listener.feed(audio[at : at + FRAME_BYTES])

    async def hears(self, text: str) -> None:
        """Say it, ask for the final, and go on being quiet until it is there."""
        before = len(self.finals)
        self.speak(text)
        self.listener.finalize()
        self.listener.feed(SECOND_OF_SILENCE)
        await until(lambda: len(self.finals) > before or bool(self.lost))


@asynccontextmanager
async def calling(address: str, **chosen: Any) -> AsyncIterator[Call]:
    async with google_stt(address, **chosen) as stt:
        call = Call(stt)
        call.listener.open()
        try:
            yield call
        finally:
            call.listener.close()
            await call.supervisor.aclose()
