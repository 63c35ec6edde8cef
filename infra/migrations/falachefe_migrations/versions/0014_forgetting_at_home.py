"""Old audit rows are forgotten in a transaction of their own company only."""

from falachefe_migrations.security import directory_function

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_SIGNATURE = "directory.forget_audit_logs(uuid, uuid[])"


def upgrade() -> None:
    directory_function(
        """
        create or replace function directory.forget_audit_logs(of_company uuid, archived uuid[]) returns setof uuid
        language sql volatile security definer set search_path = public, pg_temp
        as $$
            delete from audit_logs a
            where a.company_id = of_company and a.id = any(archived) and a.created_at < now() - interval '365 days'
            and of_company = nullif(current_setting('app.company_id', true), '')::uuid
            returning a.id
        $$
        """,
        signature=_SIGNATURE,
    )


def downgrade() -> None:
    directory_function(
        """
        create or replace function directory.forget_audit_logs(of_company uuid, archived uuid[]) returns setof uuid
        language sql volatile security definer set search_path = public, pg_temp
        as $$
            delete from audit_logs a
            where a.company_id = of_company and a.id = any(archived) and a.created_at < now() - interval '365 days'
            returning a.id
        $$
        """,
        signature=_SIGNATURE,
    )
