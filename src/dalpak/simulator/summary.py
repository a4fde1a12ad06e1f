"""What a number of simulated calls came to, in figures. Pure: no call is made here."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from dalpak.simulator.media_stream import Hearing
from dalpak.simulator.verdict import Verdict

FRAME_MS = 20


@dataclass(frozen=True, slots=True)
class Outcome:
    """One call: what its caller heard, what the database says, what went wrong."""

    call_sid: str
    hearing: Hearing
    verdict: Verdict
    error: str
    """Empty when nothing did."""
    streams: int = 1
    """Media sockets that it had, one after the other."""
    refused: int = 0
    """Media sockets that did not open; the call went on without them."""


@dataclass(frozen=True, slots=True)
class Summary:
    """Times in milliseconds, `seconds` apart. A call has failed when it left no appointment."""

    outcomes: tuple[Outcome, ...]
    seconds: float

    @property
    def booked(self) -> int:
        return sum(o.verdict.booked for o in self.outcomes)

    @property
    def failed(self) -> int:
        return len(self.outcomes) - self.booked

    @property
    def confirmed(self) -> int:
        return sum(o.verdict.confirmations > 0 for o in self.outcomes)

    @property
    def errors(self) -> list[str]:
        """Every complaint once, with how many calls had it."""
        told = [o.error for o in self.outcomes if o.error]
        told += [f"booked twice: {slot}" for slot in self.double_booked()]
        counted = {text: told.count(text) for text in told}
        return [text if n == 1 else f"{text} ({n} calls)" for text, n in counted.items()]

    def double_booked(self) -> list[str]:
        """Starts of one resource that more than one of these calls got."""
        slots = [
            f"{o.verdict.resource_id} {o.verdict.start.isoformat()}"
            for o in self.outcomes
            if o.verdict.start is not None
        ]
        return sorted({slot for slot in slots if slots.count(slot) > 1})

    @property
    def ok(self) -> bool:
        return not self.failed and not self.errors

    def to_json(self) -> dict[str, object]:
        heard = [o.hearing for o in self.outcomes]
        paces = [h.pace for h in heard]
        return {
            "calls": len(self.outcomes),
            "booked": self.booked,
            "failed": self.failed,
            "confirmed": self.confirmed,
            "greeting_ms": percentiles(h.greeting_ms for h in heard),
            "response_ms": percentiles(ms for h in heard for ms in h.responses_ms),
            "underruns": sum(p.underruns for p in paces),
            "late_frames": sum(p.late_frames for p in paces),
            "lead_ms_max": max((p.lead_max for p in paces), default=0),
            "jitter_ms": percentiles(abs(gap - FRAME_MS) for p in paces for gap in p.gaps),
            "frames": sum(p.frames for p in paces),
            "reattached": sum(o.streams > 1 for o in self.outcomes),
            "sockets_refused": sum(o.refused for o in self.outcomes),
            "caller_late_ms": percentiles(ms for p in paces for ms in p.own_lateness),
            "caller_late_ms_max": max((ms for p in paces for ms in p.own_lateness), default=0),
            "seconds": round(self.seconds, 1),
            "errors": self.errors,
        }


def percentiles(values: Iterable[int | None]) -> dict[str, int | None]:
    """The median and the 95th percentile; None where nothing was measured."""
    known = sorted(value for value in values if value is not None)
    return {"p50": _at(known, 0.50), "p95": _at(known, 0.95)}


def _at(ordered: Sequence[int], share: float) -> int | None:
    """The least value that this share of all does not exceed."""
    if not ordered:
        return None
    rank = -(-len(ordered) * round(share * 100) // 100)
    return ordered[max(0, rank - 1)]
