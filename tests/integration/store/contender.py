"""A process that claims one slot many times at once: `contender.py URL NAME COUNT`."""

import asyncio
import sys

from store_kit import NOON, SALON, HandClock, claim_of

from dalpak.ports.store import Claimed
from dalpak.store.unit_of_work import SqlStore


def say(what: object) -> None:
    sys.stdout.write(f"{what}\n")
    sys.stdout.flush()


async def main(url: str, name: str, count: int) -> int:
    clock = HandClock()
    store = SqlStore.open(url, clock)

    async def one(i: int) -> bool:
        async with store.writing(SALON) as db:
            result = await db.claim(claim_of(clock, f"{name}-{i}", start=NOON), clock.now())
        return isinstance(result, Claimed)

    await store.businesses()
    say("ready")
    await asyncio.to_thread(sys.stdin.readline)
    won = sum(await asyncio.gather(*(one(i) for i in range(count))))
    await store.aclose()
    return won


if __name__ == "__main__":
    say(asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3]))))
