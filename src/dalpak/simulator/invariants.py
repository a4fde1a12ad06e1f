"""Watches the rules of `rules.py` in one simulated call, after every step and from outside:
against what the caller really heard and pressed, not against the core's own books.
"""

from dalpak.call import effects as e
from dalpak.call import inputs as i
from dalpak.call.effects import Effect, Ending
from dalpak.call.inputs import Input
from dalpak.call.limits import FRAME_MS, HEARD_TAIL_MS, Limits, Ms
from dalpak.call.machine import Call
from dalpak.call.phase import MOVES, Phase
from dalpak.simulator.caller import Caller, is_backchannel
from dalpak.simulator.draft_watch import DraftWatch
from dalpak.simulator.ear import Ear
from dalpak.simulator.faults import Fault, Faults
from dalpak.simulator.keypad_oracle import KeypadOracle
from dalpak.simulator.providers import MS_PER_WORD, Mind, Voice
from dalpak.simulator.rules import (
    NO_SIGN_MS,
    NO_SIGN_OF_WRITE_MS,
    STALL_HEARD_MS,
    WORDS_MS,
    BrokenRuleError,
    really_happened,
)
from dalpak.simulator.silence import Silence


class Watch:
    """Sees every input, effect and step of one call. Raises BrokenRuleError."""

    def __init__(
        self,
        call: Call,
        ear: Ear,
        caller: Caller,
        mind: Mind,
        voice: Voice,
        faults: Faults,
        *,
        text_only: bool,
    ) -> None:
        self._call, self._ear, self._caller = call, ear, caller
        self._mind, self._voice, self._faults = mind, voice, faults
        self._limits: Limits = call.limits
        self._text_only = text_only
        self._keypad = KeypadOracle(self._limits.max_digits, self._limits.keys_ahead)
        self._phase = call.phase
        self.silence = Silence(call, ear, caller, faults)
        self.drafts = DraftWatch()
        self.ended: Ending | None = None
        self._last_turn = 0
        self._open: int | None = None
        self._recorded: list[int] = []
        self._marks: set[tuple[int, str]] = set()
        self._writing: dict[int, Ms] = {}
        self._happened: set[str] = set()
        self._making: set[int] = set()
        self._dead: set[int] = set()
        self._rewound: set[int] = set()
        self._cut_at: dict[int, int] = {}
        self._asked: list[int] = []
        self._next_index: dict[int, int] = {}
        self._audio: dict[int, list[tuple[int, Ms]]] = {}
        self._complete: dict[int, int] = {}
        self._tags: dict[str, str] = {}
        self._sign_at: Ms = 0
        self._answering_until: Ms = 0
        """When what was sent of an answer will have been played; a filler is no sign of one."""
        self._due_words: list[tuple[Ms, str]] = []
        self._turn_words: set[str] = set()
        self._seen_words: set[str] = set()
        self._run = 0
        self._last_words: Ms = 0
        self._voice_from: Ms = 0
        self._broken_off_at: Ms = -1
        self._last_voiced: Ms = -1_000
        self._deaf_until: Ms = 0

    @property
    def turns(self) -> int:
        return self._last_turn

    # -- before a step ---------------------------------------------------------------------------------

    def before(self, now: Ms, what: Input) -> None:
        """The time up to now has passed: was it silent for too long? Then take note of what comes."""
        self._ear.settle(now)
        if self._call.started and self.ended is None:
            self.silence.check(now, self._open)
            self._check_watchdog(now)
        if self._call.started or isinstance(what, i.CallStarted):
            self._note(now, what)

    def _note(self, now: Ms, what: Input) -> None:
        closing = self._call.closing_at is not None
        what = self.drafts.renumbered(what)
        if getattr(what, "turn", None) == self._open is not None:
            self._sign_at = now
        self._happened.add(type(what).__name__)
        self.drafts.note(what)
        match what:
            case i.FrameHeard(voiced):
                self._frame(now, voiced and now >= self._deaf_until)
            case i.PartialHeard(text) | i.FinalHeard(text) if text.strip() and not closing:
                self.silence.last_sound = now
                new = {w for w in text.split() if not is_backchannel(w)} - self._seen_words
                self._seen_words |= new
                if new:
                    self._last_words = now
                    self._dead.update(self._asked)
                    if isinstance(what, i.FinalHeard):
                        self._due_words += [(now, w) for w in text.split() if w.startswith("u")]
                        self.silence.expect_answer(now)
            case i.KeyPressed(key) if not closing:
                self.silence.last_sound = now
                self._run = 0
                self._deaf_until = now + self._limits.key_deaf_ms
                self._keypad.key(key, thinking=self._open is not None)
            case i.DirectiveGiven(turn, directive) if turn == self._open and not closing:
                self._directed(directive)
            case i.ReplyDelta(_, spoken, tag) if tag:
                self._tags[tag] = spoken.text
            case i.ToolStarted(turn, _, True) if turn == self._open:
                self._writing[turn] = now
            case i.ToolEnded(turn):
                self._writing.pop(turn, None)
            case i.ReplyEnded(turn) | i.ReplyFailed(turn) if turn == self._open:
                self._open = None
            case i.AudioReady(speech, _, last):
                self._audio.setdefault(speech, []).append((self._voice.frames.get(speech, 0), now))
                if last:
                    self._complete[speech] = self._voice.frames.get(speech, 0)
                    self._making.discard(speech)
                if self._text_only:
                    self.silence.last_sound = now
            case i.SpeechFailed(speech):
                self._making.discard(speech)
            case _:
                pass

    def _directed(self, directive: i.Directive) -> None:
        self._happened.add(type(directive).__name__)
        if isinstance(directive, i.CollectDigits):
            self._keypad.collect(directive)

    def _frame(self, now: Ms, voiced: bool) -> None:
        if voiced:
            if now - self._last_voiced > self._limits.barge_confirm_ms:
                self._voice_from = now
            self._run += FRAME_MS
            self._last_voiced = self.silence.last_sound = now
        elif now - self._last_voiced > 2 * FRAME_MS:
            self._run = 0

    def _check_watchdog(self, now: Ms) -> None:
        if self._open is None:
            return
        waited = now - max(self._sign_at, self._answering_until)
        limit = NO_SIGN_OF_WRITE_MS if self._open in self._writing else NO_SIGN_MS
        if waited > limit + self.silence.excused(self._sign_at, now):
            raise BrokenRuleError(
                "watchdog", f"turn {self._open} is open, {waited} ms without a sign"
            )

    # -- effects -----------------------------------------------------------------------------------------

    def frame_sent(self, now: Ms, speech: int, index: int, gap: Ms) -> None:
        self.drafts.sent(speech)
        if speech in self._dead or index >= self._cut_at.get(speech, index + 1):
            raise BrokenRuleError("old_sound", f"frame {index} of speech {speech}")
        expected = self._next_index.get(speech, 0)
        if index > expected or (index < expected and speech not in self._rewound):
            raise BrokenRuleError("no_gap", f"speech {speech}: frame {index} after {expected - 1}")
        self._rewound.discard(speech)
        self._next_index[speech] = index + 1
        self.silence.unanswered_since = None
        self.silence.last_sound = now
        if self._voice.texts[speech] in self._mind.sentences:
            self._answering_until = self._ear.play_end
        if index == 0 and self._speaking_now(now):
            raise BrokenRuleError("overlap", f"speech {speech} begins")
        lead = self._ear.buffered_ms() - self.silence.excused(0, now + 10_000)
        if lead > self._limits.lead_ms + FRAME_MS:
            raise BrokenRuleError("lead", f"{lead} ms ahead")
        if gap and self._should_not_stutter(now, speech, index):
            raise BrokenRuleError(
                "pace", f"{gap} ms of silence before frame {index} of speech {speech}"
            )

    def _speaking_now(self, now: Ms) -> bool:
        """A voice lasts, and nothing says yet that it is mere noise."""
        heard = self._run >= self._limits.onset_ms and now - self._last_voiced <= 2 * FRAME_MS
        # A voice without words that broke us off is taken for noise sooner than one before we begin.
        broke, limits = self._broken_off_at >= self._voice_from, self._limits
        patience = limits.barge_confirm_ms if broke else limits.no_words_ms
        if now - max(self._voice_from, self._last_words) >= patience:
            return False
        if any(now - end < self._limits.no_words_ms for _, end in self.silence.stalls):
            return False
        return heard and self._call.ears and self._call.closing_at is None

    def _should_not_stutter(self, now: Ms, speech: int, index: int) -> bool:
        came = next((at for frames, at in self._audio[speech] if frames > index), now)
        if came > now - 2 * self._limits.lead_ms or self._faults.active(Fault.LINE_SLOW):
            return False
        stalled = max((b - a for a, b in self.silence.stalls), default=0)
        return stalled <= STALL_HEARD_MS

    def cleared(self, now: Ms) -> None:
        self._broken_off_at = now
        self._ear.settle(now)
        for speech in self._next_index:
            heard = self._ear.heard.get(speech, 0)
            self._next_index[speech] = min(self._next_index[speech], heard)
            self._rewound.add(speech)

    def did(self, now: Ms, effect: Effect) -> None:
        if self.ended is not None:
            raise BrokenRuleError("one_end", f"{effect} after HangUp")
        match effect:
            case e.StartTurn():
                self._turn_started(now, effect)
            case e.DraftTurn():
                self.drafts.began(effect, self._last_turn, self._open)
            case e.CommitTurn():
                self._turn_committed(now, effect)
            case e.CancelTurn(turn) if turn < 0:
                self.drafts.cancelled(turn)
            case e.CancelTurn(turn):
                self._turn_cancelled(now, turn)
            case e.Speak(speech):
                self.drafts.asked(effect)
                if self._voice.texts.get(speech, "") in self._mind.sentences:
                    self._sign_at = now
                self._asked.append(speech)
                self._making.add(speech)
            case e.CancelSpeech(speech):
                self._cut_at[speech] = (
                    self._voice.frames.get(speech, 0) if speech in self._audio else 0
                )
                self._making.discard(speech)
            case e.RecordMark(turn, mark, ms):
                if (turn, mark) in self._marks or ms < 0:
                    raise BrokenRuleError("marks", f"{mark} of turn {turn}: {ms} ms")
                self._marks.add((turn, mark))
            case e.RecordTurn():
                self._turn_recorded(effect)
            case e.ConfirmHeard(tag):
                self._read_back(tag)
            case e.TransferCall():
                self._happened.add("TransferCall")
            case e.HangUp(reason):
                self._end(now, reason)
            case _:
                pass

    def _turn_committed(self, now: Ms, effect: e.CommitTurn) -> None:
        """The draft is the turn; its reply may be over already."""
        self._turn_started(now, effect)
        self._dead -= self.drafts.speeches
        self.drafts.became(effect)
        for directive in self.drafts.directives:
            self._directed(directive)
        if self.drafts.ended:
            self._open = None

    def _turn_started(self, now: Ms, effect: e.StartTurn | e.CommitTurn) -> None:
        if self._open is not None:
            raise BrokenRuleError(
                "numbers", f"turn {effect.turn} begins while {self._open} is open"
            )
        if effect.turn != self._last_turn + 1:
            raise BrokenRuleError("numbers", f"turn {effect.turn} after {self._last_turn}")
        if not (effect.said.opening and effect.turn == 1):
            self._dead.update(self._asked)
        self._last_turn = self._open = effect.turn
        self._sign_at = now
        self.silence.unanswered_since = None
        if effect.said.text:
            self._keypad.words_committed()
            said = effect.said.text.split()
            words = [w for w in said if w.startswith("u")]
            text = f"turn {effect.turn} with {effect.said.text!r}"
            if words == said and self._turn_words.issuperset(words):
                raise BrokenRuleError("one_turn", f"{text} repeats")
            if words == said and len(words) != len(set(words)):
                raise BrokenRuleError("one_turn", f"{text} says twice")
            self._turn_words.update(words)
        if effect.said.keys:
            self._due_words = [(at, w) for at, w in self._due_words if w in self._turn_words]
            if not self._keypad.expected:
                self._keypad.may_use_kept()
            expected = self._keypad.expected.pop(0) if self._keypad.expected else "nothing"
            if effect.said.keys != expected:
                raise BrokenRuleError(
                    "keys", f"turn {effect.turn} got {effect.said.keys}, pressed was {expected}"
                )

    def _turn_cancelled(self, now: Ms, turn: int) -> None:
        if turn != self._open:
            raise BrokenRuleError("numbers", f"turn {turn} cancelled, open is {self._open}")
        self._open = None
        began = self._writing.get(turn)
        limit = self._limits.write_timeout_ms
        forced = self._call.closing_at is not None or self._call.phase is Phase.ENDED
        ending = bool(self._happened & {"CallerHungUp", "LineLost", "DrainRequested"})
        if began is not None and now - began < limit and not (forced or ending):
            raise BrokenRuleError("write", f"turn {turn} cancelled {now - began} ms into a write")

    def _turn_recorded(self, effect: e.RecordTurn) -> None:
        if self._recorded and effect.turn != self._recorded[-1] + 1:
            raise BrokenRuleError("records", f"turn {effect.turn} after {self._recorded[-1]}")
        self._recorded.append(effect.turn)
        for word in effect.heard.split():
            self._check_heard(word)

    def _check_heard(self, word: str) -> None:
        if not word.startswith("t") or word.count(".") != 2:
            return
        at = int(word.rsplit(".", 1)[1])
        for speech, text in self._voice.texts.items():
            words = text.split()
            if word in words:
                heard = self._ear.heard.get(speech, 0) * FRAME_MS
                whole = max(1, len(words) * MS_PER_WORD // FRAME_MS) * FRAME_MS
                if not self._text_only and heard < whole * (at + 1) // len(words):
                    raise BrokenRuleError(
                        "heard", f"{word} of speech {speech}, of which {heard} ms were played"
                    )
                return
        raise BrokenRuleError("heard", f"{word}, which was never asked for")

    def _read_back(self, tag: str) -> None:
        text = self._tags[tag]
        speech = next(s for s, t in self._voice.texts.items() if t == text)
        whole = max(1, len(text.split()) * MS_PER_WORD // FRAME_MS) * FRAME_MS
        unheard = whole - self._ear.heard.get(speech, 0) * FRAME_MS
        if not self._text_only and unheard > HEARD_TAIL_MS:
            raise BrokenRuleError("read_back", f"{tag}: {unheard} ms of it were not played")

    def _end(self, now: Ms, reason: Ending) -> None:
        self.ended = reason
        told = set(self._voice.texts.values())
        if not really_happened(reason, self._happened, told, now >= self._limits.max_call_ms):
            raise BrokenRuleError("reason", f"{reason}")
        if self._recorded != list(range(self._recorded[0], self._last_turn + 1)):
            raise BrokenRuleError("records", f"{self._recorded} of {self._last_turn} turns")
        own, left = reason not in {Ending.CALLER, Ending.CARRIER}, self._ear.buffered_ms()
        in_time = self._call.closing_at is None or now < self._call.closing_at
        if own and in_time and left > 0:
            raise BrokenRuleError("goodbye", f"{left} ms were not played")
        lost = [w for at, w in self._due_words if now - at > WORDS_MS and w not in self._turn_words]
        if lost and not self._faults.active(Fault.WRITE_SLOW):
            raise BrokenRuleError("words", f"{lost} never reached a turn")

    # -- after a step ------------------------------------------------------------------------------------

    def after(self, now: Ms, what: Input) -> None:
        call = self._call
        if call.phase is not self._phase and call.phase not in MOVES[self._phase]:
            raise BrokenRuleError("moves", f"{self._phase} to {call.phase}")
        self._phase = call.phase
        if self.ended is not None:
            return
        deadline = call.deadline()
        if call.started and deadline is None:
            raise BrokenRuleError("awake", f"in {call.phase}")
        if deadline is not None and deadline <= now:
            raise BrokenRuleError("future", f"deadline {deadline} at {now}")
        if call.closing_at is not None:
            self._keypad.forget()
            self._keypad.expected.clear()
        elif self._open is None and self._agent_has_asked():
            self._keypad.may_use_kept()
        if self._keypad.expected:
            raise BrokenRuleError("keys", f"{self._keypad.expected} reached no turn")
        if (
            isinstance(what, i.FrameHeard)
            and self._run == self._limits.onset_ms
            and self._speaking_now(now)
            and self._ear.buffered_ms() > 0
        ):
            raise BrokenRuleError("yield", f"{self._ear.buffered_ms()} ms wait at the far end")
        self._check_bounds()

    def _agent_has_asked(self) -> bool:
        """Nothing comes before the keys that were typed ahead: no goodbye, and no words being said."""
        turn = self._call.turns.current
        return turn is not None and turn.parting is None and not self._call.floor.caller_speaking

    def _check_bounds(self) -> None:
        if len(self._making) > self._limits.speeches_ahead:
            raise BrokenRuleError("bounds", f"{len(self._making)} sentences are being made")
        if self._call.playout.buffered_ms > 2 * self._limits.buffer_ms:
            raise BrokenRuleError(
                "bounds", f"{self._call.playout.buffered_ms} ms of audio are kept"
            )
