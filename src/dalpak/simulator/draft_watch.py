"""Watches what is answered ahead of the caller's end: nobody hears it before it is the turn, and nobody at all if it
never is. What else must be true is in `invariants.py`.
"""

import re
from dataclasses import replace

from dalpak.call import effects as e
from dalpak.call import inputs as i
from dalpak.call.inputs import Input
from dalpak.simulator.rules import BrokenRuleError


class DraftWatch:
    """At most one draft is open; its number is below zero and never comes again."""

    def __init__(self) -> None:
        self.open: int | None = None
        self.ended = False
        self.directives: list[i.Directive] = []
        self.committed = 0
        self.dropped = 0
        self._last = 0
        self._answers = ""
        self._ahead: set[int] = set()
        self._never: set[int] = set()
        self._turn_of: dict[int, int] = {}

    def began(self, effect: e.DraftTurn, last_turn: int, open_turn: int | None) -> None:
        if self.open is not None or open_turn is not None:
            raise BrokenRuleError("ahead", f"draft {effect.draft} while another reply is open")
        if effect.draft != self._last - 1 or effect.turn != last_turn + 1:
            raise BrokenRuleError("ahead", f"draft {effect.draft} of turn {effect.turn}")
        self._last = self.open = effect.draft
        self._answers = effect.said.text
        self.ended = False
        self.directives = []

    def renumbered(self, what: Input) -> Input:
        """With the turn's number in place of the draft's that it was."""
        match what:
            case (
                i.ReplyDelta(number)
                | i.ReplyEnded(number)
                | i.ReplyFailed(number)
                | i.DirectiveGiven(number)
                | i.ToolStarted(number)
                | i.ToolEnded(number)
            ):
                return replace(what, turn=self._turn_of.get(number, number))
            case _:
                return what

    def note(self, what: Input) -> None:
        if self.open is None or getattr(what, "turn", None) != self.open:
            return
        match what:
            case i.DirectiveGiven(_, directive):
                self.directives.append(directive)
            case i.ReplyEnded():
                self.ended = True
            case _:
                pass

    def asked(self, effect: e.Speak) -> None:
        if effect.ahead:
            self._ahead.add(effect.speech)

    def became(self, effect: e.CommitTurn) -> None:
        if effect.draft != self.open:
            raise BrokenRuleError("ahead", f"draft {effect.draft} committed, open is {self.open}")
        if _said(effect.said.text) != _said(self._answers):
            raise BrokenRuleError("drafted", f"{self._answers!r} for {effect.said.text!r}")
        self.open = None
        self._turn_of[effect.draft] = effect.turn
        self.committed += 1
        self._ahead.clear()

    def cancelled(self, draft: int) -> None:
        if draft != self.open:
            raise BrokenRuleError("ahead", f"draft {draft} dropped, open is {self.open}")
        self.open = None
        self.dropped += 1
        self._never |= self._ahead
        self._ahead = set()

    def sent(self, speech: int) -> None:
        if speech in self._ahead or speech in self._never:
            raise BrokenRuleError("ahead", f"a frame of speech {speech}, which is of a draft")

    @property
    def speeches(self) -> set[int]:
        """Of the open draft."""
        return self._ahead


def _said(text: str) -> list[str]:
    """Words without case and punctuation, which a final may add to what a draft answered."""
    return re.findall(r"\w+(?:\.\w+)*", text.casefold())
