"""When an answer was in the caller's ear, beside the other marks of a turn."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("turn", sa.Column("heard_ms", sa.Integer(), nullable=True))
