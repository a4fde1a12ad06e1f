"""Thousands of bookings followed up in virtual time: real flows on a store in memory, providers that
lose answers and tell late, a process that dies in the middle.

The engine is played here: an event told twice starts one flow, a failed attempt comes again, a
killed one too. What a provider took is written down by the provider, not by us.
"""

import asyncio
import random
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from dalpak.clock import VirtualClock
from dalpak.domain.events import Event, appointment_created, delivery_failed
from dalpak.domain.follow_up import (
    ConsentRecord,
    DeliveryRecord,
    InboundRecord,
    MessagingRow,
    TemplateRow,
)
from dalpak.domain.message_caps import Sent
from dalpak.domain.receipts import merged
from dalpak.domain.records import (
    Appointment,
    AppointmentStatus,
    Business,
    MessageRecord,
    Resource,
    Service,
    StoredEvent,
    TenantScope,
)
from dalpak.errors import ProviderError
from dalpak.flows.desk import Desk, Payload, Postponed, StepFailed
from dalpak.flows.registry import FLOWS
from dalpak.flows.retries import FlowLimits, retry_wait_s
from dalpak.flows.runner import outcome
from dalpak.language.registry import language
from dalpak.ports.messenger import (
    Delivery,
    DeliveryState,
    Features,
    OutgoingMessage,
    Refusal,
)

START = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
SCOPE = TenantScope("salon")
LIMITS = FlowLimits()


class Killed(BaseException):
    """The process is gone: nothing of what it would have done next is done."""


@dataclass
class Tables:
    appointments: dict[str, Appointment] = field(default_factory=dict)
    messages: dict[str, MessageRecord] = field(default_factory=dict)
    by_key: dict[str, str] = field(default_factory=dict)
    deliveries: dict[str, DeliveryRecord] = field(default_factory=dict)
    of_message: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    messages_to: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    raw_rules: dict[str, object] = field(default_factory=dict)
    events: set[str] = field(default_factory=set)
    reminded: list[tuple[str, str]] = field(default_factory=list)
    """For each attempt of a reminder: the start it tells of, and the visit's at that commit."""


class Transaction:
    """As much of `ports.store.Writing` as these flows use. The world lets one in at a time."""

    scope = SCOPE

    def __init__(self, tables: Tables, clock: VirtualClock, tell: Callable[[Event], None]) -> None:
        self._t, self._clock, self._tell = tables, clock, tell

    async def business(self) -> Business:
        return Business("salon", "סלון", "+97231234567", "Asia/Jerusalem")

    async def services(self) -> Sequence[Service]:
        return [Service("cut", "תספורת", 30)]

    async def resources(self) -> Sequence[Resource]:
        return [Resource("dana", "דנה")]

    async def messaging(self) -> MessagingRow:
        return MessagingRow(self._t.raw_rules, 1)

    async def templates(self) -> Sequence[TemplateRow]:
        return []

    async def consent(self, _phone: str) -> ConsentRecord | None:
        return None

    async def inbounds(self, **_asked: object) -> Sequence[InboundRecord]:
        return []

    async def lock_appointment(self, *_: object) -> None:
        """One transaction at a time."""

    lock_message = lock_sending = lock_appointment

    async def sent(self, phone: str, _call_id: str | None, *, since: datetime) -> Sequence[Sent]:
        by_phone = self._t.messages_to[phone]
        left = [
            (self._t.messages[i], d)
            for i in by_phone
            for d in await self.deliveries(i)
            if d.state not in {"pending", "failed", "recorded"} and d.updated_at > since
        ]
        return [Sent(message.kind, phone, message.call_id, d.updated_at) for message, d in left]

    async def appointment(self, appointment_id: str) -> Appointment | None:
        return self._t.appointments.get(appointment_id)

    async def appointments(self, *, start: datetime, end: datetime) -> Sequence[Appointment]:
        rows = self._t.appointments.values()
        booked = [r for r in rows if r.status is AppointmentStatus.BOOKED]
        return [r for r in booked if start <= r.start < end]

    async def message(self, message_id: str) -> MessageRecord | None:
        return self._t.messages.get(message_id)

    async def save_message(self, message: MessageRecord) -> MessageRecord:
        known = self._t.by_key.setdefault(message.idem_key, message.id)
        if message.to and known == message.id:
            self._t.messages_to[message.to].append(message.id)
        return self._t.messages.setdefault(known, message)

    async def set_message_state(self, message_id: str, *, state: str, reason: str = "") -> None:
        known = self._t.messages[message_id]
        self._t.messages[message_id] = replace(known, state=state, reason=reason)

    async def deliveries(self, message_id: str) -> Sequence[DeliveryRecord]:
        return [self._t.deliveries[i] for i in self._t.of_message[message_id]]

    async def delivery(self, delivery_id: str) -> DeliveryRecord | None:
        return self._t.deliveries.get(delivery_id)

    async def begin_delivery(self, delivery: DeliveryRecord) -> DeliveryRecord:
        self._t.deliveries[delivery.id] = delivery
        self._t.of_message[delivery.message_id].append(delivery.id)
        return delivery

    async def set_delivery_state(self, delivery_id: str, **facts: Any) -> None:
        known = self._t.deliveries[delivery_id]
        facts = {name: value for name, value in facts.items() if value is not None}
        settled = known.state not in {"pending", "sending", "unknown"}
        if settled and merged(known.state, facts["state"]) == known.state:
            del facts["state"]
        changed = replace(known, updated_at=self._clock.now(), **facts)
        self._t.deliveries[delivery_id] = changed
        self._follow(changed)

    async def record_receipt(self, delivery_id: str, *, state: str, reason: str = "") -> None:
        known = self._t.deliveries[delivery_id]
        told = merged(known.state, state)
        if told == known.state:
            return
        changed = replace(known, state=told, reason=reason)
        self._t.deliveries[delivery_id] = changed
        self._follow(changed)
        if state == "failed":
            self._tell(delivery_failed("salon", known.message_id, known.id, self._clock.now()))

    def _follow(self, delivery: DeliveryRecord) -> None:
        message = self._t.messages[delivery.message_id]
        if self._t.of_message[message.id][-1] != delivery.id or message.state == "skipped":
            return
        self._t.messages[message.id] = replace(
            message, state=delivery.state, reason=delivery.reason, channel=delivery.channel
        )
        if delivery.state == "sending" and message.kind == "reminder":
            self._check_reminder(message)

    def _check_reminder(self, message: MessageRecord) -> None:
        """This commit lets it out: the visit must stand now, where the reminder says it does."""
        row = self._t.appointments[message.appointment_id or ""]
        said = message.idem_key.split(":")[4]
        stands = row.status is AppointmentStatus.BOOKED
        self._t.reminded.append((said, f"{row.start:%Y%m%dT%H%M}" if stands else "cancelled"))

    async def events(self, aggregate_id: str) -> Sequence[StoredEvent]:
        about = [i for i in self._t.events if f":{aggregate_id}:" in f"{i}:"]
        return [StoredEvent(i, i.partition(":")[0], aggregate_id, START) for i in about]

    async def known_events(self, event_ids: Sequence[str]) -> frozenset[str]:
        return frozenset(i for i in event_ids if i in self._t.events)

    async def publish(self, event: Event) -> bool:
        if event.id in self._t.events:
            return False
        self._t.events.add(event.id)
        self._tell(event)
        return True


class World:
    """The store, the engine and the hand that kills."""

    def __init__(self, clock: VirtualClock, dice: random.Random) -> None:
        self.clock, self.dice = clock, dice
        self.tables = Tables()
        self.messengers: dict[str, Provider] = {}
        self._gate = asyncio.Lock()
        self._flows: dict[str, asyncio.Task[None]] = {}
        self.told: Counter[str] = Counter()

    @property
    def desk(self) -> Desk:
        return Desk(self, self.messengers, language, self.clock, "business")  # type: ignore[arg-type]

    async def businesses(self) -> Sequence[Business]:
        return [Business("salon", "סלון", "+97231234567", "Asia/Jerusalem")]

    @asynccontextmanager
    async def writing(self, _scope: TenantScope) -> AsyncIterator[Transaction]:
        async with self._gate:
            # Others run while this one works, as with a real database.
            await self.clock.sleep(self.dice.choice((0.0, 0.001)))
            yield Transaction(self.tables, self.clock, self.hear)

    reading = writing

    def hear(self, event: Event) -> None:
        """An event as the engine gets it: any number of times, each flow once."""
        self.told[event.type] += 1
        for name, flow in FLOWS.get(event.type, {}).items():
            flow_id = f"{name}:{event.id}"
            if flow_id not in self._flows:
                payload = {"business_id": event.business_id, **event.payload}
                self._flows[flow_id] = asyncio.get_running_loop().create_task(
                    self._live(flow, flow_id, payload)
                )

    async def _live(self, flow: Any, flow_id: str, payload: Payload) -> None:
        done: dict[str, Any] = {}
        failed = 0
        while True:
            try:
                await flow(Run(flow_id, done), self.desk, payload)
                return
            except Killed:
                # Found dead after four missed beats, and resumed.
                await self.clock.sleep(LIMITS.executor_dead_s)
            except Postponed as e:
                left = (e.until - self.clock.now()).total_seconds()
                await self.clock.sleep(max(0.0, left))
            except StepFailed as e:
                failed += 1
                wait_s = retry_wait_s(e, failed, LIMITS)
                if wait_s is None:
                    raise
                await self.clock.sleep(wait_s)

    async def quiet(self) -> None:
        """Every flow has ended, those that were started meanwhile too."""
        while any(not task.done() for task in self._flows.values()):
            await asyncio.gather(*self._flows.values())

    def book(self, number: int, *, start: datetime | None = None) -> Event:
        at = start or START + timedelta(days=2)
        row = Appointment(
            id=f"appt_{number}", business_id="salon", resource_id="dana", service_id="cut",
            start=at, end=at + timedelta(minutes=30), status=AppointmentStatus.BOOKED,
            lead_id=None, call_id=None, name="נועה", phone=f"+97252{2_000_000 + number:07}",
            hold_until=None, created_at=self.clock.now(), updated_at=self.clock.now(),
        )  # fmt: skip
        self.tables.appointments[row.id] = row
        return appointment_created("salon", row.id, self.clock.now())


class Run:
    """`ports.engine.FlowContext` as the engine keeps it: what a step gave is not asked again."""

    def __init__(self, flow_id: str, done: dict[str, Any]) -> None:
        self.flow_id, self._done = flow_id, done

    async def step(self, name: str, work: Callable[[], Awaitable[Any]]) -> Any:
        if name not in self._done:
            found = await outcome(name, work, LIMITS.step_timeout_s)
            if found.get("cause") == "later":
                raise Postponed(datetime.fromisoformat(found["until"]), found["code"])
            if "code" in found:
                raise StepFailed(name, found["code"], found["cause"])
            self._done[name] = found["value"]
        return self._done[name]

    async def sleep_until(self, instant_iso: str) -> None:
        raise AssertionError(f"no flow here sleeps until {instant_iso}")


class Provider:
    """Takes messages and loses answers. `features` says what it can be held to."""

    def __init__(self, world: World, name: str, features: Features, trouble: float) -> None:
        self.name, self.features = name, features
        self._world, self._trouble = world, trouble
        self.taken: Counter[str] = Counter()
        self.kinds: Counter[str] = Counter()
        self.happened: Counter[str] = Counter()
        self._telling: set[asyncio.Task[None]] = set()

    async def send(self, message: OutgoingMessage) -> Delivery:
        dice = self._world.dice
        fate = "well" if dice.random() > self._trouble else dice.choice(FATES)
        self.happened[fate] += 1
        if fate == "busy":
            raise ProviderError("rate_limited")
        if fate == "killed_before":
            raise Killed
        if fate == "refused":
            return Delivery(DeliveryState.FAILED, reason=Refusal.NOT_ON_WHATSAPP)
        await self._world.clock.sleep(dice.random())
        if self.features.deduplicates and message.idem_key in self.taken:
            return Delivery(DeliveryState.ACCEPTED, f"p:{message.idem_key}")
        self.taken[message.idem_key] += 1
        self.kinds[message.kind] += 1
        if self.features.receipts:
            self._promise_receipts(message, "failed" if fate == "refused_later" else "delivered")
        if fate == "killed_after":
            raise Killed
        if fate == "answer_lost":
            return Delivery(DeliveryState.UNKNOWN, reason="timeout")
        return Delivery(DeliveryState.ACCEPTED, f"p:{message.idem_key}")

    def _promise_receipts(self, message: OutgoingMessage, end: str) -> None:
        """Twice each, in any order, within half a minute."""
        states = ["sent", end, "sent", end]
        self._world.dice.shuffle(states)
        for state in states:
            task = asyncio.get_running_loop().create_task(self._tell(message, state))
            self._telling.add(task)
            task.add_done_callback(self._telling.discard)

    async def _tell(self, message: OutgoingMessage, state: str) -> None:
        await self._world.clock.sleep(self._world.dice.uniform(0.0, 30.0))
        async with self._world.writing(SCOPE) as w:
            reason = "not_on_whatsapp" if state == "failed" else ""
            await w.record_receipt(message.delivery_id, state=state, reason=reason)

    async def told_all(self) -> None:
        while self._telling:
            await asyncio.gather(*self._telling)

    async def lookup(self, message: OutgoingMessage) -> Delivery | None:
        if self._world.dice.random() < self._trouble:
            raise ProviderError("unreachable")
        known = message.idem_key in self.taken
        return Delivery(DeliveryState.ACCEPTED, f"p:{message.idem_key}") if known else None

    async def aclose(self) -> None:
        """Nothing is open."""


FATES = ("busy", "killed_before", "killed_after", "answer_lost", "refused", "refused_later")
