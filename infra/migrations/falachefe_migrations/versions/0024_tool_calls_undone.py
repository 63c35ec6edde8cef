"""A tool call keeps what takes its act back, and when that was done."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("tool_calls", sa.Column("inverse", postgresql.JSONB(), nullable=True))
    op.add_column("tool_calls", sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("tool_calls", "undone_at")
    op.drop_column("tool_calls", "inverse")
