"""Draining: the process was told to stop, and every live call is finished first.

One flag that the pages, webhooks and sockets read, one count of what must not be cut, one deadline.
Signals reach it through the server (web/server.py, or gunicorn's hook); nothing here knows a
server, a socket or how a call ends.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from dalpak.clock import Clock

POLL_S = 0.1
"""How soon a signal is seen. A flag is polled because a signal handler may do nothing but set one.
"""

LEAVING_POLL_S = 0.02
"""How soon it is seen that the last conversation ended: whoever deploys waits for that."""

GOODBYE_S = 15.0
"""Left for a spoken goodbye before the deadline; a third of the deadline where that is less."""


class Drain:
    """`draining` refuses what is new, `done` means that the process may end."""

    def __init__(self, clock: Clock, deadline_s: float) -> None:
        self._clock = clock
        self._deadline_ms = round(deadline_s * 1000)
        self._goodbye_ms = self._deadline_ms - round(min(GOODBYE_S, deadline_s / 3) * 1000)
        self._since_ms: int | None = None
        self._held = 0
        self.done = False

    @property
    def draining(self) -> bool:
        return self._since_ms is not None

    @property
    def held(self) -> int:
        """How many conversations the process is waiting for."""
        return self._held

    def request(self) -> None:
        """Stop taking what is new. Repeating it changes nothing; a signal handler may call it."""
        if self._since_ms is None:
            self._since_ms = self._clock.monotonic_ms()

    @contextmanager
    def hold(self) -> Iterator[None]:
        """Around one conversation, from its first byte to its socket's close: it will be waited
        for.
        """
        self._held += 1
        try:
            yield
        finally:
            self._held -= 1

    async def watch(
        self, *, say_goodbye: Callable[[], None], asked: Callable[[], bool] = lambda: False
    ) -> None:
        """Runs for the life of the process and returns when it may end.

        `asked` is another place where a signal shows (gunicorn's worker); `say_goodbye` is called
        once, shortly before the deadline, if somebody is still talking then.
        """
        while not self.draining:
            if asked():
                self.request()
            else:
                await self._clock.sleep(POLL_S)
        await self._empty_or(self._goodbye_ms)
        if self._held:
            say_goodbye()
        await self._empty_or(self._deadline_ms)
        self.done = True

    async def _empty_or(self, until_ms: int) -> None:
        """Wait until nothing is held or this much of the drain has passed."""
        since = self._since_ms or 0
        while self._held and self._clock.monotonic_ms() - since < until_ms:
            await self._clock.sleep(LEAVING_POLL_S)
