"""Sending campaigns: who gets one, and which companies have some that are due."""

import sqlalchemy as sa
from alembic import op

from falachefe_migrations.security import directory_function, open_to_directory, protect
from falachefe_migrations.tables import belongs_to, tenant_table

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

_SIGNATURE = "directory.companies_with_due_campaigns(timestamptz)"
_DUE = """
        create function directory.companies_with_due_campaigns(until timestamptz) returns setof uuid
        language sql stable security definer set search_path = public, pg_temp
        as $$
            select distinct c.company_id from campaigns c
            where c.status in ('scheduled', 'sending') and c.deleted_at is null and c.scheduled_for <= until
        $$
        """


def upgrade() -> None:
    op.add_column("campaigns", sa.Column("most_people", sa.Integer(), nullable=True))
    op.create_index(
        "ix_campaigns_due",
        "campaigns",
        ["scheduled_for"],
        postgresql_where=sa.text("status in ('scheduled', 'sending') and deleted_at is null"),
    )
    tenant_table(
        "campaign_recipients",
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.Text(), server_default="pending", nullable=False),
        sa.Column("skipped_because", sa.Text(), nullable=True),
        sa.Column("message_id", sa.Uuid(), nullable=True),
        belongs_to("campaign_recipients", "campaigns", "campaign_id", ondelete="CASCADE"),
        belongs_to("campaign_recipients", "contacts", "contact_id", ondelete="CASCADE"),
        sa.CheckConstraint("status in ('pending', 'written', 'skipped')", name=op.f("ck_campaign_recipients_status")),
    )
    op.create_index(
        "uq_campaign_recipients_contact",
        "campaign_recipients",
        ["company_id", "campaign_id", "contact_id"],
        unique=True,
    )
    op.create_index(
        "ix_campaign_recipients_pending",
        "campaign_recipients",
        ["company_id", "campaign_id"],
        postgresql_where=sa.text("status = 'pending'"),
    )
    protect(("campaign_recipients",))
    open_to_directory("campaigns", ("company_id", "scheduled_for", "status", "deleted_at"))
    directory_function(_DUE, signature=_SIGNATURE)


def downgrade() -> None:
    op.execute(f"drop function {_SIGNATURE}")
    op.execute("drop policy directory on campaigns")
    op.execute("revoke select (company_id, scheduled_for, status, deleted_at) on campaigns from falachefe_directory")
    op.drop_table("campaign_recipients")
    op.drop_index("ix_campaigns_due", "campaigns")
    op.drop_column("campaigns", "most_people")
