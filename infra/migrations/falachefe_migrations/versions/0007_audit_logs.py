"""The audit log: the application role adds rows and reads them, nothing else."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from falachefe_migrations.security import protect
from falachefe_migrations.tables import tenant_table

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    tenant_table(
        "audit_logs",
        sa.Column("actor_kind", sa.Text(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("on_behalf_of", sa.Uuid(), nullable=True),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("resource", sa.Text(), nullable=False),
        sa.Column("resource_id", sa.Uuid(), nullable=False),
        sa.Column("changes", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("user_agent", sa.Text(), nullable=True),
        sa.Column("request_id", sa.Text(), nullable=False),
        sa.CheckConstraint("actor_kind in ('user', 'api_key', 'agent', 'job')", name=op.f("ck_audit_logs_actor_kind")),
    )
    op.create_index("ix_audit_logs_resource", "audit_logs", ["company_id", "resource", "resource_id"], unique=False)
    op.create_index("ix_audit_logs_created", "audit_logs", ["company_id", "created_at"], unique=False)
    protect(("audit_logs",), grants="select, insert")


def downgrade() -> None:
    op.drop_table("audit_logs")
