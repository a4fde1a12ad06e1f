"""Opening windows of one day as sorted, disjoint minute ranges, and their form in JSON.

No date, zone or policy here: a window is wall minutes, `[["09:00", "17:00"]]` to a person.
"""

import re
from collections.abc import Iterable

from dalpak.domain.walltime import DAY_MIN, clock_text
from dalpak.errors import PolicyError

Windows = tuple[tuple[int, int], ...]
"""[start, end) in minutes of local wall time; sorted, merged, none empty."""

ALL_DAY: Windows = ((0, DAY_MIN),)

MAX_WINDOWS = 48
_CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d)|24:00", re.ASCII)
_PAIR = 'a pair such as ["09:00", "17:00"], the end after the start, 24:00 at most'


def merge(windows: Iterable[tuple[int, int]]) -> Windows:
    """Sort, drop the empty and the reversed, join what overlaps or touches."""
    merged: list[tuple[int, int]] = []
    for start, end in sorted(w for w in windows if w[0] < w[1]):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return tuple(merged)


def intersect(some: Windows, others: Windows) -> Windows:
    """What is open in both."""
    return merge((max(a[0], b[0]), min(a[1], b[1])) for a in some for b in others)


def parse_clock(text: object) -> int | None:
    """`09:30` -> 570, `24:00` -> 1440; None for anything else."""
    if not isinstance(text, str) or not _CLOCK.fullmatch(text):
        return None
    return int(text[:2]) * 60 + int(text[3:])


def windows_from_json(value: object, field: str) -> Windows:
    """Raises PolicyError naming the pair: `opening_hours_json.sun[0]`."""
    if not isinstance(value, list) or len(value) > MAX_WINDOWS:
        raise PolicyError(field, value, f"a list of at most {MAX_WINDOWS} pairs")
    pairs: list[tuple[int, int]] = []
    for i, pair in enumerate(value):
        ends = [parse_clock(end) for end in pair] if isinstance(pair, list | tuple) else []
        match ends:
            case [int(start), int(end)] if start < end:
                pairs.append((start, end))
            case _:
                raise PolicyError(f"{field}[{i}]", pair, _PAIR)
    return merge(pairs)


def windows_to_json(windows: Windows) -> list[list[str]]:
    """The inverse, merged."""
    return [[clock_text(start), clock_text(end)] for start, end in windows]
