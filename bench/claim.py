"""What one booking costs the database, on SQLite and on PostgreSQL: part of `make bench`.

One caller alone: a claim (lock, stale holds, lane, insert, commit), and a whole booking with its
lead and its event. Then fifty callers at one slot: who waits longest, and that one wins. The bar is
10 ms for the median claim of one caller.
"""

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import postgres

from dalpak.clock import SystemClock
from dalpak.domain.events import appointment_created
from dalpak.domain.records import Business, Resource, Service, TenantScope
from dalpak.ports.store import Claim, Claimed
from dalpak.store.migrate import migrate
from dalpak.store.unit_of_work import SqlStore

BAR_MS = 10.0
CLAIMS = 300
WARM = 20
CROWD = 50
ROUNDS = 5
SCOPE = TenantScope("bench")
NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Cost:
    engine: str
    what: str
    p50_ms: float
    p95_ms: float
    note: str = ""


def costs_of(engine: str, what: str, seconds: list[float], note: str = "") -> Cost:
    cuts = statistics.quantiles(seconds, n=20)
    return Cost(engine, what, statistics.median(seconds) * 1000, cuts[18] * 1000, note)


def claim_at(n: int, key: str) -> Claim:
    start = NOW + HOUR * (n + 24)
    return Claim(
        resource_id="chair",
        service_id="cut",
        start=start,
        end=start + HOUR,
        block_start=start,
        block_end=start + HOUR,
        holder=key,
        idem_key=key,
        hold_until=NOW + timedelta(minutes=3),
        call_id=None,
    )


async def claim(store: SqlStore, n: int, key: str) -> bool:
    async with store.writing(SCOPE) as tx:
        return isinstance(await tx.claim(claim_at(n, key), NOW), Claimed)


async def book(store: SqlStore, n: int, key: str) -> bool:
    """Claim and confirm, in the two transactions in which a call does it."""
    async with store.writing(SCOPE) as tx:
        held = await tx.claim(claim_at(n, key), NOW)
        assert isinstance(held, Claimed)
    async with store.writing(SCOPE) as tx:
        phone = f"+9725{n:08d}"
        lead = await tx.find_or_create_lead(phone=phone, name="Noa", call_id=None, now=NOW)
        row = held.appointment
        await tx.confirm(row.id, holder=key, lead_id=lead.id, name="Noa", phone=lead.phone, now=NOW)
        await tx.publish(appointment_created(SCOPE.business_id, row.id, NOW))
    return True


async def alone(work: Callable[[int], Awaitable[bool]], first: int) -> list[float]:
    seconds = []
    for n in range(first, first + WARM + CLAIMS):
        began = time.perf_counter()
        assert await work(n)
        seconds.append(time.perf_counter() - began)
    return seconds[WARM:]


async def crowd(store: SqlStore, n: int) -> list[float]:
    """Fifty at one slot; each one's wait."""

    async def one(who: int) -> tuple[bool, float]:
        began = time.perf_counter()
        won = await claim(store, n, f"crowd-{n}-{who}")
        return won, time.perf_counter() - began

    results = await asyncio.gather(*(one(who) for who in range(CROWD)))
    assert sum(won for won, _ in results) == 1, "not one winner"
    return [seconds for _, seconds in results]


async def measure(engine: str, url: str) -> list[Cost]:
    store = SqlStore.open(url, SystemClock())
    try:
        await store.add_business(
            Business("bench", "Bench", "+97231111111", "Asia/Jerusalem"),
            policy={},
            services=[Service("cut", "Cut", 60)],
            resources=[Resource("chair", "Chair")],
        )
        claims = await alone(lambda n: claim(store, n, f"c{n}"), 0)
        bookings = await alone(lambda n: book(store, n, f"b{n}"), 1_000)
        waits = [s for n in range(ROUNDS) for s in await crowd(store, 10_000 + n)]
    finally:
        await store.aclose()
    first = costs_of(engine, "one claim, alone", claims)
    verdict = "ok" if first.p50_ms < BAR_MS else "OVER"
    return [
        Cost(engine, first.what, first.p50_ms, first.p95_ms, f"p50 < {BAR_MS:.0f} ms: {verdict}"),
        costs_of(engine, "claim, lead, confirm, event", bookings),
        costs_of(engine, f"{CROWD} at one slot, each", waits, f"1 of {CROWD} wins, {ROUNDS} times"),
    ]


def all_costs() -> list[Cost]:
    costs: list[Cost] = []
    with postgres.temporary_folder() as folder:
        url = f"sqlite+aiosqlite:///{folder / 'bench.db'}"
        migrate(url)
        costs += asyncio.run(measure("SQLite", url))
    if postgres.programs() is None:
        print("PostgreSQL's server programs are not installed: not measured")
        return costs
    with postgres.temporary_folder() as folder, postgres.cluster(folder) as url:
        migrate(url)
        costs += asyncio.run(measure("PostgreSQL", url))
    return costs


def main() -> None:
    costs = all_costs()
    print("| database | what | p50 ms | p95 ms | |\n|---|---|---|---|---|")
    for c in costs:
        print(f"| {c.engine} | {c.what} | {c.p50_ms:.1f} | {c.p95_ms:.1f} | {c.note} |")


if __name__ == "__main__":
    main()
