"""Reminders: what a member of staff wants to be told, and when."""

import sqlalchemy as sa
from alembic import op

from falachefe_migrations.security import directory_function, open_to_directory, protect
from falachefe_migrations.tables import belongs_to, tenant_table

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

_SIGNATURE = "directory.companies_with_due_reminders(timestamptz)"
_DUE = """
        create function directory.companies_with_due_reminders(until timestamptz) returns setof uuid
        language sql stable security definer set search_path = public, pg_temp
        as $$
            select distinct r.company_id from reminders r
            where r.status = 'pending' and r.deleted_at is null and r.at <= until
        $$
        """


def upgrade() -> None:
    tenant_table(
        "reminders",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("repeats", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), server_default="pending", nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        belongs_to("reminders", "users", "user_id"),
        sa.CheckConstraint("repeats in ('daily', 'weekly', 'monthly')", name=op.f("ck_reminders_repeats")),
        sa.CheckConstraint("status in ('pending', 'sent', 'cancelled')", name=op.f("ck_reminders_status")),
    )
    op.create_index("ix_reminders_user", "reminders", ["company_id", "user_id", "at"])
    op.create_index(
        "ix_reminders_due", "reminders", ["at"], postgresql_where=sa.text("status = 'pending' and deleted_at is null")
    )
    protect(("reminders",))
    open_to_directory("reminders", ("company_id", "at", "status", "deleted_at"))
    directory_function(_DUE, signature=_SIGNATURE)


def downgrade() -> None:
    op.execute(f"drop function {_SIGNATURE}")
    op.drop_table("reminders")
