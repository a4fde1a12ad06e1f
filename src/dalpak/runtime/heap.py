"""Garbage collection that no caller hears.

The libraries of a serving process are some 400,000 objects. A full collection looks at each of them: 200 ms in which
the event loop stands still, whenever arriving calls have made the heap a quarter larger. So what is there while nobody
talks is set aside, and the collections that remain have only the objects of live calls to look at. Process-wide: only
the entrypoint starts it.
"""

import gc
from collections.abc import Callable

from dalpak.clock import Clock

THRESHOLDS = (10_000, 20, 50)
"""Objects made, then collections of each younger generation, before one is looked at: a young collection is under
1 ms, and an old one needs 50 of the middle."""
EVERY_S = 600.0
"""Between two looks at everything while nobody talks; each takes some 200 ms."""
LOOK_S = 10.0
"""By the first what warms up has warmed up."""
ENDED_CALLS = 25
"""After so many everything is looked at even while others talk: 15 ms with 50 live calls. What the libraries of a call
leave in circles (its socket, its streams, the model's SDK) is some 700 objects."""


class Heap:
    """`watch` runs for the life of the process; without it Python collects as always."""

    def __init__(self, clock: Clock, busy: Callable[[], bool], ended: Callable[[], int]) -> None:
        """`ended`: how many calls have, since the process began."""
        self._clock, self._busy, self._ended = clock, busy, ended
        self._ended_then = 0
        """At the last full collection."""
        self.settled = 0
        """How often it was set aside."""

    async def watch(self) -> None:
        gc.set_threshold(*THRESHOLDS)
        self._settle()
        warm, due_ms = False, self._due()
        while True:
            await self._clock.sleep(LOOK_S)
            idle = not self._busy()
            if idle and not warm:
                # What warmed up meanwhile, unseen: a look at all of it can wait for a longer quiet.
                warm = True
                gc.freeze()
            elif idle and self._clock.monotonic_ms() >= due_ms:
                self._settle()
                due_ms = self._due()
            elif self._ended() - self._ended_then >= ENDED_CALLS:
                self._collect()

    def _due(self) -> int:
        return self._clock.monotonic_ms() + round(EVERY_S * 1000)

    def _settle(self) -> None:
        """What was set aside before is looked at again, so that nothing which has died since stays for ever."""
        gc.unfreeze()
        self._collect()
        gc.freeze()
        self.settled += 1

    def _collect(self) -> None:
        gc.collect()
        self._ended_then = self._ended()
