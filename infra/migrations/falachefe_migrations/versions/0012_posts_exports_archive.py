"""Posts, exports of long lists, and the end of an audit row's year in the database."""

import sqlalchemy as sa
from alembic import op

from falachefe_migrations.security import directory_function, protect
from falachefe_migrations.tables import belongs_to, tenant_table

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_OLD = "created_at < now() - interval '365 days'"
_COMPANIES = """
        create function directory.companies_with_old_audit_logs() returns setof uuid
        language sql stable security definer set search_path = public, pg_temp
        as $$ select distinct a.company_id from audit_logs a where a.created_at < now() - interval '365 days' $$
        """
_FORGET = """
        create function directory.forget_audit_logs(of_company uuid, archived uuid[]) returns setof uuid
        language sql volatile security definer set search_path = public, pg_temp
        as $$
            delete from audit_logs a
            where a.company_id = of_company and a.id = any(archived) and a.created_at < now() - interval '365 days'
            returning a.id
        $$
        """


def upgrade() -> None:
    tenant_table(
        "posts",
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("view_count", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("view_count >= 0", name=op.f("ck_posts_view_count")),
        belongs_to("posts", "users", "author_id"),
    )
    op.create_index(
        "uq_posts_slug", "posts", ["company_id", "slug"], unique=True, postgresql_where=sa.text("deleted_at is null")
    )
    op.create_index("ix_posts_published", "posts", ["company_id", "published_at"], unique=False)
    tenant_table(
        "exports",
        sa.Column("resource", sa.Text(), nullable=False),
        sa.Column("format", sa.Text(), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), server_default="pending", nullable=False),
        sa.Column("requested_by", sa.Uuid(), nullable=False),
        sa.Column("row_count", sa.BigInteger(), nullable=True),
        sa.Column("byte_count", sa.BigInteger(), nullable=True),
        sa.Column("object_key", sa.Text(), nullable=True),
        sa.Column("error_code", sa.Text(), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("format in ('csv', 'json')", name=op.f("ck_exports_format")),
        sa.CheckConstraint(
            "status in ('pending', 'running', 'done', 'failed', 'expired')", name=op.f("ck_exports_status")
        ),
        belongs_to("exports", "users", "requested_by"),
    )
    op.create_index("ix_exports_created", "exports", ["company_id", "created_at"], unique=False)
    protect(("posts", "exports"))
    _archive()


def _archive() -> None:
    """The application role still cannot delete an audit row; these functions can, and only one that is a year old."""
    op.execute(f"create policy directory_read on audit_logs for select to falachefe_directory using ({_OLD})")
    op.execute(f"create policy directory_delete on audit_logs for delete to falachefe_directory using ({_OLD})")
    op.execute("grant select (company_id, id, created_at), delete on audit_logs to falachefe_directory")
    directory_function(_COMPANIES, signature="directory.companies_with_old_audit_logs()")
    directory_function(_FORGET, signature="directory.forget_audit_logs(uuid, uuid[])")


def downgrade() -> None:
    op.execute("drop function directory.forget_audit_logs(uuid, uuid[])")
    op.execute("drop function directory.companies_with_old_audit_logs()")
    op.execute("drop policy directory_read on audit_logs")
    op.execute("drop policy directory_delete on audit_logs")
    op.execute("revoke select (company_id, id, created_at), delete on audit_logs from falachefe_directory")
    op.drop_table("exports")
    op.drop_table("posts")
