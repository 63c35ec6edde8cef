"""Whom a company buys from."""

import sqlalchemy as sa
from alembic import op

from falachefe_migrations.security import protect
from falachefe_migrations.tables import tenant_table

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    tenant_table(
        "suppliers",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("cnpj", sa.Text(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("notes", sa.Text(), nullable=True),
    )
    op.create_index(
        "uq_suppliers_name",
        "suppliers",
        ["company_id", sa.literal_column("lower(name)")],
        unique=True,
        postgresql_where=sa.text("deleted_at is null"),
    )
    protect(("suppliers",))


def downgrade() -> None:
    op.drop_table("suppliers")
