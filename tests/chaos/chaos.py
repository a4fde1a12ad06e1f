"""Desks killed with SIGKILL at random while they book, the last one left dead; then the books are
compared: what was acknowledged, what is in the database, and what the provider got.

    make chaos ARGS="[--runs 6] [--kills 12] [--database sqlite|postgresql|both] [--seed N]"

On SQLite one desk stands at a time, on PostgreSQL two. A process of another name follows up at the
end: nobody restarts the last victim. Half of the runs have a provider that can be asked what it
has, half one that cannot and tells nothing.
"""

import argparse
import asyncio
import json
import os
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import sqlalchemy as sa
from chaos_victim import BUSINESS, SCOPE, STAFF
from tests.postgres_server import postgres_server, programs

from dalpak.clock import SystemClock
from dalpak.domain.records import Business, Resource, Service
from dalpak.flows.database import synchronous_url
from dalpak.store.migrate import migrate
from dalpak.store.unit_of_work import SqlStore

START_S = 60.0
DRAIN_S = 120.0
"""A process that was killed at its worst is waited for this long; nothing passes because of it."""
LOG, LOG_CHARS = "desks.log", 4_000
LIVE_S = (0.05, 1.2)
"""How long a desk works before it is killed, from its first moment on."""


@dataclass
class Outcome:
    """One run. All but the first three must be zero, `repeated` only where the provider can be
    asked."""

    database: str
    kind: str
    kills: int
    acknowledged: int = 0
    booked: int = 0
    sent: int = 0
    lost: int = 0
    """Acknowledged, and not in the database."""
    never_sent: int = 0
    """Booked, and the provider has no confirmation."""
    repeated: int = 0
    """Confirmations that the provider got again, under the same key."""
    other_key: int = 0
    """The same for a key of another name: nobody could tell it from a new message."""
    ghosts: int = 0
    """Confirmations of what was never booked."""
    in_doubt: int = 0
    """Messages of which the database cannot tell whether they left."""
    log: str = ""
    """What the desks had to say, where something is wrong."""

    @property
    def wrong(self) -> bool:
        forbidden = self.lost + self.never_sent + self.other_key + self.ghosts
        return bool(forbidden or (self.repeated and self.kind == "asked"))


@dataclass
class Desk:
    """A victim's process and what it acknowledged."""

    process: asyncio.subprocess.Process
    up: asyncio.Event = field(default_factory=asyncio.Event)
    acknowledged: list[str] = field(default_factory=list)
    reading: "asyncio.Task[None] | None" = None

    async def read(self) -> None:
        assert self.process.stdout is not None
        while line := (await self.process.stdout.readline()).decode():
            # A line that a kill cut in two was not acknowledged.
            if line == "up\n":
                self.up.set()
            elif line.endswith("\n"):
                self.acknowledged.append(line.strip())

    async def kill(self) -> list[str]:
        self.process.kill()
        await self.process.wait()
        if self.reading is not None:
            await self.reading
        return self.acknowledged


async def open_desk(folder: Path, url: str, kind: str, *extra: str) -> Desk:
    """Started, and not waited for: it may be killed before it stands."""
    victim = str(Path(__file__).parent / "chaos_victim.py")
    with (folder / LOG).open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            victim,
            str(folder),
            url,
            kind,
            *extra,
            env={"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            stdout=asyncio.subprocess.PIPE,
            stderr=log,
        )
    desk = Desk(process)
    desk.reading = asyncio.get_running_loop().create_task(desk.read())
    return desk


async def one_run(
    folder: Path, url: str, kind: str, *, kills: int, desks: int, seed: int
) -> Outcome:
    dice, clock = random.Random(seed), SystemClock()
    await asyncio.to_thread(migrate, url)
    store = SqlStore.open(url, clock)
    await store.add_business(
        Business(BUSINESS, "סלון", "+97231234567", "Asia/Jerusalem"),
        policy={"allow_24_7": True},
        services=[Service("cut", "תספורת", 15)],
        resources=[Resource(staff, staff) for staff in STAFF],
    )
    acknowledged: list[str] = []
    standing = [await open_desk(folder, url, kind) for _ in range(desks)]
    for n in range(kills):
        victim = standing.pop(dice.randrange(len(standing)))
        await asyncio.wait_for(victim.up.wait(), START_S)
        await clock.sleep(dice.uniform(*LIVE_S))
        acknowledged += await victim.kill()
        if n < kills - 1:
            standing.append(await open_desk(folder, url, kind))
    # The last victim stays dead. The others stop booking, and one of another name follows up.
    for desk in standing:
        acknowledged += await desk.kill()
    drain = await open_desk(folder, url, kind, "--drain")
    outcome = Outcome(f"{url.partition('+')[0]}", kind, kills + len(standing), len(acknowledged))
    try:
        await compare_when_quiet(outcome, folder, url, acknowledged, clock)
    finally:
        await drain.kill()
        await store.aclose()
    if outcome.wrong:
        outcome.log = (folder / LOG).read_text(encoding="utf-8")[-LOG_CHARS:]
    return outcome


async def compare_when_quiet(
    outcome: Outcome, folder: Path, url: str, acknowledged: Sequence[str], clock: SystemClock
) -> None:
    """Until every booking has its confirmation and no flow is at work, or time is up."""
    began = clock.monotonic_ms()
    while True:
        await asyncio.to_thread(compare, outcome, folder, url, acknowledged)
        at_work = await asyncio.to_thread(active_flows, url)
        late = clock.monotonic_ms() - began > DRAIN_S * 1000
        if late or (at_work == 0 and outcome.never_sent == 0):
            return
        await clock.sleep(0.5)


def compare(outcome: Outcome, folder: Path, url: str, acknowledged: Sequence[str]) -> None:
    statement = "SELECT id FROM appointment WHERE business_id = :b AND status = 'booked'"
    booked = {str(row[0]) for row in rows(url, statement, b=SCOPE.business_id)}
    doubt = "SELECT count(*) FROM message WHERE state IN ('sending', 'unknown')"
    file = folder / "provider.jsonl"
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    keys = Counter(json.loads(line)["key"] for line in lines)
    by_booking = Counter(appointment_of(key) for key in keys)
    outcome.booked, outcome.sent = len(booked), len(lines)
    outcome.lost = len(set(acknowledged) - booked)
    outcome.never_sent = len(booked - by_booking.keys())
    outcome.repeated = sum(count - 1 for count in keys.values())
    outcome.other_key = sum(count - 1 for count in by_booking.values())
    outcome.ghosts = len(by_booking.keys() - booked)
    outcome.in_doubt = int(rows(url, doubt)[0][0])


def appointment_of(key: str) -> str:
    """`confirm_appointment:appointment.created:{id}:send` -> id."""
    return key.split(":")[2]


def active_flows(url: str) -> int:
    statement = "SELECT count(*) FROM {} WHERE status IN ('PENDING', 'ENQUEUED', 'DELAYED')"
    table = "workflow_status" if url.startswith("sqlite") else "dbos.workflow_status"
    return int(rows(url, statement.format(table))[0][0])


def rows(url: str, statement: str, **values: object) -> Sequence[sa.Row[tuple[object, ...]]]:
    engine = sa.create_engine(synchronous_url(url), poolclass=sa.NullPool)
    with engine.connect() as connection:
        found = connection.execute(sa.text(statement), values).all()
    engine.dispose()
    return found


def run_once(database: str, kind: str, *, kills: int, seed: int) -> Outcome:
    """A fresh database, its desks, its end."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="dalpak-chaos-")))
        postgres = database == "postgresql"
        if postgres:
            url = stack.enter_context(postgres_server(fsync=True))
        else:
            url = f"sqlite+aiosqlite:///{folder}/dalpak.db"
        work = one_run(folder, url, kind, kills=kills, desks=2 if postgres else 1, seed=seed)
        return asyncio.run(work)


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=6, help="of each database")
    parser.add_argument("--kills", type=int, default=12, help="of each run")
    parser.add_argument("--database", choices=("sqlite", "postgresql", "both"), default="both")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args(argv)
    chosen = ("sqlite", "postgresql") if args.database == "both" else (args.database,)
    if "postgresql" in chosen and programs() is None:
        sys.stderr.write("PostgreSQL's server programs are not installed\n")
        return 2
    outcomes: list[Outcome] = []
    for database in chosen:
        for n in range(args.runs):
            kind = ("asked", "blind")[n % 2]
            outcomes.append(run_once(database, kind, kills=args.kills, seed=args.seed + n))
            sys.stdout.write(line_of(outcomes[-1]) + outcomes[-1].log)
            sys.stdout.flush()
    total(outcomes)
    return int(any(outcome.wrong for outcome in outcomes))


def line_of(o: Outcome) -> str:
    return (
        f"{o.database:<10} {o.kind:<5} {o.kills:>3} kills: {o.acknowledged:>4} acknowledged, "
        f"{o.booked:>4} booked, {o.lost} lost, {o.never_sent} never sent, {o.repeated} repeated "
        f"(same key), {o.other_key} under another key, {o.ghosts} ghosts, {o.in_doubt} in doubt"
        f"{'   WRONG' if o.wrong else ''}\n"
    )


def total(outcomes: Sequence[Outcome]) -> None:
    def all_of(name: str, kind: str = "") -> int:
        return sum(getattr(o, name) for o in outcomes if kind in ("", o.kind))

    sys.stdout.write(
        f"{len(outcomes)} runs, {all_of('kills')} kills, {all_of('acknowledged')} acknowledged: "
        f"{all_of('lost')} lost, {all_of('never_sent')} never sent, "
        f"{all_of('repeated', 'asked')} repeated where the provider can be asked, "
        f"{all_of('repeated', 'blind')} (same key) where it cannot, "
        f"{all_of('other_key')} under another key\n"
    )


if __name__ == "__main__":
    sys.exit(main())
