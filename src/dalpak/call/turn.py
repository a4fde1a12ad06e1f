"""The turn: one question to the agent and its answer. Numbered; a result with an old number is ignored.

Rule 1: at most one turn is open. Rule 2: the watchdogs are anchored at the caller's last word, so that a repeated
final cannot stretch the wait. Rule 3: a tool that writes is never cut before `write_timeout_ms`. Rule 4: a draft, begun
before the caller's turn is surely over, has a number below zero until it is taken for the turn; one that is dropped
never was a turn.
"""

from dataclasses import dataclass, field

from dalpak.call.effects import RecordMark
from dalpak.call.inputs import CollectDigits, Said, SayGoodbye, TransferTo
from dalpak.call.limits import Limits, Ms

LEAST_WAIT_MS: Ms = 300
"""However late the words came: an agent that answers at once is not preceded by a filler."""
LATE_START_MS: Ms = 1_000
"""However late the words came: a reply has at least reply_timeout less this."""


@dataclass(slots=True)
class Turn:
    number: int
    said: Said
    started_at: Ms
    anchor: Ms
    """The caller's last word."""
    answered_at: Ms | None = None
    """First useful output."""
    progress_at: Ms = 0
    ended: bool = False
    failed: bool = False
    interrupted: bool = False
    writing_since: Ms | None = None
    writes: bool = False
    """A tool wrote, or writes: whatever comes of it is told to the caller first."""
    filler_at: Ms | None = None
    parting: SayGoodbye | TransferTo | None = None
    """What to do when the answer has been heard."""
    heard: list[str] = field(default_factory=list)
    recorded: bool = False
    draft: int = 0
    """The number it had as a draft: outputs that were on their way then still carry it."""
    collects: CollectDigits | None = None
    """Asked for by a draft; done when it is the turn."""
    marks: list[RecordMark] = field(default_factory=list)
    """Taken while it was a draft."""
    first_speech: int = 0
    """The speech with which the caller began to hear the answer."""


class TurnBook:
    """The open turn, if any, and the last closed one until its answer was heard."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self.current: Turn | None = None
        self.draft: Turn | None = None
        self._last_number = 0
        self._drafts = 0
        self.failures_in_a_row = 0

    @property
    def last_number(self) -> int:
        return self._last_number

    @property
    def thinking(self) -> bool:
        """A reply is still being produced."""
        return self.current is not None and not self.current.ended

    def greet(self, now: Ms) -> Turn:
        """Turn 0: the greeting. Nobody asked for it and no agent makes it."""
        self.current = Turn(0, Said(opening=True), now, now, progress_at=now, ended=True)
        return self.current

    def start(self, said: Said, now: Ms, anchor: Ms) -> Turn:
        self._last_number += 1
        self.current = Turn(self._last_number, said, now, min(anchor, now), progress_at=now)
        return self.current

    def open(self, number: int) -> Turn | None:
        """The turn or the draft with this number if its reply is still wanted."""
        for turn in (self.current, self.draft):
            if turn is None or turn.ended:
                continue
            if number == turn.number or (number < 0 and number == turn.draft):
                return turn
        return None

    def answered(self, turn: Turn, now: Ms) -> None:
        turn.progress_at = now
        if turn.answered_at is None:
            turn.answered_at = now
            if turn is self.current:
                self.failures_in_a_row = 0

    # -- drafts ----------------------------------------------------------------------------------------

    def begin_draft(self, said: Said, now: Ms, anchor: Ms) -> Turn:
        self._drafts += 1
        self.draft = Turn(-self._drafts, said, now, anchor, progress_at=now, draft=-self._drafts)
        return self.draft

    def adopt(self, said: Said, now: Ms, anchor: Ms) -> Turn:
        """The draft is the turn."""
        turn, self.draft = self.draft, None
        assert turn is not None
        self._last_number += 1
        turn.number, turn.said, turn.anchor = self._last_number, said, min(anchor, now)
        turn.progress_at = now
        if turn.answered_at is not None:
            self.failures_in_a_row = 0
        self.current = turn
        return turn

    def drop_draft(self) -> Turn | None:
        draft, self.draft = self.draft, None
        return draft

    # -- watchdogs -----------------------------------------------------------------------------------

    def filler_due_at(self, quiet_since: Ms) -> Ms | None:
        """When to say "one moment": nothing is being played and the answer is not there."""
        turn = self.current
        if turn is None or turn.ended:
            return None
        if turn.filler_at is None and turn.answered_at is None:
            return max(turn.anchor + self._limits.filler_ms, turn.started_at + LEAST_WAIT_MS)
        return max(quiet_since, turn.progress_at, turn.filler_at or 0) + self._limits.refill_ms

    def reply_overdue_at(self) -> Ms | None:
        """When the reply counts as failed."""
        turn = self.current
        if turn is None or turn.ended:
            return None
        if turn.writing_since is not None:
            return turn.writing_since + self._limits.write_timeout_ms
        if turn.answered_at is None and not turn.writes:
            return max(turn.anchor, turn.started_at - LATE_START_MS) + self._limits.reply_timeout_ms
        return turn.progress_at + self._limits.stall_timeout_ms
