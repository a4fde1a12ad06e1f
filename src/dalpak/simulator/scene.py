"""What the actors of a simulated call may do: look at the time, act later, tell the core what happened."""

from collections.abc import Callable
from typing import Protocol

from dalpak.call.inputs import Input
from dalpak.call.limits import Ms
from dalpak.simulator.faults import Faults


class Scene(Protocol):
    now: Ms
    faults: Faults

    def after(self, ms: Ms, do: Callable[[], None]) -> None:
        """Run `do` so much later; what is due at one moment runs in the order it was asked for."""
        ...

    def tell(self, what: Input) -> None:
        """Something happened to the call; it enters the core when the event loop is free."""
        ...
