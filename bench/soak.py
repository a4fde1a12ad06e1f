"""Does anything stay behind? Thousands of calls in virtual time, then half an hour on the wire: `make soak`.

Prints what there was before, meanwhile and after (memory, tasks, file descriptors, sockets), the slope of
the memory and a plot. The exit code is 1 when a bar is missed.
"""

import argparse
from collections.abc import Callable
from pathlib import Path

import soak_virtual
import soak_wire
from chart import Line, Panel, svg
from series import Sample

PARTS = ("core", "runtime", "wire")
POINTS = 8
"""Of a line in the picture; each has its number below it."""


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--part", choices=PARTS, help="this one only")
    parser.add_argument("--core-calls", type=int, default=10_000, help="in the simulated world")
    parser.add_argument("--runtime-calls", type=int, default=2_000, help="of the whole runtime")
    parser.add_argument("--calls", type=int, default=50, help="at once, on the wire")
    parser.add_argument("--minutes", type=float, default=30, help="on the wire")
    parser.add_argument("--svg", type=Path, help="write the plot there")
    return parser.parse_args()


def picture(parts: dict[str, list[Sample]]) -> str:
    panels = []
    for name, done in parts.items():
        some = done[:: max(1, len(done) // POINTS)]
        line = Line("RSS", [(s.calls, s.rss_mb) for s in some])
        panels.append(Panel(f"Resident memory, {name}", "MB", [line]))
    return svg(panels, across="calls so far")


def main() -> None:
    asked = options()
    work: dict[str, Callable[[], tuple[list[Sample], list[str]]]] = {
        "core": lambda: soak_virtual.core(asked.core_calls),
        "runtime": lambda: soak_virtual.runtime(asked.runtime_calls),
        "wire": lambda: soak_wire.soak(asked.calls, asked.minutes),
    }
    drawn: dict[str, list[Sample]] = {}
    missed: list[str] = []
    for part in [asked.part] if asked.part else PARTS:
        drawn[part], wrong = work[part]()
        missed += wrong
    if asked.svg:
        asked.svg.write_text(picture(drawn))
    if missed:
        raise SystemExit("missed: " + "; ".join(missed))
    print("\nnothing stays behind")


if __name__ == "__main__":
    main()
