"""The stray voice: the caller speaks where only keys are heard, and waits for an answer that would not come.

Without ears a voice has no words; it only says that somebody waits. It is told the keys again soon after it ends, a
few times; then, as with a television, only keys count. This machine never says what is told.
"""

from dalpak.call.limits import FRAME_MS, Limits, Ms

TELLINGS_MAX = 2
"""Between two keys: who talks on then is not talking to us."""


class Stray:
    """`waiting`: nobody else speaks, thinks or keys. Only such a voice counts."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._voiced_ms: Ms = 0
        self._last_voiced_at: Ms = 0
        self._tellings = 0

    def frame(self, voiced: bool, now: Ms, *, waiting: bool) -> None:
        """One 20 ms verdict while there are no ears."""
        if not waiting:
            self._voiced_ms = 0
        elif voiced:
            if now - self._last_voiced_at > self._limits.commit_pause_most_ms:
                self._voiced_ms = 0
            self._voiced_ms += FRAME_MS
            self._last_voiced_at = now

    def key(self) -> None:
        """The caller has found the keys."""
        self._voiced_ms = self._tellings = 0

    def told(self) -> Ms:
        """Since when the caller has waited for it."""
        self._voiced_ms = 0
        self._tellings += 1
        return self._last_voiced_at

    def due_at(self, *, waiting: bool) -> Ms | None:
        """When the caller is to be told; shorter than a voice is a click."""
        if not waiting or self._voiced_ms < self._limits.min_utterance_ms:
            return None
        if self._tellings >= TELLINGS_MAX:
            return None
        return self._last_voiced_at + self._limits.commit_pause_most_ms
