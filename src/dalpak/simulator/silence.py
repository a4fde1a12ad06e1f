"""Watches for dead air: whose turn it is to make a sound, and for how long nobody has (reliability I2).

What else must be true is in `invariants.py`.
"""

from dalpak.call.limits import Ms
from dalpak.call.machine import Call
from dalpak.simulator.caller import Caller
from dalpak.simulator.ear import Ear
from dalpak.simulator.faults import Faults
from dalpak.simulator.rules import (
    DEAD_AIR_MS,
    DEAD_AIR_SEVERAL_MS,
    SILENCE_MS,
    BrokenRuleError,
)


class Silence:
    """It is our turn while a turn is open, something waits to be said, or the caller said words nobody answered."""

    def __init__(self, call: Call, ear: Ear, caller: Caller, faults: Faults) -> None:
        self._call, self._ear, self._caller = call, ear, caller
        self._limit = DEAD_AIR_MS if len(faults.rates) <= 1 else DEAD_AIR_SEVERAL_MS
        self.stalls: list[tuple[Ms, Ms]] = []
        """When our process stood still."""
        self.last_sound: Ms = 0
        self.unanswered_since: Ms | None = None
        """The end of the caller's words to which nothing was said yet."""
        self._owed_since: Ms | None = None
        self.longest_ms: Ms = 0
        """The longest time in which it was our turn and nothing was to be heard."""
        caller.spoke_words = self._caller_finished

    def expect_answer(self, now: Ms) -> None:
        self.unanswered_since = self.unanswered_since or now

    def _caller_finished(self) -> None:
        if self._call.ears and self._call.closing_at is None:
            self.unanswered_since = self._caller.voice_until or None

    def _our_turn(self, open_turn: int | None) -> bool:
        playout = self._call.playout
        unsent = playout.busy and playout.marks_overdue_at() is None
        return open_turn is not None or unsent or self.unanswered_since is not None

    def check(self, now: Ms, open_turn: int | None) -> None:
        sound = max(self._ear.play_end, self._caller.voice_until, self.last_sound)
        if now - sound > SILENCE_MS + self.excused(sound, now):
            raise BrokenRuleError("silence", f"{now - sound} ms without a sound")
        if not self._our_turn(open_turn):
            self._owed_since = None
            return
        if self._owed_since is None:
            self._owed_since = now
        since = max(sound, min(self._owed_since, self.unanswered_since or now))
        self.longest_ms = max(self.longest_ms, now - since - self.excused(since, now))
        if now - since > self._limit + self.excused(since, now):
            raise BrokenRuleError("dead_air", f"{now - since} ms of silence in our turn")

    def excused(self, start: Ms, end: Ms) -> Ms:
        """Time in which our process was stopped or the socket took nothing."""
        spells = [*self.stalls, *self._ear.slow_spells]
        return sum(max(0, min(end, b) - max(start, a)) for a, b in spells)
