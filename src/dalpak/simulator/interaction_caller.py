"""The caller of the interaction suite: six or so turns, and everything besides turns that comes down a telephone line.

It listens and decides by the clock; what it does is written into the timeline as it was meant.
"""

import random
from collections.abc import Callable, Sequence
from functools import partial
from typing import Protocol

from dalpak.call.limits import Ms
from dalpak.simulator.interaction_figures import EVENT_RESPONSE_MS, Heard, Kind, Span, Timeline

LOOK_MS: Ms = 50
LEFT_MS: Ms = 1_600
"""We must have so much left to say for an event over our voice to be scored."""
TURNS = (4, 8)
OVER_US = (
    (None, 40), (Kind.INTERRUPTION, 20), (Kind.BACKCHANNEL, 18),
    (Kind.TIC, 8), (Kind.NON_DIRECTED, 8), (Kind.NOISE, 6),
)  # fmt: skip
"""What comes while we speak, once per answer, and how often."""
ALONE = (
    (None, 70), (Kind.TIC, 10), (Kind.NON_DIRECTED, 12), (Kind.NOISE, 8),
)  # fmt: skip
"""What comes in silence, before a turn."""
PAUSES_WITHIN = 0.15
"""Turns with a pause in them."""
OPEN_PAUSES = 0.6
"""Pauses after words that want others; the rest come where the sentence could have ended."""
PATIENCE_MS: Ms = 4_000
"""Without an answer for so long the caller says something again."""
NUMBERS = 0.12
"""Turns in which a telephone number is said, in groups."""
HUMS = ("mm", "aha", "yes")
HESITATIONS = ("em", "er")
FAR = 0.6
"""Of what is said to others: too far from the telephone to be understood."""
VOICE_FAR = 0.5
VOICE_NOISE = 0.3
"""How often the detector takes such a sound for a voice."""


class Line(Protocol):
    """What the caller does reaches the call through this."""

    now: Ms
    over: bool
    timeline: Timeline

    def after(self, ms: Ms, do: Callable[[], None]) -> None: ...

    def voice(self, ms: Ms, *, heard: bool = True) -> None: ...

    def word(self, word: str) -> None: ...

    def agent_audible(self) -> bool: ...

    def agent_left_ms(self) -> Ms: ...

    def agent_done(self) -> bool: ...


class InteractionCaller:
    def __init__(self, line: Line, rng: random.Random) -> None:
        self._line, self._rng = line, rng
        self._turns_left = rng.randrange(*TURNS)
        self._busy_until: Ms = 0
        self._quiet_since: Ms | None = None
        self._reaction: Ms = 0
        self._answer: object = None
        self._drawn_at: Ms | None = None
        self._plan: Kind | None = None
        self._said = 0
        self._asked_at: Ms | None = None
        """A turn was said, and its answer is waited for."""

    def begin(self) -> None:
        self._line.after(LOOK_MS, self._look)

    def _look(self) -> None:
        line = self._line
        line.after(LOOK_MS, self._look)
        if line.now < self._busy_until:
            return
        if line.agent_audible():
            self._quiet_since = self._asked_at = None
            self._over_us()
        elif self._asked_at is not None and line.now - self._asked_at < PATIENCE_MS:
            return
        elif line.agent_done():
            self._answer = None
            if self._quiet_since is None:
                self._quiet_since = line.now
                self._reaction = self._rng.randrange(250, 1_200)
            elif line.now - self._quiet_since >= self._reaction:
                self._my_turn()

    def _over_us(self) -> None:
        """Once per answer something may come over it, at some moment of its first seconds."""
        spans = self._line.timeline.agent
        if self._answer is None:
            self._answer = spans[-1].start
            self._plan = self._draw(OVER_US)
            self._drawn_at = self._line.now + self._rng.randrange(300, 2_500)
        if self._plan is None or self._drawn_at is None or self._line.now < self._drawn_at:
            return
        left, kind, self._plan = self._line.agent_left_ms(), self._plan, None
        if left < LEFT_MS:
            return
        if kind is Kind.INTERRUPTION:
            self._speak(Kind.INTERRUPTION)
        else:
            self._event(kind, over_us=left)

    def _my_turn(self) -> None:
        self._quiet_since = None
        event = self._draw(ALONE)
        if event is not None:
            self._event(event, over_us=0)
            self._busy_until += EVENT_RESPONSE_MS + 300
        elif self._turns_left <= 0:
            self._line.over = True
        else:
            self._turns_left -= 1
            self._speak(Kind.TURN)

    def _draw(self, table: tuple[tuple[Kind | None, int], ...]) -> Kind | None:
        kinds, weights = zip(*table, strict=True)
        drawn: Kind | None = self._rng.choices(kinds, weights)[0]
        return drawn

    # -- sounds ----------------------------------------------------------------------------------------

    def _speak(self, kind: Kind) -> None:
        """A turn, whole or in parts."""
        start, at = self._line.now, 0
        self._said += 1
        for last, many, mark in self._parts():
            words = [f"u{self._said}.{at}.{k}" for k in range(many)]
            words[-1] += mark
            ms = many * self._rng.randrange(250, 400)
            self._line.after(at, partial(self._line.voice, ms))
            for k, word in enumerate(words, start=1):
                self._line.after(at + k * ms // many, partial(self._line.word, word))
            at += ms
            if not last:
                at += self._rng.randrange(250, 750)
        self._say(kind, Span(start, start + at))
        self._asked_at = start + at

    def _parts(self) -> list[tuple[bool, int, str]]:
        """(is the last, words, mark of its last word) of each stretch of voice."""
        dice = self._rng.random()
        if dice < NUMBERS:
            return [(False, 3, "#"), (False, 3, "#"), (True, 4, "")]
        if dice < NUMBERS + PAUSES_WITHIN:
            mark = "+" if self._rng.random() < OPEN_PAUSES else ""
            return [(False, self._rng.randrange(2, 5), mark), (True, self._rng.randrange(1, 5), "")]
        return [(True, self._rng.randrange(2, 9), "")]

    def _event(self, kind: Kind, *, over_us: Ms) -> None:
        rng, line = self._rng, self._line
        ms = rng.randrange(200, 600)
        match kind:
            case Kind.BACKCHANNEL:
                self._hum(ms)
            case Kind.TIC if rng.random() < 0.5:
                self._hum(ms, HESITATIONS)
            case Kind.TIC:
                line.voice(ms, heard=rng.random() < VOICE_FAR)
            case Kind.NON_DIRECTED:
                ms = rng.randrange(500, 1_500)
                self._aside(ms)
            case _:
                line.voice(ms, heard=rng.random() < VOICE_NOISE)
        self._say(kind, Span(line.now, line.now + ms), over_us=over_us)

    def _hum(self, ms: Ms, words: Sequence[str] = HUMS) -> None:
        self._line.voice(ms)
        self._line.after(ms, partial(self._line.word, self._rng.choice(words)))

    def _aside(self, ms: Ms) -> None:
        """Said to somebody else: usually too far away for words."""
        if self._rng.random() < FAR:
            self._line.voice(ms, heard=self._rng.random() < VOICE_FAR)
            return
        self._said += 1
        self._line.voice(ms)
        for k in range(1, 3):
            self._line.after(k * ms // 2, partial(self._line.word, f"n{self._said}.{k}"))

    def _say(self, kind: Kind, span: Span, *, over_us: Ms = 0) -> None:
        event = kind not in (Kind.TURN, Kind.INTERRUPTION)
        self._line.timeline.heard.append(Heard(kind, span, over_us, alone=event and not over_us))
        self._busy_until = span.end + (EVENT_RESPONSE_MS if event and over_us else LOOK_MS)
