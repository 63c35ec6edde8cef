"""Which sessions of a person ended one by one, said in the transaction of what ends them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    ended: sa.Column[list[object]] = sa.Column(
        "sessions_ended", postgresql.ARRAY(sa.Uuid()), server_default="{}", nullable=False
    )
    op.add_column("users", ended)


def downgrade() -> None:
    op.drop_column("users", "sessions_ended")
