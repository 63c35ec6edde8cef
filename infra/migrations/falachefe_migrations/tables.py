"""The columns and constraints that all tables of companies have, so that a revision lists only its own."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.sql.schema import SchemaItem


def tenant_table(name: str, *items: SchemaItem) -> None:
    op.create_table(
        name,
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        *items,
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("company_id", "id", name=f"pk_{name}"),
        sa.ForeignKeyConstraint(["company_id"], ["companies.id"], name=f"fk_{name}__companies", ondelete="CASCADE"),
    )


def shared_table(name: str, *items: SchemaItem, key: str) -> sa.Table:
    """A table without a company."""
    return op.create_table(
        name,
        *items,
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint(key, name=f"pk_{name}"),
    )


def belongs_to(table: str, target: str, column: str, *, ondelete: str = "RESTRICT") -> sa.ForeignKeyConstraint:
    """A reference to another row of the same company."""
    return sa.ForeignKeyConstraint(
        ["company_id", column],
        [f"{target}.company_id", f"{target}.id"],
        name=f"fk_{table}_{column}_{target}",
        ondelete=ondelete,
    )
