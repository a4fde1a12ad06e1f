"""What joins the machines of a call: say, cut, commit, start and end a turn, close.

`machine.Call` takes inputs and deadlines and calls these; nothing here looks at an input or at a deadline.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import assert_never

from dalpak.call.deadlines import Due
from dalpak.call.effects import (
    CancelSpeech,
    CancelTurn,
    CloseEars,
    CommitTurn,
    Effect,
    Ending,
    HangUp,
    RecordTurn,
    StartTurn,
    TransferCall,
)
from dalpak.call.floor import Floor, Utterance
from dalpak.call.idle import Idle
from dalpak.call.inputs import Said, SayGoodbye, TransferTo
from dalpak.call.keypad import Keypad, KeyResult
from dalpak.call.limits import Limits, Ms
from dalpak.call.phase import Phase, PhaseMachine
from dalpak.call.playout import Playout, Speech
from dalpak.call.prompts import Prompts
from dalpak.call.stopwatch import Stopwatch
from dalpak.call.stray import Stray
from dalpak.call.turn import Turn, TurnBook
from dalpak.call.words import same_words
from dalpak.language.base import Completeness, Spoken

ANSWER_TAIL_MS: Ms = 800
"""A "yes" over the last of our words is an answer, not a backchannel."""


def _sounds_complete(_text: str) -> Completeness:
    return Completeness.COMPLETE


class Couplings:
    """The five machines, and the moves that touch more than one of them."""

    def __init__(
        self,
        limits: Limits,
        prompts: Prompts,
        is_backchannel: Callable[[str], bool],
        completeness: Callable[[str], Completeness] = _sounds_complete,
    ) -> None:
        self.limits = limits
        self.prompts = prompts
        self.completeness = completeness
        self.floor = Floor(limits, is_backchannel)
        self.turns = TurnBook(limits)
        self.playout = Playout(limits)
        self.keypad = Keypad(limits)
        self.idle = Idle(limits)
        self.stray = Stray(limits)
        self.started = False
        self.ears = False
        self.closing_at: Ms | None = None
        self.warning_at: Ms | None = None
        self.max_call_at: Ms | None = None
        self._ending: Ending = Ending.AGENT
        self._phase = PhaseMachine()
        self._stopwatch = Stopwatch()
        self._misses = 0
        self._fillers = 0
        self._apology = 0
        """The speech that was our last apology: it is not apologised for."""
        self._menu_due = False
        self._now: Ms = 0
        self._out: list[Effect] = []
        self._next: tuple[Ms, Due] | None = None
        """The deadline found at the end of the last step; None: to be looked for."""

    @property
    def phase(self) -> Phase:
        return self._phase.now

    # -- couplings -------------------------------------------------------------------------------------

    def _say(
        self, turn: int, spoken: Spoken, *, tag: str | None = None, filler: bool = False
    ) -> None:
        self.playout.say(turn, spoken, tag=tag, filler=filler)

    def _use_kept(self) -> None:
        """Keys in the order of their pressing, until one of them begins a turn."""
        while not self.turns.thinking and (key := self.keypad.next_kept()) is not None:
            self._press(key)

    def _apologise(self, turn: int) -> None:
        self._apology = self.playout.say(turn, self.prompts.apology).number

    def _press(self, key: str) -> None:
        pressed = self.keypad.press(key, self._now)
        if pressed.result is not KeyResult.IGNORED and self.playout.busy:
            self._cut()
        match pressed.result:
            case KeyResult.COMMITTED:
                self.floor.take()
                self._start_turn(Said(keys=pressed.keys), self.floor.last_word_at)
            case KeyResult.CLEARED:
                self._say(self.turns.last_number, self.prompts.keypad_cleared)
            case KeyResult.EMPTY:
                self._say(self.turns.last_number, self.prompts.keypad_reminder)
            case KeyResult.KEPT | KeyResult.IGNORED:
                pass
            case _:
                assert_never(pressed.result)

    def _heard(self, speech: Speech) -> None:
        turn = self.turns.current
        if turn is None or speech.filler or turn.number != speech.turn:
            return
        if words := speech.heard_text():
            turn.heard.append(words)

    def _commit(self) -> None:
        """The caller's turn is over: answer it, unless it was a mere "mm" while we speak or think, or only an "uh"."""
        u = self.floor.take()
        assert u is not None
        text = u.text
        mere = bool(u.voiced_ms) and self.floor.is_backchannel(text)
        if mere and self.playout.busy and self.playout.unheard_ms() > ANSWER_TAIL_MS:
            self.playout.resume()
            return
        if u.voiced_ms and u.completeness is Completeness.HESITATION:
            self.playout.resume()
            return
        if not u.paused:
            self.floor.pauses.fluent()
        turn = self.turns.current
        if turn is not None and not turn.ended:
            if mere:
                self.playout.resume()
                return
            self._cancel_reply(turn)
            turn.interrupted = True
            if turn.answered_at is None:
                text = f"{turn.said.text} {text}".strip()
                self.floor.pauses.observe(u.began_at - turn.anchor)
        self._cut()
        if self.keypad.collecting:
            self.keypad.stop_collecting()
        draft = self.turns.draft
        if draft is not None and same_words(draft.said.text, text):
            self._adopt_draft(replace(draft.said, text=text), self._anchor(u))
        else:
            self._start_turn(Said(text=text), self._anchor(u))
        self._out += self._stopwatch.committed(self.turns.last_number, u)

    def _anchor(self, u: Utterance) -> Ms:
        """The caller's last word: where every watchdog and the total latency begin."""
        return u.last_voiced_at if u.voiced_ms else u.words_at or self._now

    def _cancel_reply(self, turn: Turn) -> None:
        self._out.append(CancelTurn(turn.number, self._heard_words(turn)))
        turn.ended = True

    def _start_turn(self, said: Said, anchor: Ms) -> None:
        self._drop_draft()
        said, heard = self._since_last(said)
        self._record_turn()
        turn = self.turns.start(said, self._now, anchor)
        self._out.append(StartTurn(turn.number, said, heard))

    def _since_last(self, said: Said) -> tuple[Said, str]:
        """With what became of the last answer: was it cut, and which words of it were heard."""
        last = self.turns.current
        if last is None:
            return said, ""
        return replace(said, unheard=last.interrupted), self._heard_words(last)

    # -- answering ahead -------------------------------------------------------------------------------

    def _adopt_draft(self, said: Said, anchor: Ms) -> None:
        """The caller has said that and no more: what was made ahead may be heard, and the tools may write."""
        self._record_turn()
        turn = self.turns.adopt(said, self._now, anchor)
        self._out.append(CommitTurn(turn.draft, turn.number, said))
        self._out += [replace(mark, turn=turn.number) for mark in turn.marks]
        self._stopwatch.renumber(turn.draft, turn.number)
        if turn.collects is not None:
            self.keypad.collect(turn.collects.max_digits)
        self.playout.take_ahead()

    def _drop_draft(self) -> None:
        """It never was: the caller went on, did something else, or the draft itself went wrong."""
        draft = self.turns.drop_draft()
        if draft is None:
            return
        self._out.append(CancelTurn(draft.number, ""))
        for speech in self.playout.drop_ahead():
            if speech.asked_at is not None and not speech.complete:
                self._out.append(CancelSpeech(speech.number))

    # -- ending ----------------------------------------------------------------------------------------

    def _heard_words(self, turn: Turn) -> str:
        return " ".join(turn.heard)

    def _record_turn(self) -> None:
        turn = self.turns.current
        if turn is None or turn.recorded:
            return
        turn.recorded = True
        if self.playout.sent_turn == turn.number:
            self._out += self._stopwatch.send_lag(turn.number, self.playout.take_worst_lag())
        self._out.append(
            RecordTurn(turn.number, turn.said, self._heard_words(turn), turn.interrupted)
        )

    def _cut(self) -> None:
        """The caller took the floor: stop at once, and remember what was really heard."""
        dropped, effects = self.playout.cancel(self._now)
        self._out += effects
        if self.floor.voice_lasts(self._now):
            self._out += self.playout.pause(self._now)
        self.idle.quiet_since = self._now
        turn = self.turns.current
        for speech in dropped:
            if speech.asked_at is not None and not speech.complete:
                self._out.append(CancelSpeech(speech.number))
            self._heard(speech)
        if turn is None or not any(s.turn == turn.number and not s.filler for s in dropped):
            return
        turn.interrupted = True
        turn.parting = None
        if not turn.ended and turn.writing_since is None:
            self._cancel_reply(turn)

    def _fail(self, turn: Turn) -> None:
        turn.ended = turn.failed = True
        self.turns.failures_in_a_row += 1
        if self.turns.failures_in_a_row >= self.limits.failures_max:
            self._close(Ending.AGENT, self.prompts.give_up)
        else:
            self._apologise(turn.number)
            # Without ears the caller cannot "say it again": the menu is told once more.
            self._menu_due = self._menu_due or not self.ears

    def _after(self) -> None:
        """What follows by itself from the state, before time is looked at."""
        if self.floor.utterance is None:
            self._drop_draft()
        turn = self.turns.current
        if self.playout.busy:
            until = self._now if self.playout.unsent else min(self._now, self.playout.play_end())
            self.idle.quiet_since = max(self.idle.quiet_since, until)
            if turn is not None and self.playout.has_answer():
                turn.progress_at = max(turn.progress_at, until)
        if self.closing_at is not None:
            if not self.playout.busy:
                self._end(self._ending)
                return
        elif turn is not None and turn.ended:
            if turn.parting is None and not self.floor.caller_speaking:
                self._use_kept()
            if not self.playout.busy and not self.turns.thinking:
                self._answer_over(turn)
        self._out += self.playout.ask_tts(self._now)

    def _answer_over(self, turn: Turn) -> None:
        """All of the answer was heard or given up."""
        self._record_turn()
        if self.floor.caller_speaking:
            return
        if turn.parting is not None:
            self._part(turn.parting)
        elif self._menu_due:
            self._menu_due = False
            spoke, chance = self.floor.last_word_at, self.limits.no_words_short_ms
            # Who has just spoken in vain has waited since then.
            self._start_turn(
                Said(opening=True), spoke if self._now - spoke <= chance else self._now
            )

    def _part(self, parting: SayGoodbye | TransferTo) -> None:
        if isinstance(parting, TransferTo):
            self._out.append(TransferCall(parting.number))
            self._end(Ending.TRANSFERRED)
        else:
            self._end(Ending.AGENT)

    def _close(self, ending: Ending, spoken: Spoken) -> None:
        if self.closing_at is not None:
            return
        turn = self.turns.current
        if turn is not None and not turn.ended:
            self._cancel_reply(turn)
        self._drop_draft()
        self._cut()
        self.playout.resume()
        self.floor.take()
        self.keypad.stop_collecting()
        self.keypad.forget_kept()
        self._ending = ending
        self.closing_at = self._now + self.limits.closing_ms
        self._say(self.turns.last_number, spoken)

    def _end(self, reason: Ending) -> None:
        turn = self.turns.current
        if turn is not None and not turn.ended:
            self._cancel_reply(turn)
        self._drop_draft()
        dropped, _ = self.playout.cancel(self._now)
        for speech in dropped:
            if speech.asked_at is not None and not speech.complete:
                self._out.append(CancelSpeech(speech.number))
            self._heard(speech)
        self._record_turn()
        if self.ears:
            self._out.append(CloseEars())
        self._phase.enter(Phase.ENDED)
        self._out.append(HangUp(reason))
