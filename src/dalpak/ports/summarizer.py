"""The summarizer port: what a call was about, in one sentence, by a model."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Exchange:
    """One turn: what the caller said and what the caller really heard."""

    said: str
    heard: str


@dataclass(frozen=True, slots=True)
class SummaryRequest:
    language: str
    """Code of the language to answer in."""
    exchanges: Sequence[Exchange]


class Summarizer(Protocol):
    """Asked after a call, off the voice loop. What it says is checked; facts never come from it."""

    async def gist(self, request: SummaryRequest) -> str:
        """One sentence. Raises ProviderError when there is none to be had."""
        ...

    async def aclose(self) -> None: ...
