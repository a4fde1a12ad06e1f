"""A business with a real database and real flows, for these tests and the processes they kill."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa

from dalpak.clock import SystemClock
from dalpak.config import Settings
from dalpak.domain.events import (
    appointment_cancelled,
    appointment_created,
    appointment_rescheduled,
    lead_left,
)
from dalpak.domain.records import (
    Appointment,
    Business,
    CallEnd,
    CallRecord,
    MessageRecord,
    Resource,
    Service,
    TenantScope,
)
from dalpak.flows.database import synchronous_url
from dalpak.flows.engine import DurableEngine
from dalpak.flows.registry import FLOWS, FlowTable
from dalpak.flows.retries import FlowLimits
from dalpak.language.registry import language
from dalpak.ports.messenger import Delivery, Features, Messenger, OutgoingMessage
from dalpak.ports.store import Claim, Claimed, Move, Writing
from dalpak.services.whatsapp.outbox import OutboxMessenger
from dalpak.store.migrate import migrate
from dalpak.store.unit_of_work import SqlStore

T = TypeVar("T")

OWNER = "+972502345678"
CALLER = "+972523456789"
SALON = Business(
    id="salon",
    name="סלון רונית",
    phone="+97231234567",
    timezone="Asia/Jerusalem",
    address="דיזנגוף 100, תל אביב",
    owner_phone=OWNER,
)
SCOPE = TenantScope(SALON.id)
QUICK = FlowLimits(
    beat_s=0.1, executor_dead_s=0.5, reap_calls_s=0.2, first_retry_s=0.05, drain_timeout_s=1.0
)
UNSETTLED = {"pending", "sending", "unknown", "failed"}
PATIENCE_S = 90.0
"""A hang fails the test after this; nothing passes because of it."""


@dataclass
class FakeMessenger:
    """Answers from a script, then accepts; remembers everything it was given."""

    answers: list[Delivery | Exception] = field(default_factory=list)
    sent: list[OutgoingMessage] = field(default_factory=list)
    name: str = "fake"
    features: Features = field(default_factory=lambda: Features(deduplicates=True))
    found: list[Delivery | None] = field(default_factory=list)
    """What `lookup` says, in order; then that the provider never had it."""

    async def send(self, message: OutgoingMessage) -> Delivery:
        self.sent.append(message)
        answer = self.answers.pop(0) if self.answers else Delivery("accepted")
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def lookup(self, _message: OutgoingMessage) -> Delivery | None:
        return self.found.pop(0) if self.found else None

    async def aclose(self) -> None:
        """Nothing is open."""


class Office:
    """The store of the "voice loop", and one engine at a time."""

    def __init__(self, folder: Path, url: str = "") -> None:
        self.settings = Settings(
            _env_file=None, data_dir=folder, database_url=url, flows_poll_s=0.05
        )
        self.clock = SystemClock()
        self.engine: DurableEngine | None = None
        self._hired: list[DurableEngine] = []
        self.store = SqlStore.open(self.settings.db_url, self.clock, self._on_event)

    def _on_event(self, event: Any, connection: Any) -> None:
        if self.engine is not None:
            self.engine.on_event(event, connection)

    async def open(self, business: Business = SALON) -> None:
        await asyncio.to_thread(migrate, self.settings.db_url)
        await self.store.add_business(
            business,
            policy={"allow_24_7": True, "min_notice_min": 0},
            services=[Service("cut", "תספורת", 30)],
            resources=[Resource("dana", "דנה"), Resource("yossi", "יוסי")],
        )
        # These tests run at any hour.
        async with self.store.writing(SCOPE) as w:
            await w.save_messaging({"quiet_hours": None})

    def hire(
        self,
        messenger: Messenger | None = None,
        messengers: Sequence[Messenger] = (),
        flows: FlowTable = FLOWS,
        limits: FlowLimits = QUICK,
        **settings: Any,
    ) -> DurableEngine:
        """A new engine on this database, not started."""

        async def open_store() -> SqlStore:
            return SqlStore.open(self.settings.db_url, self.clock, self._on_event)

        self.engine = DurableEngine(
            settings=self.settings.model_copy(update=settings),
            clock=self.clock,
            messengers={m.name: m for m in messengers or (messenger or OutboxMessenger(),)},
            language_of=language,
            open_store=open_store,
            flows=flows,
            limits=limits,
        )
        self._hired.append(self.engine)
        return self.engine

    async def aclose(self) -> None:
        for engine in self._hired:
            await engine.stop()
        await self.store.aclose()

    # -- facts -----------------------------------------------------------------------------------

    async def call(self, call_id: str = "call_1", *, seen_s_ago: float = 0.0) -> CallRecord:
        seen = self.clock.now() - timedelta(seconds=seen_s_ago)
        record = CallRecord(
            call_id, SALON.id, "terminal", call_id, "", CALLER, SALON.phone, seen, seen
        )
        async with self.store.writing(SCOPE) as w:
            return await w.open_call(record)

    async def end_call(self, call_id: str = "call_1") -> bool:
        async with self.store.writing(SCOPE) as w:
            return await w.close_call(call_id, reason=CallEnd.AGENT, now=self.clock.now())

    async def fail_to_end_call(self, call_id: str = "call_1") -> None:
        """End it, and fail before the commit."""
        async with self.store.writing(SCOPE) as w:
            assert await w.close_call(call_id, reason=CallEnd.AGENT, now=self.clock.now())
            raise ZeroDivisionError

    async def book(self, *, phone: str | None = CALLER, hour: int = 10) -> str:
        """A booked appointment and its event, as the booking tool writes them: one transaction."""
        async with self.store.writing(SCOPE) as w:
            return await self._book(w, phone, hour)

    async def _book(self, w: Writing, phone: str | None, hour: int, key: str = "") -> str:
        now = self.clock.now()
        start = (now + timedelta(days=2)).replace(hour=hour, minute=0, second=0, microsecond=0)
        end = start + timedelta(minutes=30)
        until = now + timedelta(minutes=3)
        key = key or f"key_{hour}"
        claim = Claim("dana", "cut", start, end, start, end, "call_1", key, until, "call_1")
        claimed = await w.claim(claim, now)
        assert isinstance(claimed, Claimed)
        held = claimed.appointment
        lead = await w.find_or_create_lead(phone=phone, name="נועה", call_id="call_1", now=now)
        await w.confirm(
            held.id, holder="call_1", lead_id=lead.id, name="נועה", phone=phone, now=now
        )
        await w.publish(appointment_created(SALON.id, held.id, now))
        return held.id

    async def move(self, appointment_id: str, *, hours: int = 3) -> int:
        """Later on its own day, with its event; the row's version after it."""
        now = self.clock.now()
        async with self.store.writing(SCOPE) as w:
            row = await w.appointment(appointment_id)
            assert row is not None
            start, end = row.start + timedelta(hours=hours), row.end + timedelta(hours=hours)
            moved = await w.reschedule(row.id, Move("dana", start, end, start, end), now=now)
            assert isinstance(moved, Appointment)
            await w.publish(appointment_rescheduled(SALON.id, row.id, moved.version, "call_1", now))
        return moved.version

    async def cancel(self, appointment_id: str) -> None:
        now = self.clock.now()
        async with self.store.writing(SCOPE) as w:
            assert await w.cancel(appointment_id, now=now)
            await w.publish(appointment_cancelled(SALON.id, appointment_id, "call_1", now))

    async def appointment(self, appointment_id: str) -> Appointment:
        async with self.store.reading(SCOPE) as r:
            row = await r.appointment(appointment_id)
        assert row is not None
        return row

    async def leave_lead(self) -> str:
        now = self.clock.now()
        async with self.store.writing(SCOPE) as w:
            lead = await w.find_or_create_lead(phone=CALLER, name="נועה", call_id="call_1", now=now)
            await w.note_lead(lead.id, "לחזור אחרי ארבע")
            await w.publish(lead_left(SALON.id, lead.id, "call_1", now))
        return lead.id

    # -- what came of them -----------------------------------------------------------------------

    async def messages(self) -> list[MessageRecord]:
        async with self.store.reading(SCOPE) as r:
            return list(await r.messages())

    async def settled(self, count: int) -> list[MessageRecord]:
        """The messages, once `count` of them are settled."""

        async def there() -> list[MessageRecord] | None:
            found = [m for m in await self.messages() if m.state not in UNSETTLED]
            return found if len(found) >= count else None

        return await self.eventually(there)

    async def flows(self, status: str = "%") -> list[str]:
        """Ids of the workflows in the database."""
        sql = "SELECT workflow_uuid FROM workflow_status WHERE status LIKE :status ORDER BY 1"
        return [row[0] for row in await self.sql(sql, status=status)]

    async def sql(self, statement: str, **values: object) -> list[tuple[Any, ...]]:
        """On a connection of its own, as another program would."""
        url = synchronous_url(self.settings.db_url)
        tables = {"options": "-csearch_path=public,dbos"} if url.startswith("postgresql") else {}

        def execute() -> list[tuple[Any, ...]]:
            engine = sa.create_engine(url, poolclass=sa.NullPool, connect_args=tables)
            with engine.begin() as connection:
                result = connection.execute(sa.text(statement), values)
                return [tuple(row) for row in result] if result.returns_rows else []

        return await asyncio.to_thread(execute)

    async def eventually(self, look: Callable[[], Awaitable[T | None]]) -> T:
        """Look until there is something. The other side is a thread or a process: nothing to
        await."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                found = await look()
                if found:
                    return found
                await self.clock.sleep(0.02)
