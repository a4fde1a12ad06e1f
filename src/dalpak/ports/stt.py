"""The STT port: caller audio in, words out. Results come by callback, never by awaiting."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Transcript:
    text: str
    final: bool
    confidence: float | None = None


class SttStream(Protocol):
    def feed(self, audio: bytes) -> None:
        """8 kHz mono mu-law, any length. Never blocks; past its bound the oldest audio is dropped."""
        ...

    def finalize(self) -> None:
        """The caller stopped speaking: ask for the final now."""
        ...

    async def aclose(self) -> None: ...


class SpeechToText(Protocol):
    name: str

    async def open(
        self,
        *,
        locale: str,
        hints: Sequence[str],
        on_transcript: Callable[[Transcript], None],
        on_lost: Callable[[str], None],
    ) -> SttStream:
        """Raises ProviderError."""
        ...

    async def warm_up(self) -> None:
        """Connect and fetch credentials before the first caller; again whenever it may have gone cold. Never raises."""
        ...

    async def aclose(self) -> None:
        """Once, at the end of the process. Streams that are open still are lost."""
        ...
