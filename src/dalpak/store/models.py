"""The tables, as SQLAlchemy sees them. The migrations create them; a test keeps the two equal.

Every table has `business_id`, the tenant's key (in `business` it is the primary key itself), so
that one rule holds for every statement; `admin_session` alone belongs to the whole installation.
Text columns have no length: SQLite would not enforce it, and a limit that only one engine keeps is
a fault waiting in production. No query and no rule of booking lives here.
"""

from typing import Final

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
)

from dalpak.store.admin_sessions import admin_session
from dalpak.store.columns import instant, metadata, number, tenant, text
from dalpak.store.models_follow_up import (
    consent,
    delivery,
    inbound,
    message,
    message_template,
    messaging,
    slot_offer,
)

__all__ = [
    "LIVE",
    "OVERLAP_CONSTRAINT",
    "PII_COLUMNS",
    "admin_session",
    "agent_trace",
    "appointment",
    "business",
    "calendar_token",
    "call_log",
    "consent",
    "delivery",
    "event",
    "inbound",
    "lead",
    "message",
    "message_template",
    "messaging",
    "metadata",
    "policy",
    "resource",
    "service",
    "slot_offer",
    "stream_token",
    "turn",
    "waitlist",
]

PII_COLUMNS: Final[dict[str, tuple[str, ...]]] = {
    "business": ("owner_phone",),
    "lead": ("phone", "name", "note"),
    "appointment": ("name", "phone"),
    "call_log": ("caller", "checkpoint", "confirmed"),
    "turn": ("said", "heard"),
    "message": ("recipient", "text", "parts"),
    "inbound": ("sender", "text"),
    "consent": ("phone",),
    "slot_offer": ("phone",),
}
"""Every column that may hold a person's data: what erasure, export and retention go through."""

LIVE: Final = ("held", "booked")
"""The states in which an appointment occupies its lane."""

OVERLAP_CONSTRAINT: Final = "no_double_booking"
"""Name of the exclusion constraint on PostgreSQL, and the message that the SQLite triggers abort
with.
"""

business = Table(
    "business",
    metadata,
    Column("business_id", Text, primary_key=True),
    text("name"),
    Column("phone", Text, nullable=False, unique=True),
    text("timezone"),
    text("language"),
    text("address"),
    text("owner_phone", nullable=True),
    text("prompt"),
    text("greeting"),
    Column("facts", JSON, nullable=False),
    text("ipa", nullable=True),
    instant("created_at"),
)

policy = Table(
    "policy",
    metadata,
    Column("business_id", Text, ForeignKey("business.business_id"), primary_key=True),
    Column("raw", JSON, nullable=False),
    number("version"),
    instant("updated_at"),
)

service = Table(
    "service",
    metadata,
    Column("business_id", Text, ForeignKey("business.business_id"), primary_key=True),
    Column("id", Text, primary_key=True),
    text("name"),
    number("duration_min"),
    number("price", nullable=True),
    Column("aliases", JSON, nullable=False),
    number("buffer_before_min"),
    number("buffer_after_min"),
    Column("resource_ids", JSON, nullable=False),
    text("ipa", nullable=True),
    number("position"),
    CheckConstraint("duration_min > 0", "duration"),
    CheckConstraint("buffer_before_min >= 0 AND buffer_after_min >= 0", "buffers"),
)

resource = Table(
    "resource",
    metadata,
    Column("business_id", Text, ForeignKey("business.business_id"), primary_key=True),
    Column("id", Text, primary_key=True),
    text("name"),
    number("capacity"),
    Column("aliases", JSON, nullable=False),
    text("ipa", nullable=True),
    number("position"),
    number("version"),
    CheckConstraint("capacity > 0", "capacity"),
)

lead = Table(
    "lead",
    metadata,
    Column("id", Text, primary_key=True),
    tenant(),
    text("phone", nullable=True),
    text("name", nullable=True),
    text("note"),
    text("call_id", nullable=True),
    instant("created_at"),
    UniqueConstraint("business_id", "id"),
    UniqueConstraint("business_id", "phone"),
)

# `call_id` is no foreign key, here and below: a booking must not fail because its call could not be
# logged.
appointment = Table(
    "appointment",
    metadata,
    Column("id", Text, primary_key=True),
    tenant(),
    text("resource_id"),
    text("service_id"),
    number("lane"),
    instant("start_at"),
    instant("end_at"),
    instant("block_start"),
    instant("block_end"),
    text("status"),
    instant("hold_until", nullable=True),
    text("holder"),
    text("idem_key"),
    text("lead_id", nullable=True),
    text("call_id", nullable=True),
    text("name", nullable=True),
    text("phone", nullable=True),
    instant("created_at"),
    instant("updated_at"),
    number("version"),
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
    tenant(),
    text("lead_id"),
    text("call_id", nullable=True),
    Column("service_ids", JSON, nullable=False),
    text("resource_id", nullable=True),
    text("first_day"),
    text("last_day"),
    number("from_min"),
    number("to_min"),
    # What is asked for, in one text: the same wish of the same lead is one row.
    text("wish"),
    instant("created_at"),
    Column("status", Text, nullable=False, server_default="waiting"),
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
    text("secret"),
    instant("created_at"),
)

call_log = Table(
    "call_log",
    metadata,
    Column("id", Text, primary_key=True),
    tenant(),
    text("transport"),
    Column("external_id", Text, nullable=False, unique=True),
    text("account_id"),
    text("caller", nullable=True),
    text("called", nullable=True),
    instant("started_at"),
    instant("last_seen_at"),
    instant("ended_at", nullable=True),
    text("end_reason", nullable=True),
    text("stream_id", nullable=True),
    Column("checkpoint", JSON(none_as_null=True), nullable=True),
    Column("confirmed", JSON, nullable=False, server_default="[]"),
    Index(None, "business_id", "started_at"),
    Index(None, "ended_at", "last_seen_at"),
)

turn = Table(
    "turn",
    metadata,
    Column("business_id", Text, ForeignKey("business.business_id"), primary_key=True),
    Column("call_id", Text, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    text("said"),
    text("heard"),
    instant("started_at"),
    number("stt_first_partial_ms", nullable=True),
    number("stt_final_ms", nullable=True),
    number("ai_latency_ms", nullable=True),
    number("tts_ready_ms", nullable=True),
    number("total_ms", nullable=True),
    number("tts_send_lag_ms", nullable=True),
    number("heard_ms", nullable=True),
    Column("interrupted", Boolean, nullable=False),
)

agent_trace = Table(
    "agent_trace",
    metadata,
    # Counted by the database: traces of one instant keep the order in which they happened.
    Column("id", Integer, primary_key=True),
    tenant(),
    text("call_id"),
    number("turn"),
    text("tool"),
    Column("args", JSON, nullable=False),
    Column("ok", Boolean, nullable=False),
    text("reason"),
    number("latency_ms"),
    instant("at"),
    Index(None, "business_id", "call_id"),
)

event = Table(
    "event",
    metadata,
    Column("id", Text, primary_key=True),
    tenant(),
    text("type"),
    text("aggregate_id"),
    Column("payload", JSON, nullable=False),
    instant("at"),
    Index(None, "business_id", "aggregate_id"),
)

stream_token = Table(
    "stream_token",
    metadata,
    Column("digest", Text, primary_key=True),
    tenant(),
    text("call_id"),
    text("external_id"),
    text("account_id"),
    instant("expires_at"),
    instant("redeemed_at", nullable=True),
)
