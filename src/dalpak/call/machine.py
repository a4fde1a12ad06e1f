"""The call: five small machines coupled in one `match`. The only door in and out is `Call.handle`.

Rule 1: `handle` never raises on any input in any order; after ENDED it returns nothing.
Rule 2: everything that joins two machines ("barge-in clears playout and cancels the turn") is in this file;
everything that concerns one is in its own.
Rule 3: results carry the number of their turn or speech; an old number is ignored. Cancelling is only an optimisation.
"""

from typing import assert_never

from dalpak.call import inputs as i
from dalpak.call.couplings import ANSWER_TAIL_MS
from dalpak.call.deadlines import Due, earliest
from dalpak.call.drafting import Drafting
from dalpak.call.effects import CancelSpeech, CloseEars, Effect, Ending, FinalizeEars, OpenEars
from dalpak.call.inputs import Input, Said
from dalpak.call.limits import FRAME_MS, STEPS_AT_ONE_INSTANT, Ms
from dalpak.call.phase import Phase

MISSES_MAX = 2
"""Voice without words this often in a row: the ears do not work, so the keypad takes over."""


class Call(Drafting):
    """One live call. Give it inputs and the time; do the effects; wake it at `deadline()`."""

    def deadline(self) -> Ms | None:
        """When to come back with TimePassed; None: only an input can change anything."""
        if self.phase is Phase.ENDED or not self.started:
            return None
        if self._next is None:
            self._next = earliest(self, self._now)
        return None if self._next is None else self._next[0]

    def handle(self, what: Input, now: Ms) -> list[Effect]:
        """Take one input at `now` (never decreasing) and return what is to be done, in order."""
        if self.phase is Phase.ENDED:
            return []
        self._now = max(now, self._now)
        self._out, self._next = [], None
        if self.started or isinstance(what, i.CallStarted):
            self._take(what)
            self._run_due()
            self._settle()
        elif isinstance(what, i.CallerHungUp | i.LineLost):
            self._end(Ending.CARRIER)
        return self._out

    # -- inputs ----------------------------------------------------------------------------------------

    def _take(self, what: Input) -> None:
        match what:
            case i.TimePassed():
                pass
            case i.FrameHeard(voiced):
                self._frame(voiced)
            case i.CallStarted():
                self._start(what)
            case i.PartialHeard(text):
                self._words(text, final=False)
            case i.FinalHeard(text):
                self._words(text, final=True)
            case i.EarsLost():
                self._lose_ears()
            case i.KeyPressed(key):
                self._key(key)
            case i.MarkPlayed(name):
                self._mark(name)
            case i.CallerHungUp():
                self._end(Ending.CALLER)
            case i.LineLost():
                self._end(Ending.CARRIER)
            case i.LineSlow(waiting):
                self.playout.hold(self._now + waiting * FRAME_MS)
            case i.DrainRequested():
                self._close(Ending.DRAINED, self.prompts.drain_goodbye)
            case i.ReplyDelta() | i.ReplyEnded() | i.ReplyFailed() | i.DirectiveGiven():
                self._reply(what)
            case i.ToolStarted() | i.ToolEnded():
                self._tool(what)
            case i.AudioReady(number, audio, last):
                self._audio(number, audio, last)
            case i.SpeechFailed(number):
                self._speech_failed(number)
            case _:
                assert_never(what)

    def _start(self, what: i.CallStarted) -> None:
        if self.started:
            return
        self.started = True
        self.ears = what.ears
        self.warning_at = self._now + self.limits.warning_ms
        self.max_call_at = self._now + self.limits.max_call_ms
        self.floor.last_word_at = self.idle.quiet_since = self._now
        if self.ears:
            self._out.append(OpenEars())
        greeting = self.turns.greet(self._now)
        if not what.resumed:
            self._say(greeting.number, self.prompts.greeting)
        if what.resumed or not self.ears:
            self._start_turn(Said(opening=True), self._now)

    def _frame(self, voiced: bool) -> None:
        if self.closing_at is not None:
            return
        if not self.ears:
            voiced = voiced and not self.floor.deaf(self._now)
            self.stray.frame(voiced, self._now, waiting=self._waits_for_keys())
            return
        if self.floor.frame(voiced, self._now):
            self._drop_draft()
            self._out += self.playout.pause(self._now)

    def _words(self, text: str, *, final: bool) -> None:
        if self.closing_at is not None or not text.strip():
            return
        text = " ".join(text.split())
        if not (self.floor.final if final else self.floor.partial)(text, self._now):
            return
        self._misses = 0
        self.idle.caller_active()
        self._weigh_words()
        if not self.playout.busy:
            return
        if self.floor.takes_floor() or self.playout.unheard_ms() <= ANSWER_TAIL_MS:
            self._cut()
        elif final:
            self.floor.take()
            self.playout.resume()
            if self.floor.voice_lasts(self._now):
                self._out += self.playout.pause(self._now)

    def _lose_ears(self) -> None:
        if not self.ears:
            return
        self.ears = False
        self._out.append(CloseEars())
        self.floor.close(self._now)
        self.playout.resume()
        self._menu_due = True

    def _key(self, key: str) -> None:
        if self.closing_at is not None:
            return
        self.floor.deafen(self._now)
        self.idle.caller_active()
        self.stray.key()
        self.keypad.keep(key)
        self._use_kept()

    def _mark(self, name: str) -> None:
        self._note_heard(name)
        speech, effects = self.playout.mark_played(name)
        self._out += effects
        if speech is not None:
            self._heard(speech)

    def _note_heard(self, name: str) -> None:
        """The answer's first mark says when the caller began to hear it."""
        turn, heard = self.turns.current, self.playout.heard_to(name)
        if turn is None or heard is None:
            return
        speech, position = heard
        if speech.number == turn.first_speech:
            began = self._now - position
            self._out += self._stopwatch.heard(turn.number, turn.anchor, began)

    def _reply(self, what: i.ReplyDelta | i.ReplyEnded | i.ReplyFailed | i.DirectiveGiven) -> None:
        turn = self.turns.open(what.turn)
        if turn is None or self.closing_at is not None:
            return
        match what:
            case _ if turn is self.turns.draft:
                self._draft_reply(turn, what)
            case i.ReplyDelta():
                self._out += self._stopwatch.answered(turn.number, turn.started_at, self._now)
                self.turns.answered(turn, self._now)
                self._say(turn.number, what.spoken, tag=what.tag)
            case i.DirectiveGiven():
                self.turns.answered(turn, self._now)
                if isinstance(what.directive, i.CollectDigits):
                    self.keypad.collect(what.directive.max_digits)
                else:
                    turn.parting = what.directive
            case i.ReplyEnded():
                if turn.answered_at is None:
                    self._fail(turn)
                turn.ended = True
            case i.ReplyFailed():
                self._fail(turn)
            case _:
                assert_never(what)

    def _tool(self, what: i.ToolStarted | i.ToolEnded) -> None:
        turn = self.turns.open(what.turn)
        if turn is None:
            return
        turn.progress_at = self._now
        if isinstance(what, i.ToolStarted) and what.writes:
            turn.writing_since = self._now
            turn.writes = True
        elif isinstance(what, i.ToolEnded):
            turn.writing_since = None

    def _audio(self, number: int, audio: bytes, last: bool) -> None:
        speech = self.playout.audio(number, audio, last, self._now)
        if speech is None or speech.filler:
            return
        draft, asked_at = self.turns.draft, speech.asked_at or 0
        if speech.ahead and draft is not None:
            draft.marks += self._stopwatch.audio_ready(draft.number, asked_at, self._now)
        else:
            self._out += self._stopwatch.audio_ready(speech.turn, asked_at, self._now)

    def _speech_failed(self, number: int) -> None:
        speech = self.playout.failed(number)
        if speech is not None and speech.ahead:
            self._spoil_draft()
            return
        if speech is None or speech.frames or speech.filler:
            return
        if self.playout.has_answer():
            if not self.playout.audible() and self.closing_at is None:
                self._filler(speech.turn, first=True)
        elif number != self._apology and self.closing_at is None:
            self._apologise(speech.turn)

    # -- deadlines -------------------------------------------------------------------------------------

    def _run_due(self) -> None:
        for _ in range(STEPS_AT_ONE_INSTANT):
            if self.phase is Phase.ENDED:
                return
            self._after()
            first = earliest(self, self._now)
            if first is None or first[0] > self._now:
                self._next = first  # what is left to do only names the phase
                return
            self._due(first[1])
        raise AssertionError(
            f"deadlines do not move at {self._now} ms: {earliest(self, self._now)!r}"
        )

    def _due(self, due: Due) -> None:
        match due:
            case Due.FRAME:
                self._send()
            case Due.MARKS_OVERDUE:
                self.playout.give_up_marks()
            case Due.AUDIO_OVERDUE:
                number = self.playout.head_number()
                self._out.append(CancelSpeech(number))
                self._speech_failed(number)
            case Due.FINALIZE:
                self.floor.finalize_asked(self._now)
                self._out.append(FinalizeEars())
            case Due.WORDS_OVERDUE:
                self._no_words()
            case Due.COMMIT:
                self._commit()
            case Due.DRAFT:
                self._begin_draft()
            case Due.BARGE_RESUME:
                self.playout.resume()
            case Due.FILLER:
                turn = self.turns.current
                assert turn is not None
                self._filler(turn.number)
                turn.filler_at = self._now
            case Due.REPLY_OVERDUE:
                self._reply_overdue()
            case Due.KEY_REMINDER:
                self.idle.prompted(self._now)
                self._say(self.turns.last_number, self.prompts.keypad_reminder)
            case Due.STRAY_VOICE:
                self.idle.caller_active()
                self._start_turn(Said(silence=True, stray=True), self.stray.told())
            case Due.IDLE_PROMPT:
                self.idle.prompted(self._now)
                self._start_turn(Said(silence=True), self._now)
            case Due.IDLE_GOODBYE:
                self._close(Ending.AGENT, self.prompts.idle_goodbye)
            case Due.WARNING:
                self.warning_at = None
                self._say(self.turns.last_number, self.prompts.long_call_warning, filler=True)
            case Due.MAX_CALL:
                self.max_call_at = None
                self._close(Ending.MAX_DURATION, self.prompts.max_goodbye)
            case Due.CLOSING:
                self._end(self._ending)
            case _:
                assert_never(due)

    def commit_at(self) -> Ms | None:
        """Never over a tool that writes: its result is spoken first."""
        return None if self._commit_waits() else self.floor.commit_at()

    def _commit_waits(self) -> bool:
        turn = self.turns.current
        if turn is None or self.floor.commit_at() is None:
            return False
        return turn.writes and (not turn.ended or self.playout.busy)

    def barge_resume_at(self) -> Ms | None:
        """When a voice that gave no words has had its chance."""
        paused = self.playout.paused_at
        if paused is None:
            return None
        limits, u = self.limits, self.floor.utterance
        chance = paused + limits.barge_confirm_ms
        if u is None or (self.playout.broken_off and not u.text):
            return chance
        chance = max(chance, u.last_voiced_at + limits.hangover_ms + limits.stt_timeout_ms)
        return chance if u.text else min(chance, paused + limits.no_words_ms)

    def _quiet_from(self, now: Ms) -> Ms | None:
        """Since when nothing is to be heard from us; None while there is something."""
        if self.playout.unsent or (self.floor.caller_speaking and not self._commit_waits()):
            return None
        return min(
            max(self.idle.quiet_since, self.playout.play_end(), self.floor.last_word_at), now
        )

    def filler_at(self, now: Ms) -> Ms | None:
        quiet = self._quiet_from(now)
        return None if quiet is None else self.turns.filler_due_at(quiet)

    def _waits_for_keys(self) -> bool:
        """Nobody listens, and nothing else is going on."""
        busy = self.playout.busy or self.turns.thinking or self.keypad.digits_so_far
        return not (self.ears or busy)

    def stray_voice_at(self) -> Ms | None:
        return self.stray.due_at(waiting=self._waits_for_keys())

    def reply_overdue_at(self) -> Ms | None:
        turn = self.turns.current
        if turn is not None and turn.answered_at is not None and self.playout.unsent:
            return None
        return self.turns.reply_overdue_at()

    def _send(self) -> None:
        self._out += self.playout.send_due(self._now)
        turn = self.turns.current
        if turn is not None and self.playout.sent_turn == turn.number:
            turn.first_speech = turn.first_speech or self.playout.sent_speech
            self._out += self._stopwatch.first_frame(turn.number, turn.anchor, self._now)

    def _no_words(self) -> None:
        u = self.floor.utterance
        if u is not None and u.text:
            self.floor.accept_words(self._now)
            return
        noise = self.floor.is_noise()
        self.floor.take()
        if self.playout.busy:
            self.playout.resume()
        elif not noise and not self.turns.thinking:
            self._misses += 1
            if self._misses >= MISSES_MAX:
                self._misses = 0
                self._lose_ears()
            else:
                self._say(self.turns.last_number, self.prompts.not_heard)

    def _filler(self, turn: int, *, first: bool = False) -> None:
        self._fillers += 1
        fillers = self.prompts.fillers
        self.playout.say(turn, fillers[self._fillers % len(fillers)], filler=True, first=first)

    def _reply_overdue(self) -> None:
        turn = self.turns.current
        assert turn is not None
        self._cancel_reply(turn)
        if turn.answered_at is None:
            self._fail(turn)

    def _settle(self) -> None:
        """The phase is read off the machines."""
        if self.phase is Phase.ENDED:
            return
        if self.closing_at is not None:
            phase = Phase.CLOSING
        elif self.keypad.collecting:
            phase = Phase.WAITING_FOR_DTMF
        elif self.playout.busy:
            phase = Phase.SPEAKING
        elif self.turns.thinking:
            phase = Phase.THINKING
        else:
            phase = Phase.LISTENING
        self._phase.enter(phase)
