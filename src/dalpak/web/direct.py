"""A socket without the queue and the tasks in between: messages are handed over where they arrive.

ASGI has an app wait for every message: a task is woken, and the reading of the socket is stopped and begun again, 50
times a second for each call. Our own server (`server.py`) offers this beside ASGI, in the scope's extensions; under
another server the app goes on without it.
"""

from collections.abc import Callable
from typing import Protocol

from starlette.types import Scope

DIRECT = "dalpak.direct"

Sink = Callable[[str | bytes], None]
"""Takes one message as it came (text as UTF-8 bytes, perhaps broken). Must not raise."""


class DirectSocket(Protocol):
    def listen(self, sink: Sink | None) -> None:
        """From here on messages go to `sink`, and `receive` tells only of the end; None: back to `receive`."""
        ...

    def write(self, text: str) -> bool:
        """Write now. False: nothing was written, because the socket is full or gone; `send` waits, or says so."""
        ...


def direct_socket(scope: Scope) -> DirectSocket | None:
    """What this connection's server offers."""
    found: DirectSocket | None = (scope.get("extensions") or {}).get(DIRECT)
    return found
