"""The caller's ear as the carrier models it: audio is buffered, played in order, in real time.

Knows when marks are due, what a clear drops, and how well the far end kept its pace. Pure: time is
an argument, in milliseconds of any one clock. Written apart from `telephony/`, so that a mistake
there shows here.
"""

from collections import deque
from dataclasses import dataclass, field

from dalpak.call.mulaw import SAMPLE_RATE_HZ, energy

BYTES_PER_MS = SAMPLE_RATE_HZ // 1000

LOUD = 100.0
"""Energy above which a frame is a voice and not the quiet within one."""

UTTERANCE_GAP_MS = 700
"""A longer silence than this ends what was being said; a shorter one within it is a stutter."""

AUDIBLE_GAP_MS = 10
"""A shorter hole than this in a voice is not heard."""


@dataclass(slots=True)
class Pace:
    """How the audio of one call arrived, measured where it is heard. Milliseconds."""

    frames: int = 0
    late_frames: int = 0
    """Came when the one before had been played out already: later than the whole lead."""
    underruns: int = 0
    """Holes inside an utterance that are long enough to hear."""
    lead_max: int = 0
    """The most audio that was ever waiting to be played."""
    gaps: list[int] = field(default_factory=list)
    """Between two arrivals inside an utterance."""
    own_lateness: list[int] = field(default_factory=list)
    """How late the caller's own frames left: on a machine too busy for its callers, distrust the
    rest.
    """


@dataclass(slots=True)
class Playback:
    """One per media stream. Positions inside are in bytes (8 per ms)."""

    pace: Pace = field(default_factory=Pace)
    played_bytes: int = 0
    dropped_bytes: int = 0
    """Thrown away by a clear."""
    _end: int | None = None
    """When the last byte will have been played; None before the first, and after a clear."""
    _arrived_ms: int = 0
    _settled: int = 0
    _marks: deque[tuple[int, str]] = field(default_factory=deque)

    def frame(self, payload: bytes, now_ms: int) -> bool:
        """Queue some mu-law. Returns whether there is a voice in it."""
        now = now_ms * BYTES_PER_MS
        self._settle(now)
        dry_ms = None if self._end is None else (now - self._end) / BYTES_PER_MS
        if dry_ms is not None and dry_ms <= UTTERANCE_GAP_MS:
            self.pace.gaps.append(now_ms - self._arrived_ms)
            self.pace.late_frames += dry_ms > 0
            self.pace.underruns += dry_ms > AUDIBLE_GAP_MS
        self._arrived_ms = now_ms
        self._end = max(now, self._end or now) + len(payload)
        self.pace.frames += 1
        self.pace.lead_max = max(self.pace.lead_max, (self._end - now) // BYTES_PER_MS)
        return energy(payload) > LOUD

    def mark(self, name: str, now_ms: int) -> None:
        """Due when all that was queued before it has been played; at once if nothing is."""
        now = now_ms * BYTES_PER_MS
        self._marks.append((max(now, self._end or now), name))

    def clear(self, now_ms: int) -> None:
        """Drop what was not played; every pending mark is due now."""
        now = now_ms * BYTES_PER_MS
        self._settle(now)
        if self._end is not None:
            self.dropped_bytes += max(0, self._end - now)
        self._end = None
        self._marks = deque((min(due, now), name) for due, name in self._marks)

    def due_marks(self, now_ms: int) -> list[str]:
        """Marks whose moment has come, in order, each once."""
        now = now_ms * BYTES_PER_MS
        names = []
        while self._marks and self._marks[0][0] <= now:
            names.append(self._marks.popleft()[1])
        return names

    def quiet_ms(self, now_ms: int) -> int:
        """For how long nothing has been played; negative while something still is."""
        return now_ms - (0 if self._end is None else self._end // BYTES_PER_MS)

    def _settle(self, now: int) -> None:
        """Count what was played since the last look."""
        if self._end is not None and self._end > self._settled:
            self.played_bytes += max(0, min(now, self._end) - self._settled)
        self._settled = max(now, self._settled)
