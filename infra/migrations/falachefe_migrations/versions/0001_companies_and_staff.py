"""Companies, their staff, the sign-in log and the outbox."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from falachefe_migrations.security import directory_function, open_to_directory, protect
from falachefe_migrations.tables import tenant_table

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "companies",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("time_zone", sa.Text(), server_default="America/Sao_Paulo", nullable=False),
        sa.Column("status", sa.Text(), server_default="active", nullable=False),
        sa.Column("settings", postgresql.JSONB(), server_default="{}", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("status in ('active', 'suspended', 'closed')", name=op.f("ck_companies_status")),
        sa.CheckConstraint("length(name) >= 2", name=op.f("ck_companies_name_length")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_companies")),
    )
    tenant_table(
        "outbox",
        sa.Column("destination", sa.Text(), nullable=False),
        sa.Column("group_id", sa.Text(), nullable=False),
        sa.Column("deduplication_id", sa.Text(), nullable=False),
        sa.Column("payload", postgresql.JSONB(), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
    )
    tenant_table(
        "users",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("role", sa.Text(), server_default="user", nullable=False),
        sa.Column("status", sa.Text(), server_default="active", nullable=False),
        sa.Column("whatsapp_verified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_login_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("role in ('superadmin', 'admin', 'user')", name=op.f("ck_users_role")),
        sa.CheckConstraint("status in ('active', 'inactive')", name=op.f("ck_users_status")),
    )
    op.create_index("ix_users_lower_email", "users", [sa.literal_column("lower(email)")], unique=False)
    op.create_index(
        "uq_users_email",
        "users",
        ["company_id", sa.literal_column("lower(email)")],
        unique=True,
        postgresql_where=sa.text("deleted_at is null"),
    )
    op.create_index(
        "uq_users_phone", "users", ["company_id", "phone"], unique=True, postgresql_where=sa.text("deleted_at is null")
    )
    tenant_table(
        "whatsapp_auth_logs",
        sa.Column("masked_phone", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("auth_method", sa.Text(), nullable=False),
        sa.Column("success", sa.Boolean(), nullable=False),
        sa.Column("error_code", sa.Text(), nullable=True),
        sa.Column("ip_address", postgresql.INET(), nullable=True),
        sa.Column("user_agent", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "auth_method in ('verification_code', 'session', 'resend', 'new_contact', 'logout')",
            name=op.f("ck_whatsapp_auth_logs_auth_method"),
        ),
    )
    op.create_index("ix_whatsapp_auth_logs_created", "whatsapp_auth_logs", ["company_id", "created_at"], unique=False)
    op.create_index("ix_whatsapp_auth_logs_phone", "whatsapp_auth_logs", ["company_id", "masked_phone"], unique=False)
    protect(("companies",), key="id")
    protect(("outbox", "users"))
    protect(("whatsapp_auth_logs",), grants="select, insert")
    op.execute("create schema directory authorization falachefe_directory")
    op.execute("grant usage on schema directory to falachefe_app")
    open_to_directory("users", ("company_id", "id", "email", "status", "deleted_at"))
    directory_function(
        """
        create function directory.logins_of(address text) returns table (company_id uuid, user_id uuid)
        language sql stable security definer set search_path = public, pg_temp
        as $$
            select u.company_id, u.id from users u
            where lower(u.email) = lower(address) and u.status = 'active' and u.deleted_at is null
        $$
        """,
        signature="directory.logins_of(text)",
    )


def downgrade() -> None:
    op.execute("drop schema directory cascade")
    op.drop_table("whatsapp_auth_logs")
    op.drop_table("users")
    op.drop_table("outbox")
    op.drop_table("companies")
