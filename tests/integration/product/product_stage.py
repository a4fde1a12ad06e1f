"""The product's tests as plays: whole calls against a served process, many at once, looked at afterwards.

A call takes as long as it takes; so every play that the selected tests ask for runs at the same
time, on one stage, and a test only judges what its play brought back.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvloop
from tests import serving

from dalpak.clock import SystemClock
from dalpak.domain.records import Appointment, Business, CallRecord, TenantScope
from dalpak.simulator.twilio import PhoneCall, SimulatedTwilio
from dalpak.simulator.wire_caller import FINISHED_MS, Errand, errand
from dalpak.store.unit_of_work import SqlStore

CLOCK = SystemClock()
FAST_VOICE = {"ESPEAK_WORDS_PER_MINUTE": "400"}
"""The same prompts, sooner over."""
PATIENCE_S = 60.0
"""How long a play waits for something that must happen; nothing passes because of it."""
CALL_S = 300.0
STALL_MS = 100
"""On two cores of their own the callers are never so late themselves."""

Play = Callable[["Stage"], Awaitable[Any]]


@dataclass
class House:
    """A served process with what a test needs to call it and to look into its books."""

    server: serving.Server
    store: SqlStore
    twilio: SimulatedTwilio
    business: Business

    @property
    def scope(self) -> TenantScope:
        return TenantScope(self.business.id)

    async def call_of(self, call: PhoneCall) -> CallRecord:
        known = await self.store.scope_of_call(external_id=call.call_sid)
        assert known is not None, "the call is in no row"
        return known[1]

    async def appointments(self, call: PhoneCall) -> list[Appointment]:
        record = await self.call_of(call)
        async with self.store.reading(self.scope) as reading:
            return list(await reading.appointments(call_id=record.id))

    async def all_appointments(self) -> list[Appointment]:
        async with self.store.reading(self.scope) as reading:
            return list(await reading.appointments())

    async def messages(self, kind: str, *, call_id: str) -> list[str]:
        """The texts of this kind that belong to a call, or to what it booked."""
        async with self.store.reading(self.scope) as reading:
            found = {m.id: m for m in await reading.messages(call_id=call_id)}
            for booked in await reading.appointments(call_id=call_id):
                found |= {m.id: m for m in await reading.messages(appointment_id=booked.id)}
        return [m.text for m in found.values() if m.kind == kind]

    async def get(self, path: str) -> httpx.Response:
        async with httpx.AsyncClient(
            base_url=self.server.url, trust_env=False, timeout=PATIENCE_S
        ) as http:
            return await http.get(path)

    async def ended_events(self, call_id: str) -> int:
        async with self.store.reading(self.scope) as reading:
            return sum(e.type == "call.ended" for e in await reading.events(call_id))

    def logged(self, event: str) -> list[dict[str, Any]]:
        """The lines of the server's log with this event."""
        lines = self.server.text().splitlines()
        told = [json.loads(line) for line in lines if line.startswith("{")]
        return [line for line in told if line.get("event") == event]


@asynccontextmanager
async def inside(server: serving.Server) -> AsyncIterator[House]:
    """The served process from outside: its database, and a carrier that it believes."""
    store = SqlStore.open(server.db_url, CLOCK)
    try:
        business = (await store.businesses())[0]
        twilio = SimulatedTwilio(
            server=server.url,
            public=serving.PUBLIC,
            auth_token=serving.TOKEN,
            called=business.phone,
            clock=CLOCK,
        )
        async with twilio:
            yield House(server, store, twilio, business)
    finally:
        await store.aclose()


async def until(
    true: Callable[[], Awaitable[bool]], what: str, within_s: float = PATIENCE_S
) -> None:
    """Ask until it is so."""
    end = CLOCK.monotonic_ms() + round(within_s * 1000)
    while not await true():
        assert CLOCK.monotonic_ms() < end, f"did not happen in {within_s} s: {what}"
        await CLOCK.sleep(0.05)


async def started(folder: Path, *, port: int = 0, **extra: str) -> serving.Server:
    """A server of a play's own, answering."""
    server = serving.start(folder, port=port, extra=FAST_VOICE | extra)
    try:
        await asyncio.to_thread(server.wait_ready)
    except BaseException:
        server.kill()
        raise
    return server


async def converse(
    call: PhoneCall, number: int, before: Callable[[int], Awaitable[None]] | None = None
) -> None:
    """A whole call of a caller who lets the front desk finish. That one ends the call.

    `number` chooses the slot (see `errand`), `before` is awaited when the front desk has begun to
    ask for an answer.
    """
    async with asyncio.timeout(CALL_S), asyncio.TaskGroup() as group:
        group.create_task(call.run())
        group.create_task(key_in(call, errand(number), before))


def need_a_quiet_machine(stalled_ms: int) -> None:
    """Figures of a machine on which the callers themselves stood still say nothing of the server."""
    if stalled_ms > STALL_MS:
        pytest.skip(f"this machine is too busy: its callers were {stalled_ms} ms late themselves")


async def key_in(
    call: PhoneCall,
    wanted: Errand,
    before: Callable[[int], Awaitable[None]] | None = None,
) -> None:
    """The person's side of `converse`. No key before the end of what was asked: one that a busy
    server has not used yet is lost with its line.
    """
    for step, answer in enumerate([*wanted.keys, *wanted.if_unexpected]):
        heard = await call.answered(call.hearing.voices if step else 0, PATIENCE_S)
        if before is not None and not call.over.is_set():
            await before(step)
        await call.quiet(FINISHED_MS)
        if call.over.is_set():
            return
        assert heard, f"nothing was heard before {answer!r}"
        await call.press(answer)
    call.hang_up()


@dataclass
class Stage:
    """What a play finds: one house for those that do it no harm, and its own server if it asked."""

    house: House
    own: dict[Play, serving.Server]


def with_own_server(**extra: str) -> Callable[[Any], Any]:
    """The play needs a server that it may stop; it is started before any call is made."""

    def mark(play: Any) -> Any:
        play.own_server = extra
        return play

    return mark


def perform(plays: Iterable[Play], folder: Path) -> dict[Play, Any]:
    """Every play at once; what each brought back, an exception included."""
    wanted = list(plays)
    owners = {play: play.own_server for play in wanted if hasattr(play, "own_server")}

    async def evening() -> dict[Play, Any]:
        # The first one renders the prompts of the voice, if nobody did before; the others find them.
        server = await started(folder / "house")
        others = await asyncio.gather(
            *(started(folder / play.__name__, **extra) for play, extra in owners.items())
        )
        try:
            async with inside(server) as house:
                own = dict(zip(owners, others, strict=True))
                stage = Stage(house, own)
                return await _all_of(wanted, stage)
        finally:
            for running in (server, *others):
                await asyncio.to_thread(running.stop)

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(evening())


async def _all_of(plays: Sequence[Play], stage: Stage) -> dict[Play, Any]:
    found = await asyncio.gather(*(play(stage) for play in plays), return_exceptions=True)
    return dict(zip(plays, found, strict=True))


def played(play: Play) -> Callable[[Any], Any]:
    """The test is about what this play brings back: its fixture `outcome`."""

    def mark(test: Any) -> Any:
        test.play = play
        return test

    return mark
