"""The tables, as SQLAlchemy sees them. The migrations create them; a test keeps the two equal.

Every table has `business_id`, the tenant's key (in `business` it is the primary key itself), so
that one rule holds for every statement. Text columns have no length: SQLite would not enforce it,
and a limit that only one engine keeps is a fault waiting in production. No query and no rule of
booking lives here.
"""

from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Dialect,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)

PII_COLUMNS: Final[dict[str, tuple[str, ...]]] = {
    "business": ("owner_phone",),
    "lead": ("phone", "name", "note"),
    "appointment": ("name", "phone"),
    "call_log": ("caller", "checkpoint"),
    "turn": ("said", "heard"),
    "message": ("recipient", "text"),
}
"""Every column that may hold a person's data: what erasure, export and retention go through."""

LIVE: Final = ("held", "booked")
"""The states in which an appointment occupies its lane."""

OVERLAP_CONSTRAINT: Final = "no_double_booking"
"""Name of the exclusion constraint on PostgreSQL, and the message that the SQLite triggers abort
with.
"""


class UtcDateTime(TypeDecorator[datetime]):
    """An instant. Naive values are refused; UTC goes in and UTC comes out.

    SQLite keeps it as text of one width, so that comparing text compares instants.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.utcoffset() is None:
            raise ValueError("a naive datetime cannot be stored: its instant is unknown")
        return value.astimezone(UTC)

    def process_result_value(self, value: Any | None, _dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        instant: datetime = value
        if instant.utcoffset() is None:
            return instant.replace(tzinfo=UTC)
        return instant.astimezone(UTC)


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _tenant() -> Column[str]:
    return Column("business_id", Text, ForeignKey("business.business_id"), nullable=False)


def _instant(name: str, *, nullable: bool = False) -> Column[datetime]:
    return Column(name, UtcDateTime, nullable=nullable)


def _text(name: str, *, nullable: bool = False) -> Column[str]:
    return Column(name, Text, nullable=nullable)


def _number(name: str, *, nullable: bool = False) -> Column[int]:
    return Column(name, Integer, nullable=nullable)


business = Table(
    "business",
    metadata,
    Column("business_id", Text, primary_key=True),
    _text("name"),
    Column("phone", Text, nullable=False, unique=True),
    _text("timezone"),
    _text("language"),
    _text("address"),
    _text("owner_phone", nullable=True),
    _text("prompt"),
    _text("greeting"),
    Column("facts", JSON, nullable=False),
    _text("ipa", nullable=True),
    _instant("created_at"),
)

policy = Table(
    "policy",
    metadata,
    Column("business_id", Text, ForeignKey("business.business_id"), primary_key=True),
    Column("raw", JSON, nullable=False),
    _number("version"),
    _instant("updated_at"),
)

service = Table(
    "service",
    metadata,
    Column("business_id", Text, ForeignKey("business.business_id"), primary_key=True),
    Column("id", Text, primary_key=True),
    _text("name"),
    _number("duration_min"),
    _number("price", nullable=True),
    Column("aliases", JSON, nullable=False),
    _number("buffer_before_min"),
    _number("buffer_after_min"),
    Column("resource_ids", JSON, nullable=False),
    _text("ipa", nullable=True),
    _number("position"),
    CheckConstraint("duration_min > 0", "duration"),
    CheckConstraint("buffer_before_min >= 0 AND buffer_after_min >= 0", "buffers"),
)

resource = Table(
    "resource",
    metadata,
    Column("business_id", Text, ForeignKey("business.business_id"), primary_key=True),
    Column("id", Text, primary_key=True),
    _text("name"),
    _number("capacity"),
    Column("aliases", JSON, nullable=False),
    _text("ipa", nullable=True),
    _number("position"),
    _number("version"),
    CheckConstraint("capacity > 0", "capacity"),
)

lead = Table(
    "lead",
    metadata,
    Column("id", Text, primary_key=True),
    _tenant(),
    _text("phone", nullable=True),
    _text("name", nullable=True),
    _text("note"),
    _text("call_id", nullable=True),
    _instant("created_at"),
    UniqueConstraint("business_id", "id"),
    UniqueConstraint("business_id", "phone"),
)

# `call_id` is no foreign key, here and below: a booking must not fail because its call could not be
# logged.
appointment = Table(
    "appointment",
    metadata,
    Column("id", Text, primary_key=True),
    _tenant(),
    _text("resource_id"),
    _text("service_id"),
    _number("lane"),
    _instant("start_at"),
    _instant("end_at"),
    _instant("block_start"),
    _instant("block_end"),
    _text("status"),
    _instant("hold_until", nullable=True),
    _text("holder"),
    _text("idem_key"),
    _text("lead_id", nullable=True),
    _text("call_id", nullable=True),
    _text("name", nullable=True),
    _text("phone", nullable=True),
    _instant("created_at"),
    _instant("updated_at"),
    _number("version"),
    Column("more_service_ids", JSON, nullable=False, server_default="[]"),
    # The tenant is part of the reference, so that no row can point into another business.
    ForeignKeyConstraint(["business_id", "resource_id"], ["resource.business_id", "resource.id"]),
    ForeignKeyConstraint(["business_id", "service_id"], ["service.business_id", "service.id"]),
    ForeignKeyConstraint(["business_id", "lead_id"], ["lead.business_id", "lead.id"]),
    UniqueConstraint("business_id", "idem_key"),
    CheckConstraint("end_at > start_at", "length"),
    CheckConstraint("block_start <= start_at AND block_end >= end_at", "block"),
    CheckConstraint("lane >= 0", "lane"),
    CheckConstraint("status <> 'held' OR hold_until IS NOT NULL", "hold"),
    CheckConstraint(
        "status IN ('held', 'booked', 'cancelled', 'expired', 'done', 'no_show')", "status"
    ),
    # By the end of the block: a search for overlaps then skips the whole past, not the whole
    # future.
    Index(None, "business_id", "resource_id", "block_end"),
    Index(None, "business_id", "block_end"),
    Index(None, "business_id", "start_at"),
    Index(None, "business_id", "phone"),
    Index(None, "business_id", "call_id"),
)

waitlist = Table(
    "waitlist",
    metadata,
    Column("id", Text, primary_key=True),
    _tenant(),
    _text("lead_id"),
    _text("call_id", nullable=True),
    Column("service_ids", JSON, nullable=False),
    _text("resource_id", nullable=True),
    _text("first_day"),
    _text("last_day"),
    _number("from_min"),
    _number("to_min"),
    # What is asked for, in one text: the same wish of the same lead is one row.
    _text("wish"),
    _instant("created_at"),
    ForeignKeyConstraint(["business_id", "lead_id"], ["lead.business_id", "lead.id"]),
    ForeignKeyConstraint(["business_id", "resource_id"], ["resource.business_id", "resource.id"]),
    UniqueConstraint("business_id", "lead_id", "wish"),
    CheckConstraint("first_day <= last_day", "days"),
    CheckConstraint("from_min >= 0 AND from_min < to_min", "window"),
    Index(None, "business_id", "created_at"),
)

calendar_token = Table(
    "calendar_token",
    metadata,
    Column("business_id", Text, ForeignKey("business.business_id"), primary_key=True),
    Column("subject", Text, primary_key=True),
    _text("secret"),
    _instant("created_at"),
)

call_log = Table(
    "call_log",
    metadata,
    Column("id", Text, primary_key=True),
    _tenant(),
    _text("transport"),
    Column("external_id", Text, nullable=False, unique=True),
    _text("account_id"),
    _text("caller", nullable=True),
    _text("called", nullable=True),
    _instant("started_at"),
    _instant("last_seen_at"),
    _instant("ended_at", nullable=True),
    _text("end_reason", nullable=True),
    _text("stream_id", nullable=True),
    Column("checkpoint", JSON(none_as_null=True), nullable=True),
    Index(None, "business_id", "started_at"),
    Index(None, "ended_at", "last_seen_at"),
)

turn = Table(
    "turn",
    metadata,
    Column("business_id", Text, ForeignKey("business.business_id"), primary_key=True),
    Column("call_id", Text, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    _text("said"),
    _text("heard"),
    _instant("started_at"),
    _number("stt_first_partial_ms", nullable=True),
    _number("stt_final_ms", nullable=True),
    _number("ai_latency_ms", nullable=True),
    _number("tts_ready_ms", nullable=True),
    _number("total_ms", nullable=True),
    _number("tts_send_lag_ms", nullable=True),
    Column("interrupted", Boolean, nullable=False),
)

agent_trace = Table(
    "agent_trace",
    metadata,
    # Counted by the database: traces of one instant keep the order in which they happened.
    Column("id", Integer, primary_key=True),
    _tenant(),
    _text("call_id"),
    _number("turn"),
    _text("tool"),
    Column("args", JSON, nullable=False),
    Column("ok", Boolean, nullable=False),
    _text("reason"),
    _number("latency_ms"),
    _instant("at"),
    Index(None, "business_id", "call_id"),
)

message = Table(
    "message",
    metadata,
    Column("id", Text, primary_key=True),
    _tenant(),
    _text("idem_key"),
    _text("channel"),
    _text("recipient", nullable=True),
    _text("kind"),
    _text("text"),
    _text("state"),
    _text("reason"),
    _text("appointment_id", nullable=True),
    _text("call_id", nullable=True),
    _instant("created_at"),
    _instant("updated_at"),
    UniqueConstraint("business_id", "idem_key"),
    Index(None, "business_id", "appointment_id"),
    Index(None, "business_id", "call_id"),
    Index(None, "business_id", "created_at"),
)

event = Table(
    "event",
    metadata,
    Column("id", Text, primary_key=True),
    _tenant(),
    _text("type"),
    _text("aggregate_id"),
    Column("payload", JSON, nullable=False),
    _instant("at"),
    Index(None, "business_id", "aggregate_id"),
)

stream_token = Table(
    "stream_token",
    metadata,
    Column("digest", Text, primary_key=True),
    _tenant(),
    _text("call_id"),
    _text("external_id"),
    _text("account_id"),
    _instant("expires_at"),
    _instant("redeemed_at", nullable=True),
)
