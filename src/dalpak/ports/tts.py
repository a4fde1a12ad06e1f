"""The TTS port: words in, 8 kHz mu-law out."""

from collections.abc import AsyncIterator
from typing import Protocol

from dalpak.language.base import Spoken


class TextToSpeech(Protocol):
    name: str
    voice: str

    def synthesize(self, spoken: Spoken, *, locale: str) -> AsyncIterator[bytes]:
        """Chunks of raw 8 kHz mono mu-law, no header, any length. Raises ProviderError."""
        ...

    async def aclose(self) -> None: ...
