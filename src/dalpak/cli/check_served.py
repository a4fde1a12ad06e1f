"""Rows 3, 7, 10 and 11 of the GO/NO-GO table, and a part of 5 and 6: calls over the wire.

A server of its own: its process, folder, port and token. What came of the calls is read from its
database and its log, never from what was heard.
"""

import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from dalpak.cli.check_marks import Marks, prompts_of, settings_in
from dalpak.cli.local_token import signing_token
from dalpak.clock import Clock, SystemClock
from dalpak.config import Settings, environment_with
from dalpak.domain.records import TenantScope, TurnRecord
from dalpak.simulator.load import Progress, simulate_calls
from dalpak.simulator.summary import Summary
from dalpak.simulator.twilio import SimulatedTwilio
from dalpak.simulator.wire_caller import Manner
from dalpak.store.unit_of_work import SqlStore

CALLS = 3
START_S = 180.0
"""The first start of all renders every prompt of the voice; later ones take two seconds."""
SETTLE_S = 15.0
"""For the follow-up of the last call."""
STOP_S = 15.0
POLL_S = 0.1
LOOPBACK = "127.0.0.1"
QUEUE_FULL = ("send queue full", "send_overflow")
"""What the log would say if audio were poured out: the operator's words, and ours."""


@dataclass(frozen=True, slots=True)
class Server:
    process: "subprocess.Popen[bytes]"
    url: str
    settings: Settings
    """What it was started with, as far as its database and token go."""
    log: Path


@dataclass(frozen=True, slots=True)
class Served:
    """What came of the calls over the wire."""

    calls: int
    booked: int
    confirmations: int
    ended_events: int
    summaries: int
    frames: int
    late_frames: int
    agent_builds: int
    app_starts: int
    queue_full: int
    marks: Marks
    errors: tuple[str, ...]


@contextmanager
def own_server(settings: Settings, folder: Path) -> Iterator[Server]:
    """Start it; it may not answer yet. Stopped at the end, and killed if that takes too long."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
    url = f"http://{LOOPBACK}:{port}"
    environment = environment_with(
        HOST=LOOPBACK,
        PORT=str(port),
        PUBLIC_BASE_URL=url,
        DATA_DIR=str(folder),
        DATABASE_URL="",
        PROMPT_CACHE_DIR=str(prompts_of(settings)),
        RUN_MIGRATIONS_ON_START="1",
        SEED_DEMO="1",
        FLOWS_ENABLED="1",
        MESSENGER="outbox",
        # The simulated callers have keypads; without a token the server makes a local one.
        STT_PROVIDER="none",
        TWILIO_ACCOUNT_SID="",
        TWILIO_AUTH_TOKEN="",
        TWILIO_AUTH_TOKEN_NEXT="",
        LOG_FORMAT="json",
    )
    log = folder / "server.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "dalpak", "serve"],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    own = settings_in(
        folder, host=LOOPBACK, port=port, public_base_url=url, twilio_auth_token="",
        twilio_auth_token_next="",
    )  # fmt: skip
    try:
        yield Server(process, url, own, log)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


async def serve_calls(server: Server) -> Served:
    """Keypad callers against it, and what its database, its log and its health page say then."""
    clock = SystemClock()
    async with httpx.AsyncClient(base_url=server.url, trust_env=False) as http:
        if not await _started(server, http, clock):
            said = server.log.read_text(encoding="utf-8", errors="replace")[-400:]
            return Served(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, Marks(), (f"no server: {said}",))
        store = SqlStore.open(server.settings.db_url, clock)
        try:
            business = (await store.businesses())[0]
            twilio = SimulatedTwilio(
                server=server.url,
                public=server.url,
                auth_token=signing_token(server.settings),
                called=business.phone,
                clock=clock,
            )
            async with twilio:
                summary = await simulate_calls(
                    twilio, store, progress=Progress(CALLS), manner=Manner.HURRIED
                )
            builds = int((await http.get("/health/process")).json()["agent_builds"])
            return await _read(server, store, clock, summary, builds)
        finally:
            await store.aclose()


async def _started(server: Server, http: httpx.AsyncClient, clock: Clock) -> bool:
    until = clock.monotonic_ms() + round(START_S * 1000)
    while clock.monotonic_ms() < until and server.process.poll() is None:
        try:
            if (await http.get("/readyz")).status_code == 200:
                return True
        except httpx.TransportError:
            pass
        await clock.sleep(POLL_S)
    return False


async def _read(
    server: Server, store: SqlStore, clock: Clock, summary: Summary, builds: int
) -> Served:
    scope = TenantScope((await store.businesses())[0].id)
    call_ids = [o.verdict.call_id for o in summary.outcomes if o.verdict.call_id]
    ended, summaries = await _follow_up(store, scope, call_ids, clock)
    turns: list[TurnRecord] = []
    async with store.reading(scope) as reading:
        for call_id in call_ids:
            turns += await reading.turns(call_id)
    said = server.log.read_text(encoding="utf-8", errors="replace")
    paces = [o.hearing.pace for o in summary.outcomes]
    return Served(
        calls=len(summary.outcomes),
        booked=summary.booked,
        confirmations=sum(o.verdict.confirmations for o in summary.outcomes),
        ended_events=ended,
        summaries=summaries,
        frames=sum(p.frames for p in paces),
        late_frames=sum(p.late_frames for p in paces),
        agent_builds=builds,
        app_starts=said.count("APP_START"),
        queue_full=sum(said.count(words) for words in QUEUE_FULL),
        marks=Marks.of(turns),
        errors=tuple(summary.errors),
    )


async def _follow_up(
    store: SqlStore, scope: TenantScope, call_ids: Sequence[str], clock: Clock
) -> tuple[int, int]:
    """`call.ended` events and summaries of these calls, once there is one of each, or after a
    while.
    """
    until = clock.monotonic_ms() + round(SETTLE_S * 1000)
    while True:
        ended = summaries = 0
        async with store.reading(scope) as reading:
            for call_id in call_ids:
                ended += sum(e.type == "call.ended" for e in await reading.events(call_id))
                messages = await reading.messages(call_id=call_id)
                summaries += sum(m.kind == "call_summary" for m in messages)
        done = min(ended, summaries) >= len(call_ids)
        if done or clock.monotonic_ms() > until:
            return ended, summaries
        await clock.sleep(POLL_S)
