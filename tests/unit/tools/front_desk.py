"""A small business, its callers and their calls, for the tests of the tools."""

import random
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from memory_store import MemoryStore, Tables

from dalpak.domain.records import Business, Resource, Service, TenantScope, TraceRecord
from dalpak.language.base import Answer, Spoken, say
from dalpak.ports.agent import ToolOutcome
from dalpak.ports.store import PolicyRow
from dalpak.tools.context import CallContext
from dalpak.tools.gate import BookingGate
from dalpak.tools.policy import PolicyCache
from dalpak.tools.toolbox import BoundToolbox

ZONE = ZoneInfo("Asia/Jerusalem")
MONDAY_TEN = datetime(2026, 11, 23, 10, tzinfo=ZONE)
TUESDAY = "2026-11-24"

POLICY: dict[str, object] = {
    "opening_hours_json": {
        **{d: [["09:00", "17:00"]] for d in ("sun", "mon", "tue", "wed", "thu")},
        "fri": [["09:00", "13:00"]],
    },
    "slot_size_min": 30,
    "min_notice_min": 60,
    "booking_window_days": 14,
    "require_phone_before_booking": True,
}


class FakeClock:
    """Time stands still until a test moves it."""

    def __init__(self, at: datetime = MONDAY_TEN) -> None:
        self.at = at.astimezone(UTC)
        self._ids = 0

    def now(self) -> datetime:
        return self.at

    def forward(self, **kwargs: float) -> None:
        self.at += timedelta(**kwargs)

    def monotonic_ms(self) -> int:
        return round(self.at.timestamp() * 1000)

    async def sleep(self, seconds: float) -> None:
        self.forward(seconds=seconds)

    def new_id(self, prefix: str = "") -> str:
        self._ids += 1
        return f"{prefix}{self._ids:08d}"

    def new_secret(self) -> str:
        return self.new_id("secret")

    def random(self) -> random.Random:
        return random.Random(0)

    def real_work(self) -> Any:
        raise NotImplementedError


class PlainSpeech:
    """Facts as they are written; enough to see what would be spoken."""

    def clock(self, at: time) -> Spoken:
        return Spoken(f"{at:%H:%M}")

    def day(self, day: date, today: date) -> Spoken:
        return Spoken(f"{day:%A}")

    def moment(self, at: datetime, now: datetime) -> Spoken:
        return Spoken(f"{at:%A %H:%M}")

    def digits(self, digits: str) -> Spoken:
        return Spoken(" ".join(digits))

    def money(self, shekels: int) -> Spoken:
        return Spoken(f"{shekels} shekels")

    def listing(self, parts: list[Spoken], *, last: str = "or") -> Spoken:
        return Spoken(f" {last} ".join(p.text for p in parts))


class PlainLanguage:
    code = "plain"
    locale = "en-US"
    speech = PlainSpeech()

    def phrase(self, key: str, /, **slots: Spoken) -> Spoken:
        return say(f"{key}:", *(f"{k}={v.text}" for k, v in sorted(slots.items())))

    def written(self, key: str, /, **slots: str) -> str:
        return f"{key}: {', '.join(slots.values())}"


def salon(business_id: str = "salon", **changes: object) -> Tables:
    business = Business(
        id=business_id,
        name="Salon",
        phone="+97231234567",
        timezone="Asia/Jerusalem",
        address="1 Main Street",
        owner_phone="+972502345678",
        facts={"parking": "Behind the house."},
    )
    return Tables(
        business,
        PolicyRow({**POLICY, **changes}, 1),
        services=[
            Service("cut", "Haircut", 30, price=90),
            Service("colour", "Colour", 90, resource_ids=("dana",)),
        ],
        resources=[Resource("dana", "Dana"), Resource("yossi", "Yossi")],
    )


@dataclass
class Caller:
    """One call: its tools, and what only the runtime may tell the gate."""

    store: MemoryStore
    clock: FakeClock
    call_id: str = "call-1"
    phone: str | None = None
    business_id: str = "salon"
    gate: BookingGate = field(default_factory=BookingGate)
    policies: PolicyCache = field(default_factory=PolicyCache)
    traces: list[TraceRecord] = field(default_factory=list)
    ears: bool = True

    def __post_init__(self) -> None:
        self.ctx = CallContext(
            store=self.store,
            clock=self.clock,
            scope=TenantScope(self.business_id),
            call_id=self.call_id,
            caller_phone=self.phone,
            language=PlainLanguage(),
            policies=self.policies,
            gate=self.gate,
            record_trace=self.traces.append,
            turn=lambda: 7,
            ears=lambda: self.ears,
        )
        self.tools = BoundToolbox(self.ctx)

    async def use(self, tool: str, /, **arguments: object) -> ToolOutcome:
        return await self.tools.call(tool, arguments)

    async def find(self, **arguments: object) -> dict[str, Any]:
        return (await self.use("calendar.find_slots", **arguments)).data

    async def choose(self, at: str = "10:00", day: str = TUESDAY, **more: object) -> str:
        """Find and choose the slot at a free time."""
        found = await self.find(date=day, time=at, **more)
        assert found["ok"], found
        chosen = await self.use("calendar.choose_slot", slot_id=found["exact"])
        assert chosen.ok
        return str(found["exact"])

    async def introduce(self, name: str = "Noa", phone: str | None = "0523456789") -> None:
        assert (await self.use("leads.note_contact", name=name)).ok
        if phone:
            assert (await self.use("leads.note_contact", phone=phone)).ok

    async def agree(self, **to: object) -> str:
        """Hear the read-back out and say yes; gives the nonce."""
        told = await self.use("calendar.read_back", **to)
        assert told.ok, told.data
        assert told.say_tag is not None
        self.gate.heard(told.say_tag)
        self.gate.caller_said(Answer.AFFIRM)
        return told.say_tag

    async def book(self, at: str = "10:00", day: str = TUESDAY) -> ToolOutcome:
        """The whole way."""
        slot = await self.choose(at, day)
        await self.introduce()
        return await self.create(slot, await self.agree())

    async def move(self, appointment_id: str, at: str, day: str = TUESDAY) -> ToolOutcome:
        """The whole way of a reschedule."""
        slot = await self.choose(at, day, moving=appointment_id)
        nonce = await self.agree(purpose="reschedule", appointment_id=appointment_id)
        return await self.use(
            "calendar.reschedule", appointment_id=appointment_id, slot=slot, nonce=nonce
        )

    async def call_off(self, appointment_id: str) -> ToolOutcome:
        """The whole way of a cancellation."""
        nonce = await self.agree(purpose="cancel", appointment_id=appointment_id)
        return await self.use("calendar.cancel", appointment_id=appointment_id, nonce=nonce)

    async def create(self, slot: str, nonce: str) -> ToolOutcome:
        return await self.use("calendar.create_appointment", slot=slot, nonce=nonce)


def times(slots: object) -> list[str]:
    """`Tue 10:00` of each slot shown."""
    assert isinstance(slots, list)
    return [datetime.fromisoformat(s["start_iso"]).strftime("%a %H:%M") for s in slots]
