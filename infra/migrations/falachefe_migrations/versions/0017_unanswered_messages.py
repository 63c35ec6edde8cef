"""The sweep finds active companies with people who wrote during a suspension and got no notice yet."""

from alembic import op

from falachefe_migrations.security import directory_function

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_SIGNATURE = "directory.companies_with_untold_messages()"
_UNTOLD = """
        create function directory.companies_with_untold_messages() returns setof uuid
        language sql stable security definer set search_path = public, pg_temp
        as $$
            select distinct m.company_id from messages m
            join companies c on c.id = m.company_id and c.status = 'active'
            where m.crew_metadata ? 'unanswered'
        $$
        """


def upgrade() -> None:
    op.execute("grant select (crew_metadata) on messages to falachefe_directory")
    directory_function(_UNTOLD, signature=_SIGNATURE)


def downgrade() -> None:
    op.execute(f"drop function {_SIGNATURE}")
    op.execute("revoke select (crew_metadata) on messages from falachefe_directory")
