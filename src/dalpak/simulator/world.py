"""The command that runs simulated calls: thousands a minute, or one with its trace.

    python -m dalpak.simulator.world --seeds 1000 [--start N]
    python -m dalpak.simulator.world --seed 17 --trace

A seed that breaks a rule is appended to tests/sim/seeds.txt, where the tests replay it for ever; the exit code is 1.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from dalpak.errors import DalpakError
from dalpak.simulator.farm import run, tell_failure
from dalpak.simulator.one_call import run_seed

SEEDS_FILE = Path("tests/sim/seeds.txt")


class RuleBrokenError(DalpakError):
    """At least one simulated call broke a rule: the process ends with exit code 1."""


def main(argv: Sequence[str] | None = None) -> None:
    """Raises RuleBrokenError when a rule was broken."""
    parser = argparse.ArgumentParser(
        prog="python -m dalpak.simulator.world", description=__doc__.splitlines()[0]
    )
    parser.add_argument("--seeds", type=int, default=1_000, help="how many calls (default 1000)")
    parser.add_argument("--start", type=int, default=0, help="the first seed (default 0)")
    parser.add_argument("--seed", type=int, help="run this one only")
    parser.add_argument("--trace", action="store_true", help="with --seed: print every step")
    args = parser.parse_args(argv)
    if args.seed is not None:
        _one(args.seed, trace=args.trace)
    else:
        tally = run(list(range(args.start, args.start + args.seeds)), _write, keep=SEEDS_FILE)
        if tally.failures:
            raise RuleBrokenError(f"{len(tally.failures)} of {tally.calls} calls broke a rule")


def _one(seed: int, *, trace: bool) -> None:
    outcome = run_seed(seed, on_step=(lambda text: _write(f"{text}\n")) if trace else None)
    if outcome.failure is not None:
        tell_failure(outcome, _write)
        raise RuleBrokenError(f"seed {seed}: {outcome.failure}")
    ended = outcome.ending.value if outcome.ending else "never"
    _write(
        f"seed {seed}: no rule broken; {outcome.call_ms / 1000:.1f} s, {outcome.turns} turns, "
        f"{outcome.steps} steps, ended by {ended}; injected: {outcome.injected or 'nothing'}\n"
    )


def _write(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


if __name__ == "__main__":
    main()
