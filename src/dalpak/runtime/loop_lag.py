"""How late the event loop is: the signal that a process has enough calls, long before its CPU says so.

A sleeper that oversleeps was kept waiting by everything else on the loop. Only the clock is used, so a test can be late
on purpose. Nothing here refuses a call; `calls.py` does.
"""

from collections import deque

from dalpak.clock import Clock

EVERY_MS = 100
WINDOW = 100
"""Samples looked at: ten seconds."""
QUANTILE = 0.95


class LoopLag:
    """One per process. `watch` runs for its life; without it nothing is ever late."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._samples: deque[int] = deque(maxlen=WINDOW)
        self.worst_ms = 0
        """Since the process began."""

    async def watch(self) -> None:
        while True:
            asleep = self._clock.monotonic_ms()
            await self._clock.sleep(EVERY_MS / 1000)
            self.note(self._clock.monotonic_ms() - asleep - EVERY_MS)

    def note(self, late_ms: int) -> None:
        late_ms = max(0, late_ms)
        self._samples.append(late_ms)
        self.worst_ms = max(self.worst_ms, late_ms)

    @property
    def p95_ms(self) -> int:
        """Of the last ten seconds; 0 as long as nothing was measured."""
        if not self._samples:
            return 0
        ordered = sorted(self._samples)
        return ordered[min(len(ordered) - 1, int(len(ordered) * QUANTILE))]
