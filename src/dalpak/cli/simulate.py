"""`dalpak simulate`: callers over real sockets against a running server, and what came of them.

Only the demo business is called, and only where messages go to the outbox: simulated appointments
and their confirmations must never reach anybody real.
"""

import asyncio
from contextlib import nullcontext
from urllib.parse import urlsplit

import httpx
import uvloop
from rich.console import Console, Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from dalpak.cli.common import emit_json, fail, settings_for
from dalpak.cli.local_token import signing_token
from dalpak.clock import SystemClock
from dalpak.config import Settings, is_loopback
from dalpak.domain.records import Business
from dalpak.simulator.load import Progress, simulate_calls
from dalpak.simulator.summary import Summary
from dalpak.simulator.twilio import ACCOUNT, SimulatedTwilio
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
        Console().print(_table(summary))
    return 0 if summary.ok else 1


def _complaint(settings: Settings, server: str) -> str:
    """Why no call can be made, as far as the settings tell; empty when one can."""
    parts = urlsplit(server)
    if parts.scheme != "http" or not is_loopback(parts.hostname or ""):
        return f"--url: expected a server here, such as http://127.0.0.1:8080, got {server!r}"
    if settings.messenger != "outbox":
        return (
            f"MESSENGER: expected 'outbox', got {settings.messenger!r}: confirmations of "
            "simulated appointments would be sent to real numbers"
        )
    if not signing_token(settings):
        return (
            "TWILIO_AUTH_TOKEN: not set, and no server on loopback has left a local one in "
            f"{settings.data_dir}: start the server first (make run), with the same settings"
        )
    if schema_version(settings.db_url) is None:
        return "DATA_DIR: no database there yet: start the server first (make run)"
    return ""


async def _simulate(
    settings: Settings, server: str, *, calls: int, ramp_s: float, shown: bool
) -> Summary | str:
    """The summary, or why there is none."""
    if not await _is_ready(server):
        return f"--url: no server takes calls at {server}: start it first (make run)"
    clock = SystemClock()
    store = SqlStore.open(settings.db_url, clock)
    try:
        demo = await _demo(store)
        if demo is None:
            return (
                "DATABASE_URL: expected the demo business in it, the only one that simulated "
                "callers book with; an empty DATA_DIR gets it at the next start"
            )
        twilio = SimulatedTwilio(
            server=server,
            public=settings.public_base_url,
            auth_token=signing_token(settings),
            account=settings.twilio_account_sid or ACCOUNT,
            called=demo.phone,
            clock=clock,
        )
        progress = Progress(calls)
        screen = Live(
            get_renderable=lambda: _screen(progress), console=Console(stderr=True), transient=True
        )
        with screen if shown else nullcontext():
            async with twilio:
                return await simulate_calls(twilio, store, progress=progress, ramp_s=ramp_s)
    finally:
        await store.aclose()


async def _is_ready(server: str) -> bool:
    async with httpx.AsyncClient(timeout=READY_S, trust_env=False) as http:
        try:
            return (await http.get(f"{server}/readyz")).status_code == 200
        except httpx.HTTPError:
            return False


async def _demo(store: SqlStore) -> Business | None:
    return next((b for b in await store.businesses() if b.id == DEMO_BUSINESS_ID), None)


# -- for people ------------------------------------------------------------------------------------


def _screen(progress: Progress) -> Group:
    """The live view: how far everybody is."""
    counts = Text.assemble(
        "  ringing ",
        (f"{progress.ringing:<4}", "yellow"),
        " talking ",
        (f"{progress.talking:<4}", "cyan"),
        " booked ",
        (f"{progress.booked:<4}", "green"),
        " not booked ",
        (f"{progress.done - progress.booked:<4}", "red"),
        f" keyed {progress.answers} answers",
    )
    bar = ProgressBar(total=progress.calls, completed=progress.done, width=60)
    return Group(Text(f"\n  {progress.calls} callers"), counts, Text("  "), bar, Text())


def _table(summary: Summary) -> Group:
    """The summary."""
    data = summary.to_json()
    table = Table(box=None, show_header=False, padding=(0, 2))
    table.add_column(style="bold")
    table.add_column(justify="right")
    table.add_column(style="dim")
    good, bad = "green", "red"
    calls = len(summary.outcomes)
    table.add_row("calls", str(calls), f"in {summary.seconds:.0f} s")
    booked = Text(str(summary.booked), good if summary.booked == calls else bad)
    table.add_row("booked", booked, "appointments in the database, each on its own slot")
    confirmed = Text(str(summary.confirmed), good if summary.confirmed == calls else bad)
    table.add_row("confirmed", confirmed, "confirmations in the outbox: dalpak outbox")
    table.add_row("failed", Text(str(summary.failed), bad if summary.failed else good), "")
    for name, about in (
        ("greeting_ms", "socket open to the first sound, ms: median, 95th percentile"),
        ("response_ms", "key to the first sound of the answer, ms"),
    ):
        pair = data[name]
        assert isinstance(pair, dict)
        table.add_row(name.removesuffix("_ms"), f"{pair['p50']}  {pair['p95']}", about)
    for name, about in (
        ("underruns", "holes inside an utterance that can be heard"),
        ("late_frames", f"later than the lead, of {data['frames']} frames"),
        ("lead_ms_max", "most audio ever waiting to be played, ms"),
    ):
        table.add_row(name.replace("_", " "), str(data[name]), about)
    complaints = [Text(f"  {error}", bad) for error in summary.errors]
    return Group(Text(), table, *complaints, Text())
