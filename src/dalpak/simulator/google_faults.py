"""What goes wrong at a simulated Google: kinds of trouble, and whose turn it is to have it.

A test (or a person) orders trouble for the next streams; a stream takes its own when it opens. What each kind does to a
stream is in google_speech.py and google_tts.py.
"""

from collections import deque
from dataclasses import dataclass
from enum import StrEnum


class GoogleFault(StrEnum):
    SLOW = "slow"
    """Every answer comes later by the simulator's `slow_s`."""
    SILENT = "silent"
    """Takes everything, says nothing, never ends."""
    RESET = "reset"
    """The stream breaks as on a lost connection."""
    GARBAGE = "garbage"
    """An answer that is not the message it should be."""
    QUOTA = "quota"
    UNAUTHENTICATED = "unauthenticated"
    HALF = "half"
    """Ends politely in the middle."""
    ENDLESS = "endless"
    """Goes on for ever."""
    TWICE = "twice"
    """Every final is told twice."""
    NO_FINAL = "no_final"
    """Words that grow, and never a final."""
    LIMIT = "limit"
    """The five minutes are over."""
    BABBLE = "babble"
    """Thousands of characters that no caller said, some of them for a terminal."""
    EMPTY = "empty"
    """An answer without words, or without sound."""
    WRONG_FORMAT = "wrong_format"
    """16-bit samples where mu-law was asked for, without a word about it."""
    WRONG_HEADER = "wrong_header"
    """A WAV header that tells of 16 kHz."""
    COMPRESSED = "compressed"
    """MP3."""


@dataclass(slots=True)
class Trouble:
    """`after_ms`: of audio heard (or made) before it strikes."""

    fault: GoogleFault
    streams: int = 1
    after_ms: int = 0


class Troubles:
    """Ordered ahead; each stream takes the first that is left."""

    def __init__(self) -> None:
        self._ordered: deque[Trouble] = deque()
        self.struck = 0
        """Streams that had trouble so far."""

    def order(self, fault: GoogleFault, *, streams: int = 1, after_ms: int = 0) -> None:
        """The next `streams` streams have this trouble."""
        self._ordered.append(Trouble(fault, streams, after_ms))

    def clear(self) -> None:
        self._ordered.clear()

    def take(self) -> Trouble | None:
        if not self._ordered:
            return None
        first = self._ordered[0]
        first.streams -= 1
        if first.streams <= 0:
            self._ordered.popleft()
        self.struck += 1
        return first
