"""A call of the core with a clock that a test turns by hand: inputs in, what was done out."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from dalpak.call.effects import CommitTurn, Effect, SendFrame, SendMark, Speak, StartTurn
from dalpak.call.inputs import (
    AudioReady,
    CallStarted,
    FrameHeard,
    Input,
    MarkPlayed,
    TimePassed,
)
from dalpak.call.limits import FRAME_MS, Limits, Ms
from dalpak.call.machine import Call
from dalpak.call.prompts import Prompts
from dalpak.language.base import Spoken

E = TypeVar("E")

PROMPTS = Prompts(
    greeting=Spoken("greeting"),
    fillers=(Spoken("one moment"), Spoken("still looking")),
    apology=Spoken("sorry"),
    not_heard=Spoken("not heard"),
    give_up=Spoken("give up"),
    idle_goodbye=Spoken("idle goodbye"),
    keypad_reminder=Spoken("reminder"),
    keypad_cleared=Spoken("cleared"),
    long_call_warning=Spoken("warning"),
    max_goodbye=Spoken("max goodbye"),
    drain_goodbye=Spoken("drain goodbye"),
)


def is_backchannel(text: str) -> bool:
    return all(word in {"mm", "yes"} for word in text.split())


def sound(ms: Ms) -> bytes:
    return b"\x7f" * (ms * 8)


@dataclass
class Talk:
    """`voice_ms` None: the voice never answers by itself; else every speech is made at once, so long."""

    limits: Limits = field(default_factory=Limits)
    voice_ms: Ms | None = 400
    marks: bool = True
    call: Call = field(init=False)
    now: Ms = 0
    done: list[tuple[Ms, Effect]] = field(default_factory=list)
    """Everything that was done, with its time."""
    _played_until: Ms = 0
    _marks: list[tuple[Ms, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.call = Call(self.limits, PROMPTS, is_backchannel)

    # -- what happens ----------------------------------------------------------------------------

    def tell(self, what: Input) -> list[Effect]:
        """One input now. Returns what was done at once; speeches and marks follow by themselves."""
        effects = self.call.handle(what, self.now)
        self.done += [(self.now, effect) for effect in effects]
        for effect in effects:
            self._perform(effect)
        return effects

    def start(self, *, ears: bool = True, greeted: bool = True) -> "Talk":
        """Begin, and by default let the greeting be heard to its end."""
        self.tell(CallStarted(ears=ears))
        if greeted:
            self.run(3_000)
        return self

    def run(self, ms: Ms) -> None:
        """Let so much time pass, waking the core whenever it asked for it."""
        end = self.now + ms
        while (at := self._next()) is not None and at <= end:
            self.now = max(self.now, at)
            if self._marks and self._marks[0][0] <= self.now:
                self.tell(MarkPlayed(self._marks.pop(0)[1]))
            else:
                self.tell(TimePassed())
        self.now = end

    def voice(self, ms: Ms, *, then_quiet: Ms = 0) -> None:
        """The caller's voice for so long, frame by frame."""
        for k in range((ms + then_quiet) // FRAME_MS):
            self.run(FRAME_MS)
            self.tell(FrameHeard(k < ms // FRAME_MS))

    # -- what was done -----------------------------------------------------------------------------

    def all(self, kind: type[E], *, since: Ms = 0) -> list[E]:
        return [e for at, e in self.done if at >= since and isinstance(e, kind)]

    def times(self, kind: type[Effect]) -> list[Ms]:
        return [at for at, e in self.done if isinstance(e, kind)]

    def spoken(self, *, since: Ms = 0) -> list[str]:
        return [e.spoken.text for e in self.all(Speak, since=since)]

    @property
    def turns(self) -> list[StartTurn | CommitTurn]:
        """Every turn, asked when the caller had finished or drafted ahead of that."""
        return [e for _, e in self.done if isinstance(e, StartTurn | CommitTurn)]

    # -- the world ---------------------------------------------------------------------------------

    def _next(self) -> Ms | None:
        deadline = self.call.deadline()
        mark = self._marks[0][0] if self._marks else None
        known = [at for at in (deadline, mark) if at is not None]
        return min(known) if known else None

    def _perform(self, effect: Effect) -> None:
        match effect:
            case Speak(speech):
                if self.voice_ms is not None:
                    self.tell(AudioReady(speech, sound(self.voice_ms), last=True))
            case SendFrame():
                self._played_until = max(self.now, self._played_until) + FRAME_MS
            case SendMark(name) if self.marks:
                self._marks.append((max(self.now, self._played_until), name))
            case _ if type(effect).__name__ == "ClearPlayback":
                self._played_until = self.now
                self._marks = [(self.now, name) for _, name in self._marks]


Act = Callable[[Talk], None]
