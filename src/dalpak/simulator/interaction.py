"""The command that measures how a conversation feels: tau-voice's interaction panel over seeded calls.

    python -m dalpak.simulator.interaction --calls 1000

Prints our figures beside the published ones, and the targets; the exit code is 1 when one of them is missed.
"""

import argparse
import multiprocessing
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

from dalpak.errors import DalpakError
from dalpak.simulator.interaction_call import InteractionCall
from dalpak.simulator.interaction_figures import PUBLISHED, Panel, Row, Timeline, row_of, table

CHUNK = 50
"""Calls that one process takes at a time."""


@dataclass(frozen=True, slots=True)
class Target:
    name: str
    value: float | None
    bar: float
    at_most: bool

    @property
    def met(self) -> bool:
        if self.value is None:
            return False
        return self.value <= self.bar if self.at_most else self.value >= self.bar


class TargetMissedError(DalpakError):
    """At least one target of the panel was missed: the process ends with exit code 1."""


def timelines(seeds: Sequence[int]) -> list[Timeline]:
    return [InteractionCall(seed).run() for seed in seeds]


def measure(calls: int, start: int = 0) -> Panel:
    """Seeded calls on every core; the same seeds give the same panel."""
    panel = Panel()
    seeds = range(start, start + calls)
    chunks = [seeds[k : k + CHUNK] for k in range(0, calls, CHUNK)]
    if len(chunks) < 2:
        panel.add_all(map(timelines, chunks))
        return panel
    with ProcessPoolExecutor(mp_context=multiprocessing.get_context("spawn")) as pool:
        panel.add_all(pool.map(timelines, chunks))
    return panel


def targets(row: Row) -> tuple[Target, ...]:
    return (
        Target("mean response, s", row.response_s, 0.9, at_most=True),
        Target("mean yield, s", row.yield_s, 0.30, at_most=True),
        Target("yield rate", row.yield_rate, 0.99, at_most=False),
        Target("response rate", row.response_rate, 0.995, at_most=False),
        Target("agent interrupts caller, per turn", row.interrupts, 0.05, at_most=True),
        Target("selectivity, mean", row.selectivity, 0.75, at_most=False),
    )


def main(argv: Sequence[str] | None = None) -> None:
    """Raises TargetMissedError."""
    parser = argparse.ArgumentParser(
        prog="python -m dalpak.simulator.interaction", description=__doc__.splitlines()[0]
    )
    parser.add_argument("--calls", type=int, default=1_000, help="how many (default 1000)")
    parser.add_argument("--start", type=int, default=0, help="the first seed (default 0)")
    args = parser.parse_args(argv)
    panel = measure(args.calls, args.start)
    ours = row_of(panel, "dalpak, embedded agent", panel.talked_on)
    strict = row_of(panel, "  any pause counted as yielding", panel.unbroken)
    _tell(panel, args.calls, [ours, strict, *PUBLISHED])
    missed = [target.name for target in targets(ours) if not target.met]
    if missed:
        raise TargetMissedError(f"missed: {', '.join(missed)}")


def _tell(panel: Panel, calls: int, rows: list[Row]) -> None:
    ordered = sorted(panel.latencies)
    _write(
        f"{calls} calls, {panel.turns} turns, {len(panel.yields) + panel.unyielded} interruptions; "
    )
    _write(f"response p95 {ordered[int(len(ordered) * 0.95)] / 1000:.2f} s\n")
    for kind, told in panel.talked_on.items():
        _write(f"  {kind.value:<14}{len(told):>6} events, {sum(told) / len(told):.3f} ignored\n")
    table(rows, _write)
    _write(
        "  providers simulated at published latencies, the detector at its measured ones; the others:\n"
    )
    _write(
        "  the tau-voice leaderboard, in English, with other dialogues: a bar, not a head-to-head\n"
    )
    for target in targets(rows[0]):
        sign = "<=" if target.at_most else ">="
        value = "-" if target.value is None else f"{target.value:.3f}"
        _write(
            f"  {target.name:<36}{value:>8} {sign} {target.bar:<6}{'ok' if target.met else 'MISSED'}\n"
        )


def _write(text: str) -> None:
    sys.stdout.write(text)


if __name__ == "__main__":
    main()
