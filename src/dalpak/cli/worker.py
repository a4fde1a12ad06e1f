"""`dalpak worker`: the flows in a process of their own, until it is told to stop.

It answers no calls and serves no page. Servers beside it are started with FLOWS_HERE=false; any
number of workers may share a PostgreSQL.
"""

import asyncio
import signal
from contextlib import AsyncExitStack

import typer

from dalpak.cli.common import settings_for
from dalpak.clock import SystemClock
from dalpak.config import Settings
from dalpak.extensions import flow_engine, start_flows
from dalpak.logs import configure_logging, get_logger
from dalpak.runtime.supervise import Supervisor
from dalpak.store.migrate import migrate


def worker(*, db: str) -> int:
    """0 when it was told to stop, 1 when the flows ended by themselves or never began."""
    settings = settings_for(db, flows_enabled=True)
    configure_logging(debug=settings.debug, fmt=settings.log_format)
    return asyncio.run(_work(settings))


async def _work(settings: Settings) -> int:
    clock, log = SystemClock(), get_logger("dalpak")
    if settings.run_migrations_on_start:
        await asyncio.to_thread(migrate, settings.db_url)
    flows = await flow_engine(settings, clock, log)
    if flows is None:
        return 1
    told, over = asyncio.Event(), asyncio.Event()

    def stop() -> None:
        told.set()
        over.set()

    async def watch() -> None:
        await flows.ended()
        over.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop)
    async with AsyncExitStack() as stack:
        if not await start_flows(flows, stack, log):
            return 1
        supervisor = Supervisor("worker")
        stack.push_async_callback(supervisor.aclose)
        supervisor.spawn(watch(), name="flows")
        typer.echo("  dalpak worker: flows run here (Ctrl-C to stop)", err=True)
        await over.wait()
    return 0 if told.is_set() else 1
