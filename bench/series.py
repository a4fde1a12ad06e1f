"""How something grew over many calls: samples, their slope, and a plot that a terminal can show.

Only numbers go in and text comes out; what is measured, and when, is the soak's.
"""

from collections.abc import Sequence
from dataclasses import dataclass

WARM_SHARE = 0.2
"""Of the calls: caches, pools and the allocator fill in the beginning, and that is no leak."""
WIDTH, HEIGHT = 72, 10


@dataclass(frozen=True, slots=True)
class Sample:
    """One look at a process. `calls` were begun so far."""

    calls: int
    at_s: float
    live: int
    rss_mb: float
    fds: int
    sockets: int
    threads: int
    tasks: int


def steady(samples: Sequence[Sample]) -> list[Sample]:
    """Those after the warm beginning."""
    if not samples:
        return []
    first = samples[0].calls + (samples[-1].calls - samples[0].calls) * WARM_SHARE
    return [s for s in samples if s.calls >= first]


def slope(samples: Sequence[Sample]) -> float:
    """MB that 1,000 calls leave behind: least squares over the steady part."""
    points = [(s.calls / 1000, s.rss_mb) for s in steady(samples)]
    if len(points) < 2:
        return 0.0
    x_mean = sum(x for x, _ in points) / len(points)
    y_mean = sum(y for _, y in points) / len(points)
    spread = sum((x - x_mean) ** 2 for x, _ in points)
    return sum((x - x_mean) * (y - y_mean) for x, y in points) / spread if spread else 0.0


def table(samples: Sequence[Sample], rows: int = 16) -> str:
    """Some of the samples, evenly, with the first and the last."""
    heads = ("calls", "s", "live", "RSS MB", "fds", "sockets", "threads", "tasks")
    out = ["| " + " | ".join(heads) + " |", "|---" * len(heads) + "|"]
    last = len(samples) - 1
    shown = sorted({round(n * last / max(1, rows - 1)) for n in range(rows)}) if samples else []
    for n in shown:
        s = samples[n]
        out.append(
            f"| {s.calls:,} | {s.at_s:.0f} | {s.live} | {s.rss_mb:.1f} | {s.fds} | {s.sockets} "
            f"| {s.threads} | {s.tasks} |"
        )
    return "\n".join(out)


def plot(points: Sequence[tuple[float, float]], unit: str) -> str:
    """Dots in a box, from the lowest value to the highest."""
    if not points:
        return ""
    low, high = min(y for _, y in points), max(y for _, y in points)
    most = max(x for x, _ in points) or 1
    grid = [[" "] * WIDTH for _ in range(HEIGHT)]
    for x, y in points:
        column = round(x / most * (WIDTH - 1))
        row = round((high - y) / ((high - low) or 1) * (HEIGHT - 1))
        grid[row][column] = "•"
    labels = [f"{high:9.1f}", *[" " * 9] * (HEIGHT - 2), f"{low:9.1f}"]
    lines = [f"{label} │{''.join(dots)}".rstrip() for label, dots in zip(labels, grid, strict=True)]
    foot = f"{'':9} └{'─' * WIDTH}\n{'':11}0{unit + f' at {most:,.0f} calls':>{WIDTH - 1}}"
    return "\n".join([*lines, foot])
