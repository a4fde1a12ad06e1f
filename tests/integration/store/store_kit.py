"""What the store's tests share: two tenants, a clock set by hand, ready-made claims and calls."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from dalpak.clock import SystemClock
from dalpak.domain.events import Event
from dalpak.domain.follow_up import DeliveryRecord, InboundRecord, OfferStatus, SlotOffer
from dalpak.domain.records import (
    Business,
    CallRecord,
    Resource,
    Service,
    TenantScope,
    WaitlistEntry,
)
from dalpak.ports.store import Claim, Move
from dalpak.store.unit_of_work import SqlStore

NOON = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
SALON = TenantScope("salon")
CLINIC = TenantScope("clinic")
MakeClaim = Callable[..., Claim]


def sync_engine(url: str) -> sa.Engine:
    """A connection that bypasses the store, as another program would have."""
    plain = url.replace("+aiosqlite", "").replace("+asyncpg", "+psycopg")
    return sa.create_engine(plain, poolclass=sa.NullPool)


class HandClock(SystemClock):
    """Real ids; the wall clock stands where the test puts it."""

    def __init__(self) -> None:
        super().__init__()
        self.at = NOON - timedelta(days=1)

    def now(self) -> datetime:
        return self.at


@dataclass
class Heard:
    """A flow engine that writes down, through the given connection, what it was told."""

    events: list[Event] = field(default_factory=list)
    transactions: list[bool] = field(default_factory=list)

    def __call__(self, event: Event, connection: sa.Connection) -> None:
        self.events.append(event)
        self.transactions.append(connection.in_transaction())


async def add_tenant(store: SqlStore, scope: TenantScope, phone: str) -> None:
    created = await store.add_business(
        Business(scope.business_id, f"the {scope.business_id}", phone, "Asia/Jerusalem"),
        policy={"slot_size_min": 15},
        services=[Service("cut", "תספורת", 60, 90, ("קצר",)), Service("dye", "צבע", 30)],
        resources=[
            Resource("dana", "דנה", aliases=("דני",), ipa="dˈana"),
            Resource("room", "חדר", capacity=3),
        ],
    )
    assert created


def a_call(call_id: str = "call-1", scope: TenantScope = SALON, **changes: Any) -> CallRecord:
    at = NOON - timedelta(days=1)
    values: dict[str, Any] = {
        "id": call_id,
        "business_id": scope.business_id,
        "transport": "twilio",
        "external_id": f"CA-{call_id}",
        "account_id": "AC1",
        "caller": "+972501234567",
        "called": "+97231111111",
        "started_at": at,
        "last_seen_at": at,
    }
    return CallRecord(**(values | changes))


def claim_of(clock: SystemClock, key: str, **changes: Any) -> Claim:
    """One hour from noon for `dana`, held for three minutes, unless told otherwise."""
    start = changes.pop("start", NOON)
    end = changes.pop("end", start + timedelta(hours=1))
    values: dict[str, Any] = {
        "resource_id": "dana",
        "service_id": "cut",
        "start": start,
        "end": end,
        "block_start": changes.pop("block_start", start),
        "block_end": changes.pop("block_end", end),
        "holder": f"holder-{key}",
        "idem_key": key,
        "hold_until": clock.now() + timedelta(minutes=3),
        "call_id": None,
    }
    return Claim(**(values | changes))


def a_move(resource_id: str, start: datetime, minutes: int = 60) -> Move:
    end = start + timedelta(minutes=minutes)
    return Move(resource_id, start, end, start, end)


def a_wish(lead_id: str, entry_id: str = "wait-1", **changes: Any) -> WaitlistEntry:
    values: dict[str, Any] = {
        "id": entry_id,
        "lead_id": lead_id,
        "call_id": None,
        "service_ids": ("cut",),
        "resource_id": None,
        "first_day": NOON.date(),
        "last_day": NOON.date(),
        "window": (540, 720),
        "created_at": NOON,
    }
    return WaitlistEntry(**(values | changes))


def a_delivery(
    scope: TenantScope = SALON, delivery_id: str = "d", **changes: Any
) -> DeliveryRecord:
    values: dict[str, Any] = {
        "id": delivery_id,
        "business_id": scope.business_id,
        "message_id": "msg-m",
        "channel": "whatsapp_cloud",
        "idem_key": f"key:{delivery_id}",
        "state": "sending",
        "reason": "",
        "code": "",
        "provider_id": None,
        "attempts": 1,
        "created_at": NOON,
        "updated_at": NOON,
    }
    return DeliveryRecord(**(values | changes))


def an_inbound(scope: TenantScope = SALON, **changes: Any) -> InboundRecord:
    values: dict[str, Any] = {
        "id": "in-1",
        "business_id": scope.business_id,
        "channel": "whatsapp_cloud",
        "provider_id": "wamid.1",
        "sender": "+972523456789",
        "text": "כן",
        "received_at": NOON,
    }
    return InboundRecord(**(values | changes))


def an_offer(offer_id: str = "offer-1", **changes: Any) -> SlotOffer:
    values: dict[str, Any] = {
        "id": offer_id,
        "entry_id": "wait-1",
        "lead_id": "lead-1",
        "appointment_id": "appt-1",
        "phone": "+972523456789",
        "resource_id": "dana",
        "start": NOON,
        "status": OfferStatus.OPEN,
        "expires_at": NOON + timedelta(minutes=30),
        "created_at": NOON,
    }
    return SlotOffer(**(values | changes))
