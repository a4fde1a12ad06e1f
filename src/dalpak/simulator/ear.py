"""The far end: plays what was sent in real time, gives marks back, and knows what was really heard.

Frames carry the number of their speech and their index, so that every rule about "what the caller heard" is checked
against the truth and not against the core's own books.
"""

import random
from collections import deque
from collections.abc import Callable
from functools import partial
from struct import Struct

from dalpak.call.inputs import LineSlow, MarkPlayed
from dalpak.call.limits import FRAME_BYTES, FRAME_MS, Ms
from dalpak.simulator.faults import Fault
from dalpak.simulator.scene import Scene

_HEADER = Struct(">II")
QUIET_MS: Ms = 300
"""Silence after which a listener thinks that the other has finished."""
SLOW_SOCKET_FRAMES = 5
"""Messages waiting in a socket before its writer is told."""


def audio_of(speech: int, frames: int) -> bytes:
    """Sound that tells, frame by frame, whose it is."""
    return b"".join(_HEADER.pack(speech, k).ljust(FRAME_BYTES, b"\xff") for k in range(frames))


class Ear:
    def __init__(self, scene: Scene, rng: random.Random) -> None:
        self._scene, self._rng = scene, rng
        self.delay_ms: Ms = rng.choice((0, 5, 20, 60))
        """One way; the same for every message, so that their order holds."""
        self.play_end: Ms = 0
        """When the sound sent so far will have been played, in the core's time."""
        self.slow_until: Ms = 0
        self.slow_spells: list[tuple[Ms, Ms]] = []
        self.heard: dict[int, int] = {}
        """Frames of each speech that were really played, without a gap from its beginning."""
        self.dry_ms: Ms = 0
        """Silence inside sentences, all together: stutter."""
        self.frames_played = 0
        self.on_audible: Callable[[], None] = lambda: None
        self.on_quiet: Callable[[], None] = lambda: None
        self._frames: deque[tuple[Ms, int, int]] = deque()
        self._marks: deque[tuple[Ms, str]] = deque()
        self._quiet_asked = False
        self._blocked = 0
        self._last: tuple[int, int] | None = None

    # -- from the core -----------------------------------------------------------------------------

    def frame(self, payload: bytes) -> tuple[int, int]:
        """(speech, index) of what was sent."""
        now = self._scene.now
        speech, index = _HEADER.unpack_from(payload)
        arrives = max(now, self.slow_until)
        if arrives > now:
            self._blocked += 1
            if self._blocked >= SLOW_SOCKET_FRAMES:
                self._scene.tell(LineSlow(self._blocked))
                self._blocked = 0
        if self._last == (speech, index - 1) and arrives > self.play_end:
            self.dry_ms += arrives - self.play_end
        if arrives > self.play_end + QUIET_MS:
            self.on_audible()
        self._last = (speech, index)
        start = max(arrives, self.play_end)
        self._frames.append((start, speech, index))
        self.play_end = start + FRAME_MS
        if not self._quiet_asked:
            self._quiet_asked = True
            self._scene.after(self.play_end + QUIET_MS - now, self._quiet)
        return speech, index

    def mark(self, name: str) -> None:
        due = max(self._scene.now, self.play_end)
        self._marks.append((due, name))
        self._scene.after(due - self._scene.now, self._give_marks)

    def clear(self) -> None:
        now = self._scene.now
        self.settle(now)
        self._frames.clear()
        self._last = None
        self.play_end = min(self.play_end, now)
        self._marks = deque((min(due, now), name) for due, name in self._marks)
        self._scene.after(0, self._give_marks)

    # -- time ----------------------------------------------------------------------------------------

    def settle(self, now: Ms) -> None:
        """Count what was played up to now."""
        while self._frames and self._frames[0][0] + FRAME_MS <= now:
            _, speech, index = self._frames.popleft()
            self.frames_played += 1
            if index == self.heard.get(speech, 0):
                self.heard[speech] = index + 1

    def buffered_ms(self) -> Ms:
        return max(0, self.play_end - self._scene.now)

    def go_slow(self, ms: Ms) -> None:
        """The socket takes nothing for a while."""
        self.slow_until = self._scene.now + ms
        self.slow_spells.append((self._scene.now, self.slow_until))

    def _give_marks(self) -> None:
        faults = self._scene.faults
        while self._marks and self._marks[0][0] <= self._scene.now:
            name = self._marks.popleft()[1]
            if faults.hit(Fault.MARKS_LOST):
                continue
            late = self._rng.randrange(100, 3_000) if faults.hit(Fault.MARKS_LATE) else 0
            times = 2 if faults.hit(Fault.MARKS_TWICE) else 1
            for _ in range(times):
                self._scene.after(
                    2 * self.delay_ms + late, partial(self._scene.tell, MarkPlayed(name))
                )

    def _quiet(self) -> None:
        left = self.play_end + QUIET_MS - self._scene.now
        if left > 0:
            self._scene.after(left, self._quiet)
            return
        self._quiet_asked = False
        self.on_quiet()
