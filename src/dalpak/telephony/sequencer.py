"""Puts caller audio back in order: a short wait for what is late, silence for what is lost, nothing
twice.

Pure. It only sees media; keys, marks and stop are never held back behind a missing frame.
"""

from dataclasses import dataclass, field

from dalpak.call.mulaw import FRAME_BYTES, SILENCE_BYTE
from dalpak.telephony.twilio import Media

WINDOW_FRAMES = 3
"""60 ms: a frame that is later than this is given up. Longer would be heard as a slow answer."""

JUMP_FRAMES = 50
"""A number further off than one second is not a late frame but a new count: start again from it."""


@dataclass(slots=True)
class Sequencer:
    """Counters are for the end of the call, never for a log line of their own."""

    repeated: int = 0
    missing: int = 0
    restarts: int = 0
    _next: int | None = None
    _held: dict[int, bytes] = field(default_factory=dict)

    def take(self, media: Media) -> list[bytes]:
        """What can be heard now, in order. Frames without a number pass straight through."""
        number = media.sequence
        if number is None:
            return [media.payload]
        if self._next is None:
            self._next = number
        if abs(number - self._next) > JUMP_FRAMES:
            return self._start_again(number, media.payload)
        if number < self._next or number in self._held:
            self.repeated += 1
            return []
        self._held[number] = media.payload
        ready = self._in_order()
        if len(self._held) >= WINDOW_FRAMES:
            ready += self._over_the_gap()
        return ready

    def _in_order(self) -> list[bytes]:
        ready = []
        while self._next is not None and self._next in self._held:
            ready.append(self._held.pop(self._next))
            self._next += 1
        return ready

    def _over_the_gap(self) -> list[bytes]:
        """The missing frames become silence of the same length, so that time stays true for whoever
        listens.
        """
        first = min(self._held)
        lost = first - (self._next or 0)
        self.missing += lost
        self._next = first
        return [bytes([SILENCE_BYTE]) * (FRAME_BYTES * lost), *self._in_order()]

    def _start_again(self, number: int, payload: bytes) -> list[bytes]:
        self.restarts += 1
        ready = [self._held[n] for n in sorted(self._held)]
        self._held.clear()
        self._next = number + 1
        return [*ready, payload]
