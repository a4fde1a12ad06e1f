"""A server in a process of its own, and what can be asked of it. Only loopback, and only processes that it started."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
from edge_harness import PATIENCE_S, Edge, settings_for

from dalpak.clock import SystemClock

CLOCK = SystemClock()


class Child:
    """A server process of this test, and how it ended."""

    def __init__(self, process: asyncio.subprocess.Process, edge: Edge) -> None:
        self.process, self.edge = process, edge
        self.words = b""

    async def ends(self) -> None:
        """Without being asked again; what it said is kept."""
        async with asyncio.timeout(PATIENCE_S):
            _, self.words = await self.process.communicate()

    async def says(self, path: str, status: int) -> None:
        """Ask until the answer has this status."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                try:
                    if (await self.edge.http.get(path)).status_code == status:
                        return
                except httpx.TransportError:
                    assert self.process.returncode is None
                await CLOCK.sleep(0.02)


@asynccontextmanager
async def child(folder: Path, port: int, *command: str) -> AsyncIterator[Child]:
    base = f"http://127.0.0.1:{port}"
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *command,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
        env={"PYTHONPATH": ":".join(sys.path), "HOME": str(folder)},
        cwd=folder,
    )
    try:
        async with httpx.AsyncClient(base_url=base, timeout=PATIENCE_S) as http:
            extensions: Any = None
            running = Child(process, Edge(settings_for(folder), base, extensions, http))
            await running.says("/healthz", 200)
            yield running
    finally:
        if process.returncode is None:
            process.kill()
            await process.communicate()
