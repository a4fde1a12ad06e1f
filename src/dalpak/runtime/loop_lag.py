"""How late the event loop is: the signal that a process has enough calls, long before its CPU says so.

A sleeper that oversleeps was kept waiting by everything else on the loop. Only the clock is used, so a test can be late
on purpose. Nothing here refuses a call; `calls.py` does.
"""

from collections import deque
from collections.abc import Sequence
from itertools import islice

from dalpak.clock import Clock

EVERY_MS = 25
"""Often enough that one sample in a thousand means something after half a minute; it costs 0.05 % of a core."""
WINDOW = 400
"""Samples that admission looks at: ten seconds."""
KEPT = 2_400
"""Samples of the last minute, for the rare ones."""
USUAL, RARE = 0.95, 0.999


class LoopLag:
    """One per process. `watch` runs for its life; without it nothing is ever late."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._samples: deque[int] = deque(maxlen=KEPT)
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
        return _quantile(list(islice(reversed(self._samples), WINDOW)), USUAL)

    @property
    def p999_ms(self) -> int:
        """Of the last minute: one moment in a thousand was later than this."""
        return _quantile(self._samples, RARE)


def _quantile(samples: Sequence[int], share: float) -> int:
    if not samples:
        return 0
    ordered = sorted(samples)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]
