"""The VAD port: is there a voice in this 20 ms?"""

from typing import Protocol


class VoiceActivityDetector(Protocol):
    """One instance per call; `judge` is called once per 20 ms frame and must cost microseconds."""

    def judge(self, frame: bytes) -> bool:
        """`frame`: 160 bytes of 8 kHz mu-law (shorter at the end of a burst)."""
        ...
