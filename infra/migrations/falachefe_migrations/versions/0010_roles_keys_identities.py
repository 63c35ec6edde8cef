"""Who may do what: a company's own roles, API keys, identities of other providers, and what a user record adds."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from falachefe_migrations.security import directory_function, on_all_rows, open_to_directory, protect
from falachefe_migrations.tables import belongs_to, tenant_table

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_ALIVE = sa.text("deleted_at is null")


def upgrade() -> None:
    _people()
    _roles()
    _api_keys()
    _identities()


def _people() -> None:
    op.add_column("users", sa.Column("username", sa.Text(), nullable=True))
    op.add_column("users", sa.Column("first_name", sa.Text(), nullable=True))
    op.add_column("users", sa.Column("last_name", sa.Text(), nullable=True))
    op.add_column("users", sa.Column("metadata", postgresql.JSONB(), server_default="{}", nullable=False))
    on_all_rows(
        "users",
        "update users set first_name = split_part(name, ' ', 1),"
        " last_name = nullif(ltrim(substr(name, length(split_part(name, ' ', 1)) + 1)), '')",
    )
    op.create_index(
        "uq_users_username",
        "users",
        ["company_id", sa.literal_column("lower(username)")],
        unique=True,
        postgresql_where=_ALIVE,
    )


def _roles() -> None:
    tenant_table(
        "roles",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), server_default="own", nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("permissions", postgresql.JSONB(), server_default="[]", nullable=False),
        sa.CheckConstraint("kind in ('own', 'clinic')", name=op.f("ck_roles_kind")),
        belongs_to("roles", "roles", "parent_id"),
    )
    op.create_index(
        "uq_roles_name", "roles", ["company_id", sa.literal_column("lower(name)")], unique=True, postgresql_where=_ALIVE
    )
    tenant_table(
        "role_assignments",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("role_id", sa.Uuid(), nullable=False),
        belongs_to("role_assignments", "users", "user_id", ondelete="CASCADE"),
        belongs_to("role_assignments", "roles", "role_id", ondelete="CASCADE"),
    )
    op.create_index("uq_role_assignments", "role_assignments", ["company_id", "user_id", "role_id"], unique=True)
    op.create_index("ix_role_assignments_role", "role_assignments", ["company_id", "role_id"], unique=False)
    protect(("roles", "role_assignments"))


def _api_keys() -> None:
    tenant_table(
        "api_keys",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("prefix", sa.Text(), nullable=False),
        sa.Column("last_four", sa.Text(), nullable=False),
        sa.Column("key_hash", sa.Text(), nullable=False),
        sa.Column("scopes", postgresql.JSONB(), nullable=False),
        sa.Column("cidrs", postgresql.JSONB(), server_default="[]", nullable=False),
        sa.Column("limit_per_minute", sa.Integer(), server_default="100", nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("replaced_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint("limit_per_minute between 1 and 1000", name=op.f("ck_api_keys_limit_per_minute")),
        belongs_to("api_keys", "users", "created_by"),
        belongs_to("api_keys", "api_keys", "replaced_by"),
    )
    op.create_index("uq_api_keys_hash", "api_keys", ["company_id", "key_hash"], unique=True)
    op.create_index("ix_api_keys_hash", "api_keys", ["key_hash"], unique=False)
    protect(("api_keys",))
    open_to_directory("api_keys", ("company_id", "id", "key_hash"))
    directory_function(
        """
        create function directory.api_keys_of(hash text) returns table (company_id uuid, key_id uuid)
        language sql stable security definer set search_path = public, pg_temp
        as $$ select k.company_id, k.id from api_keys k where k.key_hash = hash $$
        """,
        signature="directory.api_keys_of(text)",
    )


def _identities() -> None:
    tenant_table(
        "user_identities",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=True),
        sa.CheckConstraint("provider in ('google', 'github')", name=op.f("ck_user_identities_provider")),
        belongs_to("user_identities", "users", "user_id", ondelete="CASCADE"),
    )
    op.create_index("uq_user_identities_subject", "user_identities", ["company_id", "provider", "subject"], unique=True)
    op.create_index("ix_user_identities_subject", "user_identities", ["provider", "subject"], unique=False)
    op.create_index("ix_user_identities_user", "user_identities", ["company_id", "user_id"], unique=False)
    protect(("user_identities",))
    open_to_directory("user_identities", ("company_id", "user_id", "provider", "subject", "deleted_at"))
    directory_function(
        """
        create function directory.identities_of(of_provider text, of_subject text)
        returns table (company_id uuid, user_id uuid)
        language sql stable security definer set search_path = public, pg_temp
        as $$
            select i.company_id, i.user_id from user_identities i
            where i.provider = of_provider and i.subject = of_subject and i.deleted_at is null
        $$
        """,
        signature="directory.identities_of(text, text)",
    )


def downgrade() -> None:
    op.execute("drop function directory.identities_of(text, text)")
    op.execute("drop function directory.api_keys_of(text)")
    for table in ("user_identities", "api_keys", "role_assignments", "roles"):
        op.drop_table(table)
    op.drop_index("uq_users_username", table_name="users")
    for column in ("metadata", "last_name", "first_name", "username"):
        op.drop_column("users", column)
