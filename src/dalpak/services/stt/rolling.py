"""Many streams, one listener: which audio the next stream begins with, and whose words may be told when.

A recogniser's stream ends: to force a final, or because it grew too old. The next one is open by then, so two may talk
at a time. Rules of the relay:
 1. Words are told in the order in which they were spoken: a later leg's wait until the earlier ones are over.
 2. An earlier leg that has kept everybody waiting is over as soon as a later one has something to say; what it says
    afterwards is stale, and its last partial is its final.
 3. The same final twice is one final.
No sockets, no timers and no provider here: whoever owns the streams tells what happened, and is told what to say.
"""

from collections import deque
from dataclasses import dataclass, field

from dalpak.call.mulaw import FRAME_BYTES, SAMPLE_RATE_HZ, energy
from dalpak.ports.stt import Transcript

BYTES_PER_MS = SAMPLE_RATE_HZ // 1000
HELD_MAX = 50
"""Results of a leg that has to wait; a partial replaces the one before it, so only finals add up."""
QUIET = 200.0
"""Energy of a frame that holds no word (EnergyVad calls a voice what is well above it)."""


class Tail:
    """The end of the caller's audio, as much as the next stream may begin with."""

    def __init__(self, kept_ms: int) -> None:
        self._most = kept_ms * BYTES_PER_MS
        self._data = bytearray()
        self.end = 0
        """Bytes of the caller's audio altogether."""

    def add(self, audio: bytes) -> None:
        self.end += len(audio)
        self._data += audio[-self._most :]
        del self._data[: max(0, len(self._data) - self._most)]

    def quiet(self) -> bytes:
        """The quiet at the end: nothing where the last frame holds a sound."""
        begin = len(self._data)
        while (
            begin >= FRAME_BYTES and energy(bytes(self._data[begin - FRAME_BYTES : begin])) <= QUIET
        ):
            begin -= FRAME_BYTES
        return bytes(self._data[begin:])

    @property
    def is_quiet(self) -> bool:
        """All of it."""
        return len(self._data) == self._most == len(self.quiet())


@dataclass(slots=True)
class _Leg:
    number: int
    partial: str = ""
    spoke: bool = False
    last_final: tuple[str, int] | None = None
    late: bool = False
    over: bool = False
    held: deque[tuple[Transcript, int]] = field(default_factory=lambda: deque(maxlen=HELD_MAX))


class Relay:
    """The legs of one call, oldest first. What each method returns is to be told now, in that order."""

    def __init__(self) -> None:
        self._legs: deque[_Leg] = deque()
        self.stale = 0
        """Results that came too late to be told."""

    def begin(self, number: int) -> None:
        """A new leg; the earlier ones end before it."""
        self._legs.append(_Leg(number))

    def heard(self, number: int, said: Transcript, end: int) -> list[Transcript]:
        """A result of leg `number`; `end` is where its words end, and tells a repeated final from a second one."""
        leg = self._leg(number)
        if leg is None:
            self.stale += 1
            return []
        leg.spoke = True
        if said.final:
            if leg.last_final == (said.text, end):
                return []
            leg.last_final = (said.text, end)
        told: list[Transcript] = []
        if self._legs[0] is not leg and self._others_are_late(leg):
            told += self._make_way(leg)
        if self._legs[0] is not leg:
            if leg.held and not leg.held[-1][0].final:
                leg.held.pop()
            leg.held.append((said, end))
            return told
        return told + self._tell(leg, said)

    def late(self, number: int) -> list[Transcript]:
        """Leg `number` was asked for its final and has used up its time: it holds up nobody any more."""
        leg = self._leg(number)
        if leg is None:
            return []
        leg.late = True
        waiting = next((other for other in self._legs if other.held), None)
        if waiting is None or not self._others_are_late(waiting):
            return []
        return self._make_way(waiting) + self._release(waiting)

    def ended(self, number: int) -> list[Transcript]:
        """Leg `number` says no more. A partial that never got its final counts as one."""
        leg = self._leg(number)
        if leg is None:
            return []
        leg.over = True
        return self._advance()

    def spoke(self, number: int) -> bool:
        """Whether leg `number` has told anything yet."""
        leg = self._leg(number)
        return leg is not None and leg.spoke

    @property
    def running(self) -> int:
        return len(self._legs)

    def _leg(self, number: int) -> _Leg | None:
        return next((leg for leg in self._legs if leg.number == number and not leg.over), None)

    def _others_are_late(self, leg: _Leg) -> bool:
        return all(other.late or other.over for other in self._legs if other.number < leg.number)

    def _make_way(self, leg: _Leg) -> list[Transcript]:
        for other in self._legs:
            if other.number < leg.number:
                other.over = True
        return self._advance()

    def _advance(self) -> list[Transcript]:
        """Take leave of legs that are over, oldest first; what the next one held may be told then."""
        told: list[Transcript] = []
        while self._legs and self._legs[0].over:
            told += self._release(self._legs[0])
            gone = self._legs.popleft()
            if gone.partial:
                told.append(Transcript(gone.partial, final=True))
        if self._legs:
            told += self._release(self._legs[0])
        return told

    def _release(self, leg: _Leg) -> list[Transcript]:
        held, told = list(leg.held), []
        leg.held.clear()
        for said, _ in held:
            told += self._tell(leg, said)
        return told

    def _tell(self, leg: _Leg, said: Transcript) -> list[Transcript]:
        leg.partial = "" if said.final else said.text
        return [said] if said.text else []
