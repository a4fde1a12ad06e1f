"""Several services in one visit, the waiting list, and the secrets behind calendar links."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "appointment",
        sa.Column("more_service_ids", sa.JSON(), nullable=False, server_default="[]"),
    )
    _waitlist()
    op.create_table(
        "calendar_token",
        sa.Column("business_id", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["business_id"], ["business.business_id"]),
        sa.PrimaryKeyConstraint("business_id", "subject"),
    )


def _waitlist() -> None:
    op.create_table(
        "waitlist",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("business_id", sa.Text(), nullable=False),
        sa.Column("lead_id", sa.Text(), nullable=False),
        sa.Column("call_id", sa.Text(), nullable=True),
        sa.Column("service_ids", sa.JSON(), nullable=False),
        sa.Column("resource_id", sa.Text(), nullable=True),
        sa.Column("first_day", sa.Text(), nullable=False),
        sa.Column("last_day", sa.Text(), nullable=False),
        sa.Column("from_min", sa.Integer(), nullable=False),
        sa.Column("to_min", sa.Integer(), nullable=False),
        sa.Column("wish", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["business_id"], ["business.business_id"]),
        sa.ForeignKeyConstraint(["business_id", "lead_id"], ["lead.business_id", "lead.id"]),
        sa.ForeignKeyConstraint(
            ["business_id", "resource_id"], ["resource.business_id", "resource.id"]
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("business_id", "lead_id", "wish"),
        sa.CheckConstraint("first_day <= last_day", "days"),
        sa.CheckConstraint("from_min >= 0 AND from_min < to_min", "window"),
    )
    op.create_index(None, "waitlist", ["business_id", "created_at"])
