"""The tables of what follows a booking: messages and their deliveries, what people wrote back, who
agreed to be written to, a business's texts and rules, and offers to those who wait.

The rest of the schema is in `models.py`; no query and no rule of sending lives here.
"""

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
)

from dalpak.store.columns import instant, metadata, number, tenant, text

message = Table(
    "message",
    metadata,
    Column("id", Text, primary_key=True),
    tenant(),
    text("idem_key"),
    text("channel"),
    text("recipient", nullable=True),
    text("kind"),
    text("text"),
    text("state"),
    text("reason"),
    text("appointment_id", nullable=True),
    text("call_id", nullable=True),
    instant("created_at"),
    instant("updated_at"),
    Column("language", Text, nullable=False, server_default="he"),
    Column("parts", JSON, nullable=False, server_default="[]"),
    UniqueConstraint("business_id", "idem_key"),
    Index(None, "business_id", "appointment_id"),
    Index(None, "business_id", "call_id"),
    Index(None, "business_id", "created_at"),
)

delivery = Table(
    "delivery",
    metadata,
    Column("id", Text, primary_key=True),
    tenant(),
    text("message_id"),
    text("channel"),
    text("idem_key"),
    text("state"),
    text("reason"),
    text("code"),
    text("provider_id", nullable=True),
    number("attempts"),
    instant("created_at"),
    instant("updated_at"),
    UniqueConstraint("business_id", "idem_key"),
    CheckConstraint("attempts >= 0", "attempts"),
    Index(None, "business_id", "message_id"),
    # A receipt names its message by this before the tenant is known.
    Index(None, "channel", "provider_id"),
)

inbound = Table(
    "inbound",
    metadata,
    Column("id", Text, primary_key=True),
    tenant(),
    text("channel"),
    text("provider_id"),
    text("sender"),
    text("text"),
    text("answers"),
    text("meaning"),
    text("outcome"),
    text("subject_id", nullable=True),
    instant("received_at"),
    instant("handled_at", nullable=True),
    UniqueConstraint("business_id", "channel", "provider_id"),
    Index(None, "business_id", "sender", "received_at"),
)

consent = Table(
    "consent",
    metadata,
    # Counted by the database: of two answers at one instant the later one is known.
    Column("id", Integer, primary_key=True),
    tenant(),
    text("phone"),
    text("answer"),
    text("source"),
    text("call_id", nullable=True),
    text("wording"),
    instant("at"),
    CheckConstraint("answer IN ('granted', 'declined', 'opted_out')", "answer"),
    Index(None, "business_id", "phone"),
)

messaging = Table(
    "messaging",
    metadata,
    Column("business_id", Text, ForeignKey("business.business_id"), primary_key=True),
    Column("raw", JSON, nullable=False),
    number("version"),
    instant("updated_at"),
)

message_template = Table(
    "message_template",
    metadata,
    Column("business_id", Text, ForeignKey("business.business_id"), primary_key=True),
    Column("language", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    text("text"),
    instant("updated_at"),
)

slot_offer = Table(
    "slot_offer",
    metadata,
    Column("id", Text, primary_key=True),
    tenant(),
    text("entry_id"),
    text("lead_id"),
    text("appointment_id"),
    text("phone"),
    text("resource_id"),
    instant("start_at"),
    text("status"),
    instant("expires_at"),
    instant("created_at"),
    # The same time is offered to the same wish once.
    UniqueConstraint("business_id", "entry_id", "resource_id", "start_at"),
    CheckConstraint("status IN ('open', 'accepted', 'declined', 'expired')", "status"),
    Index(None, "business_id", "phone"),
)
