"""A caller with appointments that stand, at the real tools over SQLite; graded by what is in the database."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from front_desk import ZONE, FakeClock, salon

from dalpak.agents.builtin_agent import BuiltinAgent
from dalpak.clock import SystemClock
from dalpak.domain.records import (
    Appointment,
    AppointmentStatus,
    CallRecord,
    TenantScope,
    WaitlistEntry,
)
from dalpak.language.base import Language
from dalpak.language.en import ENGLISH
from dalpak.language.he import HEBREW
from dalpak.ports.agent import AgentState, AgentTurn, Direct, Directive, Said, Say
from dalpak.ports.store import Claim, Claimed, Store
from dalpak.store.migrate import migrate
from dalpak.store.unit_of_work import SqlStore
from dalpak.tools.desk import ToolDesk, desk_factory

CALLER = "+972541112233"
ANOTHER = "+972549998877"
SCOPE = TenantScope("salon")
HEBREW_NAMES = {"cut": ("תספורת", ()), "colour": ("צבע", ("צביעה",))}
ENGLISH_NAMES = {"cut": ("haircut", ()), "colour": ("colour", ("color",))}
MINUTES = {"cut": 30, "colour": 90}


def local(day: int, at: str) -> datetime:
    """A moment of November 2026; Monday is the twenty-third."""
    hour, minute = at.split(":")
    return datetime(2026, 11, day, int(hour), int(minute), tzinfo=ZONE)


@dataclass
class ChangingCall:
    store: SqlStore
    language: Language = HEBREW
    caller: str | None = CALLER
    call_id: str = "call-2"
    clock: FakeClock = field(default_factory=FakeClock)
    state: AgentState = field(default_factory=AgentState)
    directives: list[Directive] = field(default_factory=list)
    heard: bool = True
    turns: int = 0
    desk: ToolDesk | None = None

    async def opened(self) -> ToolDesk:
        if self.desk is None:
            now = self.clock.now()
            record = CallRecord(
                id=self.call_id,
                business_id="salon",
                transport="twilio",
                external_id=self.call_id,
                account_id="",
                caller=self.caller,
                called=None,
                started_at=now,
                last_seen_at=now,
            )
            async with self.store.writing(SCOPE) as tx:
                record = await tx.open_call(record)
            open_desk = desk_factory(self.store, self.clock, lambda _: self.language)
            desk = await open_desk(record, lambda trace: None)
            assert isinstance(desk, ToolDesk)
            self.desk = desk
        return self.desk

    async def does(self, said: Said) -> list[str]:
        desk = await self.opened()
        self.turns += 1
        desk.turn_began(self.turns, said, ears=True)
        turn = AgentTurn(
            self.turns, said, desk.tools, self.language, self.state, True, self.caller, None
        )
        told = []
        async for output in BuiltinAgent().reply(turn):
            if isinstance(output, Say):
                told.append(output.spoken.text)
                if output.tag is not None and self.heard:
                    desk.read_back_heard(output.tag)
            elif isinstance(output, Direct):
                self.directives.append(output.directive)
        self.state = AgentState(self.state.to_json())
        return told

    async def says(self, text: str) -> str:
        return " ".join(await self.does(Said(text=text)))

    async def presses(self, keys: str) -> str:
        return " ".join(await self.does(Said(keys=keys)))

    async def silent(self) -> str:
        return " ".join(await self.does(Said(silence=True)))

    def phrase(self, key: str) -> str:
        return self.language.phrase(key).text

    # -- the database ------------------------------------------------------------------------------

    async def stands(
        self, start: datetime, service: str = "cut", phone: str = CALLER, staff: str = "dana"
    ) -> str:
        """Booked some time ago."""
        return await booked_before(self.store, self.clock.now(), start, service, phone, staff)

    async def rows(self) -> list[Appointment]:
        """Everything that is booked, by time."""
        async with self.store.reading(SCOPE) as reading:
            rows = await reading.appointments()
        booked = [row for row in rows if row.status is AppointmentStatus.BOOKED]
        return sorted(booked, key=lambda row: row.start)

    async def starts(self) -> list[datetime]:
        return [row.start.astimezone(ZONE) for row in await self.rows()]

    async def waiting(self) -> list[WaitlistEntry]:
        async with self.store.reading(SCOPE) as reading:
            return list(await reading.waitlist())

    async def note(self, phone: str = CALLER) -> str:
        async with self.store.writing(SCOPE) as tx:
            lead = await tx.find_or_create_lead(
                phone=phone, name=None, call_id=None, now=self.clock.now()
            )
        return lead.note


async def booked_before(
    store: Store,
    now: datetime,
    start: datetime,
    service: str = "cut",
    phone: str = CALLER,
    staff: str = "dana",
) -> str:
    """An appointment that no call of the test made; its id."""
    end = start + timedelta(minutes=MINUTES[service])
    claim = Claim(
        resource_id=staff,
        service_id=service,
        start=start,
        end=end,
        block_start=start,
        block_end=end,
        holder="earlier",
        idem_key=f"{start.isoformat()}/{staff}",
        hold_until=now + timedelta(minutes=1),
        call_id=None,
    )
    async with store.writing(SCOPE) as tx:
        await tx.lock_resources([staff])
        claimed = await tx.claim(claim, now)
        assert isinstance(claimed, Claimed), start
        lead = await tx.find_or_create_lead(phone=phone, name="דנה", call_id=None, now=now)
        row = claimed.appointment.id
        await tx.confirm(row, holder="earlier", lead_id=lead.id, name="דנה", phone=phone, now=now)
    return row


@cache
def _empty_database() -> bytes:
    """Migrated once, for all tests."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "empty.db"
        migrate(f"sqlite+aiosqlite:///{file}")
        return file.read_bytes()


@asynccontextmanager
async def opened_salon(
    folder: Path, *, language: Language = HEBREW, **policy: object
) -> AsyncIterator[ChangingCall]:
    file = folder / "salon.db"
    file.write_bytes(await asyncio.to_thread(_empty_database))
    store = SqlStore.open(f"sqlite+aiosqlite:///{file}", SystemClock(), None)
    tables = salon(**policy)
    names = ENGLISH_NAMES if language is ENGLISH else HEBREW_NAMES
    services = [
        replace(s, name=names[s.id][0], aliases=names[s.id][1], resource_ids=())
        for s in tables.services
    ]
    await store.add_business(
        tables.business,
        policy=tables.policy.raw,
        services=services,
        resources=[r for r in tables.resources if r.id == "dana"],
    )
    try:
        yield ChangingCall(store, language)
    finally:
        await store.aclose()
