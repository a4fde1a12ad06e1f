"""One call in virtual time around the pure core: caller, wire, STT, agent, TTS and their faults, from one seed.

Discrete events: time leaps to whatever comes next. Every rule of `rules.py` is checked at every step. Nothing here
runs many calls or prints; that is `farm.py` and `world.py`.
"""

import hashlib
import heapq
import random
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import groupby

from dalpak.call import effects as e
from dalpak.call.effects import Effect, Ending
from dalpak.call.inputs import CallStarted, DrainRequested, Input, LineLost, TimePassed
from dalpak.call.limits import Limits, Ms
from dalpak.call.machine import Call
from dalpak.call.prompts import Prompts
from dalpak.language.base import Spoken
from dalpak.simulator.caller import Caller, completeness, is_backchannel
from dalpak.simulator.ear import Ear
from dalpak.simulator.faults import Fault, Faults
from dalpak.simulator.invariants import Watch
from dalpak.simulator.providers import Ears, Mind, Voice
from dalpak.simulator.rules import BrokenRuleError

TAIL = 14
"""Trace lines that a failure shows."""
AFTERMATH_MS: Ms = 4_000
"""How long late results go on arriving after the end; none of them may have an effect."""
PROMPTS = Prompts(
    greeting=Spoken("greeting of the business with a few words more"),
    fillers=(Spoken("one moment"), Spoken("still looking")),
    apology=Spoken("sorry once more please"),
    not_heard=Spoken("sorry not heard"),
    give_up=Spoken("give up"),
    idle_goodbye=Spoken("idle goodbye"),
    keypad_reminder=Spoken("keypad reminder please"),
    keypad_cleared=Spoken("cleared"),
    long_call_warning=Spoken("long call warning"),
    max_goodbye=Spoken("max goodbye"),
    drain_goodbye=Spoken("drain goodbye"),
)
BANK = frozenset(
    {p.text for p in PROMPTS.fillers}
    | {
        PROMPTS.greeting.text,
        PROMPTS.apology.text,
        PROMPTS.not_heard.text,
        PROMPTS.give_up.text,
        PROMPTS.idle_goodbye.text,
        PROMPTS.keypad_reminder.text,
        PROMPTS.keypad_cleared.text,
        PROMPTS.long_call_warning.text,
        PROMPTS.max_goodbye.text,
        PROMPTS.drain_goodbye.text,
    }
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one seed went. `failure` is None when every rule held."""

    seed: int
    failure: str | None
    tail: tuple[str, ...]
    call_ms: Ms
    steps: int
    turns: int
    frames: int
    ending: Ending | None
    injected: dict[str, int] = field(default_factory=dict)


class World:
    """One call. `on_step` sees every line of the trace."""

    def __init__(
        self,
        seed: int,
        *,
        make_call: type[Call] = Call,
        on_step: Callable[[str], None] | None = None,
        faults: Faults | None = None,
    ) -> None:
        self.seed = seed
        self.now: Ms = 0
        self.faults = faults or Faults(seed)
        self.steps = 0
        self._on_step = on_step
        self._events: list[tuple[Ms, int, Callable[[], None]]] = []
        self._count = 0
        self._stalled_until: Ms = 0
        self._held: deque[Input] = deque()
        self._ended_at: Ms = 0
        self._tail: deque[tuple[Ms, str, Input, list[Effect]]] = deque(maxlen=TAIL)
        rng = random.Random(f"{seed}:call")
        self._ears_given = rng.random() < 0.8
        typed = rng.random() < 0.08
        text_only = typed and rng.random() < 0.7
        self._resumed = rng.random() < 0.08
        max_call = rng.choice((900_000, 900_000, 900_000, 45_000))
        self.limits = Limits(max_call_ms=max_call, warning_ms=max_call * 5 // 6)
        self.call = make_call(self.limits, PROMPTS, is_backchannel, completeness)
        self.ear = Ear(self, random.Random(f"{seed}:ear"))
        self.ears = Ears(self, random.Random(f"{seed}:stt"))
        self.mind = Mind(self, random.Random(f"{seed}:agent"))
        self.voice = Voice(self, random.Random(f"{seed}:tts"), BANK, text_only=text_only)
        self.caller = Caller(
            self, random.Random(f"{seed}:caller"), self.ears, typed=typed, has_ears=self._ears_given
        )
        self.watch = Watch(
            self.call,
            self.ear,
            self.caller,
            self.mind,
            self.voice,
            self.faults,
            text_only=text_only,
        )
        self.ear.on_audible, self.ear.on_quiet = self.caller.hears_sound, self.caller.hears_end
        if text_only:
            self.voice.on_shown = lambda: self.after(300, self.caller.hears_end)
        self._weather(random.Random(f"{seed}:weather"))

    # -- for the actors ------------------------------------------------------------------------------

    def after(self, ms: Ms, do: Callable[[], None]) -> None:
        self._count += 1
        heapq.heappush(self._events, (self.now + max(0, ms), self._count, do))

    def tell(self, what: Input) -> None:
        if self.now < self._stalled_until or self._held:
            if not self._held:
                self.after(self._stalled_until - self.now, self._release)
            self._held.append(what)
        else:
            self._step(what)

    def _release(self) -> None:
        if self.now < self._stalled_until:
            self.after(self._stalled_until - self.now, self._release)
            return
        while self._held:
            self._step(self._held.popleft())

    # -- what happens to the process and the wire ------------------------------------------------------

    def _weather(self, rng: random.Random) -> None:
        self._rng = rng
        short = rng.random() < 0.5
        for at in range(500, 120_000, 4_000):
            if self.faults.hit(Fault.LOOP_STALL):
                spell = rng.randrange(50, 180) if short else rng.randrange(100, 2_000)
                self.after(at + rng.randrange(4_000), partial(self._stall, spell))
            if self.faults.hit(Fault.LINE_SLOW):
                self.after(
                    at + rng.randrange(4_000), partial(self.ear.go_slow, rng.randrange(100, 1_500))
                )
        if self.faults.hit(Fault.LINE_LOST):
            self.after(rng.randrange(0, 40_000), lambda: self.tell(LineLost("simulated")))
        if self.faults.hit(Fault.DRAIN):
            self.after(rng.randrange(0, 60_000), lambda: self.tell(DrainRequested()))

    def _stall(self, ms: Ms) -> None:
        """The event loop stands still: nothing gets in or out, the far end plays on."""
        self._stalled_until = max(self._stalled_until, self.now + ms)
        self.watch.silence.stalls.append((self.now, self._stalled_until))

    # -- the loop ----------------------------------------------------------------------------------------

    def run(self) -> Outcome:
        self.after(0, lambda: self.tell(CallStarted(self._ears_given, self._resumed)))
        failure = None
        try:
            while self._next():
                pass
        except BrokenRuleError as broken:
            failure = str(broken)
        return Outcome(
            seed=self.seed,
            failure=failure,
            tail=tuple(line(*step) for step in self._tail) if failure else (),
            call_ms=self.now,
            steps=self.steps,
            turns=self.watch.turns,
            frames=self.ear.frames_played,
            ending=self.watch.ended,
            injected=dict(self.faults.injected),
        )

    def _next(self) -> bool:
        """Go to the next thing that happens. False when the call, and what comes late, is over."""
        wake = self.call.deadline()
        if wake is not None:
            late = self._rng.randrange(1, 60) if self.faults.hit(Fault.WAKES_LATE) else 0
            wake = max(wake + late, self._stalled_until, self.now)
        if self._events and (wake is None or self._events[0][0] <= wake):
            at, _, do = heapq.heappop(self._events)
            if self.watch.ended is not None and at > self._ended_at + AFTERMATH_MS:
                return False
            self.now = at
            do()
            return True
        if wake is None:
            return False
        self.now = wake
        self._step(TimePassed())
        return True

    def _step(self, what: Input) -> None:
        now, watch = self.now, self.watch
        self.steps += 1
        watch.before(now, what)
        phase = self.call.phase.value
        try:
            effects = self.call.handle(what, now)
        except Exception as fault:
            self._tail.append((now, phase, what, []))
            raise BrokenRuleError("no_raise", repr(fault)) from fault
        self._tail.append((now, phase, what, effects))
        if self._on_step is not None:
            self._on_step(line(now, phase, what, effects))
        if watch.ended is not None:
            if effects:
                raise BrokenRuleError("one_end", f"{what} after the end had effects")
            return
        for effect in effects:
            watch.did(now, effect)
            self._perform(effect)
        watch.after(now, what)

    def _perform(self, effect: Effect) -> None:
        match effect:
            case e.SendFrame(payload):
                gap = self.ear.dry_ms
                speech, index = self.ear.frame(payload)
                self.watch.frame_sent(self.now, speech, index, self.ear.dry_ms - gap)
            case e.SendMark(name):
                self.ear.mark(name)
            case e.ClearPlayback():
                self.ear.clear()
                self.watch.cleared(self.now)
            case e.OpenEars():
                self.ears.open()
            case e.FinalizeEars():
                self.ears.finalize()
            case e.CloseEars():
                self.ears.close()
            case e.StartTurn(turn, said):
                self.mind.start(turn, said)
            case e.DraftTurn(draft, turn, said):
                self.mind.draft(draft, turn, said)
            case e.CommitTurn(draft, turn):
                self.mind.commit(draft, turn)
            case e.CancelTurn(turn):
                self.mind.cancel(turn)
            case e.Speak(speech, _, spoken):
                self.voice.speak(speech, spoken)
            case e.CancelSpeech(speech):
                self.voice.cancel(speech)
            case e.HangUp():
                self._ended_at = self.now
            case _:
                pass


def line(now: Ms, phase: str, what: Input, effects: Sequence[Effect]) -> str:
    """`98.62 thinking FinalHeard('no') -> ClearPlayback, CancelTurn(9), StartTurn(10)`."""
    done = [f"{name} x{n}" if n > 1 else name for name, n in _counted(effects)]
    return f"{now / 1000:8.3f} {phase:<16} {short(what)}" + (
        f" -> {', '.join(done)}" if done else ""
    )


def _counted(effects: Sequence[Effect]) -> list[tuple[str, int]]:
    return [
        (name, len(list(group))) for name, group in groupby(short(effect) for effect in effects)
    ]


def short(what: Input | Effect) -> str:
    """An input or effect in a few words; sound as its length."""
    match what:
        case e.SendFrame():
            return "SendFrame"
        case e.Speak(speech, turn, spoken):
            return f"Speak({speech}, turn {turn}, {spoken.text!r})"
        case _:
            names = type(what).__match_args__
            values = [_value(getattr(what, name)) for name in names]
            return f"{type(what).__name__}({', '.join(values)})" if values else type(what).__name__


def _value(value: object) -> str:
    match value:
        case bytes():
            return f"{len(value)} B"
        case Spoken():
            return repr(value.text)
        case str() if isinstance(value, Ending):
            return str(value)
        case _:
            return repr(value)


def run_seed(
    seed: int, *, make_call: type[Call] = Call, on_step: Callable[[str], None] | None = None
) -> Outcome:
    """One call from its seed."""
    return World(seed, make_call=make_call, on_step=on_step).run()


def digest(seed: int) -> str:
    """A hash of everything that happened: the same seed gives the same, on every machine."""
    sha = hashlib.sha256()
    run_seed(seed, on_step=lambda text: sha.update(text.encode()))
    return sha.hexdigest()
