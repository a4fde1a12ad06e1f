"""Playout: sentences become 20 ms frames on an absolute schedule, and marks tell what was heard.

Rule 1: frame k of a run is due at `run_start + 20k - lead`. A late wake-up sends everything due: lost time is regained.
Rule 2: when the far end has run dry, a new run starts now; the backlog is never poured out, at most the lead is.
Rule 3: a clear starts a new generation. A mark of an older one says "dropped", never "played".
Rule 4: only marks say "heard". The clock may move the state on, but it never makes words count as heard.
Rule 5: a sentence said ahead is made, and waits apart: no frame of it is sent before it is taken into the queue.
"""

from collections import deque
from dataclasses import dataclass, field

from dalpak.call.effects import ClearPlayback, ConfirmHeard, Effect, SendFrame, SendMark, Speak
from dalpak.call.limits import FRAME_BYTES, FRAME_MS, HEARD_TAIL_MS, MARK_EVERY_MS, Limits, Ms
from dalpak.call.mulaw import SILENCE_BYTE
from dalpak.language.base import Spoken


@dataclass(slots=True)
class Speech:
    """One sentence on its way to the caller's ear. Positions are milliseconds into its audio."""

    number: int
    turn: int
    spoken: Spoken
    tag: str | None
    filler: bool
    asked_at: Ms | None = None
    audio_at: Ms = 0
    """When its newest audio came: a frame cannot be late before it exists."""
    frames: list[bytes] = field(default_factory=list)
    rest: bytes = b""
    complete: bool = False
    failed: bool = False
    """Its audio broke off: nobody knows which of its words were in it, so none of them counts as heard."""
    sent: int = 0
    heard_ms: Ms = 0
    confirmed: bool = False
    ended: bool = False
    """Its end mark came back: all of it was heard."""
    ahead: bool = False
    """Of a draft, and nobody may hear it yet."""

    @property
    def length_ms(self) -> Ms:
        return len(self.frames) * FRAME_MS

    @property
    def all_sent(self) -> bool:
        return self.complete and self.sent == len(self.frames)

    def heard_text(self) -> str:
        """The words that marks confirm, cut at a word's end. Proportional: no word times are known for every voice."""
        if self.failed or not self.complete:
            return ""
        if self.ended:
            return self.spoken.text
        if not self.frames:
            return ""
        words = self.spoken.text.split()
        return " ".join(words[: len(words) * self.heard_ms // self.length_ms])


class Playout:
    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._queue: deque[Speech] = deque()
        """Not fully sent; the head is being sent."""
        self._awaiting: deque[Speech] = deque()
        """Fully sent, its end mark not back."""
        self._ahead: list[Speech] = []
        """Said ahead of the end of the caller's turn."""
        self._next_number = 1
        self.generation = 0
        self._run_start: Ms = 0
        self._run_sent = 0
        self._held_until: Ms = 0
        self._marked_at: Ms = 0
        """When the last end mark was sent: a speech without audio moves no schedule."""
        self.paused_at: Ms | None = None
        self.broken_off = False
        """The pause came in the middle of something that was to be heard."""
        self.sent_turn: int | None = None
        """The last turn of whose answer something was sent; fillers do not count."""
        self.sent_speech = 0
        """The speech of that turn that is being sent, or was last."""
        self.underruns = 0
        self._worst_lag_ms: Ms = 0

    # -- what is going on ------------------------------------------------------------------------

    @property
    def busy(self) -> bool:
        """Something is being said, or waits to be."""
        return bool(self._queue or self._awaiting)

    @property
    def unsent(self) -> bool:
        """Something is still to be sent; otherwise only marks are awaited."""
        return bool(self._queue)

    @property
    def buffered_ms(self) -> Ms:
        """Audio made and not yet sent."""
        return sum((len(s.frames) - s.sent) * FRAME_MS for s in (*self._queue, *self._ahead))

    def play_end(self) -> Ms:
        """When the far end will have played all that was sent."""
        return self._run_start + self._run_sent * FRAME_MS

    def unheard_ms(self) -> Ms:
        """Audio of the current sentences that no mark has confirmed."""
        return sum(s.length_ms - s.heard_ms for s in (*self._awaiting, *self._queue))

    def current_turn(self) -> int | None:
        """Of what is being played now; None in silence or a filler only."""
        return next((s.turn for s in (*self._awaiting, *self._queue) if not s.filler), None)

    def has_answer(self) -> bool:
        return any(not s.filler for s in (*self._queue, *self._awaiting))

    def audible(self) -> bool:
        """There is sound to send, or some of it is being played."""
        return bool(self._awaiting) or (bool(self._queue) and bool(self._queue[0].frames))

    def lead_now(self, now: Ms) -> Ms:
        """Audio sent and not yet played."""
        return max(0, self.play_end() - now)

    # -- sentences in ------------------------------------------------------------------------------

    def say(
        self,
        turn: int,
        spoken: Spoken,
        *,
        tag: str | None = None,
        filler: bool = False,
        first: bool = False,
    ) -> Speech:
        """`first`: before what waits and has not begun."""
        speech = Speech(self._next_number, turn, spoken, tag, filler)
        self._next_number += 1
        if first:
            self._queue.appendleft(speech)
        else:
            self._queue.append(speech)
        return speech

    def ask_tts(self, now: Ms) -> list[Effect]:
        """Ask for the next sentences, as many as may be ahead; beyond the buffer's bound the producer waits."""
        effects: list[Effect] = []
        waiting = (*self._queue, *self._ahead)
        pending = sum(1 for s in waiting if s.asked_at is not None and not s.complete)
        for speech in waiting:
            if pending >= self._limits.speeches_ahead or self.buffered_ms >= self._limits.buffer_ms:
                break
            if speech.asked_at is None:
                speech.asked_at = now
                pending += 1
                effects.append(Speak(speech.number, speech.turn, speech.spoken, speech.ahead))
        return effects

    def say_ahead(self, turn: int, spoken: Spoken, *, tag: str | None = None) -> Speech:
        """A sentence of a draft that will be this turn, if the caller has finished."""
        speech = Speech(self._next_number, turn, spoken, tag, filler=False, ahead=True)
        self._next_number += 1
        self._ahead.append(speech)
        return speech

    def take_ahead(self) -> None:
        """The draft is the turn: what was made of it is to be heard."""
        for speech in self._ahead:
            speech.ahead = False
        self._queue.extend(self._ahead)
        self._ahead.clear()

    def drop_ahead(self) -> list[Speech]:
        """The draft never was: nobody will hear these."""
        dropped, self._ahead = self._ahead, []
        return dropped

    def audio(self, number: int, audio: bytes, last: bool, now: Ms) -> Speech | None:
        """Take audio of a speech. None when the speech is unknown or over: a late result, ignored."""
        speech = self._find(number)
        if speech is None or speech.complete:
            return None
        speech.audio_at = now
        data = speech.rest + audio
        whole = len(data) // FRAME_BYTES * FRAME_BYTES
        speech.frames += [data[i : i + FRAME_BYTES] for i in range(0, whole, FRAME_BYTES)]
        speech.rest = data[whole:]
        if last:
            if speech.rest:
                speech.frames.append(speech.rest.ljust(FRAME_BYTES, bytes([SILENCE_BYTE])))
                speech.rest = b""
            speech.complete = True
        return speech

    def failed(self, number: int) -> Speech | None:
        """TTS gave up. What there is of the sentence is played; without any audio it is dropped."""
        speech = self._find(number)
        if speech is None or speech.complete:
            return None
        speech.complete = speech.failed = True
        speech.rest = b""
        if not speech.frames:
            (self._ahead if speech.ahead else self._queue).remove(speech)
        return speech

    # -- frames out --------------------------------------------------------------------------------

    def next_send(self, now: Ms) -> Ms | None:
        """When the next frame (or a finished sentence's mark) is due; None if there is nothing to send."""
        if self.paused_at is not None or not self._queue:
            return None
        head = self._queue[0]
        if head.sent >= len(head.frames) and not head.complete:
            return None
        due = self.play_end() - self._limits.lead_ms
        if self._run_sent == 0 or self.play_end() < now:
            due = now
        return max(due, self._held_until)

    def send_due(self, now: Ms) -> list[Effect]:
        effects: list[Effect] = []
        while (due := self.next_send(now)) is not None and due <= now:
            head = self._queue[0]
            if not head.filler:
                self.sent_turn, self.sent_speech = head.turn, head.number
            if head.sent < len(head.frames):
                self._start_run_if_dry(now)
                # A new run catches up with its lead at once: nothing of that is late.
                self._note_lag(now, max(due, head.audio_at, self._run_start))
                effects.append(SendFrame(head.frames[head.sent]))
                head.sent += 1
                self._run_sent += 1
                position = head.sent * FRAME_MS
                if position % MARK_EVERY_MS == 0 and not head.all_sent:
                    effects.append(SendMark(self._mark(head, position)))
            if head.all_sent:
                self._queue.popleft()
                self._awaiting.append(head)
                self._marked_at = now
                effects.append(SendMark(self._mark(head, head.length_ms, end=True)))
        return effects

    def _start_run_if_dry(self, now: Ms) -> None:
        if self._run_sent and self.play_end() >= now:
            return
        if self._run_sent and self._queue[0].sent > 0:
            self.underruns += 1
            wanted = max(self.play_end() - self._limits.lead_ms, self._held_until)
            self._note_lag(now, max(wanted, self._queue[0].audio_at))
        self._run_start, self._run_sent = now, 0

    def _note_lag(self, now: Ms, wanted: Ms) -> None:
        self._worst_lag_ms = max(self._worst_lag_ms, now - wanted)

    def take_worst_lag(self) -> Ms:
        """The worst lateness of a frame against its schedule since this was last asked."""
        worst, self._worst_lag_ms = self._worst_lag_ms, 0
        return worst

    def hold(self, until: Ms) -> None:
        """The socket is slow: send nothing before `until`."""
        self._held_until = max(self._held_until, until)

    # -- what was heard ------------------------------------------------------------------------------

    def _mark(self, speech: Speech, position: Ms, *, end: bool = False) -> str:
        return f"g{self.generation}:t{speech.turn}:s{speech.number}:{position}{'e' if end else ''}"

    def heard_to(self, name: str) -> tuple[Speech, Ms] | None:
        """The speech and how far into it the far end was when it played this mark; None for one that does not count."""
        parsed = parse_mark(name)
        if parsed is None or parsed[0] != self.generation:
            return None
        _, number, position, _ = parsed
        speech = self._find(number)
        return None if speech is None else (speech, position)

    def mark_played(self, name: str) -> tuple[Speech | None, list[Effect]]:
        """The speech that this mark ended, if it did, and a ConfirmHeard when a tagged sentence was heard."""
        parsed = parse_mark(name)
        if parsed is None or parsed[0] != self.generation:
            return None, []
        _, number, position, end = parsed
        speech = self._find(number)
        if speech is None:
            return None, []
        speech.heard_ms = max(speech.heard_ms, position)
        effects: list[Effect] = []
        if end:
            speech.ended = True
            while self._awaiting and self._awaiting[0].number <= number:
                self._awaiting.popleft()
        if self._counts_as_heard(speech):
            speech.confirmed = True
            effects.append(ConfirmHeard(speech.tag or ""))
        return (speech if end else None), effects

    def _counts_as_heard(self, speech: Speech) -> bool:
        if speech.tag is None or speech.confirmed or speech.failed or not speech.complete:
            return False
        return speech.ended or speech.length_ms - speech.heard_ms <= min(
            HEARD_TAIL_MS, speech.length_ms // 3
        )

    def marks_overdue_at(self) -> Ms | None:
        """When a mark that has not come will be given up; only once everything was sent."""
        if not self._awaiting or self._queue or self.paused_at is not None:
            return None
        return max(self.play_end(), self._marked_at) + self._limits.mark_grace_ms

    def give_up_marks(self) -> list[Speech]:
        """The far end returns no marks: what was sent is over, but it does not count as heard."""
        over = list(self._awaiting)
        self._awaiting.clear()
        return over

    def audio_overdue_at(self) -> Ms | None:
        """When the head's missing audio counts as failed."""
        head = self._queue[0] if self._queue else None
        if head is None or head.asked_at is None or head.complete or head.sent < len(head.frames):
            return None
        return max(head.asked_at, self.play_end()) + self._limits.audio_timeout_ms

    def head_number(self) -> int:
        return self._queue[0].number

    # -- stopping --------------------------------------------------------------------------------------

    def pause(self, now: Ms) -> list[Effect]:
        """A voice: stop at once, rewind to what was heard so that it can go on from there, and begin nothing new."""
        if self.paused_at is not None:
            return []
        self.broken_off = any(s.sent for s in (*self._awaiting, *self._queue))
        if not self.busy:
            self.paused_at = now
            return []
        for speech in reversed(self._awaiting):
            self._queue.appendleft(speech)
        self._awaiting.clear()
        for speech in self._queue:
            if speech.sent:
                speech.sent = speech.heard_ms // FRAME_MS
        self.paused_at = now
        return self._clear(now)

    def resume(self) -> None:
        self.paused_at = None

    def cancel(self, now: Ms) -> tuple[list[Speech], list[Effect]]:
        """Drop everything. The dropped speeches come back, heard positions and all."""
        dropped = [*self._awaiting, *self._queue]
        was_sent = self.paused_at is None and any(s.sent for s in dropped)
        self._awaiting.clear()
        self._queue.clear()
        self.paused_at = None
        return dropped, (self._clear(now) if was_sent else [])

    def _clear(self, now: Ms) -> list[Effect]:
        self.generation += 1
        self._run_start, self._run_sent = now, 0
        return [ClearPlayback()]

    def _find(self, number: int) -> Speech | None:
        everything = (*self._awaiting, *self._queue, *self._ahead)
        return next((s for s in everything if s.number == number), None)


def parse_mark(name: str) -> tuple[int, int, Ms, bool] | None:
    """`g{generation}:t{turn}:s{speech}:{position}[e]` -> (generation, speech, position, end); None if not ours."""
    parts = name.split(":")
    if len(parts) != 4 or [p[:1] for p in parts[:3]] != ["g", "t", "s"]:
        return None
    end = parts[3].endswith("e")
    numbers = (parts[0][1:], parts[2][1:], parts[3].rstrip("e"))
    if not all(n.isascii() and n.isdigit() and len(n) < 10 for n in numbers):
        return None
    generation, speech, position = (int(n) for n in numbers)
    return generation, speech, position, end
