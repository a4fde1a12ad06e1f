"""`dalpak simulate`: callers over real sockets against a running server, and what came of them.

Only the demo business is called, and only where messages go to the outbox: simulated appointments
and their confirmations must never reach anybody real.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import httpx
import uvloop
from rich.console import Console
from rich.live import Live

from dalpak.cli.common import emit_json, fail, settings_for
from dalpak.cli.local_token import signing_token
from dalpak.clock import SystemClock
from dalpak.config import Settings, is_loopback
from dalpak.domain.records import Business
from dalpak.simulator.load import simulate_calls
from dalpak.simulator.summary import Summary
from dalpak.simulator.twilio import SimulatedTwilio
from dalpak.store.demo import DEMO_BUSINESS_ID
from dalpak.store.migrate import schema_version
from dalpak.store.unit_of_work import SqlStore

READY_S = 5.0


def simulate(*, calls: int, url: str, ramp_s: float, as_json: bool) -> int:
    """Exit code 1 if any call failed, 2 if none could be made."""
    settings = settings_for()
    server = url.rstrip("/") or f"http://{settings.host}:{settings.port}"
    complaint = _complaint(settings, server)
    if complaint:
        return fail(complaint)
    run = _simulate(settings, server, calls=calls, ramp_s=ramp_s, shown=not as_json)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        summary = runner.run(run)
    if isinstance(summary, str):
        return fail(summary)
    if as_json:
        emit_json(summary.to_json())
    else:
        Console().print(_table(summary.to_json()))
    return 0 if summary.ok else 1


def _complaint(settings: Settings, server: str) -> str:
    """Why no call can be made, as far as the settings tell; empty when one can."""
    parts = urlsplit(server)
    if parts.scheme != "http" or not is_loopback(parts.hostname or ""):
        return f"--url: expected a server on this machine such as http://127.0.0.1:8080, got {server!r}"
    if settings.messenger != "outbox":
        return (
            f"MESSENGER: simulated callers need 'outbox', got {settings.messenger!r}: "
            "their confirmations would be sent to real numbers"
        )
    if not signing_token(settings):
        return (
            "TWILIO_AUTH_TOKEN: not set, and no server on loopback has made a local one in "
            f"{settings.data_dir}: start the server first (make run), with the same settings"
        )
    if schema_version(settings.db_url) is None:
        return "no database yet: start the server first (make run), with the same DATA_DIR"
    return ""


async def _simulate(
    settings: Settings, server: str, *, calls: int, ramp_s: float, shown: bool
) -> Summary | str:
    """The summary, or why there is none."""
    if not await _is_ready(server):
        return f"--url: no server answers at {server}: start it first (make run)"
    async with _opened(settings) as store:
        demo = await _demo(store)
        if demo is None:
            return (
                "the database has no demo business, and simulated callers book with nobody else "
                "(DATA_DIR=some-empty-folder make run)"
            )
        screen = _Screen(calls)
        twilio = SimulatedTwilio(
            server=server,
            public=settings.public_base_url,
            auth_token=signing_token(settings),
            account=settings.twilio_account_sid or SimulatedTwilio.ACCOUNT,
            called=demo.phone,
            clock=SystemClock(),
        )
        with Live(screen, console=Console(stderr=True), transient=True) if shown else screen:
            async with twilio:
                return await simulate_calls(
                    twilio, store, calls=calls, ramp_s=ramp_s, on_progress=screen.show
                )


async def _is_ready(server: str) -> bool:
    async with httpx.AsyncClient(timeout=READY_S, trust_env=False) as http:
        try:
            return (await http.get(f"{server}/readyz")).status_code == 200
        except httpx.HTTPError:
            return False


@asynccontextmanager
async def _opened(settings: Settings) -> AsyncIterator[SqlStore]:
    store = SqlStore.open(settings.db_url, SystemClock())
    try:
        yield store
    finally:
        await store.aclose()


async def _demo(store: SqlStore) -> Business | None:
    return next((b for b in await store.businesses() if b.id == DEMO_BUSINESS_ID), None)
