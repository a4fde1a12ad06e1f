"""Thousands of calls in virtual time, and what they leave in this process: part of `make soak`.

Two rounds. The core alone, in the simulated world with its faults (simulator/one_call.py). Then the whole
runtime on a virtual loop: sessions with sound, recogniser and voice by script, the built-in agent, tools and a
real SQLite; callers book, hang up in mid-sentence, are cut off or say nothing at all.
"""

import asyncio
import ctypes
import gc
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from random import Random

import psutil
from series import Sample, plot, slope, steady, table

from dalpak.call.inputs import CallerHungUp, LineLost
from dalpak.clock import SystemClock, VirtualClock, run_virtual
from dalpak.config import Settings
from dalpak.domain.records import CallRecord, TenantScope
from dalpak.extensions import Extensions, build_extensions, prompts_of
from dalpak.language.base import Spoken
from dalpak.language.he.check_lines import WIRE_BOOKING
from dalpak.language.registry import language
from dalpak.logs import configure_logging
from dalpak.runtime.session import Session
from dalpak.runtime.supervise import Supervisor
from dalpak.simulator.coded_voice import coded_voice
from dalpak.simulator.one_call import run_seed
from dalpak.simulator.scripted_stt import ScriptedStt
from dalpak.simulator.spoken_caller import SpokenCaller, spoken

BATCH = 250
"""Calls between two looks."""
AT_ONCE = 10
WARM = 50
"""Calls that fill pools and caches before the first look."""
WORD_MS = 120
"""A quick voice, so that calls are short."""
BAR_MB = 1.0
"""RSS that 1,000 calls may leave behind."""
SHARE_BOOKING, SHARE_SILENT = 0.5, 0.1
"""Of the callers; the others hang up or are cut off, at any moment of the same conversation."""
LONGEST_S = 30.0
HALF_A_DAY_S = 12 * 3600.0
"""Passes between two batches: the diary never fills up."""

Looked = tuple[list[Sample], list[str]]


def look(calls: int, began_ms: int, tasks: int) -> Sample:
    """After everything that can be freed was freed, and given back to the system."""
    gc.collect()
    if sys.platform == "linux":
        ctypes.CDLL(None).malloc_trim(0)
    own = psutil.Process()
    return Sample(
        calls=calls,
        at_s=(SystemClock().monotonic_ms() - began_ms) / 1000,
        live=0,
        rss_mb=own.memory_info().rss / 2**20,
        fds=own.num_fds(),
        sockets=len(own.net_connections(kind="all")),
        threads=own.num_threads(),
        tasks=tasks,
    )


def core(calls: int) -> Looked:
    """The pure core in its simulated world, with every kind of fault."""
    began, samples, broken = (
        SystemClock().monotonic_ms(),
        [look(0, SystemClock().monotonic_ms(), 0)],
        0,
    )
    for first in range(0, calls, BATCH):
        last = min(calls, first + BATCH)
        broken += sum(run_seed(seed).failure is not None for seed in range(first, last))
        samples.append(look(last, began, 0))
    wrong = judged("calls of the core in the simulated world", samples)
    print(f"{broken} of them broke a rule of the conversation (`make sim` is about those)")
    return samples, wrong


# -- the whole runtime -----------------------------------------------------------------------------


class Tone:
    """`ports.tts.TextToSpeech`: as long as the words take."""

    name = voice = "tone"

    async def synthesize(self, spoken_text: Spoken, *, locale: str) -> AsyncIterator[bytes]:
        del locale
        yield coded_voice(spoken_text.text, WORD_MS)

    async def aclose(self) -> None:
        """Nothing is kept."""


class Wayward(SpokenCaller):
    """Leaves after so many seconds, whatever is going on; or says nothing at all."""

    def __init__(self, rng: Random, ext: Extensions) -> None:
        kind = rng.random()
        self.stays_s = (
            LONGEST_S * 20 if kind < SHARE_BOOKING + SHARE_SILENT else rng.uniform(0, LONGEST_S)
        )
        self.goes_with = CallerHungUp() if rng.random() < 0.5 else LineLost("cut off")
        silent = SHARE_BOOKING <= kind < SHARE_BOOKING + SHARE_SILENT
        super().__init__([" "] * 9 if silent else WIRE_BOOKING, ext.clock)

    async def leave(self, session: Session) -> None:
        await self._clock.sleep(self.stays_s)
        session.hear(self.goes_with)


async def one(ext: Extensions, business_id: str, number: int) -> str:
    caller, now = Wayward(Random(number), ext), ext.clock.now()
    call_id = ext.clock.new_id("call_")
    record = CallRecord(call_id, business_id, "twilio", f"soak:{call_id}", "", None, "", now, now)
    async with ext.store.writing(TenantScope(business_id)) as tx:
        record = await tx.open_call(record)
    session = ext.calls.open(record, caller)
    person = Supervisor("person")
    person.spawn(caller.run(session), name="person")
    person.spawn(caller.leave(session), name="leave")
    ending = await session.run()
    await person.aclose()
    return str(ending)


async def batch(ext: Extensions, business_id: str, numbers: range, ended: Counter[str]) -> None:
    waiting = iter(numbers)

    async def place() -> None:
        for number in waiting:
            ended[await one(ext, business_id, number)] += 1

    async with asyncio.TaskGroup() as group:
        for _ in range(AT_ONCE):
            group.create_task(place())


async def whole_runtime(calls: int, folder: Path) -> Looked:
    settings = Settings(
        _env_file=None, data_dir=folder, flows_enabled=False, vad_provider="energy", seed_demo=True,
        max_live_calls=AT_ONCE,
    )  # type: ignore[call-arg]  # fmt: skip
    clock, stt = VirtualClock(SystemClock().now()), ScriptedStt(spoken(WIRE_BOOKING))
    began, ended = SystemClock().monotonic_ms(), Counter[str]()
    async with build_extensions(settings, clock=clock, serving=False, stt=stt, voice=Tone()) as ext:
        with clock.real_work():
            for code, prompts in (await prompts_of(ext.store)).items():
                await ext.bank.maybe_warmup(prompts, locale=language(code).locale)
        business = (await ext.store.businesses())[0]
        await batch(ext, business.id, range(calls, calls + WARM), Counter())
        samples = [look(0, began, len(asyncio.all_tasks()))]
        for first in range(0, calls, BATCH):
            last = min(calls, first + BATCH)
            await batch(ext, business.id, range(first, last), ended)
            shutil.rmtree(settings.data_dir / "journal")
            samples.append(look(last, began, len(asyncio.all_tasks())))
            await clock.sleep(HALF_A_DAY_S)
        async with ext.store.reading(TenantScope(business.id)) as reading:
            booked = len(await reading.appointments())
        faults, abandoned = ext.calls.faults, ext.calls.tasks_abandoned
    wrong = judged("calls of the whole runtime with sound, on SQLite", samples)
    print(", ".join(f"{reason} {n:,}" for reason, n in ended.most_common()), f"; {booked:,} booked")
    if faults or abandoned or not booked:
        wrong.append(f"{faults} faults contained, {abandoned} tasks abandoned, {booked} booked")
    return samples, wrong


def runtime(calls: int) -> Looked:
    configure_logging(debug=False, quiet=True)
    with tempfile.TemporaryDirectory(prefix="dalpak-soak-") as name:
        return run_virtual(whole_runtime(calls, Path(name)))


def judged(what: str, samples: list[Sample]) -> list[str]:
    """Print it; what is not as it must be comes back."""
    first, last, grown = steady(samples)[0], samples[-1], slope(samples)
    verdict = "ok" if grown < BAR_MB else "OVER"
    print(f"\n{last.calls:,} {what}, {last.at_s:.0f} s\n\n{table(samples, 8)}\n")
    print(plot([(s.calls, s.rss_mb) for s in samples], "MB"))
    print(f"\nmemory: {grown:+.3f} MB for 1,000 calls (< {BAR_MB}: {verdict})")
    wrong = [f"memory grows by {grown:.2f} MB for 1,000 calls"] if verdict != "ok" else []
    for name in ("tasks", "sockets", "fds"):
        was, is_now = getattr(first, name), getattr(last, name)
        print(f"{name}: {was} before, {is_now} after")
        if is_now > was:
            wrong.append(f"{is_now - was} {name} left behind")
    return wrong
