"""One conversation from its seed: a goal, a caller, misheard words, a front desk; then its grade.

number = 4 * task + trial: the goal is drawn from the task, how it is said from the trial.
"""

from dataclasses import dataclass, field
from random import Random
from zlib import crc32

from dalpak.simulator.evals.acts import Act, HangUp, Press, Quiet, Say
from dalpak.simulator.evals.caller import Caller
from dalpak.simulator.evals.caller_own import OwnCaller
from dalpak.simulator.evals.drawing import Draw, e164
from dalpak.simulator.evals.families_talk import FAMILIES
from dalpak.simulator.evals.goals import Goal
from dalpak.simulator.evals.grade import Grade, grade
from dalpak.simulator.evals.listening import Heard, listen
from dalpak.simulator.evals.noise import garble, word_errors
from dalpak.simulator.evals.stage import Aftermath, Exchange, FrontDesk, Reply

TRIALS = 4
"""Conversations of one task: pass^4 wants all of them to succeed."""


@dataclass(frozen=True, slots=True)
class Job:
    """Which conversation: everything about it follows from this."""

    family: str
    number: int
    noise: float = 0.0
    """Share of words that are misheard."""
    seed: int = 0

    @property
    def task(self) -> int:
        return self.number // TRIALS

    @property
    def name(self) -> str:
        return f"{self.seed}/{self.family}/{self.number}"

    def dice(self, purpose: str) -> Random:
        return Random(f"{self.name}/{purpose}")

    def goal(self) -> Goal:
        rng = Random(f"{self.seed}/{self.family}/{self.task}/goal")
        return FAMILIES[self.family](Draw(rng))


@dataclass(frozen=True, slots=True)
class Spoken:
    """One line of the transcript. `heard` is what an STT made of it."""

    who: str
    text: str
    heard: str = ""


@dataclass(slots=True)
class Conversation:
    job: Job
    goal: Goal
    grade: Grade
    lines: list[Spoken] = field(default_factory=list)


class _Line:
    """Between the two: mishears the caller, and keeps the transcript."""

    def __init__(self, exchange: Exchange, job: Job) -> None:
        self._exchange, self._noise = exchange, job.noise
        self._rng = job.dice(f"noise {job.noise}")
        self.lines: list[Spoken] = []
        self.words = self.errors = 0

    def told(self, reply: Reply) -> Reply:
        self.lines += [Spoken("desk", text) for text in reply.texts]
        return reply

    async def pass_on(self, act: Act) -> Reply:
        match act:
            case Say(text):
                heard = garble(text, self._noise, self._rng) if self._noise else text
                self.words += len(text.split())
                self.errors += word_errors(text, heard)
                self.lines.append(Spoken("caller", text, heard if heard != text else ""))
                return self.told(await self._exchange.say(heard))
            case Press(keys):
                self.lines.append(Spoken("caller", f"> {keys}"))
                return self.told(await self._exchange.press(keys))
            case Quiet():
                self.lines.append(Spoken("caller", "..."))
                return self.told(await self._exchange.wait())
            case HangUp():
                self.lines.append(Spoken("caller", "(hangs up)"))
                await self._exchange.hang_up()
                return Reply(over=True)


async def converse(desk: FrontDesk, job: Job) -> Conversation:
    """Have the conversation and grade it."""
    goal = job.goal()
    made_for = OwnCaller if goal.caller_owns else Caller
    caller = made_for(goal, job.dice("caller"))
    heard: list[Heard] = []
    async with desk.call(goal, crc32(job.name.encode())) as exchange:
        line = _Line(exchange, job)
        reply = line.told(await exchange.greeting())
        while True:
            heard.append(listen(reply.texts, goal.now))
            if reply.over:
                caller.listen(heard[-1])
                break
            reply = await line.pass_on(caller.act(heard[-1]))
        aftermath = await exchange.aftermath(_phones(goal))
    made = grade(goal, caller.ledger, heard, aftermath, clean=job.noise == 0)
    made.words, made.word_errors = line.words, line.errors
    return Conversation(job, goal, made, [*line.lines, *_end(aftermath)])


def _phones(goal: Goal) -> list[str]:
    known = [e164(goal.phone)] if goal.phone else []
    return [*known, goal.caller_id] if goal.caller_id else known


def _end(aftermath: Aftermath) -> list[Spoken]:
    rows = [
        f"{r.start:%Y-%m-%d %H:%M} {r.service_id} {r.staff_id} {r.name} {r.phone}"
        for r in (*aftermath.rows, *aftermath.own)
    ]
    rows += [f"waits for {day}" for day in aftermath.waits]
    note = [f"note: {aftermath.note}"] if aftermath.note else []
    return [Spoken("diary", text) for text in (*rows, *note, f"ended: {aftermath.end}")]
