"""The dice of simulated callers: passed in, because this package is pure and draws no random numbers itself."""

from collections.abc import Sequence
from typing import Protocol, TypeVar

T = TypeVar("T")


class Dice(Protocol):
    """What is used of `random.Random`."""

    def random(self) -> float: ...

    def choice(self, among: Sequence[T], /) -> T: ...
