"""One call of the interaction suite around the pure core: a caller who takes turns, interrupts, hums, coughs and talks
to others, over a line that loses frames, with providers at published latencies. From one seed, in virtual time.

What the detector makes of a voice is drawn from measurements of Silero at 20 dB; nothing is synthesised. Nothing here
counts; that is `interaction_figures.py`.
"""

import heapq
import random
from collections.abc import Callable
from functools import partial

from dalpak.call import effects as e
from dalpak.call import inputs as i
from dalpak.call.effects import Effect
from dalpak.call.inputs import Input
from dalpak.call.limits import FRAME_BYTES, FRAME_MS, Limits, Ms
from dalpak.call.machine import Call
from dalpak.call.phase import Phase
from dalpak.language.base import Spoken
from dalpak.simulator.caller import completeness, is_backchannel
from dalpak.simulator.interaction_caller import InteractionCaller
from dalpak.simulator.interaction_figures import Span, Timeline
from dalpak.simulator.latency import STT_FINAL, STT_PARTIAL, TTS_STREAMING, Latency
from dalpak.simulator.one_call import BANK, PROMPTS

AGENT = Latency(15, 40)
"""The embedded agent: its rules and one look into the database."""
VAD_ONSET = Latency(100, 266)
"""From the beginning of a voice to the first verdict (Silero at 8 kHz with its state reset, 20 dB)."""
VAD_TAIL_MS = (30, 130)
"""How long verdicts outlast the voice."""
LOSS = 0.02
BURST_MS: Ms = 100
"""Gilbert-Elliott: frames are lost in bursts."""
WIRE_MS: Ms = 20
"""One way."""
LONGEST_MS: Ms = 240_000


class InteractionCall:
    """`run` gives the timeline."""

    def __init__(self, seed: int) -> None:
        self.now: Ms = 0
        self.rng = random.Random(f"{seed}:interaction")
        self.timeline = Timeline()
        self.call = Call(Limits(), PROMPTS, is_backchannel, completeness)
        self.over = False
        self._events: list[tuple[Ms, int, Callable[[], None]]] = []
        self._count = 0
        self._words: list[str] = []
        self._last_out: Ms = 0
        self._play_end: Ms = 0
        self._lost_until: Ms = 0
        self._verdict = (0, 0)
        """The voice is heard in frames from the first to the second moment."""
        self._cancelled: set[int] = set()
        self._label: dict[int, int] = {}
        self._marks: list[tuple[Ms, str]] = []
        self.caller = InteractionCaller(self, random.Random(f"{seed}:caller"))

    # -- for the caller ------------------------------------------------------------------------------

    def after(self, ms: Ms, do: Callable[[], None]) -> None:
        self._count += 1
        heapq.heappush(self._events, (self.now + max(0, ms), self._count, do))

    def agent_audible(self) -> bool:
        """The caller hears us at this moment."""
        return bool(self.timeline.agent) and self.timeline.agent[-1].end > self.now

    def agent_left_ms(self) -> Ms:
        """How much we have still to say of what we are saying."""
        return self.call.playout.unheard_ms() if self.agent_audible() else 0

    def agent_done(self) -> bool:
        """We are silent and owe nothing."""
        playout, turns = self.call.playout, self.call.turns
        return not (self.agent_audible() or playout.busy or turns.thinking)

    def voice(self, ms: Ms, *, heard: bool = True) -> None:
        """A sound of the caller's side begins now; whether the detector takes it for a voice."""
        if not heard:
            return
        delay = min(round(VAD_ONSET.draw_s(self.rng) * 1000), ms)
        tail = self.rng.randrange(*VAD_TAIL_MS)
        first = min(self._verdict[0], self.now) if self._verdict[1] > self.now else self.now + delay
        self._verdict = (first, self.now + ms + tail)

    def word(self, word: str) -> None:
        """The caller has just finished this word; a lost burst may swallow it."""
        if self.now < self._lost_until and self.rng.random() < 0.5:
            return
        self._words.append(word)
        self._later(STT_PARTIAL, i.PartialHeard(" ".join(self._words)))

    # -- the line --------------------------------------------------------------------------------------

    def _frame(self) -> None:
        if self.now >= self._lost_until and self.rng.random() < LOSS * FRAME_MS / BURST_MS:
            self._lost_until = self.now + BURST_MS
        if self.now >= self._lost_until:
            self._tell(i.FrameHeard(self._verdict[0] <= self.now < self._verdict[1]))
        if not self.over:
            self.after(FRAME_MS, self._frame)

    def _later(self, latency: Latency, what: Input) -> None:
        at = self.now + round(latency.draw_s(self.rng) * 1000)
        self._last_out = max(at, self._last_out)
        self.after(self._last_out - self.now, partial(self._tell, what))

    # -- the loop --------------------------------------------------------------------------------------

    def run(self) -> Timeline:
        self._tell(i.CallStarted(ears=True))
        self._frame()
        self.caller.begin()
        while not self.over and self.now < LONGEST_MS:
            wake = self.call.deadline()
            if self._events and (wake is None or self._events[0][0] <= wake):
                self.now, _, do = heapq.heappop(self._events)
                do()
            elif wake is not None:
                self.now = max(self.now, wake)
                self._tell(i.TimePassed())
            else:
                break
        return self.timeline

    def _tell(self, what: Input) -> None:
        for effect in self.call.handle(what, self.now):
            self._perform(effect)
        self.over = self.over or self.call.phase is Phase.ENDED

    def _perform(self, effect: Effect) -> None:
        match effect:
            case e.SendFrame():
                self._plays()
            case e.SendMark(name):
                self._marks.append((max(self.now + WIRE_MS, self._play_end), name))
                self.after(self._marks[-1][0] + WIRE_MS - self.now, self._give_marks)
            case e.ClearPlayback():
                self._clears()
            case e.FinalizeEars():
                self.after(0, self._finalize)
            case e.StartTurn(turn):
                self._think(turn)
            case e.DraftTurn(draft):
                self._think(draft)
            case e.CommitTurn(draft, turn):
                self._label[draft] = turn
            case e.CancelTurn(turn):
                self._cancelled.add(turn)
            case e.Speak(speech, _, spoken):
                self._speak(speech, spoken)
            case _:
                pass

    def _finalize(self) -> None:
        text, self._words = " ".join(self._words), []
        if text:
            self._later(STT_FINAL, i.FinalHeard(text))

    def _think(self, number: int) -> None:
        text = " ".join(f"a{number}.{k}" for k in range(self.rng.randrange(5, 22)))
        delta, end = i.ReplyDelta(number, Spoken(text)), i.ReplyEnded(number)
        wait = round(AGENT.draw_s(self.rng) * 1000)
        self.after(wait, partial(self._answer, delta))
        self.after(wait, partial(self._answer, end))

    def _answer(self, what: i.ReplyDelta | i.ReplyEnded) -> None:
        number = self._label.get(what.turn, what.turn)
        if number in self._cancelled:
            return
        match what:
            case i.ReplyDelta(_, spoken):
                self._tell(i.ReplyDelta(number, spoken))
            case i.ReplyEnded():
                self._tell(i.ReplyEnded(number))

    def _speak(self, speech: int, spoken: Spoken) -> None:
        audio = b"\x7f" * (FRAME_BYTES * max(1, len(spoken.text.split()) * 14))
        wait = 0 if spoken.text in BANK else round(TTS_STREAMING.draw_s(self.rng) * 1000)
        self.after(wait, partial(self._tell, i.AudioReady(speech, audio, last=True)))

    # -- the caller's loudspeaker ----------------------------------------------------------------------

    def _plays(self) -> None:
        start = max(self.now + WIRE_MS, self._play_end)
        self._play_end = start + FRAME_MS
        spans = self.timeline.agent
        if spans and spans[-1].end >= start:
            spans[-1] = Span(spans[-1].start, self._play_end)
        else:
            spans.append(Span(start, self._play_end))

    def _clears(self) -> None:
        """What was sent and not yet played is gone, once the order has crossed the wire."""
        at = self.now + WIRE_MS
        spans = self.timeline.agent
        while spans and spans[-1].start >= at:
            spans.pop()
        if spans and spans[-1].end > at:
            spans[-1] = Span(spans[-1].start, at)
        self._play_end = min(self._play_end, at)
        self._marks = [(min(due, at), name) for due, name in self._marks]
        self.after(2 * WIRE_MS, self._give_marks)

    def _give_marks(self) -> None:
        while self._marks and self._marks[0][0] + WIRE_MS <= self.now:
            self._tell(i.MarkPlayed(self._marks.pop(0)[1]))
