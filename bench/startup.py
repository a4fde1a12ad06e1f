"""What a person waits for before anything happens: `dalpak --help`, and the doctor on an installation without keys.

Each is a process of its own, from its start to its end, on a warm disk cache. That no provider's library is loaded by
either is a test (tests/integration/product/test_startup.py); here it is only seen what that is worth.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass

RUNS = 7
HELP_BAR_S = 0.5
"""Issue: `dalpak --help` answers within half a second."""

COMMANDS: tuple[tuple[str, ...], ...] = (("--help",), ("doctor", "--json"))


@dataclass(frozen=True, slots=True)
class Start:
    command: str
    median_s: float
    best_s: float


def measure(command: tuple[str, ...]) -> Start:
    """In an empty folder and without this machine's settings, after one run that fills the caches."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    took = []
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(RUNS + 1):
            began = time.perf_counter()
            subprocess.run(
                [sys.executable, "-m", "dalpak", *command],
                env=kept,
                cwd=folder,
                check=True,
                capture_output=True,
            )
            took.append(time.perf_counter() - began)
    return Start(f"dalpak {' '.join(command)}", statistics.median(took[1:]), min(took[1:]))


def main() -> None:
    print("\n| start | median s | best s | bar s |\n|---|---|---|---|")
    for command in COMMANDS:
        start = measure(command)
        bar = f"{HELP_BAR_S:.1f}" if command == COMMANDS[0] else ""
        print(f"| `{start.command}` | {start.median_s:.2f} | {start.best_s:.2f} | {bar} |")


if __name__ == "__main__":
    main()
