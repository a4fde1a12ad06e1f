"""The interaction panel of tau-voice, from who spoke when: response, yielding, interrupting, selectivity.

The events and windows are those of tau2-bench (docs/interaction-metrics.md, version 1.0), with time in milliseconds
instead of ticks. One thing is told twice: there any silence of ours after an "mm" is a yield; we pause on a voice and
go on from where we were, so `talked_on` counts whether the answer was audible again within the window, and `unbroken`
counts it as they do. Pure: no call is made here.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import pairwise

from dalpak.call.limits import Ms

NO_YIELD_MS: Ms = 2_000
"""Time to yield to a real interruption."""
EVENT_YIELD_MS: Ms = 1_000
"""Giving the floor away this soon after what is no interruption is an error."""
EVENT_RESPONSE_MS: Ms = 2_000
"""And so is answering it this soon, while we are silent."""
TICK_MS: Ms = 200
"""Their grain: a shorter silence is none."""
EVENTS_MIN = 10
"""A rate of fewer events is not shown."""


class Kind(StrEnum):
    TURN = "turn"
    INTERRUPTION = "interruption"
    BACKCHANNEL = "backchannel"
    TIC = "vocal tic"
    NON_DIRECTED = "non-directed"
    NOISE = "noise"


@dataclass(frozen=True, slots=True)
class Span:
    start: Ms
    end: Ms


@dataclass(frozen=True, slots=True)
class Heard:
    """One thing that came from the caller's side. `over_us`: we were speaking, and had this much left to say."""

    kind: Kind
    span: Span
    over_us: Ms = 0
    alone: bool = False
    """In silence, with nothing else said for a while after."""


@dataclass(slots=True)
class Timeline:
    """Who spoke when in one call; the agent's spans as the caller heard them, merged and in order."""

    heard: list[Heard] = field(default_factory=list)
    agent: list[Span] = field(default_factory=list)


@dataclass(slots=True)
class Panel:
    """Counts and sums over any number of calls."""

    latencies: list[Ms] = field(default_factory=list)
    unanswered: int = 0
    yields: list[Ms] = field(default_factory=list)
    unyielded: int = 0
    turns: int = 0
    interrupted: int = 0
    """Our speech began inside a turn of the caller's, its own pauses included."""
    talked_on: dict[Kind, list[bool]] = field(default_factory=dict)
    unbroken: dict[Kind, list[bool]] = field(default_factory=dict)

    def add_all(self, chunks: Iterable[Iterable[Timeline]]) -> None:
        for lines in chunks:
            for line in lines:
                self.add(line)

    def add(self, line: Timeline) -> None:
        starts = [span.start for span in line.agent]
        turns = [h for h in line.heard if h.kind in (Kind.TURN, Kind.INTERRUPTION)]
        for one, following in pairwise([*turns, None]):
            assert one is not None
            self._turn(one, following, line, starts)
        for event in line.heard:
            if event.kind not in (Kind.TURN, Kind.INTERRUPTION):
                self._event(event, line.agent, starts)

    def _turn(
        self, turn: Heard, following: Heard | None, line: Timeline, starts: Sequence[Ms]
    ) -> None:
        self.turns += 1
        own = turn.span
        self.interrupted += sum(own.start < at < own.end for at in starts)
        until = following.span.start if following is not None else None
        answer = next((at for at in starts if at >= own.end), None)
        if answer is not None and (until is None or answer < until):
            self.latencies.append(answer - own.end)
        elif until is not None:
            self.unanswered += 1
        if turn.kind is Kind.INTERRUPTION:
            stopped = next((s.end for s in line.agent if s.end >= own.start), own.start)
            if stopped - own.start <= NO_YIELD_MS:
                self.yields.append(stopped - own.start)
            else:
                self.unyielded += 1

    def _event(self, event: Heard, agent: Sequence[Span], starts: Sequence[Ms]) -> None:
        begins = event.span.start
        if event.over_us:
            end = begins + EVENT_YIELD_MS
            audible = any(s.start <= end < s.end for s in agent)
            gaps = [(a.end, b.start) for a, b in pairwise(agent)]
            broken = any(begins <= a < end and b - a >= TICK_MS for a, b in gaps)
            self.talked_on.setdefault(event.kind, []).append(audible)
            self.unbroken.setdefault(event.kind, []).append(audible and not broken)
        elif event.alone:
            ignored = not any(begins < at < event.span.end + EVENT_RESPONSE_MS for at in starts)
            self.talked_on.setdefault(event.kind, []).append(ignored)
            self.unbroken.setdefault(event.kind, []).append(ignored)


@dataclass(frozen=True, slots=True)
class Row:
    """One system: seconds for the latencies, rates for the rest; None is not known or of too few events."""

    name: str
    response_s: float | None
    yield_s: float | None
    response_rate: float | None
    yield_rate: float | None
    interrupts: float | None
    backchannel: float | None
    tic: float | None
    non_directed: float | None

    @property
    def selectivity(self) -> float | None:
        parts = (self.backchannel, self.tic, self.non_directed)
        known = [part for part in parts if part is not None]
        return sum(known) / len(parts) if len(known) == len(parts) else None


PUBLISHED = (
    Row("LiveKit cascaded", 4.24, 0.87, 0.79, 0.99, 0.64, 0.67, 0.49, 0.58),
    Row("gpt-realtime-1.5", 1.39, 0.42, 1.00, 1.00, 0.14, 0.02, 0.05, 0.10),
    Row("grok-voice-think-fast-1.0", 1.21, 1.37, 1.00, 0.94, 0.20, 0.66, 0.60, 0.28),
    Row("gemini-3.1-flash-live (min)", 1.64, 0.82, 0.97, 0.52, 0.10, 0.90, 0.51, 0.27),
    Row("Pine (gpt-5.5 sim)", 2.00, 1.19, 0.95, 0.41, 0.77, 0.97, 0.54, 0.40),
)
"""The tau-voice leaderboard, overall: other dialogues, English, real models. A bar, not a head-to-head."""


def row_of(panel: Panel, name: str, told: dict[Kind, list[bool]]) -> Row:
    answered, yielded = len(panel.latencies), len(panel.yields)
    return Row(
        name,
        _mean(panel.latencies),
        _mean(panel.yields),
        _share(answered, answered + panel.unanswered),
        _share(yielded, yielded + panel.unyielded),
        _share(panel.interrupted, panel.turns),
        *(_rate(told.get(k, [])) for k in (Kind.BACKCHANNEL, Kind.TIC, Kind.NON_DIRECTED)),
    )


def _mean(times: Sequence[Ms]) -> float | None:
    return sum(times) / len(times) / 1000 if len(times) >= EVENTS_MIN else None


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole >= EVENTS_MIN else None


def _rate(told: Sequence[bool]) -> float | None:
    return _share(sum(told), len(told))


def table(rows: Iterable[Row], write: Callable[[str], object]) -> None:
    head = ("L_R s", "L_Y s", "R_R", "R_Y", "I_A", "S_BC", "S_VT", "S_ND", "S mean")
    write(f"  {'':<34}" + "".join(f"{title:>8}" for title in head) + "\n")
    for row in rows:
        values = (
            row.response_s, row.yield_s, row.response_rate, row.yield_rate, row.interrupts,
            row.backchannel, row.tic, row.non_directed, row.selectivity,
        )  # fmt: skip
        shown = "".join(f"{'-' if v is None else f'{v:.3f}':>8}" for v in values)
        write(f"  {row.name:<34}{shown}\n")
