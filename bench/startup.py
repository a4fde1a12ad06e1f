"""What a person waits for before anything happens: `dalpak --help`, and the doctor on an installation without keys;
and what the first caller waits for who speaks to a fresh process.

Each is a process of its own, on a warm disk cache. That no provider's library is loaded by the first two, and that the
first turn has nothing left to load, are tests (tests/integration/product/test_startup.py, test_first_turn.py); here it
is only seen what that is worth.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

RUNS = 7
HELP_BAR_S = 0.5
"""Issue: `dalpak --help` answers within half a second."""

COMMANDS: tuple[tuple[str, ...], ...] = (("--help",), ("doctor", "--json"))


FIRST_TURN = Path(__file__).parent / "first_turn.py"
FIRST_TURN_RUNS = 3
FIRST_TURN_BAR_MS = 100
"""Issue: the first turn after warm-up is within so much of the tenth."""


@dataclass(frozen=True, slots=True)
class Start:
    command: str
    median_s: float
    best_s: float


def alone(command: Sequence[str], folder: str) -> str:
    """What a process in this folder prints, without this machine's settings."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    done = subprocess.run(
        [sys.executable, *command], env=kept, cwd=folder, check=True, capture_output=True, text=True
    )
    return done.stdout


def measure(command: tuple[str, ...]) -> Start:
    """In an empty folder, after one run that fills the caches."""
    took = []
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(RUNS + 1):
            began = time.perf_counter()
            alone(("-m", "dalpak", *command), folder)
            took.append(time.perf_counter() - began)
    return Start(f"dalpak {' '.join(command)}", statistics.median(took[1:]), min(took[1:]))


def first_turns() -> list[tuple[float, float]]:
    """The first turn and the tenth of fresh processes, in ms to the first words; the model answers at once."""
    found = []
    for _ in range(FIRST_TURN_RUNS):
        with tempfile.TemporaryDirectory() as folder:
            told = json.loads(alone((str(FIRST_TURN),), folder).splitlines()[-1])
        found.append((told["turns_ms"][0], told["turns_ms"][-1]))
    return found


def main() -> None:
    print("\n| start | median s | best s | bar s |\n|---|---|---|---|")
    for command in COMMANDS:
        start = measure(command)
        bar = f"{HELP_BAR_S:.1f}" if command == COMMANDS[0] else ""
        print(f"| `{start.command}` | {start.median_s:.2f} | {start.best_s:.2f} | {bar} |")
    turns = first_turns()
    first, tenth = (statistics.median(each) for each in zip(*turns, strict=True))
    apart = statistics.median(one - ten for one, ten in turns)
    print(
        "\n| after warm-up | first turn ms | tenth ms | apart ms | bar ms |\n|---|---|---|---|---|"
    )
    print(
        f"| our part, median of {len(turns)} | {first:.0f} | {tenth:.0f} | {apart:+.0f} "
        f"| {FIRST_TURN_BAR_MS} |"
    )


if __name__ == "__main__":
    main()
