"""Row C7 of faults.py: a caller who speaks over the agent, and while the appointment is being written.

It answers before the question is at its end, except over a read-back, which has to be heard to be agreed to. When it
has agreed, the database is held for a while, so that the write lasts, and it speaks into that as well.
"""

import asyncio
import sqlite3
import tempfile
from collections.abc import Callable
from pathlib import Path
from random import Random

from voiced import WORD_MS, Found, Outcome, Providers, VoicedLine, call_over, product

from dalpak.call import journal
from dalpak.call.inputs import FrameHeard, ToolEnded, ToolStarted
from dalpak.clock import SystemClock
from dalpak.simulator.coded_voice import coded_voice
from dalpak.simulator.evals.goals import Goal, Question
from dalpak.simulator.evals.listening import listen
from dalpak.simulator.heard_line import Hearing
from dalpak.simulator.heard_words import HeardWords
from dalpak.simulator.media_stream import FRAME_MS, frames_of

OVER_MS = 700
"""Heard so much of an answer, it speaks."""
STOPS_MS = 250
"""Reliability C7: within so long after the voice began, nothing more is to be heard."""
CUTS_LEAST = 2
HELD_MS = 800
"""How long nobody else can write to the database: within what the store waits for it."""
SPEAKS_INTO_WRITE_MS = 100
BOOK = "calendar.create_appointment"
INTO_THE_WRITE = "רגע רגע חכי"


class Interrupter(VoicedLine):
    """`VoicedLine` without manners."""

    def __init__(self, goal: Goal, rng: Random, clock: SystemClock) -> None:
        super().__init__(goal, rng, clock)
        self.words = HeardWords()
        self.stopped_ms: list[int] = []
        """From the first frame of its voice over ours to our `clear`."""
        self.hold_database: Callable[[], None] = lambda: None
        self._hears_since: int | None = None
        """When the answer that it is hearing began."""
        self._over = False
        """What it does now it does while we speak."""
        self._spoke_over_at: int | None = None
        self._agrees = False
        self._speaks_into_write_at: int | None = None

    # -- the line --------------------------------------------------------------------------------

    def send_frame(self, payload: bytes) -> None:
        self.words.frame(payload)
        super().send_frame(payload)

    def send_mark(self, name: str) -> None:
        self.words.mark(name)
        super().send_mark(name)

    def clear(self) -> None:
        self.words.clear()
        super().clear()
        self._hears_since = None
        if self._spoke_over_at is not None:
            self.stopped_ms.append(self._clock.monotonic_ms() - self._spoke_over_at)
            self._spoke_over_at = None

    def _voice_came(self, now: int) -> None:
        super()._voice_came(now)
        if self._hears_since is None:
            self._hears_since = now

    def show(self, kind: str, data: dict[str, object]) -> None:
        super().show(kind, data)
        if kind == "caller" and self._agrees:
            self._agrees = False
            self.hold_database()
            self._speaks_into_write_at = self._clock.monotonic_ms() + SPEAKS_INTO_WRITE_MS

    # -- the person ------------------------------------------------------------------------------

    def _mark_back(self, call: Hearing, name: str) -> None:
        self.words.mark_back(name)
        super()._mark_back(call, name)

    def _wants_to_speak(self, now: int, quiet: int) -> bool:
        if self._speaks_into_write_at is not None:
            return now >= self._speaks_into_write_at
        over = quiet < 0 and self._hears_since is not None and now - self._hears_since >= OVER_MS
        asked = listen(self._fresh, self._goal.now).question if over else None
        self._over = asked not in (None, Question.CONFIRM)
        return self._over or super()._wants_to_speak(now, quiet)

    def _answer(self, call: Hearing, now: int) -> list[bytes]:
        self._hears_since = None
        if self._speaks_into_write_at is not None:
            self._speaks_into_write_at = None
            return frames_of(coded_voice(INTO_THE_WRITE, WORD_MS))
        consents = len(self.ledger.consents)
        saying = super()._answer(call, now)
        self._agrees = len(self.ledger.consents) > consents
        if self._over and saying:
            self._spoke_over_at = now  # keys stop us too, but that is no voice
        return saying


async def play(goal: Goal, prompts: Path) -> Found:
    async with Providers.running() as providers:
        with tempfile.TemporaryDirectory() as folder:
            settings = providers.settings(Path(folder), prompt_cache_dir=prompts)
            async with product(settings, goal) as ext:
                assert isinstance(ext.clock, SystemClock)
                line = Interrupter(goal, Random(5), ext.clock)
                line.hold_database = lambda: hold(Path(folder) / "dalpak.db")
                outcome = await call_over(ext, line, goal.caller_id)
            return found(outcome, Path(folder) / "journal" / f"{outcome.call_id}.jsonl")


def hold(database: Path) -> None:
    """Nobody else writes for HELD_MS."""
    held = sqlite3.connect(database, isolation_level=None)
    held.execute("BEGIN IMMEDIATE")
    asyncio.get_running_loop().call_later(HELD_MS / 1000, held.close)


def found(outcome: Outcome[Interrupter], path: Path) -> Found:
    line = outcome.line
    voiced_ms, written = during_the_write(path)
    cut = [turn for turn in outcome.turns if turn.interrupted]
    unheard = sum(line.words.claimed_unheard(t.number, t.heard) for t in outcome.turns)
    stops = line.stopped_ms
    return Found.of(
        outcome,
        holds=(
            len(stops) >= CUTS_LEAST
            and max(stops) <= STOPS_MS
            and len(cut) >= CUTS_LEAST
            and unheard == 0
            and voiced_ms > 0
            and written == [True]
            and len(outcome.booked) == 1
        ),
        figures=f"onset to clear {', '.join(map(str, stops))} ms of {STOPS_MS}; {len(cut)} answers cut, "
        f"{unheard} words kept that no mark confirmed; {voiced_ms} ms of voice in the write, "
        f"written {written.count(True)}x",
    )


def during_the_write(path: Path) -> tuple[int, list[bool]]:
    """By the call's journal: voice that fell into the writing of an appointment, and how each of these ended."""
    _, _, steps = journal.read(path.read_text(encoding="utf-8").splitlines())
    writing, frames, ends = False, 0, list[bool]()
    for step in steps:
        match step.what:
            case ToolStarted(_, name, _):
                writing = name == BOOK
            case ToolEnded(_, name, ok, _) if name == BOOK:
                writing = False
                ends.append(ok)
            case FrameHeard(True):
                frames += writing
    return frames * FRAME_MS, ends
