"""A front desk that books without pause and runs its flows, until it is killed.

    chaos_victim.py FOLDER DATABASE_URL KIND [--drain]

Each booking that was committed is told on standard output. What reaches the provider is one line in
a file that outlives everybody; the pauses around that line are where a kill hurts most. KIND is
`asked` (the provider can be asked what it has) or `blind` (it cannot, and tells nothing). With
--drain nothing is booked: it only follows up what the dead have left.
"""

import asyncio
import json
import os
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from dalpak.clock import SystemClock
from dalpak.config import Settings
from dalpak.domain.events import appointment_created
from dalpak.domain.records import Appointment, TenantScope
from dalpak.flows.desk import DeliveryLimits
from dalpak.flows.engine import DurableEngine
from dalpak.flows.retries import FlowLimits
from dalpak.language.registry import language
from dalpak.logs import configure_logging
from dalpak.ports.messenger import Delivery, DeliveryState, Features, OutgoingMessage
from dalpak.ports.store import Claim, Claimed
from dalpak.store.unit_of_work import SqlStore

BUSINESS = "chaos"
SCOPE = TenantScope(BUSINESS)
STAFF = tuple(f"staff{n}" for n in range(4))
SLOT = timedelta(minutes=15)
FIRST = datetime(2027, 3, 1, 6, tzinfo=UTC)
PAUSE_S = 0.03
"""Between two bookings of one desk."""
WIRE_S = 0.06
"""At most, before and after the provider has the message."""
LIMITS = FlowLimits(
    beat_s=0.3, executor_dead_s=2.0, first_retry_s=0.2, longest_retry_s=1.0, drain_timeout_s=0.5,
)  # fmt: skip
DELIVERY = DeliveryLimits(
    ask_after=timedelta(milliseconds=300), receipt_wait=timedelta(milliseconds=300)
)


class FileProvider:
    """One line per message that it took, appended in one write: it is there or it is not."""

    name = "chaos"

    def __init__(self, file: Path, kind: str, clock: SystemClock) -> None:
        self.features = Features(can_be_asked=kind == "asked")
        self._file, self._clock = file, clock

    async def send(self, message: OutgoingMessage) -> Delivery:
        await self._clock.sleep(self._clock.random().random() * WIRE_S)
        line = json.dumps({"key": message.idem_key, "to": message.to, "kind": message.kind})
        descriptor = os.open(self._file, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        os.write(descriptor, line.encode() + b"\n")
        os.close(descriptor)
        await self._clock.sleep(self._clock.random().random() * WIRE_S)
        return Delivery(DeliveryState.ACCEPTED, provider_id=f"p:{message.idem_key}")

    async def lookup(self, message: OutgoingMessage) -> Delivery | None:
        taken = self._file.read_text(encoding="utf-8") if self._file.exists() else ""
        known = any(json.loads(line)["key"] == message.idem_key for line in taken.splitlines())
        return Delivery(DeliveryState.ACCEPTED, f"p:{message.idem_key}") if known else None

    async def aclose(self) -> None:
        """Nothing is open."""


async def book(store: SqlStore, clock: SystemClock, number: int) -> str | None:
    """One appointment as the booking tool commits it; None when somebody was faster."""
    random, now = clock.random(), clock.now()
    start = FIRST + random.randrange(20_000) * SLOT
    staff = random.choice(STAFF)
    holder = clock.new_id("call_")
    phone = f"+97252{random.randrange(2_000_000, 9_999_999)}"
    async with store.writing(SCOPE) as w:
        claim = Claim(
            staff, "cut", start, start + SLOT, start, start + SLOT, holder, holder,
            now + timedelta(minutes=3), holder,
        )  # fmt: skip
        claimed = await w.claim(claim, now)
        if not isinstance(claimed, Claimed):
            return None
        lead = await w.find_or_create_lead(phone=phone, name="נועה", call_id=holder, now=now)
        booked = await w.confirm(
            claimed.appointment.id,
            holder=holder,
            lead_id=lead.id,
            name="נועה",
            phone=phone,
            now=now,
        )
        assert isinstance(booked, Appointment), number
        await w.publish(appointment_created(BUSINESS, booked.id, now))
    return booked.id


async def main(folder: Path, url: str, kind: str, *, drain: bool) -> None:
    configure_logging(debug=False, quiet=True)
    clock = SystemClock()
    settings = Settings(_env_file=None, data_dir=folder, database_url=url, flows_poll_s=0.05)

    async def open_store() -> SqlStore:
        return SqlStore.open(url, clock, engine.on_event)

    engine = DurableEngine(
        settings=settings,
        clock=clock,
        messengers={"chaos": FileProvider(folder / "provider.jsonl", kind, clock)},
        language_of=language,
        open_store=open_store,
        limits=LIMITS,
        delivery=DELIVERY,
    )
    await engine.start()
    store = await open_store()
    tell("up")
    number = 0
    while True:
        if drain:
            await clock.sleep(1.0)
            continue
        booked = await book(store, clock, number)
        number += 1
        if booked is not None:
            tell(booked)
        await clock.sleep(clock.random().random() * PAUSE_S * 2)


def tell(what: str) -> None:
    sys.stdout.write(f"{what}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2], sys.argv[3], drain="--drain" in sys.argv))
