"""A simulated caller whose appointment stands, or who would wait for one: its purpose is not a new booking.

It agrees only to what it called for, says it again where it was taken for somebody who books, and
hangs up when that does not help.
"""

from random import Random

from dalpak.language.he.evals_hearing import day_told
from dalpak.simulator.evals.acts import Act, HangUp, Press, Say
from dalpak.simulator.evals.caller import Caller
from dalpak.simulator.evals.goals import Change, Goal, Opening, Question
from dalpak.simulator.evals.listening import ChangeTold, Heard
from dalpak.simulator.evals.salon import SERVICES, Taken

BY_DAY = 0.4
"""How often one of several is told by its day; else by its place in the list, or by what it is for."""


class OwnCaller(Caller):
    def __init__(self, goal: Goal, rng: Random) -> None:
        super().__init__(goal, rng)
        self._errand.service_told = True
        self._done = self._moving = False
        self._change_told: ChangeTold | None = None
        self._wish_told = ""

    def listen(self, heard: Heard) -> None:
        super().listen(heard)
        changed = heard.moved or heard.cancelled or "waitlisted" in heard.keys
        self._done = self._done or bool(changed or self.goal.told & heard.keys)
        self._change_told = heard.change or self._change_told
        self._wish_told = heard.wish or self._wish_told
        moves = self.goal.opening is Opening.MOVE_TO or "move_when" in self.ledger.told
        self._moving = self.goal.change is Change.MOVE and moves

    def _open(self) -> Act:
        say, wish = self._voice.line, self._errand.wish
        match self.goal.opening:
            case Opening.MOVE_TO if wish is not None:
                return Say(say("move_to", when=self._when(wish.when)))
            case Opening.WAITLIST_DAY if wish is not None:
                return Say(say("waitlist_day", day=self._when(wish.when)))
            case other:
                return Say(say(other.value))

    def _answer(self, asked: Question | None, heard: Heard) -> Act:
        by_key = bool({"keypad_confirm_cancel", "keypad_confirm_again"} & heard.keys)
        if self._leaving:
            return HangUp()
        match asked:
            case Question.WHICH_OWN:
                return Say(self._which())
            case Question.CONFIRM_CHANGE:
                return self._confirm_change(self._change_told, by_key=by_key)
            case Question.CONFIRM_WAITLIST:
                return self._confirm_wait(by_key=by_key)
            case _ if self._done:
                return Say(self._voice.line("bye"))
            case Question.OFFER_MESSAGE | Question.MESSAGE if self.goal.message:
                leaves = asked is Question.MESSAGE
                return Say(self.goal.message if leaves else self._voice.line("yes"))
            case Question.MORE if self.goal.message and "message_taken" in self.ledger.told:
                return Say(self._voice.line("bye"))
            case Question.WHEN if self._moving or "waitlist_when" in heard.keys:
                return self._tell_when()
            case Question.DAY | Question.HOUR | Question.CHANGE if self._moving:
                return self._tell_when()
            case Question.MENU if self._moving and (key := self._key(heard)) is not None:
                return Press(key)
            case Question.OFFER | Question.MENU if self._moving and heard.offers:
                return self._offered(heard)
            case _:
                return self._purpose_again()

    def _purpose_again(self) -> Act:
        self._refusals += 1
        return self._open() if self._refusals <= self.goal.patience else self._leave()

    # -- the appointment -----------------------------------------------------------------------------

    @property
    def _about(self) -> Taken | None:
        return None if self.goal.about is None else self.goal.own[self.goal.about]

    def _which(self) -> str:
        about, say = self._about, self._voice.line
        assert about is not None
        if self._rng.random() < BY_DAY:
            return say("which_day", day=self._voice.when(day=about.start.date()))
        if self._rng.random() < BY_DAY:
            return say("which_service", service=SERVICES[about.service_id].name)
        return self._voice.nth(self.goal.own.index(about) + 1, len(self.goal.own))

    def _confirm_change(self, told: ChangeTold | None, *, by_key: bool) -> Act:
        about, wish, change = self._about, self._errand.wish, self.goal.change
        if told is None or about is None or change is Change.NONE:
            return Say(self._voice.line("no"))
        if (told.service, told.old) != (SERVICES[about.service_id].name, about.start):
            return Say(self._voice.line("no"))
        if change is Change.CANCEL and told.new is not None:
            return self._purpose_again()
        if change is Change.MOVE and told.new is None:
            return Say(self._voice.line("rather_move"))
        if told.new is not None and (wish is None or not wish.takes.suits(told.new)):
            return self._mend()
        self.ledger.changes.append(told)
        return Press("1") if by_key else Say(self._voice.line(f"yes_{change.value}"))

    def _confirm_wait(self, *, by_key: bool) -> Act:
        """The day is what the caller listens for."""
        day = self.goal.waits
        if day is None:
            return Say(self._voice.line("no"))
        if not self._wish_told.endswith(day_told(day, self.goal.now.date())):
            return self._mend()
        self.ledger.waits += 1
        return Press("1") if by_key else Say(self._voice.line("yes_wait"))
