"""How messages were delivered, what people wrote back, consent, texts and rules of a business, and
offers to those who wait.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def _text(name: str, *, null: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=null)


def _instant(name: str, *, null: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=null)


def _of_business() -> tuple[sa.Column[str], sa.ForeignKeyConstraint]:
    return _text("business_id"), sa.ForeignKeyConstraint(["business_id"], ["business.business_id"])


def upgrade() -> None:
    _messages()
    _replies()
    _business_rules()
    _slot_offers()


def _messages() -> None:
    for column in (
        sa.Column("language", sa.Text(), nullable=False, server_default="he"),
        sa.Column("parts", sa.JSON(), nullable=False, server_default="[]"),
    ):
        op.add_column("message", column)
    op.create_table(
        "delivery",
        _text("id"),
        *_of_business(),
        _text("message_id"),
        _text("channel"),
        _text("idem_key"),
        _text("state"),
        _text("reason"),
        _text("code"),
        _text("provider_id", null=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        _instant("created_at"),
        _instant("updated_at"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("business_id", "idem_key"),
        sa.CheckConstraint("attempts >= 0", "attempts"),
    )
    op.create_index(None, "delivery", ["business_id", "message_id"])
    op.create_index(None, "delivery", ["channel", "provider_id"])


def _replies() -> None:
    op.create_table(
        "inbound",
        _text("id"),
        *_of_business(),
        _text("channel"),
        _text("provider_id"),
        _text("sender"),
        _text("text"),
        _text("answers"),
        _text("meaning"),
        _text("outcome"),
        _text("subject_id", null=True),
        _instant("received_at"),
        _instant("handled_at", null=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("business_id", "channel", "provider_id"),
    )
    op.create_index(None, "inbound", ["business_id", "sender", "received_at"])
    op.create_table(
        "consent",
        # Counted by the database: of two answers at one instant the later one is known.
        sa.Column("id", sa.Integer(), nullable=False),
        *_of_business(),
        _text("phone"),
        _text("answer"),
        _text("source"),
        _text("call_id", null=True),
        _text("wording"),
        _instant("at"),
        sa.PrimaryKeyConstraint("id"),
        sa.CheckConstraint("answer IN ('granted', 'declined', 'opted_out')", "answer"),
    )
    op.create_index(None, "consent", ["business_id", "phone"])


def _business_rules() -> None:
    op.create_table(
        "messaging",
        *_of_business(),
        sa.Column("raw", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        _instant("updated_at"),
        sa.PrimaryKeyConstraint("business_id"),
    )
    op.create_table(
        "message_template",
        *_of_business(),
        _text("language"),
        _text("kind"),
        _text("text"),
        _instant("updated_at"),
        sa.PrimaryKeyConstraint("business_id", "language", "kind"),
    )


def _slot_offers() -> None:
    op.add_column(
        "waitlist", sa.Column("status", sa.Text(), nullable=False, server_default="waiting")
    )
    op.create_table(
        "slot_offer",
        _text("id"),
        *_of_business(),
        _text("entry_id"),
        _text("lead_id"),
        _text("appointment_id"),
        _text("phone"),
        _text("resource_id"),
        _instant("start_at"),
        _text("status"),
        _instant("expires_at"),
        _instant("created_at"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("business_id", "entry_id", "resource_id", "start_at"),
        sa.CheckConstraint("status IN ('open', 'accepted', 'declined', 'expired')", "status"),
    )
    op.create_index(None, "slot_offer", ["business_id", "phone"])
