"""The figures of many measurements, as every benchmark of this folder prints them."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class Figures:
    """Of `n` values; all None when there are none."""

    n: int
    p50: float | None
    p95: float | None
    p99: float | None
    most: float | None

    def to_json(self) -> dict[str, float | int | None]:
        return asdict(self)


def spread(values: Iterable[float]) -> Figures:
    ordered = sorted(values)
    if not ordered:
        return Figures(0, None, None, None, None)

    def at(share: float) -> float:
        return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))], 1)

    return Figures(len(ordered), at(0.5), at(0.95), at(0.99), round(ordered[-1], 1))
