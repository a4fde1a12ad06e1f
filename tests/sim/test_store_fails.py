"""The database fails at one transaction of a booking call, at each of them in turn and in each way, from its first to
its last: the call lives, and what it says is true. Real session, agent, tools and SQLite, in virtual time.
"""

import sqlite3
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest

from dalpak.call.inputs import CallerHungUp
from dalpak.cli import call as scripted
from dalpak.cli.common import settings_for
from dalpak.cli.terminal import TerminalLine
from dalpak.clock import VirtualClock, run_virtual
from dalpak.domain.records import TenantScope
from dalpak.errors import ProviderError
from dalpak.extensions import Extensions, build_extensions
from dalpak.flows.housekeeping import close_stale_calls
from dalpak.language.base import Spoken
from dalpak.language.he import HEBREW
from dalpak.language.he.check_lines import SPOKEN_BOOKING
from dalpak.runtime.supervise import Supervisor
from dalpak.store.unit_of_work import SqlStore

pytestmark = pytest.mark.sim

NOW = datetime.fromisoformat("2026-11-24T10:00:00+02:00")
CLAIM = HEBREW.phrase("booked", service=Spoken("-"), when=Spoken("-")).text.split("-")[0]
"""How a confirmation begins, and no other sentence."""
KEPT = {"business", "policy", "service", "resource", "alembic_version"}
STALE_S = 60.0
EVERY = 9
"""One case of so many is tried here, each failure among them; all of them by `make test-long`."""


class Failure(StrEnum):
    REFUSED = "refused"
    """It does not begin."""
    UNDONE = "undone"
    """All of it is done, and rolled back."""
    LOST = "lost"
    """It is committed, and nobody is told."""


@dataclass
class Database:
    """Counts the transactions of a call, and fails at one of them."""

    at: int = -1
    how: Failure = Failure.REFUSED
    writing: list[bool] = field(default_factory=list)
    """Of each transaction so far, whether it was one that writes."""
    in_call: bool = False

    def fail_at(self, at: int, how: Failure) -> None:
        self.at, self.how, self.writing = at, how, []

    @contextmanager
    def during_a_call(self) -> Iterator[None]:
        self.in_call = True
        yield
        self.in_call = False

    def now_fails(self, *, writes: bool) -> Failure | None:
        if not self.in_call:
            return None
        self.writing.append(writes)
        return self.how if len(self.writing) - 1 == self.at else None


@pytest.fixture(scope="module")
def database() -> Iterator[Database]:
    real, made = SqlStore._transaction, Database()
    injected = ProviderError("store_unavailable", "injected")

    @asynccontextmanager
    async def transaction(store: SqlStore, engine: Any) -> AsyncIterator[Any]:
        failure = made.now_fails(writes=engine is store._engines.writing)
        if failure is Failure.REFUSED:
            raise injected
        async with real(store, engine) as opened:
            yield opened
            if failure is Failure.UNDONE:
                raise injected
        if failure is Failure.LOST:
            raise injected

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(SqlStore, "_transaction", transaction)
        yield made


class Later(VirtualClock):
    """The same time, when a lost call has become stale."""

    def now(self) -> datetime:
        return super().now() + timedelta(seconds=2 * STALE_S)


@dataclass(frozen=True)
class Came:
    """What came of a call."""

    ended: str
    said: list[str]
    rows: list[str]
    """States of its appointments."""
    events: Counter[str]

    @property
    def claimed(self) -> bool:
        return any(text.startswith(CLAIM) for text in self.said)


async def book(ext: Extensions, clock: VirtualClock, database: Database) -> Came:
    transcript = scripted.Transcript()
    options = scripted.Options(business="", caller=None, keypad=False)
    opened = await scripted._open(ext, options, TerminalLine(transcript.show))
    assert not isinstance(opened, int)
    session, business = opened
    with database.during_a_call():
        running = Supervisor("test").spawn(session.run(), name="call")
        for line in SPOKEN_BOOKING:
            await scripted._quiet(session, clock)
            if not session.is_over:
                scripted._say(session, line)
        await scripted._quiet(session, clock)
        if not session.is_over:
            session.hear(CallerHungUp())
        await running
    # A call whose end could not be written is found by whoever looks for lost ones.
    await close_stale_calls(ext.store, Later(NOW), STALE_S)
    async with ext.store.reading(TenantScope(business.id)) as reading:
        rows = await reading.appointments(call_id=session.record.id)
        told = [
            str(event.type)
            for subject in (session.record.id, *(row.id for row in rows))
            for event in await reading.events(subject)
        ]
    said = [line["text"] for line in transcript.lines if line["who"] == "agent"]
    states = [str(row.status) for row in rows]
    return Came(transcript.ended, said, states, Counter(told))


def forget(path: Path) -> None:
    """All that calls leave behind; the next caller finds the same free times."""
    with closing(sqlite3.connect(path)) as db, db:
        names = {
            row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        }
        for name in names - KEPT:
            db.execute(f"DELETE FROM {name}")


@pytest.fixture(scope="module")
def calls(
    database: Database, long_run: bool, tmp_path_factory: pytest.TempPathFactory
) -> dict[tuple[str, int], Came]:
    """Two in which nothing fails, `well`; then one for every transaction and every failure, or for some of them."""
    path = tmp_path_factory.mktemp("salon") / "salon.db"
    settings = settings_for(
        str(path), data_dir=path.parent, flows_enabled=False, tts_provider="silent"
    )
    found: dict[tuple[str, int], Came] = {}

    async def sweep() -> None:
        clock = VirtualClock(NOW)
        async with build_extensions(settings, clock=clock, serving=False) as ext:
            for at in (-2, -1):  # the second one finds in memory what later ones find there
                forget(path)
                database.fail_at(at, Failure.REFUSED)
                found["well", at] = await book(ext, clock, database)
            kinds = {True: tuple(Failure), False: (Failure.REFUSED,)}
            cases = [
                (how, at) for at, writes in enumerate(database.writing) for how in kinds[writes]
            ]
            for how, at in cases if long_run else cases[::EVERY]:
                forget(path)
                database.fail_at(at, how)
                found[how, at] = await book(ext, clock, database)

    run_virtual(sweep())
    return found


def test_without_a_failure_it_books(calls: dict[tuple[str, int], Came]) -> None:
    for at in (-2, -1):
        well = calls["well", at]
        assert (well.ended, well.rows) == ("agent", ["booked"])
        assert well.claimed
    assert {how for how, _ in calls} == {"well", *Failure}


def wrong(came: Came) -> list[str]:
    """The invariants that this call breaks."""
    booked = came.rows.count("booked")
    rules = {
        "it ended in order": came.ended in {"agent", "caller", "transferred"},
        "what is claimed is booked": booked == 1 or not came.claimed,
        "nothing is booked twice": booked <= 1,
        "what is booked is told once": came.events["appointment.created"] == booked,
        "its end is told once": came.events["call.ended"] == 1,
    }
    return [rule for rule, holds in rules.items() if not holds]


def test_wherever_the_database_fails_the_call_lives_and_says_what_is_true(
    calls: dict[tuple[str, int], Came],
) -> None:
    assert {case: wrong(came) for case, came in calls.items() if wrong(came)} == {}
