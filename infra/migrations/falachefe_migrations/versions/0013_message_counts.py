"""How many messages a company's people wrote in a month, and the flag of the clinical module."""

import sqlalchemy as sa
from alembic import op

from falachefe_migrations.security import on_all_rows, protect
from falachefe_migrations.tables import tenant_table

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    tenant_table(
        "message_counts",
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("shard", sa.Integer(), nullable=False),
        sa.Column("messages", sa.BigInteger(), server_default="0", nullable=False),
        sa.CheckConstraint("messages >= 0", name=op.f("ck_message_counts_messages")),
    )
    op.create_index("uq_message_counts", "message_counts", ["company_id", "month", "shard"], unique=True)
    protect(("message_counts",))
    # Every message writes here: room in the page lets Postgres change a row in place, without touching the indexes.
    op.execute("alter table message_counts set (fillfactor = 50)")
    on_all_rows(
        "feature_flags",
        "insert into feature_flags (name, description) values"
        " ('clinic', 'Módulo clínico: papéis e telas de hospitais veterinários')",
    )


def downgrade() -> None:
    on_all_rows("feature_flags", "delete from feature_flags where name = 'clinic'")
    op.drop_table("message_counts")
