"""Answering ahead: the agent is asked as soon as the caller seems to have finished, and is heard only if they had.

What a draft costs when it was wrong is the agent's time; what it saves when it was right is the caller's. Here stands
when one is begun, what becomes of its outputs, and what spoils it. Taking and dropping one joins machines and stands
in `couplings.py`.
"""

from typing import assert_never

from dalpak.call import inputs as i
from dalpak.call.couplings import Couplings
from dalpak.call.effects import DraftTurn
from dalpak.call.inputs import Said
from dalpak.call.limits import Ms
from dalpak.call.turn import Turn
from dalpak.call.words import same_words

DraftInput = i.ReplyDelta | i.ReplyEnded | i.ReplyFailed | i.DirectiveGiven


class Drafting(Couplings):
    """The part of a call that runs ahead of its caller."""

    def draft_at(self) -> Ms | None:
        """When to ask the agent ahead: the caller has paused after words that sound like all, and we owe nothing."""
        u, turn = self.floor.utterance, self.turns.current
        if u is None or u.drafts >= self.limits.drafts_max or self.turns.draft is not None:
            return None
        if self.playout.busy or self.keypad.collecting or turn is None or not turn.ended:
            return None
        return None if turn.parting is not None else self.floor.settled_at()

    def _begin_draft(self) -> None:
        u = self.floor.utterance
        assert u is not None
        u.drafts += 1
        said, heard = self._since_last(Said(text=u.text))
        draft = self.turns.begin_draft(said, self._now, self._anchor(u))
        self._out.append(DraftTurn(draft.number, self.turns.last_number + 1, said, heard))

    def _weigh_words(self) -> None:
        """New words: how finished do they sound, and is what was answered ahead still the answer?"""
        u, draft = self.floor.utterance, self.turns.draft
        if u is None:
            return
        u.completeness = self.completeness(u.text)
        if draft is not None and not same_words(draft.said.text, u.text):
            self._drop_draft()

    def _draft_reply(self, draft: Turn, what: DraftInput) -> None:
        """Kept until the caller has surely finished; a draft that goes wrong is dropped, and asked again then."""
        match what:
            case i.ReplyDelta():
                draft.marks += self._stopwatch.answered(draft.number, draft.started_at, self._now)
                self.turns.answered(draft, self._now)
                self.playout.say_ahead(self.turns.last_number + 1, what.spoken, tag=what.tag)
            case i.DirectiveGiven():
                self.turns.answered(draft, self._now)
                if isinstance(what.directive, i.CollectDigits):
                    draft.collects = what.directive
                else:
                    draft.parting = what.directive
            case i.ReplyEnded() if draft.answered_at is not None:
                draft.ended = True
            case i.ReplyEnded() | i.ReplyFailed():
                self._spoil_draft()
            case _:
                assert_never(what)

    def _spoil_draft(self) -> None:
        """No second one for these words: the turn itself is the second attempt."""
        self._drop_draft()
        if self.floor.utterance is not None:
            self.floor.utterance.drafts = self.limits.drafts_max
