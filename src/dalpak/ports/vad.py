"""The VAD port: is there a voice in this 20 ms? Verdicts come by callback, at once or soon after."""

from collections.abc import Callable
from typing import Protocol


class VoiceActivityDetector(Protocol):
    """One instance per call; `listen` is called once per 20 ms frame and must cost microseconds."""

    def listen(self, frame: bytes, tell: Callable[[bool], None]) -> None:
        """`frame`: 160 bytes of 8 kHz mu-law (shorter at the end of a burst).

        `tell` is called once for every frame, in their order, on the event loop: now, or some milliseconds later.
        """
        ...

    def close(self) -> None:
        """The call is over: nothing more is told."""
        ...
