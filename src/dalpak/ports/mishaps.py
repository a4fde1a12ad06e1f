"""Who is told that a service failed and that another did its work: counters of the process, which decide nothing."""

from typing import Protocol


class Mishaps(Protocol):
    """`port`: stt, llm or tts. What failed a whole call's way is told by the call itself, once."""

    def failed(self, port: str, reason: str) -> None:
        """One service failed, and the call did not notice: another was asked, or was at work already."""
        ...

    def replaced(self, port: str) -> None:
        """The second (for a model: the built-in agent) did what the first is there for."""
        ...


class Untold:
    """Nobody counts: commands and tests."""

    def failed(self, port: str, reason: str) -> None:
        """Nothing is counted."""

    def replaced(self, port: str) -> None:
        """Nothing is counted."""
