"""Numbers that a caller keyed or agreed to in a call: whom it may cause messages to."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    column = sa.Column("confirmed", sa.JSON(), nullable=False, server_default="[]")
    op.add_column("call_log", column)
