"""What really came of a simulated call, by the server's own database: booked, and confirmed.

Never by what was heard: a front desk that says "booked" over nothing must not pass.
"""

from dataclasses import dataclass
from datetime import datetime

from dalpak.clock import Clock
from dalpak.domain.records import AppointmentStatus
from dalpak.ports.store import Store

POLL_S = 0.2
CONFIRMATION = "confirmation"
WENT_OUT = frozenset({"recorded", "accepted", "delivered"})
"""States of a message that left us; `recorded` is the outbox's."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """One call's appointment, if there is one, and how many confirmations of it went out."""

    call_id: str = ""
    resource_id: str = ""
    start: datetime | None = None
    phone: str = ""
    appointments: int = 0
    confirmations: int = 0

    @property
    def booked(self) -> bool:
        return self.appointments > 0


async def verdict_of(store: Store, call_sid: str) -> Verdict:
    """As the database stands now."""
    known = await store.scope_of_call(external_id=call_sid)
    if known is None:
        return Verdict()
    scope, call = known
    async with store.reading(scope) as reading:
        booked = [
            a
            for a in await reading.appointments(call_id=call.id)
            if a.status is AppointmentStatus.BOOKED
        ]
        if not booked:
            return Verdict(call.id)
        first = booked[0]
        messages = await reading.messages(appointment_id=first.id)
    sent = [m for m in messages if m.kind == CONFIRMATION and m.state in WENT_OUT]
    return Verdict(
        call.id, first.resource_id, first.start, first.phone or "", len(booked), len(sent)
    )


async def settled_verdict(store: Store, call_sid: str, clock: Clock, within_s: float) -> Verdict:
    """The same, after waiting for a booking's confirmation: that goes out by itself, a moment
    later.
    """
    until = clock.monotonic_ms() + round(within_s * 1000)
    while True:
        verdict = await verdict_of(store, call_sid)
        waiting = verdict.booked and not verdict.confirmations
        if not waiting or clock.monotonic_ms() >= until:
            return verdict
        await clock.sleep(POLL_S)
