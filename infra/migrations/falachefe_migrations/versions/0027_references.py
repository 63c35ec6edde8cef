"""Which document an entry or a bill was made from, so that the same one is not booked twice."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("transactions", sa.Column("reference", sa.Text(), nullable=True))
    op.add_column("bills", sa.Column("reference", sa.Text(), nullable=True))
    # A cancelled bill does not count: its boleto may be booked again.
    op.create_index(
        "uq_bills_reference",
        "bills",
        ["company_id", "reference"],
        unique=True,
        postgresql_where=sa.text("reference is not null and deleted_at is null and status <> 'cancelled'"),
    )


def downgrade() -> None:
    op.drop_column("bills", "reference")
    op.drop_column("transactions", "reference")
