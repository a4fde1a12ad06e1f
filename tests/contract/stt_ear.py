"""A stream of an adapter, and what it told: for every test that listens to one."""

import asyncio
from collections.abc import Callable, Sequence

from dalpak.call.mulaw import SILENCE_FRAME
from dalpak.clock import SystemClock
from dalpak.ports.stt import SpeechToText, SttStream, Transcript
from dalpak.simulator.coded_voice import coded_voice

PATIENCE_S = 60.0
"""A hang fails the test after this; nothing passes because of it."""
SECOND_OF_SILENCE = SILENCE_FRAME * 50


class Ear:
    """Waits end with what they wait for, or fail."""

    def __init__(self) -> None:
        self.heard: list[Transcript] = []
        self.lost: list[str] = []
        self._told = asyncio.Event()

    @property
    def finals(self) -> list[str]:
        return [t.text for t in self.heard if t.final]

    @property
    def partials(self) -> list[str]:
        return [t.text for t in self.heard if not t.final]

    @property
    def words(self) -> list[str]:
        return [t.text for t in self.heard if t.text.strip()]

    def _hear(self, transcript: Transcript) -> None:
        self.heard.append(transcript)
        self._told.set()

    def _lose(self, reason: str) -> None:
        self.lost.append(reason)
        self._told.set()

    async def open(self, stt: SpeechToText, hints: Sequence[str] = ("תור", "מחר")) -> SttStream:
        return await stt.open(
            locale="he-IL",
            hints=hints,
            on_transcript=self._hear,
            on_lost=self._lose,
        )

    async def until(self, true: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while not true():
                self._told.clear()
                await self._told.wait()

    async def hears(self, stream: SttStream, text: str) -> None:
        """Say `text`, ask for the final, and wait for it."""
        before = len(self.finals)
        stream.feed(coded_voice(text))
        stream.finalize()
        stream.feed(SECOND_OF_SILENCE)
        await self.until(lambda: len(self.finals) > before)


async def until(true: Callable[[], bool]) -> None:
    """Of a thing that tells nobody: looked at until it is so."""
    clock = SystemClock()
    ends_ms = clock.monotonic_ms() + PATIENCE_S * 1000
    while not true():
        assert clock.monotonic_ms() < ends_ms, "it never came to be"
        await clock.sleep(0.002)
