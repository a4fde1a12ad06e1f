"""How long the caller's quiet must last before it is the end of a turn: their own pauses, and what they said last.

A fixed wait cuts slow speakers off and keeps quick ones waiting. Words say more than time: an open phrase or a number
in progress waits longer. Nothing here hears or decides; `floor.py` asks.
"""

from dalpak.call.limits import Limits, Ms
from dalpak.language.base import Completeness

NEW_SHARE = 4
"""A new pause counts for a quarter: two or three make a habit, one does not."""
MARGIN = 2
"""Deviations above the mean, as a retransmission timer keeps them: few pauses are longer than that."""
LONGEST_MS: Ms = 2_000
"""A longer silence is no pause within a sentence."""


class Pauses:
    """A running mean of one caller's pauses inside a turn, and of their spread."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._mean: Ms = 0
        self._spread: Ms = 0

    def observe(self, ms: Ms) -> None:
        """The caller was quiet for so long and then went on."""
        if ms < self._limits.hangover_ms or ms > LONGEST_MS:
            return
        off = abs(ms - self._mean)
        self._mean += (ms - self._mean) // NEW_SHARE
        self._spread += (off - self._spread) // NEW_SHARE

    def fluent(self) -> None:
        """A turn without any pause: what was learnt fades."""
        self._mean -= self._mean // NEW_SHARE
        self._spread -= self._spread // NEW_SHARE

    def wait(self, completeness: Completeness) -> Ms:
        """Quiet that ends a turn which sounds like this."""
        limits = self._limits
        usual = self._mean + MARGIN * self._spread
        own = max(limits.commit_pause_ms, min(usual, limits.commit_pause_most_ms))
        if completeness in (Completeness.OPEN, Completeness.HESITATION):
            return max(own, limits.open_pause_ms)
        if completeness is Completeness.DIGITS:
            return max(own, limits.digits_pause_ms)
        return own
