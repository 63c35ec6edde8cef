"""Bills and their payments."""

import sqlalchemy as sa
from alembic import op

from falachefe_migrations.security import protect
from falachefe_migrations.tables import belongs_to, tenant_table

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

_PAID = (
    "case status when 'open' then paid = 0 when 'partly_paid' then paid > 0 and paid < amount"
    " when 'settled' then paid = amount else paid >= 0 and paid < amount end"
)


def upgrade() -> None:
    tenant_table(
        "bills",
        sa.Column("direction", sa.Text(), nullable=False),
        sa.Column("amount", sa.Numeric(14, 2), nullable=False),
        sa.Column("paid", sa.Numeric(14, 2), server_default="0", nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("due", sa.Date(), nullable=False),
        sa.Column("counterparty", sa.Text(), nullable=True),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), server_default="open", nullable=False),
        sa.Column("repeats", sa.Text(), nullable=True),
        sa.Column("instalment", sa.Integer(), nullable=True),
        sa.Column("instalments", sa.Integer(), nullable=True),
        sa.Column("series_id", sa.Uuid(), nullable=True),
        sa.Column("period", sa.Integer(), nullable=True),
        sa.Column("series_start", sa.Date(), nullable=True),
        sa.Column("continues", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("source", sa.Text(), server_default="api", nullable=False),
        sa.CheckConstraint("direction in ('payable', 'receivable')", name=op.f("ck_bills_direction")),
        sa.CheckConstraint("status in ('open', 'partly_paid', 'settled', 'cancelled')", name=op.f("ck_bills_status")),
        sa.CheckConstraint("repeats in ('weekly', 'monthly', 'yearly')", name=op.f("ck_bills_repeats")),
        sa.CheckConstraint("amount > 0", name=op.f("ck_bills_amount")),
        sa.CheckConstraint(_PAID, name=op.f("ck_bills_paid")),
        sa.CheckConstraint("instalment between 1 and instalments", name=op.f("ck_bills_instalment")),
        sa.CheckConstraint("(series_id is null) = (period is null)", name=op.f("ck_bills_period")),
        sa.CheckConstraint(
            "not continues or (repeats is not null and series_start is not null)", name=op.f("ck_bills_continues")
        ),
        belongs_to("bills", "users", "created_by"),
    )
    unpaid = sa.text("deleted_at is null and status in ('open', 'partly_paid')")
    continuing = sa.text("continues and deleted_at is null")
    op.create_index("uq_bills_period", "bills", ["company_id", "series_id", "period"], unique=True)
    op.create_index("ix_bills_due", "bills", ["company_id", "due"])
    op.create_index("ix_bills_unpaid", "bills", ["due", "company_id"], postgresql_where=unpaid)
    op.create_index("ix_bills_continuing", "bills", ["due"], postgresql_where=continuing)
    tenant_table(
        "bill_payments",
        sa.Column("bill_id", sa.Uuid(), nullable=False),
        sa.Column("transaction_id", sa.Uuid(), nullable=False),
        sa.Column("amount", sa.Numeric(14, 2), nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint("amount > 0", name=op.f("ck_bill_payments_amount")),
        belongs_to("bill_payments", "bills", "bill_id"),
        belongs_to("bill_payments", "transactions", "transaction_id"),
        belongs_to("bill_payments", "users", "created_by"),
    )
    op.create_index("uq_bill_payments_transaction", "bill_payments", ["company_id", "transaction_id"], unique=True)
    op.create_index("ix_bill_payments_bill", "bill_payments", ["company_id", "bill_id"])
    protect(("bills", "bill_payments"))


def downgrade() -> None:
    op.drop_table("bill_payments")
    op.drop_table("bills")
