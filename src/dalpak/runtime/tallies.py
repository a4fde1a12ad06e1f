"""What this process has done since it began, in numbers: turns and their latency, tools, bookings, failures.

Added to where a fact is recorded anyway, once a turn or less often, never per frame. Every key comes from a closed
set, and nothing here knows who called: what is counted may be shown to whoever looks after the machine.
"""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from dalpak.call.effects import LatencyMark
from dalpak.call.inputs import Input, ReplyFailed, SpeechFailed
from dalpak.call.limits import FRAME_MS
from dalpak.domain.records import TraceRecord, TurnRecord
from dalpak.errors import ProviderError
from dalpak.ports.stt import SpeechToText, SttStream, Transcript

BOUNDS_MS = (50, 100, 200, 300, 400, 600, 900, 1200, 1500, 1800, 2000, 2500, 3000, 5000)
"""Where the histograms are cut: at the bars of GO/NO-GO and at the targets between them."""

REASONS_MAX = 40
"""Different reasons of failures that are told apart; past it they are one. Adapters have about twenty."""
OTHER = "other"

BOOKING_TOOL = "calendar.create_appointment"

_REASON = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,39}")


class Histogram:
    """How often a duration was at most each of BOUNDS_MS; the last count is what was longer than all."""

    def __init__(self) -> None:
        self.counts = [0] * (len(BOUNDS_MS) + 1)
        self.sum_ms = 0

    def add(self, ms: int) -> None:
        self.counts[bisect_left(BOUNDS_MS, ms)] += 1
        self.sum_ms += ms


class Tallies:
    """One per process, in `Calls`. `tools` are the names there are: a model may ask for any other."""

    def __init__(self, tools: Mapping[str, object]) -> None:
        self._tools = frozenset(tools)
        self.calls: Counter[str] = Counter()
        """Conversations begun, by transport."""
        self.turns = 0
        self.interrupted = 0
        self.late = 0
        """Turns of which some frame went out a whole frame after its time, or later."""
        self.marks: dict[LatencyMark, Histogram] = {mark: Histogram() for mark in LatencyMark}
        self.tool_calls: Counter[tuple[str, bool]] = Counter()
        """By name and whether it was ok."""
        self.bookings = 0
        self.failures: Counter[tuple[str, str]] = Counter()
        """Of a provider, by the port (stt, llm, tts; agent: nobody had an answer) and the stable reason."""
        self.replacements: Counter[str] = Counter()
        """By the port whose second one did the work."""
        self.records_lost = 0

    def call(self, transport: str) -> None:
        self.calls[transport] += 1

    def turn(self, turn: TurnRecord) -> None:
        self.turns += 1
        self.interrupted += turn.interrupted
        for mark, histogram in self.marks.items():
            ms: int | None = getattr(turn, mark)
            if ms is not None:
                histogram.add(ms)
        self.late += (turn.tts_send_lag_ms or 0) >= FRAME_MS

    def trace(self, trace: TraceRecord) -> None:
        self.tool_calls[trace.tool if trace.tool in self._tools else OTHER, trace.ok] += 1
        self.bookings += trace.ok and trace.tool == BOOKING_TOOL

    def failed(self, port: str, reason: str) -> None:
        key = (port, reason if _REASON.fullmatch(reason) else OTHER)
        if key not in self.failures and len(self.failures) >= REASONS_MAX:
            key = (port, OTHER)
        self.failures[key] += 1

    def replaced(self, port: str) -> None:
        self.replacements[port] += 1

    def watching(self, hear: Callable[[Input], None]) -> Callable[[Input], None]:
        """`hear`, with what failed counted on its way. For what a voice and an agent tell, not for frames."""

        def heard(what: Input) -> None:
            match what:
                case SpeechFailed(_, reason):
                    self.failed("tts", reason)
                case ReplyFailed(_, reason):
                    self.failed("agent", reason)
            hear(what)

        return heard


class CountedEars:
    """A SpeechToText whose losses are counted. The stream is the provider's own: nothing stands in its way."""

    def __init__(self, stt: SpeechToText, tallies: Tallies) -> None:
        self.name = stt.name
        self._stt, self._tallies = stt, tallies

    async def open(
        self,
        *,
        locale: str,
        hints: Sequence[str],
        on_transcript: Callable[[Transcript], None],
        on_lost: Callable[[str], None],
    ) -> SttStream:
        def lost(reason: str) -> None:
            self._tallies.failed("stt", reason)
            on_lost(reason)

        try:
            return await self._stt.open(
                locale=locale, hints=hints, on_transcript=on_transcript, on_lost=lost
            )
        except ProviderError as fault:
            self._tallies.failed("stt", fault.code)
            raise

    async def warm_up(self) -> None:
        await self._stt.warm_up()

    async def aclose(self) -> None:
        await self._stt.aclose()
