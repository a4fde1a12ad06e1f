"""Where media sockets wait until they have proved themselves: few at a time, and fewer from one
address.

Behind a proxy every caller has the same address, and calls come in bursts; so a signed handshake
waits for its place, unanswered, instead of being refused at once. Knows no socket and no call.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Lobby:
    """`total` and `per_address` are places; `most` bounds all inside, the waiting ones included."""

    def __init__(self, *, total: int, per_address: int, most: int) -> None:
        self._places = asyncio.Semaphore(total)
        self._per_address = per_address
        self._most = most
        self._inside: Counter[str] = Counter()
        self._gates: dict[str, asyncio.Semaphore] = {}

    @asynccontextmanager
    async def place(self, address: str, patience_s: float) -> AsyncIterator[bool]:
        """True with a place for the time of the context, False when none came free in time."""
        if self._inside.total() >= self._most:
            yield False
            return
        gate = self._gates.setdefault(address, asyncio.Semaphore(self._per_address))
        self._inside[address] += 1
        try:
            if not await self._acquired(gate, patience_s):
                yield False
                return
            try:
                yield True
            finally:
                self._places.release()
                gate.release()
        finally:
            self._inside[address] -= 1
            if not self._inside[address]:
                del self._inside[address], self._gates[address]

    async def _acquired(self, gate: asyncio.Semaphore, patience_s: float) -> bool:
        try:
            async with asyncio.timeout(patience_s):
                await gate.acquire()
                try:
                    await self._places.acquire()
                except BaseException:
                    gate.release()
                    raise
        except TimeoutError:
            return False
        return True
