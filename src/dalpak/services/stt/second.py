"""Two services that hear: when one fails or is slow to open, the other. A `SpeechToText` over one or two of them.

It chooses where a stream is opened and remembers who broke; the listener opens again and replays, and so comes here
anew. A breaker for each spares callers a service that is down. What a stream says after its end is dropped.
"""

from collections.abc import Callable, Sequence
from functools import partial

from dalpak.clock import Clock
from dalpak.errors import ProviderError
from dalpak.ports.mishaps import Mishaps, Untold
from dalpak.ports.stt import SpeechToText, SttStream, Transcript
from dalpak.services.absorbed import Absorbed
from dalpak.services.resilience import CircuitBreaker, Hedge, RetryBudget, deadline
from dalpak.services.tasks import Tasks

OPEN_S = 2.0
"""One attempt. Opening takes a round trip or three; the caller's words are kept meanwhile."""
HEDGE_S = 0.4
"""Then the other is opened beside it: a stream that broke is to be replaced within this (reliability A2)."""
SHY_S = 10.0
"""A service that has just lost a stream is asked second for so long: the same call must not meet the fault again."""
BLAMELESS = frozenset({"stt_restart"})
"""Ways of losing a stream that say nothing about the next one."""


class EitherStt:
    """`SpeechToText` over a first and, when there is one, a second service."""

    def __init__(
        self, *services: SpeechToText, clock: Clock, mishaps: Mishaps | None = None
    ) -> None:
        self.services = services
        self._mishaps = mishaps or Untold()
        self.name = services[0].name
        self._clock = clock
        self._tasks = Tasks("stt.second")
        self._breakers = {
            service.name: CircuitBreaker(f"stt:{service.name}", clock) for service in services
        }
        self._shy_until_ms: dict[str, int] = {}
        self._budget = RetryBudget(clock)
        self._hedge: Hedge[EitherStream] = Hedge(self._tasks, discard=_close)

    async def open(
        self,
        *,
        locale: str,
        hints: Sequence[str],
        on_transcript: Callable[[Transcript], None],
        on_lost: Callable[[str], None],
    ) -> SttStream:
        """Raises ProviderError when none of them can be opened."""

        absorbed = Absorbed("stt", self._mishaps)

        async def attempt(service: SpeechToText) -> EitherStream:
            try:
                return await self._open(service, locale, hints, on_transcript, on_lost)
            except ProviderError as fault:
                absorbed.add(fault)
                raise

        first, *others = (partial(attempt, service) for service in self._in_order())
        if not others:
            return await first()
        self._budget.request()
        with absorbed:
            stream = await self._hedge.run(first, others[0], after_s=HEDGE_S, may=self._budget.take)
        if stream.service != self.name:
            self._mishaps.replaced("stt")
        return stream

    def _in_order(self) -> list[SpeechToText]:
        """As configured, but who broke lately comes later."""
        now = self._clock.monotonic_ms()
        return sorted(self.services, key=lambda s: self._shy_until_ms.get(s.name, 0) > now)

    async def _open(
        self,
        service: SpeechToText,
        locale: str,
        hints: Sequence[str],
        on_transcript: Callable[[Transcript], None],
        on_lost: Callable[[str], None],
    ) -> "EitherStream":
        breaker = self._breakers[service.name]
        ticket = breaker.enter()
        if ticket is None:
            raise ProviderError("circuit_open", breaker.name)

        def broke(reason: str) -> None:
            if reason not in BLAMELESS:
                breaker.failed(ticket, reason)
                self._shy_until_ms[service.name] = self._clock.monotonic_ms() + round(SHY_S * 1000)

        stream = EitherStream(
            service.name,
            on_transcript,
            on_lost,
            proved=lambda: breaker.succeeded(ticket),
            broke=broke,
            unproved=lambda: breaker.abandoned(ticket),
        )
        try:
            opening = service.open(
                locale=locale, hints=hints, on_transcript=stream.hear, on_lost=stream.lose
            )
            stream.inner = await deadline(opening, OPEN_S, "stt_open_timeout")
        except ProviderError as fault:
            stream.over = True
            broke(fault.code)
            raise
        except BaseException:
            stream.over = True
            breaker.abandoned(ticket)
            raise
        return stream

    async def warm_up(self) -> None:
        for service in self.services:
            await service.warm_up()

    async def aclose(self) -> None:
        await self._tasks.aclose()
        for service in self.services:
            await service.aclose()


class EitherStream:
    """`SttStream` of one of the services. It has proved itself with its first words."""

    def __init__(
        self,
        service: str,
        on_transcript: Callable[[Transcript], None],
        on_lost: Callable[[str], None],
        *,
        proved: Callable[[], None],
        broke: Callable[[str], None],
        unproved: Callable[[], None],
    ) -> None:
        self.service = service
        self.inner: SttStream | None = None
        self.over = False
        self._on_transcript, self._on_lost = on_transcript, on_lost
        self._proved, self._broke, self._unproved = proved, broke, unproved
        self._spoke = False

    def feed(self, audio: bytes) -> None:
        if self.inner is not None:
            self.inner.feed(audio)

    def finalize(self) -> None:
        if self.inner is not None:
            self.inner.finalize()

    async def aclose(self) -> None:
        if not self.over and not self._spoke:
            self._unproved()
        self.over = True
        if self.inner is not None:
            await self.inner.aclose()

    def hear(self, transcript: Transcript) -> None:
        if self.over:
            return
        if not self._spoke:
            self._spoke = True
            self._proved()
        self._on_transcript(transcript)

    def lose(self, reason: str) -> None:
        if self.over:
            return
        self.over = True
        self._broke(reason)
        self._on_lost(reason)


async def _close(stream: EitherStream) -> None:
    await stream.aclose()
