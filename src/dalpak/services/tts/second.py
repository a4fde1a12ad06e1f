"""Two voices: when the first fails, or is slow with its first sound, the second says the sentence.

A sentence has one voice from its first sound to its end: what breaks after that is told, not patched with another
voice. The prompt bank renders its prompts with the first voice only, so that the disk never keeps a stranger's.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from functools import partial

from dalpak.clock import Clock
from dalpak.errors import ProviderError
from dalpak.language.base import Spoken
from dalpak.ports.mishaps import Mishaps, Untold
from dalpak.ports.tts import TextToSpeech
from dalpak.services.absorbed import Absorbed
from dalpak.services.resilience import CircuitBreaker, Hedge, Latencies, RetryBudget
from dalpak.services.tasks import Tasks

LEAST_S = 0.15
"""However quick the first voice has been: below this a pause is chance, and asking twice is waste."""
SLOW = "tts_slow"
"""Of a voice that kept everybody waiting for so long that another one was taken."""
BEYOND_P95 = 1.2
"""A voice that is always equally quick is not slow each time it takes its usual time."""


@dataclass(frozen=True, slots=True)
class Begun:
    """A sentence whose first sound is here. `first` None: there was nothing to say."""

    first: bytes | None
    rest: AsyncIterator[bytes]
    replaced: bool = False
    """It is the second voice."""


class EitherTts:
    """`ports.tts.TextToSpeech` over two. Its name and voice are those of the first."""

    def __init__(
        self,
        first: TextToSpeech,
        second: TextToSpeech,
        *,
        after_s: float,
        clock: Clock,
        mishaps: Mishaps | None = None,
    ) -> None:
        """`after_s`: the longest wait for the first voice before the second is asked too."""
        self.voices = (first, second)
        self.name, self.voice = first.name, first.voice
        self._after_ms, self._clock = round(after_s * 1000), clock
        self._mishaps = mishaps or Untold()
        self._tasks = Tasks("tts.second")
        self._hedge: Hedge[Begun] = Hedge(self._tasks, discard=_close)
        self._breakers = [CircuitBreaker(f"tts:{voice.name}", clock) for voice in self.voices]
        self._budget = RetryBudget(clock)
        self._seen = Latencies(self._after_ms)

    async def synthesize(self, spoken: Spoken, *, locale: str) -> AsyncIterator[bytes]:
        """Raises ProviderError when neither can say it, or when the voice that began breaks off."""
        self._budget.request()
        with Absorbed("tts", self._mishaps) as absorbed:
            begun = await self._hedge.run(
                partial(self._begin, 0, spoken, locale, absorbed),
                partial(self._begin, 1, spoken, locale, absorbed),
                after_s=self._patience_s(),
                may=self._budget.take,
            )
        if begun.replaced:
            self._mishaps.replaced("tts")
        if begun.first is None:
            return
        try:
            yield begun.first
            async for chunk in begun.rest:
                yield chunk
        finally:
            await _close(begun)

    def _patience_s(self) -> float:
        return max(LEAST_S, min(BEYOND_P95 * self._seen.p95_ms, self._after_ms) / 1000)

    async def _begin(self, which: int, spoken: Spoken, locale: str, absorbed: Absorbed) -> Begun:
        breaker = self._breakers[which]
        ticket = breaker.enter()
        if ticket is None:
            raise ProviderError("circuit_open", breaker.name)
        began_ms = self._clock.monotonic_ms()
        try:
            begun = await _first_of(self.voices[which], spoken, locale)
        except ProviderError as fault:
            breaker.failed(ticket, fault.code)
            absorbed.add(fault)
            raise
        except BaseException:
            # Cancelled. Who kept everybody waiting until then has failed, though it never said so.
            if self._clock.monotonic_ms() - began_ms >= self._after_ms:
                breaker.failed(ticket, SLOW)
                self._mishaps.failed("tts", SLOW)
            else:
                breaker.abandoned(ticket)
            raise
        breaker.succeeded(ticket)
        if which == 0:
            self._seen.add(self._clock.monotonic_ms() - began_ms)
        return replace(begun, replaced=which > 0)

    async def aclose(self) -> None:
        await self._tasks.aclose()
        for voice in self.voices:
            await voice.aclose()


async def _first_of(voice: TextToSpeech, spoken: Spoken, locale: str) -> Begun:
    rest = aiter(voice.synthesize(spoken, locale=locale))
    first = await anext(rest, None)
    if first is None and spoken.text.strip():
        raise ProviderError("tts_empty", voice.name)
    return Begun(first, rest)


async def _close(begun: Begun) -> None:
    close = getattr(begun.rest, "aclose", None)
    if close is not None:
        await close()
