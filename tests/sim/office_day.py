"""A day at the office in virtual time: several callers at once through the real shell, agent, tools and SQLite.

The core alone is simulated by `dalpak.simulator.world`. Here everything that is ours is real; only the voices, the
callers and what breaks are simulated. After the day the database is asked what is true.

    python tests/sim/office_day.py --seeds 100 [--start N]
"""

import argparse
import asyncio
import atexit
import logging
import multiprocessing
import os
import random
import shutil
import sqlite3
import sys
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import structlog

from dalpak.agents.builtin_agent import BuiltinAgent
from dalpak.call.inputs import CallerHungUp, FinalHeard, KeyPressed, LineLost, MarkPlayed
from dalpak.call.limits import Limits
from dalpak.call.mulaw import SILENCE_FRAME
from dalpak.clock import Clock, SystemClock, VirtualClock, run_virtual
from dalpak.domain.records import Business, CallEnd, CallRecord, TenantScope
from dalpak.errors import ProviderError
from dalpak.language.base import Spoken
from dalpak.language.registry import language
from dalpak.ports.agent import AgentOutput, AgentTurn
from dalpak.runtime.calls import Calls, Kit
from dalpak.runtime.session import Session
from dalpak.runtime.supervise import Supervisor
from dalpak.services.registry import voice_activity_detector
from dalpak.services.tts.silent import SilentTts
from dalpak.simulator.scripted_stt import ScriptedStt, voice_for
from dalpak.store.demo import seed_demo
from dalpak.store.migrate import migrate
from dalpak.store.unit_of_work import SqlStore
from dalpak.telephony.loopback import LoopbackPlayer
from dalpak.tools.desk import desk_factory

MORNING = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
FRAME_S = 0.02
FINISHED_MS = 500
"""Silence after which a caller answers; longer than the pause between two sentences."""
PATIENCE_MS = 20_000
DEAD_AIR_MS = 3_000
DEAD_AIR_SEVERAL_MS = 4_500
"""Where several kinds of fault come together."""
IN_MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
"""Where a day's database lies: nothing here survives a power failure anyway."""
COMES_BACK = 4
"""How often a caller whose line broke is put through again, as `<Connect action>` does."""

BOOKINGS: tuple[tuple[str, ...], ...] = (
    ("אני רוצה לקבוע תספורת גברים מחר בעשר בבוקר", "קוראים לי דנה כהן", "> 0559099999#", "כן", "לא תודה"),
    ("שלום, אני רוצה לקבוע תספורת גברים", "מחר בעשר ושבע דקות", "הראשון", "דנה כהן", "> 0559099998#", "כן"),
    ("אפשר תור לתספורת גברים מחר אחרי הצהריים", "הראשון", "שמי משה לוי", "0559099997", "כן", "לא"),
    ("תור למחר בעשר", "תספורת גברים", "אבי", "> 0559099996#", "לא", "באחת עשרה", "כן", "כן"),
)  # fmt: skip
KEYED = ("> 1", "> 1", "> 0559099995#", "> 1", "> 2")
ASIDES = ("מה?", "תחזרי על זה", "בננה סגולה", "רגע", "כמה זה עולה", "> *", "> 7", "> #")


class Trouble(StrEnum):
    STORE_SLOW = "store_slow"
    STORE_DOWN = "store_down"
    COMMIT_FAILS = "commit_fails"
    ACK_LOST = "ack_lost"
    AGENT_FAILS = "agent_fails"
    AGENT_SILENT = "agent_silent"
    AGENT_SLOW = "agent_slow"
    VOICE_FAILS = "voice_fails"
    VOICE_SILENT = "voice_silent"
    LINE_LOST = "line_lost"
    MARKS_LOST = "marks_lost"


STORE_TROUBLE = (Trouble.STORE_DOWN, Trouble.COMMIT_FAILS, Trouble.ACK_LOST)


class Troubles:
    """What goes wrong on one day, from its seed.

    Threads of the database finish in any order, so that each decision is drawn for its own place and count: the same
    for a task whatever its neighbours do.
    """

    def __init__(self, seed: int) -> None:
        self._seed = seed
        rng = random.Random(f"{seed}:troubles")
        many = rng.choices((0, 1, 2), (3, 6, 3))[0]
        self.rates = {t: rng.uniform(0.03, 0.4) for t in rng.sample(list(Trouble), many)}
        self.happened: Counter[str] = Counter()
        self.over = False
        self._asked: Counter[str] = Counter()
        self._calls: dict[str, int] = {}

    def know(self, call_id: str) -> None:
        self._calls[call_id] = len(self._calls)

    def draw(self, what: str, place: str = "") -> float:
        """0 to 1."""
        task = asyncio.current_task()
        owner, _, job = (task.get_name() if task else "").partition(":")
        key = f"{self._seed}:{what}:{self._calls.get(place or owner, owner)}:{job}"
        self._asked[key] += 1
        return random.Random(f"{key}:{self._asked[key]}").random()

    def hit(self, kind: Trouble, place: str = "") -> bool:
        if self.over or kind not in self.rates or self.draw(kind, place) >= self.rates[kind]:
            return False
        self.happened[kind] += 1
        return True

    def wait_s(self) -> float:
        return 0.2 + 1.3 * self.draw("wait")


# -- what breaks ---------------------------------------------------------------------------------


class ShakyStore:
    """The real store behind a connection that fails: before, at, or after the commit."""

    def __init__(self, inner: SqlStore, clock: Clock, troubles: Troubles) -> None:
        self._inner, self._clock, self._troubles = inner, clock, troubles

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    async def _arrive(self) -> None:
        if self._troubles.hit(Trouble.STORE_SLOW):
            await self._clock.sleep(self._troubles.wait_s())
        if self._troubles.hit(Trouble.STORE_DOWN):
            raise ProviderError("store_unavailable", "simulated")

    @asynccontextmanager
    async def reading(self, scope: TenantScope) -> AsyncIterator[Any]:
        await self._arrive()
        async with self._inner.reading(scope) as reading:
            yield reading

    @asynccontextmanager
    async def writing(self, scope: TenantScope) -> AsyncIterator[Any]:
        await self._arrive()
        async with self._inner.writing(scope) as tx:
            yield tx
            if self._troubles.hit(Trouble.COMMIT_FAILS):
                raise ProviderError("store_commit_failed", "simulated")
        if self._troubles.hit(Trouble.ACK_LOST):
            raise ProviderError("store_ack_lost", "simulated")


class ShakyAgent:
    """The real built-in agent in a bad mood."""

    name = "shaky"

    def __init__(self, clock: Clock, troubles: Troubles) -> None:
        self._inner, self._clock, self._troubles = BuiltinAgent(), clock, troubles

    async def reply(self, turn: AgentTurn) -> AsyncIterator[AgentOutput]:
        if self._troubles.hit(Trouble.AGENT_SILENT):
            await self._clock.sleep(60)
        if self._troubles.hit(Trouble.AGENT_SLOW):
            await self._clock.sleep(2 * self._troubles.wait_s())
        if self._troubles.hit(Trouble.AGENT_FAILS):
            raise ProviderError("llm_down", "simulated")
        async for output in self._inner.reply(turn):
            yield output
            if self._troubles.hit(Trouble.AGENT_FAILS):
                raise ProviderError("llm_reset", "simulated")


class ShakyVoice:
    """A voice that may fail; what the bank holds is always there."""

    name = voice = "shaky"

    def __init__(self, clock: Clock, troubles: Troubles) -> None:
        self._inner, self._clock, self._troubles = SilentTts(), clock, troubles
        self._bank = frozenset(language("he").prompts().values())

    async def synthesize(self, spoken: Spoken, *, locale: str) -> AsyncIterator[bytes]:
        known = spoken in self._bank or all(leaf in self._bank for leaf in spoken.leaves)
        if not known and self._troubles.hit(Trouble.VOICE_FAILS):
            raise ProviderError("tts_down", "simulated")
        if not known and self._troubles.hit(Trouble.VOICE_SILENT):
            await self._clock.sleep(60)
        async for chunk in self._inner.synthesize(spoken, locale=locale):
            yield chunk

    async def aclose(self) -> None:
        """Nothing is open."""


# -- a caller and the line between ---------------------------------------------------------------


@dataclass
class Witness:
    """What one caller was told, and what is wrong with it."""

    record: CallRecord
    wrong: list[str] = field(default_factory=list)
    claims: int = 0
    tools: int = 0
    ends: list[CallEnd] = field(default_factory=list)
    worst_silence_ms: int = 0
    faults: int = 0


class CallerLine:
    """`ports.line.Line`, with the ear and the mouth of the person at its end."""

    may_come_back = True

    def __init__(self, day: "Day", witness: Witness, transport: str) -> None:
        self.transport = transport
        self._day, self._witness = day, witness
        self._player = LoopbackPlayer()
        self.session: Session | None = None
        self.over = False
        self._heard_until = 0
        self.sounded = False
        """Something was heard since the caller's last act."""
        self.acted_ms: int | None = None
        """When the caller did something that wants an answer."""

    @property
    def now(self) -> int:
        return self._day.clock.monotonic_ms()

    def send_frame(self, payload: bytes) -> None:
        self._player.frame(payload, self.now)
        self._heard_until = self.now + self._player.buffered_ms(self.now)
        self.sounded = True
        if self.acted_ms is not None:
            self._answered()

    def _answered(self) -> None:
        silence = self.now - (self.acted_ms or 0)
        self.acted_ms = None
        self._witness.worst_silence_ms = max(self._witness.worst_silence_ms, silence)
        several = len(self._day.troubles.rates) > 1
        if silence > (DEAD_AIR_SEVERAL_MS if several else DEAD_AIR_MS):
            self._witness.wrong.append(f"I2: {silence} ms without an answer")

    def send_mark(self, name: str) -> None:
        if not self._day.troubles.hit(Trouble.MARKS_LOST, self._witness.record.id):
            self._player.mark(name, self.now)

    def clear(self) -> None:
        self._player.clear(self.now)
        self._heard_until = min(self._heard_until, self.now)

    def show(self, kind: str, data: dict[str, object]) -> None:
        if kind == "tool":
            self._witness.tools += 1
        elif kind == "agent" and language("he").claims_booking(str(data["text"])):
            self._witness.claims += 1
            self._witness.wrong += self._day.untrue(self._witness.record.id, str(data["text"]))

    def transfer(self, to: str) -> None:
        """Somebody else talks to this caller now."""

    def hang_up(self, reason: str) -> None:
        del reason
        self.over = True

    def give_marks(self) -> None:
        for name in self._player.due(self.now):
            if self.session is not None:
                self.session.hear(MarkPlayed(name))

    def quiet_ms(self) -> int:
        """For how long nothing was heard; negative while something is."""
        return self.now - self._heard_until


class Person:
    """Follows a script, with asides, interruptions and a free will."""

    def __init__(
        self, day: "Day", lines: Sequence[str], rng: random.Random, *, spoken: bool
    ) -> None:
        self._day, self._rng, self._spoken = day, rng, spoken
        self._lines = list(lines)
        self._asides = 0.0 if spoken else rng.choice((0.0, 0.0, 0.0, 0.15, 0.3))
        self._leaves_at = day.clock.monotonic_ms() + rng.randrange(5_000, 400_000)
        self._waiting_since = day.clock.monotonic_ms()
        self._voice: list[bytes] = []

    async def run(self, line: CallerLine) -> None:
        """Until the line is over; a frame of sound every 20 ms where sound is listened to."""
        assert line.session is not None
        while not line.over and not line.session.is_over:
            line.give_marks()
            self._act(line, line.session)
            if self._spoken:
                line.session.hear_audio(self._voice.pop(0) if self._voice else SILENCE_FRAME)
            await self._day.clock.sleep(FRAME_S)

    def _act(self, line: CallerLine, session: Session) -> None:
        now = line.now
        if self._voice:
            self._waiting_since = now
        elif now > self._leaves_at or now - self._waiting_since > PATIENCE_MS:
            session.hear(CallerHungUp())
        elif self._day.troubles.rates.get(Trouble.LINE_LOST) and self._rng.random() < 0.0005:
            self._day.troubles.happened[Trouble.LINE_LOST] += 1
            line.over = True
            session.hear(LineLost("simulated"))
        elif line.sounded and (line.quiet_ms() >= FINISHED_MS or self._interrupts()):
            line.sounded = False
            self._waiting_since = now
            self._say(line, session, self._next())

    def _interrupts(self) -> bool:
        return not self._spoken and self._rng.random() < 0.0003

    def _next(self) -> str | None:
        if self._lines and self._rng.random() < self._asides:
            return self._rng.choice(ASIDES)
        return self._lines.pop(0) if self._lines else None

    def _say(self, line: CallerLine, session: Session, text: str | None) -> None:
        if text is None:
            session.hear(CallerHungUp())
        elif text.startswith(">"):
            for key in text[1:].strip():
                session.hear(KeyPressed(key))
            if session.phase != "waiting_for_dtmf":
                line.acted_ms = line.now
        elif self._spoken:
            audio = voice_for(text)
            self._voice = [
                audio[k : k + 160].ljust(160, b"\xff") for k in range(0, len(audio), 160)
            ]
        else:
            session.hear(FinalHeard(text))
            line.acted_ms = line.now


# -- the day ---------------------------------------------------------------------------------------


@dataclass
class DayOutcome:
    seed: int
    wrong: list[str]
    calls: int = 0
    booked: int = 0
    claims: int = 0
    virtual_s: float = 0.0
    happened: dict[str, int] = field(default_factory=dict)
    ends: dict[str, int] = field(default_factory=dict)


class Day:
    def __init__(self, seed: int, path: Path) -> None:
        self.seed, self.path = seed, path
        self.rng = random.Random(f"{seed}:day")
        self.clock = VirtualClock(MORNING, seed)
        self.troubles = Troubles(seed)
        self.witnesses: list[Witness] = []

    def query(self, sql: str, *args: object) -> list[tuple[Any, ...]]:
        """The committed truth, past every layer of ours."""
        connection = sqlite3.connect(f"file:{self.path}?mode=ro", uri=True)
        try:
            return connection.execute(sql, args).fetchall()
        finally:
            connection.close()

    def untrue(self, call_id: str, text: str) -> list[str]:
        """I3: words that claim a booking are true only if a committed row of this call says the same moment."""
        rows = self.query(
            "select start_at from appointment where call_id=? and status='booked'", call_id
        )
        zone = ZoneInfo("Asia/Jerusalem")
        now = self.clock.now().astimezone(zone)
        speech = language("he").speech
        for (start,) in rows:
            moment = _instant(start).astimezone(zone)
            if speech.moment(moment, now).text in text or speech.clock(moment.time()).text in text:
                return []
        return [f"I3: said {text!r}, booked are {[str(_instant(s)) for (s,) in rows]}"]

    async def run(self) -> DayOutcome:
        store = SqlStore.open(f"sqlite+aiosqlite:///{self.path}", self.clock)
        shaky: Any = ShakyStore(store, self.clock, self.troubles)
        stt = ScriptedStt([text for text in BOOKINGS[0] if not text.startswith(">")])
        calls = Calls(
            Kit(
                limits=Limits(),
                store=shaky,
                clock=self.clock,
                agent=ShakyAgent(self.clock, self.troubles),
                open_desk=desk_factory(shaky, self.clock, language),
                voice=ShakyVoice(self.clock, self.troubles),
                stt=stt,
                make_vad=voice_activity_detector,
                debounce_ms=40,
                tts_timeout_s=1.0,
                max_live_calls=50,
                journal_dir=None,
            )
        )
        business = (await store.businesses())[0]
        people = Supervisor("people")
        for number in range(self.rng.randrange(1, 5)):
            await self.clock.sleep(self.rng.uniform(0, 15))
            witness = Witness(self._record(number, business))
            self.witnesses.append(witness)
            self.troubles.know(witness.record.id)
            async with store.writing(TenantScope(business.id)) as tx:
                await tx.open_call(witness.record)
            people.spawn(self._call(calls, store, witness), name=f"call{number}")
        while people.running:
            await self.clock.sleep(1)
        self.troubles.over = True
        wrong = [f"call {w.record.id[-4:]}: {text}" for w in self.witnesses for text in w.wrong]
        wrong += ["a caller of ours broke"] * people.faults
        wrong += await self._books(store)
        wrong += self._appointments()
        await store.aclose()
        rest = [t.get_name() for t in asyncio.all_tasks() if t is not asyncio.current_task()]
        wrong += [f"I6: tasks left: {rest}"] * bool(rest)
        return self._outcome(wrong)

    def _record(self, number: int, business: Business) -> CallRecord:
        kind = self.rng.choice(("twilio", "browser"))
        now = self.clock.now()
        return CallRecord(
            id=self.clock.new_id("call_"),
            business_id=business.id,
            transport=kind,
            external_id=f"CA{self.seed}-{number}",
            account_id="",
            caller=self.rng.choice((None, None, None, f"+97255909{number:04d}")),
            called=business.phone,
            started_at=now,
            last_seen_at=now,
        )

    async def _call(self, calls: Calls, store: SqlStore, witness: Witness) -> None:
        """One caller, put through again as often as the line breaks or the set-up fails."""
        rng = random.Random(f"{self.seed}:{witness.record.external_id}")
        telephone = witness.record.transport == "twilio"
        keypad = telephone and rng.random() < 0.6
        spoken = telephone and not keypad
        lines = BOOKINGS[0] if spoken else KEYED if keypad else rng.choice(BOOKINGS)
        person = Person(self, lines, rng, spoken=spoken)
        for attempt in range(COMES_BACK):
            line = CallerLine(self, witness, witness.record.transport)
            session = calls.open(witness.record, line, resumed=attempt > 0, keypad_only=keypad)
            line.session = session
            owner = Supervisor("person")
            owner.spawn(person.run(line), name="person")
            try:
                witness.ends.append(await session.run())
            except ProviderError:
                witness.ends.append(CallEnd.CARRIER)
            finally:
                await owner.aclose()
            self._check_session(witness, session)
            if witness.ends[-1] is not CallEnd.CARRIER:
                break
            known = await store.scope_of_call(call_id=witness.record.id)
            assert known is not None
            witness.record = known[1]
            await self.clock.sleep(1)

    def _check_session(self, witness: Witness, session: Session) -> None:
        if witness.ends[-1] in {CallEnd.INTERNAL_ERROR, CallEnd.CRASHED}:
            witness.wrong.append(f"I1: ended by {witness.ends[-1]}")
        if session.supervisor.running or session.supervisor.abandoned:
            witness.wrong.append("I6: tasks of the call are left")
        if session.supervisor.faults and not self.troubles.happened:
            witness.wrong.append(f"{session.supervisor.faults} faults without any trouble")

    async def _books(self, store: SqlStore) -> list[str]:
        """I6: every call is closed once, if need be by the reaper; its turns and traces are there."""
        wrong = []
        now = self.clock.now() + timedelta(hours=1)
        for call in await store.stale_calls(before=now):
            async with store.writing(TenantScope(call.business_id)) as tx:
                await tx.close_call(call.id, reason=CallEnd.CRASHED, now=now)
        calm = not any(self.troubles.happened[t] for t in STORE_TROUBLE)
        for witness in self.witnesses:
            call_id = witness.record.id
            ended = self.query("select count(*) from event where id=?", f"call.ended:{call_id}")
            if ended != [(1,)]:
                wrong.append(f"I6: call.ended of {call_id} {ended[0][0]} times")
            numbers = self.query("select number from turn where call_id=? order by number", call_id)
            traces = self.query("select count(*) from agent_trace where call_id=?", call_id)[0][0]
            if calm and traces != witness.tools:
                wrong.append(f"I6: {traces} traces of {witness.tools} tool calls")
            if calm and len(witness.ends) == 1 and numbers != [(n,) for n in range(len(numbers))]:
                wrong.append(f"I6: turns {numbers}")
        return wrong

    def _appointments(self) -> list[str]:
        """I4: nobody is there twice at once, and every appointment was told exactly once."""
        rows = self.query(
            "select id, resource_id, lane, block_start, block_end from appointment"
            " where status='booked' order by resource_id, lane, block_start"
        )
        wrong = []
        for one, other in pairwise(rows):
            if one[1:3] == other[1:3] and one[4] > other[3]:
                wrong.append(f"I4: {one[0]} and {other[0]} overlap")
        for row in rows:
            told = self.query(
                "select count(*) from event where id=?", f"appointment.created:{row[0]}"
            )
            if told != [(1,)]:
                wrong.append(f"I4: appointment {row[0]} was told {told[0][0]} times")
        return wrong

    def _outcome(self, wrong: list[str]) -> DayOutcome:
        ends: Counter[str] = Counter(end.value for w in self.witnesses for end in w.ends)
        return DayOutcome(
            seed=self.seed,
            wrong=wrong,
            calls=len(self.witnesses),
            booked=self.query("select count(*) from appointment where status='booked'")[0][0],
            claims=sum(w.claims for w in self.witnesses),
            virtual_s=self.clock.monotonic_ms() / 1000,
            happened=dict(self.troubles.happened),
            ends=dict(ends),
        )


def _instant(value: object) -> datetime:
    if isinstance(value, int | float):
        return datetime.fromtimestamp(value / (1 if value < 1e11 else 1_000_000), UTC)
    moment = datetime.fromisoformat(str(value))
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


@cache
def _template() -> Path:
    """A migrated database with the demo business, made once per process."""
    folder = Path(tempfile.mkdtemp(prefix="dalpak-day-", dir=IN_MEMORY))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    path = folder / "empty.db"
    url = f"sqlite+aiosqlite:///{path}"
    migrate(url)

    async def fill() -> None:
        store = SqlStore.open(url, SystemClock())
        await seed_demo(store)
        await store.aclose()

    asyncio.run(fill())
    return path


def run_day(seed: int) -> DayOutcome:
    """One day from its seed. What is contained is counted, not logged."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    with tempfile.TemporaryDirectory(prefix="dalpak-day-", dir=IN_MEMORY) as folder:
        path = Path(folder) / "day.db"
        shutil.copy(_template(), path)
        return run_virtual(Day(seed, path).run())


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=100)
    parser.add_argument("--start", type=int, default=0)
    args = parser.parse_args(argv)
    clock = SystemClock()
    began = clock.monotonic_ms()
    seeds = range(args.start, args.start + args.seeds)
    _template()  # made here, inherited by the workers, and removed with this process
    with ProcessPoolExecutor(mp_context=multiprocessing.get_context("fork")) as pool:
        days = list(pool.map(run_day, seeds, chunksize=4))
    took_s = max(1, clock.monotonic_ms() - began) / 1000
    _tell(days, took_s, sys.stdout.write)
    return int(any(day.wrong for day in days))


def _tell(days: Sequence[DayOutcome], took_s: float, write: Callable[[str], object]) -> None:
    calls, hours = sum(day.calls for day in days), sum(day.virtual_s for day in days) / 3600
    happened: Counter[str] = Counter()
    ends: Counter[str] = Counter()
    for day in days:
        happened.update(day.happened)
        ends.update(day.ends)
    write(
        f"{len(days)} days, {calls} whole calls, {hours:.1f} h in {took_s:.1f} s "
        f"({calls / took_s * 60:.0f} calls per minute); {sum(d.booked for d in days)} booked, "
        f"{sum(d.claims for d in days)} times told so\n"
    )
    write(f"ended by: {dict(ends.most_common())}\nhappened: {dict(sorted(happened.items()))}\n")
    for day in [day for day in days if day.wrong][:10]:
        write(
            f"\nday {day.seed} {day.happened}\n" + "".join(f"  {text}\n" for text in day.wrong[:8])
        )
    broken = sum(bool(day.wrong) for day in days)
    write(f"{broken} of {len(days)} days were not right\n" if broken else "no rule broken\n")


if __name__ == "__main__":
    sys.exit(main())
