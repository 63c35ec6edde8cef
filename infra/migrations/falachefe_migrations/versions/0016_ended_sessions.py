"""One mark that ends all sessions of a person, in the transaction of what ends them."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("users", sa.Column("sessions_valid_from", sa.DateTime(timezone=True), nullable=True))
    op.add_column("users", sa.Column("session_kept", sa.Uuid(), nullable=True))


def downgrade() -> None:
    op.drop_column("users", "session_kept")
    op.drop_column("users", "sessions_valid_from")
