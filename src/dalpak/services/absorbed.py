"""Failures that nobody heard of, because another service did the work: each is counted once, here or by the call.

Nothing is decided here: who is asked, and when the other one, is resilience.py's and its users'.
"""

from typing import Self

from dalpak.errors import ProviderError
from dalpak.ports.mishaps import Mishaps


class Absorbed:
    """Of one request that two services were asked. Used around it: whoever asks hears of the failure that is raised,
    and `mishaps` of the others.
    """

    def __init__(self, port: str, mishaps: Mishaps) -> None:
        self._port, self._mishaps = port, mishaps
        self._faults: list[ProviderError] = []

    def add(self, fault: ProviderError) -> None:
        """A service that its breaker spares was not asked, and has not failed."""
        if fault.code != "circuit_open":
            self._faults.append(fault)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, raised: object, trace: object) -> None:
        for fault in self._faults:
            if fault is not raised:
                self._mishaps.failed(self._port, fault.code)
