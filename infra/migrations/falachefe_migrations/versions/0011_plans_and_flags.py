"""What a company pays for and which features it has; plans and flags are the platform's own."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from falachefe_migrations.security import directory_function, open_to_directory, protect, share
from falachefe_migrations.tables import shared_table, tenant_table

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _plans()
    _flags()
    _companies()


def _plans() -> None:
    plans = shared_table(
        "plans",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("users_limit", sa.Integer(), nullable=True),
        sa.Column("channels_limit", sa.Integer(), nullable=True),
        sa.Column("messages_limit", sa.Integer(), nullable=True),
        sa.CheckConstraint("code in ('free', 'pro', 'enterprise')", name=op.f("ck_plans_code")),
        sa.CheckConstraint(
            "users_limit >= 1 and channels_limit >= 0 and messages_limit >= 0", name=op.f("ck_plans_limits")
        ),
        key="code",
    )
    op.bulk_insert(
        plans,
        [
            {"code": "free", "name": "Grátis", "users_limit": 3, "channels_limit": 1, "messages_limit": 1_000},
            {"code": "pro", "name": "Pro", "users_limit": 25, "channels_limit": 3, "messages_limit": 20_000},
            {
                "code": "enterprise",
                "name": "Empresa",
                "users_limit": None,
                "channels_limit": None,
                "messages_limit": None,
            },
        ],
    )
    share(("plans",))
    tenant_table(
        "subscriptions",
        sa.Column("plan_code", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), server_default="active", nullable=False),
        sa.Column("limits", postgresql.JSONB(), server_default="{}", nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "status in ('trialing', 'active', 'past_due', 'canceled')", name=op.f("ck_subscriptions_status")
        ),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_subscriptions_ends_at")),
        sa.CheckConstraint("plan_code in ('free', 'pro', 'enterprise')", name=op.f("ck_subscriptions_plan_code")),
    )
    op.create_index(
        "uq_subscriptions_current",
        "subscriptions",
        ["company_id"],
        unique=True,
        postgresql_where=sa.text("status <> 'canceled' and deleted_at is null"),
    )
    protect(("subscriptions",))


def _flags() -> None:
    shared_table(
        "feature_flags",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("enabled", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("percentage", sa.Integer(), server_default="0", nullable=False),
        sa.CheckConstraint("percentage between 0 and 100", name=op.f("ck_feature_flags_percentage")),
        key="name",
    )
    share(("feature_flags",), grants="select, insert, update, delete")
    tenant_table(
        "feature_flag_overrides",
        sa.Column("flag", sa.Text(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
    )
    op.create_index("uq_feature_flag_overrides_flag", "feature_flag_overrides", ["company_id", "flag"], unique=True)
    protect(("feature_flag_overrides",))


def _companies() -> None:
    open_to_directory("companies", ("id", "name", "status", "deleted_at"))
    directory_function(
        """
        create function directory.companies(after uuid, searched text, with_status text, at_most int)
        returns setof uuid
        language sql stable security definer set search_path = public, pg_temp
        as $$
            select c.id from companies c
            where (after is null or c.id > after)
            and (searched is null or c.name ilike '%' || searched || '%')
            and (with_status is null or c.status = with_status)
            and c.deleted_at is null
            order by c.id limit least(at_most, 101)
        $$
        """,
        signature="directory.companies(uuid, text, text, int)",
    )


def downgrade() -> None:
    op.execute("drop function directory.companies(uuid, text, text, int)")
    op.execute("drop policy directory on companies")
    op.execute("revoke select (id, name, status, deleted_at) on companies from falachefe_directory")
    for table in ("feature_flag_overrides", "feature_flags", "subscriptions", "plans"):
        op.drop_table(table)
