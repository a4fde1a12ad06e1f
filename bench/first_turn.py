"""The first turn after warm-up beside the tenth, in a process that did nothing else: real clients, a simulated model.

Prints one JSON document: how long each turn took to its first words, and what the first one still had to do. The
times are for a table (startup.py); what was done is for a test (tests/integration/product/test_first_turn.py), because
it does not depend on the machine.
"""

import asyncio
import gc
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import httpx2
import uvloop

from dalpak.agents import agent_factory
from dalpak.call.inputs import CallerHungUp, FinalHeard
from dalpak.cli.terminal import TerminalLine
from dalpak.clock import SystemClock
from dalpak.config import Settings
from dalpak.domain.records import CallRecord, TenantScope
from dalpak.extensions import Extensions, build_extensions
from dalpak.language.he import HEBREW
from dalpak.runtime.supervise import Supervisor
from dalpak.simulator.openai_server import MODEL, OpenAiServer
from dalpak.simulator.openai_wire import Answer, Call, Request, answer

TURNS = 10
CLOCK = SystemClock()
POLL_S = 0.005
SETTLED_S = 0.1
"""Between two turns: what the one before still does (records, checkpoints) is not the next one's."""
WITHIN_S = 60.0
SAID = "שלום, מה שלומכם"


def mind(request: Request) -> Answer:
    """Every turn is the same work."""
    del request
    return answer(Call("say", {"text": HEBREW.phrase("ask_when").text, "asks": "when"}))


def clients() -> int:
    """Of HTTP and of the vendor, alive in this process."""
    from openai import AsyncOpenAI

    kinds = (AsyncOpenAI, httpx2.AsyncClient)
    return sum(issubclass(type(thing), kinds) for thing in gc.get_objects())


async def warm(model: OpenAiServer) -> None:
    """As the process does it by itself: the rehearsal first, then a connection."""
    async with asyncio.timeout(WITHIN_S):
        while not model.listed:
            await CLOCK.sleep(POLL_S)
    await CLOCK.sleep(SETTLED_S)


class Talk:
    """A typed call; when the first words of each answer came."""

    def __init__(self, ext: Extensions, record: CallRecord) -> None:
        line = TerminalLine(self._show)
        self._came = asyncio.Event()
        self.session = ext.calls.open(record, line, text_only=True)
        line.hear = self.session.hear

    def _show(self, kind: str, data: dict[str, object]) -> None:
        del data
        if kind == "agent":
            self._came.set()

    async def words(self) -> None:
        async with asyncio.timeout(WITHIN_S):
            await self._came.wait()
        await CLOCK.sleep(SETTLED_S)

    async def turn(self) -> float:
        """Milliseconds to the first words."""
        self._came.clear()
        began = time.perf_counter()
        self.session.hear(FinalHeard(SAID))
        async with asyncio.timeout(WITHIN_S):
            await self._came.wait()
        took = (time.perf_counter() - began) * 1000
        await CLOCK.sleep(SETTLED_S)
        return took


async def opened(ext: Extensions) -> CallRecord:
    business, now = (await ext.store.businesses())[0], CLOCK.now()
    names = CLOCK.new_id("call_"), business.id, "terminal", CLOCK.new_id()
    async with ext.store.writing(TenantScope(business.id)) as tx:
        return await tx.open_call(CallRecord(*names, "", None, None, now, now))


async def measure(ext: Extensions, model: OpenAiServer) -> dict[str, Any]:
    await warm(model)
    talk, owner = Talk(ext, await opened(ext)), Supervisor("first_turn")
    owner.spawn(talk.session.run(), name="call")
    await talk.words()
    modules, made, connections = set(sys.modules), clients(), model.connections
    first = await talk.turn()
    found: dict[str, Any] = {
        "modules": sorted(set(sys.modules) - modules),
        "clients": clients() - made,
        "connections": model.connections - connections,
    }
    turns = [first] + [await talk.turn() for _ in range(TURNS - 1)]
    talk.session.hear(CallerHungUp())
    await owner.aclose()
    asked = {(r.instructions, r.body.get("prompt_cache_key")) for r in model.requests}
    return found | {
        "turns_ms": [round(ms, 1) for ms in turns],
        "requests": len(model.requests),
        "prompts": len(asked),
        "all_connections": model.connections,
        "agents_built": agent_factory.BUILDS,
    }


async def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with OpenAiServer(mind) as model:
            settings = Settings(
                _env_file=None,
                data_dir=Path(folder),
                flows_enabled=False,
                tts_provider="silent",
                vad_provider="energy",
                agent_provider="openai",
                openai_api_key="sk-simulated",  # type: ignore[arg-type]
                openai_base_url=model.base_url,
                openai_model=MODEL,
                log_format="json",
            )
            async with build_extensions(settings) as ext:
                found = await measure(ext, model)
    print(json.dumps(found))


if __name__ == "__main__":
    uvloop.run(main())
