"""One whole spoken call through the real providers' clients, in this process: the caller has a voice and ears.

The caller is the simulated one of `make evals`; it speaks in the coded voice that the simulated recogniser
reads, hears our frames in real time, and answers when we have finished. Google and the model are simulators on
the wire. Used by faults.py and by latencies.py; no table is made here.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any, Generic, TypeVar

from dalpak.agents.agent_factory import warm_up
from dalpak.call.inputs import CallerHungUp, MarkPlayed
from dalpak.call.mulaw import SILENCE_FRAME
from dalpak.clock import PinnedClock, SystemClock
from dalpak.config import Settings
from dalpak.domain.records import (
    Appointment,
    CallEnd,
    CallRecord,
    TenantScope,
    TraceRecord,
    TurnRecord,
)
from dalpak.extensions import Extensions, build_extensions, prompts_of
from dalpak.language.he import HEBREW
from dalpak.runtime.supervise import Supervisor
from dalpak.simulator.coded_voice import coded_voice
from dalpak.simulator.evals.acts import HangUp, Ledger, Press, Quiet, Say
from dalpak.simulator.evals.caller import Caller
from dalpak.simulator.evals.drawing import USUAL, Draw
from dalpak.simulator.evals.families_talk import FAMILIES
from dalpak.simulator.evals.goals import Goal, Question
from dalpak.simulator.evals.listening import listen
from dalpak.simulator.google import GoogleSimulator
from dalpak.simulator.heard_line import HeardLine, Hearing
from dalpak.simulator.media_stream import frames_of
from dalpak.simulator.openai_minds import Competent
from dalpak.simulator.openai_server import AT_ONCE, MODEL, PUBLISHED, OpenAiServer

FINISHED_MS = 500
"""Quiet after which this caller answers."""
GIVES_UP_MS = 25_000
"""Nothing heard for so long: the caller hangs up."""
WORD_MS = 120
"""The voices of these calls are quick, so that a table takes minutes."""
CALL_MAX_MS = 150_000
YES_KEY = "1"
FILLERS = {HEBREW.phrase(name).text for name in ("filler", "filler_2", "filler_3")}
"""Whoever hears "one moment" waits."""


@dataclass(slots=True)
class Silence:
    """From the caller's last voiced frame to the first audible one of the answer, whatever that is."""

    answers_ms: list[int] = field(default_factory=list)

    @property
    def longest_ms(self) -> int:
        return max(self.answers_ms, default=0)


class VoicedLine(HeardLine):
    """And the person at its end."""

    def __init__(self, goal: Goal, rng: Random, clock: SystemClock) -> None:
        super().__init__(clock)
        self.silence = Silence()
        self.mute_after: int | None = None
        """Sentences of the caller after which no frame comes any more."""
        self.loses_marks = False
        self.noise: list[bytes] = []
        """Frames of this are sent where the caller says nothing."""
        self.texts: list[str] = []
        self.said = 0
        self._goal = goal
        self._caller = Caller(goal, rng)
        self._fresh: list[str] = []
        self._asked_at: int | None = None
        self._deaf = False
        """It said that it takes keys only: words get no answer."""

    @property
    def ledger(self) -> Ledger:
        return self._caller.ledger

    # -- the line --------------------------------------------------------------------------------

    def _voice_came(self, now: int) -> None:
        if self._asked_at is not None:
            self.silence.answers_ms.append(now - self._asked_at)
            self._asked_at = None

    def show(self, kind: str, data: dict[str, object]) -> None:
        """What is said, as text: this caller need not decode it."""
        if kind == "agent":
            self._fresh.append(str(data["text"]))
            self.texts.append(str(data["text"]))

    # -- the person ------------------------------------------------------------------------------

    async def run(self, call: Hearing) -> None:
        began = heard_at = self._clock.monotonic_ms()
        saying: list[bytes] = []
        frame = 0
        while not self.over:
            now = self._clock.monotonic_ms()
            for name in self._playback.due_marks(now):
                self._mark_back(call, name)
            quiet = self._playback.quiet_ms(now)
            heard_at = max(heard_at, now - max(quiet, 0))
            if not saying and self._wants_to_speak(now, quiet):
                saying = self._answer(call, now)
            elif now - heard_at > GIVES_UP_MS or now - began > CALL_MAX_MS:
                self._give_up(call)
                return
            self._send(call, saying, frame, now)
            frame += 1
            await self._until_frame(frame, began)

    def _mark_back(self, call: Hearing, name: str) -> None:
        if not self.loses_marks:
            call.hear(MarkPlayed(name))

    def _wants_to_speak(self, now: int, quiet: int) -> bool:
        """`quiet`: ms since the last sound of ours; negative while there is one."""
        del now
        return self._heard_since_last and quiet >= FINISHED_MS

    def _send(self, call: Hearing, saying: list[bytes], frame: int, now: int) -> None:
        if self.mute_after is not None and self.said >= self.mute_after and len(saying) < 20:
            self._asked_at = None
            return
        if not saying:
            call.hear_audio(self.noise[frame % len(self.noise)] if self.noise else SILENCE_FRAME)
            return
        call.hear_audio(saying.pop(0))
        if not saying and not self._deaf:
            self._asked_at = now

    def _answer(self, call: Hearing, now: int) -> list[bytes]:
        """What the caller does now; frames of its voice if it speaks."""
        self._heard_since_last = False
        if all(text in FILLERS for text in self._fresh):
            return []
        texts, self._fresh = self._fresh, []
        if self.mute_after is not None and self.said >= self.mute_after:
            return []
        heard = listen(texts, self._goal.now)
        by_keys = any(name.startswith("keypad_confirm") for name in heard.keys)
        self._deaf = by_keys or heard.question is Question.MENU
        act = self._caller.act(heard)
        if by_keys and isinstance(act, Say):
            act = Press(YES_KEY)  # a menu of keys asks for no name, and its answer is a key
        match act:
            case Say(text):
                self.said += 1
                return frames_of(coded_voice(text, WORD_MS))
            case Press(keys):
                self._press(call, keys)
                self._asked_at = now
            case Quiet():
                pass
            case HangUp():
                call.hear(CallerHungUp())
        return []


@dataclass(slots=True)
class Providers:
    """The simulators of one table row."""

    google: GoogleSimulator
    model: OpenAiServer

    @classmethod
    @asynccontextmanager
    async def running(cls, *, published: bool = False, seed: int = 0) -> AsyncIterator["Providers"]:
        """`published`: at the latencies that others measured; else at once."""
        google = GoogleSimulator(seed=seed, published_latencies=published)
        google.tts.word_ms = WORD_MS
        mind = Competent(HEBREW, HEBREW.phrase("ask_when").text)
        pace = PUBLISHED if published else AT_ONCE
        async with google, OpenAiServer(mind, seed=seed, pace=pace) as model:
            yield cls(google, model)

    def settings(self, folder: Path, **more: object) -> Settings:
        values: dict[str, object] = {
            "data_dir": folder,
            "flows_enabled": False,
            "vad_provider": "energy",  # the coded voice is one by its loudness only
            "stt_provider": "google",
            "tts_provider": "google",
            "google_project": "bench",
            "google_stt_endpoint": self.google.address,
            "google_tts_endpoint": self.google.address,
            "agent_provider": "openai",
            "openai_api_key": "sk-simulated",
            "openai_base_url": self.model.base_url,
            "openai_model": MODEL,
            **more,
        }
        return Settings(_env_file=None, **values)  # type: ignore[arg-type, call-arg]


Line = TypeVar("Line", bound=VoicedLine)


@dataclass(frozen=True, slots=True)
class Outcome(Generic[Line]):
    """A call afterwards: as its caller heard it, and as the database has it."""

    call_id: str
    line: Line
    end: CallEnd
    booked: list[Appointment]
    turns: list[TurnRecord]
    traces: list[TraceRecord]
    tasks_left: int


@dataclass(frozen=True, slots=True)
class Found:
    """What one row of a table has to say of its call."""

    end: str
    lives: bool
    dead_air_ms: int
    booked: int
    holds: bool
    figures: str = ""
    heard: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, outcome: Outcome[Any], *, holds: bool, figures: str = "") -> "Found":
        return cls(
            end=str(outcome.end),
            lives=outcome.end not in {CallEnd.INTERNAL_ERROR, CallEnd.CRASHED},
            dead_air_ms=outcome.line.silence.longest_ms,
            booked=len(outcome.booked),
            holds=holds,
            figures=figures,
            heard=tuple((turn.said, turn.heard) for turn in outcome.turns),
        )


def goal_of(family: str, seed: int) -> Goal:
    """For the usual service, in an empty diary: the demo salon's. The simulated model knows no other."""
    for number in range(1_000):
        goal = FAMILIES[family](Draw(Random(f"{family}/{seed}/{number}")))
        if not goal.taken and all(visit.service_id == USUAL for visit in goal.visits):
            return goal
    raise ValueError(f"no goal of {family!r} has an empty diary")


@asynccontextmanager
async def product(settings: Settings, goal: Goal) -> AsyncIterator[Extensions]:
    """The real thing, warm as it is a minute after its start, at the goal's moment."""
    async with build_extensions(settings, clock=PinnedClock(goal.now)) as ext:
        await warmed(ext)
        yield ext


async def warmed(ext: Extensions) -> None:
    await warm_up(ext.calls.kit.agent)
    for code, prompts in (await prompts_of(ext.store)).items():
        await ext.bank.maybe_warmup(prompts, locale=ext.language_of(code).locale)


async def call(
    ext: Extensions, goal: Goal, rng: Random, before: Callable[[VoicedLine], None] = lambda _: None
) -> Outcome[VoicedLine]:
    """From the first ring to the last row. `before` may spoil the line."""
    assert isinstance(ext.clock, SystemClock)
    line = VoicedLine(goal, rng, ext.clock)
    before(line)
    return await call_over(ext, line, goal.caller_id)


async def call_over(ext: Extensions, line: Line, caller: str | None) -> Outcome[Line]:
    """The same over a line of one's own."""
    business = (await ext.store.businesses())[0]
    call_id, now = ext.clock.new_id("call_"), ext.clock.now()
    record = CallRecord(
        call_id, business.id, "twilio", f"bench:{call_id}", "", caller, business.phone, now, now
    )  # fmt: skip
    scope = TenantScope(business.id)
    async with ext.store.writing(scope) as tx:
        record = await tx.open_call(record)
    session = ext.calls.open(record, line)
    person = Supervisor("person")
    person.spawn(line.run(session), name="person")
    end = await session.run()
    await person.aclose()
    async with ext.store.reading(scope) as reading:
        booked = list(await reading.appointments(call_id=call_id))
        turns = list(await reading.turns(call_id))
        traces = list(await reading.traces(call_id))
    return Outcome(call_id, line, end, booked, turns, traces, ext.calls.tasks_abandoned)
