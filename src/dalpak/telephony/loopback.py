"""The far end's loudspeaker as a model: what was sent is played in real time, marks come back when
their turn is over.

Pure; time is an argument. The terminal and the simulator use it where there is no telephone to do
the playing. It keeps Twilio's rules: audio is buffered and played in order, a clear drops it and
returns every pending mark at once.
"""

from collections import deque
from dataclasses import dataclass, field

from dalpak.call.mulaw import SAMPLE_RATE_HZ

_BYTES_PER_MS = SAMPLE_RATE_HZ // 1000


@dataclass(slots=True)
class LoopbackPlayer:
    """Milliseconds are the caller's own clock; only differences matter. Positions inside are in
    bytes (8 per ms).
    """

    played_bytes: int = 0
    """Sound that reached the ear."""
    dropped_bytes: int = 0
    """Sound that a clear threw away."""
    dry_ms: int = 0
    """Silence heard between two frames, all together: what a listener calls stutter, and pauses
    between sentences.
    """
    _end: int | None = None
    """When the last byte in the buffer will have been played."""
    _asked: int = 0
    """Until when the buffer's sound is counted as played."""
    _marks: deque[tuple[int, str]] = field(default_factory=deque)

    def frame(self, payload: bytes, now_ms: int) -> int:
        """Queue some mu-law. Returns for how long the ear heard nothing before it: 0 while the
        buffer held out.
        """
        now = now_ms * _BYTES_PER_MS
        self._play(now)
        dry = 0 if self._end is None else max(0, now - self._end) // _BYTES_PER_MS
        self.dry_ms += dry
        start = now if self._end is None else max(now, self._end)
        self._end = start + len(payload)
        return dry

    def mark(self, name: str, now_ms: int) -> None:
        """Due when everything queued before it was played; at once if nothing is."""
        now = now_ms * _BYTES_PER_MS
        self._marks.append((now if self._end is None else max(now, self._end), name))

    def clear(self, now_ms: int) -> None:
        """Drop what was not played. Pending marks become due now, meaning "dropped"."""
        now = now_ms * _BYTES_PER_MS
        self._play(now)
        if self._end is not None and self._end > now:
            self.dropped_bytes += self._end - now
            self._end = now
        self._asked = now
        self._marks = deque((min(due, now), name) for due, name in self._marks)

    def due(self, now_ms: int) -> list[str]:
        """The marks whose moment has come, in order, each once."""
        now = now_ms * _BYTES_PER_MS
        self._play(now)
        names = []
        while self._marks and self._marks[0][0] <= now:
            names.append(self._marks.popleft()[1])
        return names

    def next_due(self) -> int | None:
        """When to ask `due` again, in milliseconds (rounded up); None if no mark waits."""
        return -(-self._marks[0][0] // _BYTES_PER_MS) if self._marks else None

    def buffered_ms(self, now_ms: int) -> int:
        """How much sound is still to be played."""
        now = now_ms * _BYTES_PER_MS
        return 0 if self._end is None else max(0, self._end - now) // _BYTES_PER_MS

    def _play(self, now: int) -> None:
        """Count what was played since the last look."""
        if self._end is not None:
            upto = min(now, self._end)
            self.played_bytes += max(0, upto - self._asked)
        self._asked = max(now, self._asked)
