"""Consistency of turns: one active task per conversation, API conversations, messages without a reply."""

import sqlalchemy as sa
from alembic import op

from falachefe_migrations.security import directory_function, open_to_directory

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_SIGNATURE = "directory.companies_with_overdue_work(timestamptz, timestamptz, timestamptz)"
_OVERDUE = """
        create or replace function directory.companies_with_overdue_work(
            outbox_before timestamptz, lease_before timestamptz, sending_before timestamptz
        ) returns setof uuid
        language sql stable security definer set search_path = public, pg_temp
        as $$
            select o.company_id from outbox o where o.created_at < outbox_before
            union
            select t.company_id from crew_tasks t
            where t.status in ('pending', 'in_progress') and t.lease_until < lease_before
            union
            select m.company_id from messages m where m.status = 'sending' and m.updated_at < sending_before
            {more}
        $$
        """
_UNATTENDED = """union
            select m.company_id from messages m
            join conversations c on c.company_id = m.company_id and c.id = m.conversation_id
            where m.direction = 'in' and m.status = 'received' and m.crew_task_id is null
            and m.created_at < outbox_before and c.active_task_id is null"""


def upgrade() -> None:
    op.drop_constraint(op.f("ck_channels_provider"), "channels", type_="check")
    op.create_check_constraint(op.f("ck_channels_provider"), "channels", "provider in ('uaz', 'cloud', 'api')")
    op.create_index(
        "uq_channels_api", "channels", ["company_id"], unique=True, postgresql_where=sa.text("provider = 'api'")
    )
    op.create_index(
        "uq_crew_tasks_active",
        "crew_tasks",
        ["company_id", "conversation_id"],
        unique=True,
        postgresql_where=sa.text("status in ('pending', 'in_progress')"),
    )
    op.execute("grant select (conversation_id, direction, crew_task_id, created_at) on messages to falachefe_directory")
    open_to_directory("conversations", ("company_id", "id", "active_task_id"))
    directory_function(_OVERDUE.format(more=_UNATTENDED), signature=_SIGNATURE)


def downgrade() -> None:
    directory_function(_OVERDUE.format(more=""), signature=_SIGNATURE)
    op.execute("drop policy directory on conversations")
    op.execute("revoke select (company_id, id, active_task_id) on conversations from falachefe_directory")
    op.execute(
        "revoke select (conversation_id, direction, crew_task_id, created_at) on messages from falachefe_directory"
    )
    op.drop_index("uq_crew_tasks_active", table_name="crew_tasks")
    op.drop_index("uq_channels_api", table_name="channels")
    op.drop_constraint(op.f("ck_channels_provider"), "channels", type_="check")
    op.create_check_constraint(op.f("ck_channels_provider"), "channels", "provider in ('uaz', 'cloud')")
