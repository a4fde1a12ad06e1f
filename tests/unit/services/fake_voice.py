"""A voice for tests: says each text in its own bytes, counts, and fails when it is told to."""

from collections.abc import AsyncIterator

from dalpak.errors import ProviderError
from dalpak.language.base import Spoken

LOUD = bytes([0x10, 0x90])


class FakeVoice:
    name = "fake"

    def __init__(self, voice: str = "one") -> None:
        self.voice = voice
        self.asked: list[str] = []
        self.down = False
        self.closed = False

    async def synthesize(self, spoken: Spoken, *, locale: str) -> AsyncIterator[bytes]:
        self.asked.append(spoken.text)
        if self.down:
            raise ProviderError("fake_down")
        yield LOUD * (80 * len(spoken.text))

    async def aclose(self) -> None:
        self.closed = True
