"""Outages and bad messages: what waits is found for as long as it waits, and bad messages are put aside alone."""

import sqlalchemy as sa
from alembic import op

from falachefe_migrations.security import TENANT, directory_function, open_to_directory

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_WAITING = """
        create function directory.companies_with_waiting_work(at timestamptz) returns setof uuid
        language sql stable security definer set search_path = public, pg_temp
        as $$
            select o.company_id from outbox o
            where o.created_at < at - interval '30 seconds' and o.parked_at is null
            union
            select t.company_id from crew_tasks t
            where t.status in ('pending', 'in_progress') and t.lease_until < at
            union
            select m.company_id from messages m
            where m.status = 'sending' and m.updated_at < at - interval '2 minutes'
            or m.status = 'queued' and m.updated_at < at - interval '10 minutes'
            union
            select m.company_id from messages m
            join conversations c on c.company_id = m.company_id and c.id = m.conversation_id
            where m.direction = 'in' and m.status = 'received' and m.crew_task_id is null
            and m.created_at < at - interval '30 seconds' and c.active_task_id is null
            union
            select m.company_id from messages m
            where m.direction = 'in' and m.status = 'held' and m.crew_task_id is null
            and m.created_at < at - interval '24 hours'
        $$
        """
_OLDEST = """
        create function directory.oldest_waiting(
            out outbox_at timestamptz, out queued_at timestamptz, out received_at timestamptz
        )
        language sql stable security definer set search_path = public, pg_temp
        as $$
            select
                (select min(o.created_at) from outbox o where o.parked_at is null),
                (select min(m.created_at) from messages m where m.status in ('sending', 'queued')),
                (select min(m.created_at) from messages m
                 join conversations c on c.company_id = m.company_id and c.id = m.conversation_id
                 join crews w on w.company_id = c.company_id and w.id = c.crew_id and w.status = 'active'
                 where m.direction = 'in' and m.status = 'received' and m.crew_task_id is null)
        $$
        """


def upgrade() -> None:
    op.add_column("outbox", sa.Column("parked_at", sa.DateTime(timezone=True), nullable=True))
    op.execute("grant select (parked_at) on outbox to falachefe_directory")
    op.execute("grant select (crew_id) on conversations to falachefe_directory")
    open_to_directory("crews", ("company_id", "id", "status"))
    _quarantine()
    directory_function(_WAITING, signature="directory.companies_with_waiting_work(timestamptz)")
    directory_function(_OLDEST, signature="directory.oldest_waiting()")


def _quarantine() -> None:
    """A table of the platform that no transaction of a company sees: its messages may be anybody's."""
    op.create_table(
        "quarantined_messages",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("queue", sa.Text(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("group_id", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("begun", sa.Integer(), server_default="0", nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("body", sa.Text(), nullable=True),
        sa.Column("parked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("release_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_quarantined_messages"),
        sa.UniqueConstraint("queue", "message_id", name="uq_quarantined_messages_queue_message_id"),
    )
    op.execute("alter table quarantined_messages enable row level security")
    op.execute("alter table quarantined_messages force row level security")
    op.execute(
        "create policy platform_only on quarantined_messages to falachefe_app"
        f" using ({TENANT} is null) with check ({TENANT} is null)"
    )
    op.execute("grant select, insert, update, delete on quarantined_messages to falachefe_app")


def downgrade() -> None:
    op.execute("drop function directory.oldest_waiting()")
    op.execute("drop function directory.companies_with_waiting_work(timestamptz)")
    op.drop_table("quarantined_messages")
    op.execute("drop policy directory on crews")
    op.execute("revoke select (company_id, id, status) on crews from falachefe_directory")
    op.execute("revoke select (crew_id) on conversations from falachefe_directory")
    op.execute("revoke select (parked_at) on outbox from falachefe_directory")
    op.drop_column("outbox", "parked_at")
