"""The metronome of many simulated callers: one timer serves everybody who stands in the same moment of the 20 ms."""

from itertools import cycle
from typing import Protocol

from dalpak.clock import Clock

FRAME_S = 0.02
PHASES = 20
"""Callers are spread over the 20 ms, as real ones are: the server never gets all frames at once."""


class Singer(Protocol):
    def tick(self, now: int) -> None:
        """Twenty milliseconds have passed."""
        ...


class Choir:
    def __init__(self, clock: Clock, late: list[float]) -> None:
        """`late` gets how late each moment of the metronome was, in milliseconds."""
        self._phases: list[list[Singer]] = [[] for _ in range(PHASES)]
        self._clock, self._late = clock, late
        self._next = cycle(range(PHASES))

    def join(self, singer: Singer) -> list[Singer]:
        """Where the singer stands now, to be removed from there."""
        phase = self._phases[next(self._next)]
        phase.append(singer)
        return phase

    async def sing(self) -> None:
        began = self._clock.monotonic_ms() / 1000
        for step, phase in enumerate(cycle(self._phases)):
            due = began + step * FRAME_S / PHASES
            wait = due - self._clock.monotonic_ms() / 1000
            if wait > 0:
                await self._clock.sleep(wait)
            now = self._clock.monotonic_ms()
            self._late.append(max(0.0, now - due * 1000))
            for singer in phase:
                singer.tick(now)
