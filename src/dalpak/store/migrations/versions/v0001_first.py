"""The first schema: the business, its appointments and leads, its calls, its messages and events.

The guard against double booking is the one thing that differs by database: an exclusion constraint
on PostgreSQL, triggers on SQLite. Both refuse what any other program writes, too.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_TRIGGER = """
CREATE TRIGGER no_double_booking_on_{what}
BEFORE {when} ON appointment
WHEN NEW.status IN ('held', 'booked')
BEGIN
  SELECT RAISE(ABORT, 'no_double_booking')
  WHERE EXISTS (
    SELECT 1 FROM appointment AS other
    WHERE other.business_id = NEW.business_id
      AND other.resource_id = NEW.resource_id
      AND other.lane = NEW.lane
      AND other.status IN ('held', 'booked')
      AND other.block_end > NEW.block_start
      AND other.block_start < NEW.block_end
      AND other.id <> {own_id}
  );
END
"""

_EXCLUSION = """
ALTER TABLE appointment ADD CONSTRAINT no_double_booking EXCLUDE USING gist (
  business_id WITH =,
  resource_id WITH =,
  lane WITH =,
  tstzrange(block_start, block_end, '[)') WITH &&
) WHERE (status IN ('held', 'booked'))
"""


def upgrade() -> None:
    _business()
    _catalogue()
    _leads()
    _appointments()
    _no_double_booking()
    _calls()
    _stream_tokens()
    _follow_up()


def _text(name: str, *, null: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=null)


def _number(name: str, *, null: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=null)


def _instant(name: str, *, null: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=null)


def _json(name: str, *, null: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.JSON(), nullable=null)


def _flag(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean(), nullable=False)


def _of_business() -> tuple[sa.Column[str], sa.ForeignKeyConstraint]:
    return _text("business_id"), sa.ForeignKeyConstraint(["business_id"], ["business.business_id"])


def _same_business(column: str, table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["business_id", column], [f"{table}.business_id", f"{table}.id"])


def _business() -> None:
    op.create_table(
        "business",
        _text("business_id"),
        _text("name"),
        _text("phone"),
        _text("timezone"),
        _text("language"),
        _text("address"),
        _text("owner_phone", null=True),
        _text("prompt"),
        _text("greeting"),
        _json("facts"),
        _text("ipa", null=True),
        _instant("created_at"),
        sa.PrimaryKeyConstraint("business_id"),
        sa.UniqueConstraint("phone"),
    )
    op.create_table(
        "policy",
        *_of_business(),
        _json("raw"),
        _number("version"),
        _instant("updated_at"),
        sa.PrimaryKeyConstraint("business_id"),
    )


def _catalogue() -> None:
    op.create_table(
        "service",
        *_of_business(),
        _text("id"),
        _text("name"),
        _number("duration_min"),
        _number("price", null=True),
        _json("aliases"),
        _number("buffer_before_min"),
        _number("buffer_after_min"),
        _json("resource_ids"),
        _text("ipa", null=True),
        _number("position"),
        sa.PrimaryKeyConstraint("business_id", "id"),
        sa.CheckConstraint("duration_min > 0", "duration"),
        sa.CheckConstraint("buffer_before_min >= 0 AND buffer_after_min >= 0", "buffers"),
    )
    op.create_table(
        "resource",
        *_of_business(),
        _text("id"),
        _text("name"),
        _number("capacity"),
        _json("aliases"),
        _text("ipa", null=True),
        _number("position"),
        _number("version"),
        sa.PrimaryKeyConstraint("business_id", "id"),
        sa.CheckConstraint("capacity > 0", "capacity"),
    )


def _leads() -> None:
    op.create_table(
        "lead",
        _text("id"),
        *_of_business(),
        _text("phone", null=True),
        _text("name", null=True),
        _text("note"),
        _text("call_id", null=True),
        _instant("created_at"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("business_id", "id"),
        sa.UniqueConstraint("business_id", "phone"),
    )


def _appointments() -> None:
    op.create_table(
        "appointment",
        _text("id"),
        *_of_business(),
        _text("resource_id"),
        _text("service_id"),
        _number("lane"),
        _instant("start_at"),
        _instant("end_at"),
        _instant("block_start"),
        _instant("block_end"),
        _text("status"),
        _instant("hold_until", null=True),
        _text("holder"),
        _text("idem_key"),
        _text("lead_id", null=True),
        _text("call_id", null=True),
        _text("name", null=True),
        _text("phone", null=True),
        _instant("created_at"),
        _instant("updated_at"),
        _number("version"),
        sa.PrimaryKeyConstraint("id"),
        _same_business("resource_id", "resource"),
        _same_business("service_id", "service"),
        _same_business("lead_id", "lead"),
        sa.UniqueConstraint("business_id", "idem_key"),
        sa.CheckConstraint("end_at > start_at", "length"),
        sa.CheckConstraint("block_start <= start_at AND block_end >= end_at", "block"),
        sa.CheckConstraint("lane >= 0", "lane"),
        sa.CheckConstraint("status <> 'held' OR hold_until IS NOT NULL", "hold"),
        sa.CheckConstraint(
            "status IN ('held', 'booked', 'cancelled', 'expired', 'done', 'no_show')", "status"
        ),
    )
    op.create_index(None, "appointment", ["business_id", "resource_id", "block_end"])
    op.create_index(None, "appointment", ["business_id", "block_end"])
    op.create_index(None, "appointment", ["business_id", "start_at"])
    op.create_index(None, "appointment", ["business_id", "phone"])
    op.create_index(None, "appointment", ["business_id", "call_id"])


def _no_double_booking() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
        op.execute(_EXCLUSION)
        return
    op.execute(_TRIGGER.format(what="insert", when="INSERT", own_id="NEW.id"))
    moves = "UPDATE OF business_id, resource_id, lane, status, block_start, block_end"
    op.execute(_TRIGGER.format(what="update", when=moves, own_id="OLD.id"))


def _calls() -> None:
    op.create_table(
        "call_log",
        _text("id"),
        *_of_business(),
        _text("transport"),
        _text("external_id"),
        _text("account_id"),
        _text("caller", null=True),
        _text("called", null=True),
        _instant("started_at"),
        _instant("last_seen_at"),
        _instant("ended_at", null=True),
        _text("end_reason", null=True),
        _text("stream_id", null=True),
        _json("checkpoint", null=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("external_id"),
    )
    op.create_index(None, "call_log", ["business_id", "started_at"])
    op.create_index(None, "call_log", ["ended_at", "last_seen_at"])
    op.create_table(
        "turn",
        *_of_business(),
        _text("call_id"),
        _number("number"),
        _text("said"),
        _text("heard"),
        _instant("started_at"),
        _number("stt_first_partial_ms", null=True),
        _number("stt_final_ms", null=True),
        _number("ai_latency_ms", null=True),
        _number("tts_ready_ms", null=True),
        _number("total_ms", null=True),
        _number("tts_send_lag_ms", null=True),
        _flag("interrupted"),
        sa.PrimaryKeyConstraint("business_id", "call_id", "number"),
    )
    op.create_table(
        "agent_trace",
        _number("id"),
        *_of_business(),
        _text("call_id"),
        _number("turn"),
        _text("tool"),
        _json("args"),
        _flag("ok"),
        _text("reason"),
        _number("latency_ms"),
        _instant("at"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(None, "agent_trace", ["business_id", "call_id"])


def _stream_tokens() -> None:
    op.create_table(
        "stream_token",
        _text("digest"),
        *_of_business(),
        _text("call_id"),
        _text("external_id"),
        _text("account_id"),
        _instant("expires_at"),
        _instant("redeemed_at", null=True),
        sa.PrimaryKeyConstraint("digest"),
    )


def _follow_up() -> None:
    op.create_table(
        "message",
        _text("id"),
        *_of_business(),
        _text("idem_key"),
        _text("channel"),
        _text("recipient", null=True),
        _text("kind"),
        _text("text"),
        _text("state"),
        _text("reason"),
        _text("appointment_id", null=True),
        _text("call_id", null=True),
        _instant("created_at"),
        _instant("updated_at"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("business_id", "idem_key"),
    )
    op.create_index(None, "message", ["business_id", "appointment_id"])
    op.create_index(None, "message", ["business_id", "call_id"])
    op.create_index(None, "message", ["business_id", "created_at"])
    op.create_table(
        "event",
        _text("id"),
        *_of_business(),
        _text("type"),
        _text("aggregate_id"),
        _json("payload"),
        _instant("at"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(None, "event", ["business_id", "aggregate_id"])
