"""Callers between the webhook that let them in and the socket that brings them: each holds a place
among the calls.

Without it a burst of webhooks would all see the same free place. No clock and no call of its own in
here.
"""

from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Protocol


class Places(Protocol):
    """The part of `runtime.calls.Calls` that is needed: True from the context means that a place is
    held.
    """

    def reserve(self) -> AbstractContextManager[bool]: ...


@dataclass(slots=True)
class Arrivals:
    """A place is given back when its caller arrives, or after `wait_ms`: then nobody will."""

    wait_ms: int
    _expected: dict[str, tuple[int, AbstractContextManager[bool]]] = field(default_factory=dict)

    def expect(self, caller: str, places: Places, now_ms: int) -> bool:
        """Hold a place for this caller (Twilio's CallSid). False when there is none. Asking again
        changes nothing.
        """
        for late in [c for c, (until, _) in self._expected.items() if until <= now_ms]:
            self.arrived(late)
        if caller in self._expected:
            return True
        place = places.reserve()
        if not place.__enter__():
            place.__exit__(None, None, None)
            return False
        self._expected[caller] = (now_ms + self.wait_ms, place)
        return True

    def arrived(self, caller: str) -> None:
        """The call counts by itself now, or never will."""
        _, place = self._expected.pop(caller, (0, None))
        if place is not None:
            place.__exit__(None, None, None)
