"""Line charts as SVG, small enough to read as text; no library, so that the picture in the docs is reproducible."""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 420, 260
LEFT, RIGHT, TOP, BOTTOM = 56, 16, 40, 40
COLOURS = ("#1f6feb", "#d1242f", "#1a7f37", "#8250df")
TICKS = 5


@dataclass(frozen=True, slots=True)
class Line:
    name: str
    points: Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Panel:
    title: str
    unit: str
    lines: Sequence[Line]
    bar: float | None = None
    """A dashed line at what is wanted."""


def svg(panels: Sequence[Panel], across: str = "calls at once") -> str:
    """The panels side by side; `across` is what their x axes count."""
    width = WIDTH * len(panels)
    body = "".join(_panel(panel, n * WIDTH, across) for n, panel in enumerate(panels))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {HEIGHT}" '
        'font-family="system-ui, sans-serif" font-size="11">'
        f'<rect width="{width}" height="{HEIGHT}" fill="#fff"/>{body}</svg>\n'
    )


def _panel(panel: Panel, left: float, across: str) -> str:
    points = [p for line in panel.lines for p in line.points]
    x_most = max((x for x, _ in points), default=1) or 1
    y_most = _round_up(max([y for _, y in points] + ([panel.bar] if panel.bar else [1e-9])))

    def x_of(x: float) -> float:
        return round(left + LEFT + x / x_most * (WIDTH - LEFT - RIGHT), 1)

    def y_of(y: float) -> float:
        return round(HEIGHT - BOTTOM - y / y_most * (HEIGHT - TOP - BOTTOM), 1)

    out = [f'<text x="{left + LEFT}" y="18" font-weight="600">{panel.title}, {panel.unit}</text>']
    for n in range(TICKS + 1):
        y = y_most * n / TICKS
        out.append(
            f'<path d="M{x_of(0)} {y_of(y)}H{x_of(x_most)}" stroke="#d0d7de" fill="none"/>'
            f'<text x="{x_of(0) - 6}" y="{y_of(y) + 4}" text-anchor="end">{y:g}</text>'
        )
    for x in sorted({x for x, _ in points}):
        label = f'<text x="{x_of(x)}" y="{HEIGHT - 22}" text-anchor="middle">{x:g}</text>'
        out.append(label)
    out.append(
        f'<text x="{x_of(x_most / 2)}" y="{HEIGHT - 6}" text-anchor="middle">{across}</text>'
    )
    if panel.bar is not None:
        bar = f"M{x_of(0)} {y_of(panel.bar)}H{x_of(x_most)}"
        out.append(f'<path d="{bar}" stroke="#57606a" stroke-dasharray="4 3" fill="none"/>')
    for n, line in enumerate(panel.lines):
        colour = COLOURS[n % len(COLOURS)]
        path = "L".join(f"{x_of(x)} {y_of(y)}" for x, y in line.points)
        out.append(f'<path d="M{path}" stroke="{colour}" stroke-width="2" fill="none"/>')
        out += [
            f'<circle cx="{x_of(x)}" cy="{y_of(y)}" r="3" fill="{colour}"/>' for x, y in line.points
        ]
        out.append(f'<text x="{left + LEFT + n * 90}" y="33" fill="{colour}">{line.name}</text>')
    return "".join(out)


def _round_up(value: float) -> float:
    """To the next 1, 2 or 5 of its size, so that the ticks are round."""
    size = 10.0 ** (len(str(int(value))) - 1 if value >= 1 else -2)
    while True:
        for step in (1, 2, 5):
            if step * size >= value:
                return step * size
        size *= 10
