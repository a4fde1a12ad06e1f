"""The providers of a simulated call: ears (STT), a mind (agent with tools) and a voice (TTS), each able to fail.

Effects of the core go in as method calls; results come out through the scene, at their own time. What they do in
one call is drawn from its seed. They decide nothing about the call.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial

from dalpak.call.inputs import (
    AudioReady,
    CollectDigits,
    Directive,
    DirectiveGiven,
    EarsLost,
    FinalHeard,
    Input,
    PartialHeard,
    ReplyDelta,
    ReplyEnded,
    ReplyFailed,
    Said,
    SayGoodbye,
    SpeechFailed,
    ToolEnded,
    ToolStarted,
    TransferTo,
)
from dalpak.call.limits import FRAME_BYTES, FRAME_MS, Ms
from dalpak.language.base import Spoken
from dalpak.simulator.ear import audio_of
from dalpak.simulator.faults import Fault
from dalpak.simulator.scene import Scene

MS_PER_WORD = 280
GARBAGE = ("   ", "\t", "zz " * 160, "0" * 500, "?!", "qx")
Output = ReplyDelta | ToolStarted | ToolEnded | DirectiveGiven | ReplyEnded | ReplyFailed
OUTPUTS_MAX = 40
"""As the shell does: an endless reply is cut here."""


class Ears:
    """A streaming STT: partials word by word, finals when asked or after a longer pause."""

    ENDPOINT_MS: Ms = 700

    def __init__(self, scene: Scene, rng: random.Random) -> None:
        self._scene, self._rng = scene, rng
        self._open = False
        self._words: list[str] = []
        self._voice_ends = self._voices = 0
        self._whispered = self._talking = False
        self._last_out: Ms = 0
        faults = scene.faults
        self._mute_from: Ms | None = (
            rng.randrange(0, 20_000) if faults.hit(Fault.STT_MUTE) else None
        )
        if faults.hit(Fault.STT_LOST):
            scene.after(rng.randrange(0, 20_000), self._lose)

    @property
    def mute(self) -> bool:
        return self._mute_from is not None and self._scene.now >= self._mute_from

    def open(self) -> None:
        self._open = True

    def close(self) -> None:
        self._open = False

    def word(self, word: str, *, voiced: bool = True) -> None:
        """The caller has just said this."""
        if not self._open:
            return
        self._whispered = not voiced
        self._voices += 1
        self._words.append(word)
        if not self._scene.faults.hit(Fault.STT_PARTIALS_LOST):
            self._later(self._rng.randrange(60, 250), PartialHeard(" ".join(self._words)))

    def voice_began(self) -> None:
        self._talking = True
        self._voices += 1

    def _again(self, text: str, voices: int) -> None:
        if voices == self._voices and not self._talking:
            self._later(0, FinalHeard(text))

    def voice_ended(self) -> None:
        self._talking = False
        self._voice_ends += 1
        ends = self._voice_ends
        self._scene.after(
            self.ENDPOINT_MS, lambda: self._final() if ends == self._voice_ends else None
        )

    def finalize(self) -> None:
        self._scene.after(self._rng.randrange(20, 120), self._final)

    def typed(self, text: str) -> None:
        self._scene.tell(FinalHeard(text))

    def _final(self) -> None:
        text, self._words = " ".join(self._words), []
        faults = self._scene.faults
        if faults.hit(Fault.STT_GARBAGE):
            text = self._rng.choice(GARBAGE)
        if not text or faults.hit(Fault.STT_FINAL_LOST):
            return
        late = self._rng.randrange(300, 3_000) if faults.hit(Fault.STT_FINAL_LATE) else 0
        self._later(late + 20, FinalHeard(text))
        if not self._whispered and not self._talking and faults.hit(Fault.STT_FINAL_TWICE):
            self._scene.after(
                late + self._rng.randrange(40, 1_500), partial(self._again, text, self._voices)
            )

    def _later(self, ms: Ms, what: Input) -> None:
        """Results of one stream come in the order in which they were made."""
        if not self.mute:
            self._last_out = max(self._scene.now + ms, self._last_out)
            self._scene.after(self._last_out - self._scene.now, partial(self._scene.tell, what))

    def _lose(self) -> None:
        self._open = False
        self._scene.tell(EarsLost("simulated"))


class Mind:
    """An agent: thinks for a while, uses tools, says one to four sentences, sometimes directs the call."""

    def __init__(self, scene: Scene, rng: random.Random, *, manners: float = 0.08) -> None:
        self._scene, self._rng = scene, rng
        self._manners = manners
        """How likely it says goodbye of its own accord in a turn."""
        self._thoughts: dict[int, Thought] = {}
        self.sentences: dict[str, tuple[int, int]] = {}
        """Text of a sentence -> (turn, words)."""

    def start(self, turn: int, said: Said) -> None:
        self._think(Thought(turn, turn, committed=True), said)

    def draft(self, draft: int, turn: int, said: Said) -> None:
        """Asked ahead: a tool that writes waits until it is the turn."""
        self._think(Thought(draft, turn, committed=False), said)

    def commit(self, draft: int, turn: int) -> None:
        thought = self._thoughts.get(draft)
        if thought is None:
            return
        self._thoughts[turn] = thought
        # Now and then an output is on its way with the old number on it.
        if self._rng.random() < 0.9:
            thought.number = turn
        thought.committed = True
        waiting, thought.waiting = thought.waiting, []
        for go in waiting:
            go()

    def cancel(self, turn: int) -> None:
        """Outputs already on their way still arrive."""
        thought = self._thoughts.get(turn)
        if thought is not None and not self._scene.faults.hit(Fault.AGENT_DEAF):
            thought.stopped_at = self._scene.now + self._rng.randrange(0, 120)

    def _think(self, thought: "Thought", said: Said) -> None:
        faults = self._scene.faults
        self._thoughts[thought.number] = thought
        if faults.hit(Fault.AGENT_SILENT):
            return
        at = min(self._rng.lognormvariate(5.6, 0.7), 2_000)
        if faults.hit(Fault.AGENT_SLOW):
            at += self._rng.randrange(1_000, 6_000)
        if faults.hit(Fault.AGENT_ERROR):
            self._say(at, thought, ReplyFailed(thought.turn, "simulated"))
        elif self._rng.random() >= 0.45:
            self._speak(at, thought, said)
        elif self._rng.random() < 0.5:
            self._scene.after(int(at), lambda: self._when_committed(thought, said))
        else:
            self._speak(self._use_tool(at, thought, writes=False), thought, said)

    def _when_committed(self, thought: "Thought", said: Said) -> None:
        def write() -> None:
            self._speak(self._use_tool(0, thought, writes=True), thought, said)

        if thought.stopped_at is not None and self._scene.now >= thought.stopped_at:
            return
        if thought.committed:
            write()
        else:
            thought.waiting.append(write)

    def _use_tool(self, at: float, thought: "Thought", *, writes: bool) -> float:
        faults = self._scene.faults
        took = self._rng.randrange(20, 3_000 if writes else 400)
        if writes and faults.hit(Fault.WRITE_SLOW):
            took = self._rng.randrange(1_000, 12_000)
        ok = not faults.hit(Fault.TOOL_ERROR)
        name = "create_appointment" if writes else "find_slots"
        self._say(at, thought, ToolStarted(thought.turn, name, writes))
        self._say(at + took, thought, ToolEnded(thought.turn, name, ok, took), force=writes)
        return at + took + self._rng.randrange(0, 300)

    def _speak(self, at: float, thought: "Thought", said: Said) -> None:
        faults, rng = self._scene.faults, self._rng
        endless = faults.hit(Fault.AGENT_ENDLESS)
        for k in range(OUTPUTS_MAX if endless else rng.randrange(1, 5)):
            words = rng.randrange(1, 12)
            text = " ".join(f"t{thought.name}.{k}.{w}" for w in range(words))
            self.sentences[text] = (thought.turn, words)
            tag = f"tag:{thought.name}.{k}" if rng.random() < 0.2 else None
            self._say(at, thought, ReplyDelta(thought.turn, Spoken(text), tag))
            if faults.hit(Fault.AGENT_STALL):
                return
            at += rng.randrange(0, 700)
        if not said.opening:
            self._direct(at, thought)
        self._say(at + rng.randrange(0, 200), thought, ReplyEnded(thought.turn))

    def _direct(self, at: float, thought: "Thought") -> None:
        dice = self._rng.random()
        directive: Directive | None = None
        if dice < self._manners:
            directive = SayGoodbye()
        elif dice < self._manners * 1.3:
            directive = TransferTo("person")
        elif dice < 0.3:
            directive = CollectDigits("phone", self._rng.choice((4, 10, 15)))
        if directive is not None:
            self._say(at, thought, DirectiveGiven(thought.turn, directive))

    def _say(self, at: float, thought: "Thought", what: Output, *, force: bool = False) -> None:
        def out() -> None:
            stopped = thought.stopped_at
            if force or stopped is None or self._scene.now < stopped:
                self._scene.tell(replace(what, turn=thought.number))

        self._scene.after(int(at), out)


@dataclass(slots=True)
class Thought:
    """One attempt of the mind at an answer. `number` is on its outputs, `turn` is what it is or will be."""

    number: int
    turn: int
    committed: bool
    waiting: list[Callable[[], None]] = field(default_factory=list)
    """What writes, and must not yet."""
    stopped_at: Ms | None = None

    @property
    def name(self) -> str:
        return f"{self.turn}" if self.number > 0 else f"{self.turn}d{-self.number}"


class Voice:
    """A TTS: the bank's sentences at once, the others in chunks, usually faster than they are heard."""

    def __init__(
        self, scene: Scene, rng: random.Random, bank: frozenset[str], *, text_only: bool
    ) -> None:
        self._scene, self._rng, self._bank = scene, rng, bank
        self._text_only = text_only
        self.on_shown: Callable[[], object] = lambda: None
        self._stopped: set[int] = set()
        self.frames: dict[int, int] = {}
        """Length of each speech, as far as its audio was made."""
        self.texts: dict[int, str] = {}

    def speak(self, speech: int, spoken: Spoken) -> None:
        self.texts[speech] = spoken.text
        if self._text_only:
            self._out(0, speech, 0, 0, last=True)
            self.on_shown()
            return
        frames = max(1, len(spoken.text.split()) * MS_PER_WORD // FRAME_MS)
        if spoken.text in self._bank:
            self._out(0, speech, 0, frames, last=True)
            return
        self._synthesize(speech, frames)

    def cancel(self, speech: int) -> None:
        self._stopped.add(speech)

    def _synthesize(self, speech: int, frames: int) -> None:
        faults, rng = self._scene.faults, self._rng
        if faults.hit(Fault.TTS_SILENT):
            return
        at = rng.randrange(40, 400)
        if faults.hit(Fault.TTS_SLOW):
            at += rng.randrange(300, 3_000)
        if faults.hit(Fault.TTS_FAILS):
            self._fail(at, speech)
            return
        chunk = rng.choice((5, 10, 25, 50))
        speed = rng.choice((2.0, 8.0, 1_000.0))
        if faults.hit(Fault.TTS_DRIP):
            speed = rng.uniform(0.3, 0.95)
        end = rng.randrange(0, frames) if faults.hit(Fault.TTS_HALF) else frames
        for first in range(0, end, chunk):
            last = min(first + chunk, end)
            self._out(at + int(last * FRAME_MS / speed), speech, first, last, last=last == frames)
        if end < frames and rng.random() < 0.5:
            self._fail(at + int(end * FRAME_MS / speed) + 50, speech)

    def _out(self, at: Ms, speech: int, first: int, end: int, *, last: bool) -> None:
        def out() -> None:
            if speech in self._stopped:
                return
            self.frames[speech] = end
            audio = audio_of(speech, end)[first * FRAME_BYTES :]
            if last and end > first + 1:
                audio = audio[: -self._rng.randrange(1, FRAME_BYTES // 2)]
            self._scene.tell(AudioReady(speech, audio, last))

        self._scene.after(at, out)

    def _fail(self, at: Ms, speech: int) -> None:
        self._scene.after(at, partial(self._scene.tell, SpeechFailed(speech, "simulated")))
