"""Ledger, budgets, campaigns, employees, time off, tickets and published answers."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from falachefe_migrations.security import protect
from falachefe_migrations.tables import belongs_to, tenant_table

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    tenant_table(
        "articles",
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("published", sa.Boolean(), server_default="true", nullable=False),
        sa.Column(
            "search",
            postgresql.TSVECTOR(),
            sa.Computed(
                "setweight(to_tsvector('portuguese', question), 'A')"
                " || setweight(to_tsvector('portuguese', answer), 'B')",
                persisted=True,
            ),
            nullable=False,
        ),
    )
    op.create_index("ix_articles_search", "articles", ["search"], unique=False, postgresql_using="gin")
    tenant_table(
        "budgets",
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint("amount > 0", name=op.f("ck_budgets_amount")),
        sa.CheckConstraint("extract(day from month) = 1", name=op.f("ck_budgets_month")),
    )
    op.create_index(
        "uq_budgets_month",
        "budgets",
        ["company_id", "category", "month"],
        unique=True,
        postgresql_where=sa.text("deleted_at is null"),
    )
    tenant_table(
        "campaigns",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("segment", sa.Text(), server_default="all", nullable=False),
        sa.Column("status", sa.Text(), server_default="draft", nullable=False),
        sa.Column("scheduled_for", sa.DateTime(timezone=True), nullable=True),
        sa.Column("audience", sa.Integer(), server_default="0", nullable=False),
        sa.Column("sent", sa.Integer(), server_default="0", nullable=False),
        sa.Column("delivered", sa.Integer(), server_default="0", nullable=False),
        sa.Column("read", sa.Integer(), server_default="0", nullable=False),
        sa.Column("replied", sa.Integer(), server_default="0", nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint("segment in ('all', 'active', 'inactive', 'new')", name=op.f("ck_campaigns_segment")),
        sa.CheckConstraint(
            "status in ('draft', 'scheduled', 'sending', 'sent', 'cancelled')", name=op.f("ck_campaigns_status")
        ),
    )
    op.create_index(
        "uq_campaigns_name",
        "campaigns",
        ["company_id", sa.literal_column("lower(name)")],
        unique=True,
        postgresql_where=sa.text("deleted_at is null"),
    )
    tenant_table(
        "employees",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("position", sa.Text(), nullable=False),
        sa.Column("salary", sa.Numeric(precision=14, scale=2), nullable=True),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("status", sa.Text(), server_default="active", nullable=False),
        sa.Column("hired_on", sa.Date(), nullable=False),
        sa.CheckConstraint("status in ('active', 'on_leave', 'dismissed')", name=op.f("ck_employees_status")),
        sa.CheckConstraint("salary > 0", name=op.f("ck_employees_salary")),
        belongs_to("employees", "users", "user_id"),
    )
    op.create_index("ix_employees_name", "employees", ["company_id", "name"], unique=False)
    tenant_table(
        "transactions",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("occurred_on", sa.Date(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("source", sa.Text(), server_default="api", nullable=False),
        sa.CheckConstraint("kind in ('expense', 'income')", name=op.f("ck_transactions_kind")),
        sa.CheckConstraint("amount > 0", name=op.f("ck_transactions_amount")),
        belongs_to("transactions", "users", "created_by"),
    )
    op.create_index(
        "ix_transactions_category", "transactions", ["company_id", "kind", "category", "occurred_on"], unique=False
    )
    op.create_index("ix_transactions_occurred_on", "transactions", ["company_id", "occurred_on"], unique=False)
    tenant_table(
        "tickets",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), server_default="open", nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("status in ('open', 'in_progress', 'resolved', 'closed')", name=op.f("ck_tickets_status")),
        sa.CheckConstraint("length(subject) between 1 and 200", name=op.f("ck_tickets_subject_length")),
        belongs_to("tickets", "contacts", "contact_id"),
    )
    op.create_index("uq_tickets_number", "tickets", ["company_id", "number"], unique=True)
    tenant_table(
        "time_off_requests",
        sa.Column("employee_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("start_date", sa.Date(), nullable=False),
        sa.Column("end_date", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), server_default="pending", nullable=False),
        sa.Column("requested_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint("kind in ('request', 'absence')", name=op.f("ck_time_off_requests_kind")),
        sa.CheckConstraint(
            "status in ('pending', 'approved', 'rejected', 'cancelled', 'registered')",
            name=op.f("ck_time_off_requests_status"),
        ),
        sa.CheckConstraint("end_date >= start_date", name=op.f("ck_time_off_requests_dates")),
        belongs_to("time_off_requests", "employees", "employee_id"),
    )
    op.create_index(
        "ix_time_off_requests_dates", "time_off_requests", ["company_id", "employee_id", "start_date"], unique=False
    )
    protect(("articles", "budgets", "campaigns", "employees", "transactions", "tickets", "time_off_requests"))


def downgrade() -> None:
    op.drop_table("time_off_requests")
    op.drop_table("tickets")
    op.drop_table("transactions")
    op.drop_table("employees")
    op.drop_table("campaigns")
    op.drop_table("budgets")
    op.drop_table("articles")
