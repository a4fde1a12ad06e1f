"""Many seeds on every core: progress, what was injected, and the failures with their last steps and their replay."""

import multiprocessing
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field
from pathlib import Path

from dalpak.clock import SystemClock
from dalpak.simulator.faults import Fault
from dalpak.simulator.one_call import Outcome, run_seed
from dalpak.simulator.rules import RULES

PARALLEL_FROM = 200
"""Fewer seeds than this are not worth a second process."""
CHUNK = 25
SHOWN = 5
"""Failures printed in full."""


@dataclass(slots=True)
class Tally:
    calls: int = 0
    call_ms: int = 0
    steps: int = 0
    turns: int = 0
    endings: Counter[str] = field(default_factory=Counter)
    injected: Counter[str] = field(default_factory=Counter)
    failures: list[Outcome] = field(default_factory=list)

    def add(self, outcome: Outcome) -> None:
        self.calls += 1
        self.call_ms += outcome.call_ms
        self.steps += outcome.steps
        self.turns += outcome.turns
        self.endings[outcome.ending.value if outcome.ending else "broken"] += 1
        self.injected.update(outcome.injected)
        if outcome.failure is not None:
            self.failures.append(outcome)


def _run_chunk(seeds: list[int]) -> list[Outcome]:
    return [run_seed(seed) for seed in seeds]


def outcomes(seeds: list[int]) -> Iterator[Outcome]:
    """Every seed's outcome, in no order when there are many."""
    if len(seeds) <= PARALLEL_FROM:
        yield from map(run_seed, seeds)
        return
    chunks = [seeds[k : k + CHUNK] for k in range(0, len(seeds), CHUNK)]
    with ProcessPoolExecutor(mp_context=multiprocessing.get_context("spawn")) as pool:
        for done in as_completed([pool.submit(_run_chunk, chunk) for chunk in chunks]):
            yield from done.result()


def run(seeds: list[int], write: Callable[[str], object], *, keep: Path | None = None) -> Tally:
    """Run them all and tell `write` about it. New failures are appended to the file `keep`."""
    clock = SystemClock()
    began = clock.monotonic_ms()
    tally = Tally()
    every = max(1, len(seeds) // 10)
    for outcome in outcomes(seeds):
        tally.add(outcome)
        if tally.calls % every == 0:
            write(f"  {tally.calls:>6} of {len(seeds)} calls, {len(tally.failures)} broken\n")
    took_s = max(1, clock.monotonic_ms() - began) / 1000
    _summarise(tally, took_s, write)
    tally.failures.sort(key=lambda outcome: outcome.seed)
    for outcome in tally.failures[:SHOWN]:
        tell_failure(outcome, write)
    if keep is not None:
        remember(keep, (outcome.seed for outcome in tally.failures))
    return tally


def _summarise(tally: Tally, took_s: float, write: Callable[[str], object]) -> None:
    hours = tally.call_ms / 3_600_000
    write(
        f"{tally.calls} calls, {hours:.1f} h of conversation, {tally.turns} turns, {tally.steps} steps "
        f"in {took_s:.1f} s: {tally.calls / took_s * 60:.0f} calls per minute\n"
    )
    write(f"ended by: {', '.join(f'{name} {n}' for name, n in tally.endings.most_common())}\n")
    write("faults injected:\n")
    for fault in Fault:
        write(f"  {fault.value:<22}{tally.injected[fault]:>8}\n")
    write(f"rules checked after every step ({len(RULES)}):\n")
    for name, sentence in RULES.items():
        write(f"  {name:<12}{sentence}\n")
    broken = len(tally.failures)
    write(f"{broken} of {tally.calls} calls broke a rule\n" if broken else "no rule broken\n")


def tell_failure(outcome: Outcome, write: Callable[[str], object]) -> None:
    write(f"\nseed {outcome.seed}: {outcome.failure}\n")
    for text in outcome.tail:
        write(f"  {text}\n")
    write(f"replay: python -m dalpak.simulator.world --seed {outcome.seed} --trace\n")


def known_seeds(file: Path) -> list[int]:
    """The seeds that failed once: one a line, `#` begins a comment."""
    if not file.exists():
        return []
    lines = (line.split("#")[0].strip() for line in file.read_text(encoding="utf-8").splitlines())
    return [int(line) for line in lines if line]


def remember(file: Path, seeds: Iterable[int]) -> None:
    known = set(known_seeds(file))
    new = [seed for seed in seeds if seed not in known]
    if new and file.parent.is_dir():
        with file.open("a", encoding="utf-8") as out:
            out.write("".join(f"{seed}\n" for seed in new))
