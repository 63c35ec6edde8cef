"""The sweep's figures tell since when the oldest send with an unknown outcome waits for a status or for a person."""

from alembic import op

from falachefe_migrations.security import directory_function

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

_SIGNATURE = "directory.oldest_waiting()"
_OUTBOX = "(select min(o.created_at) from outbox o where o.parked_at is null)"
_QUEUED = "(select min(m.created_at) from messages m where m.status in ('sending', 'queued'))"
_RECEIVED = """(select min(m.created_at) from messages m
                 join conversations c on c.company_id = m.company_id and c.id = m.conversation_id
                 join crews w on w.company_id = c.company_id and w.id = c.crew_id and w.status = 'active'
                 where m.direction = 'in' and m.status = 'received' and m.crew_task_id is null)"""
_UNCERTAIN = "(select min(m.updated_at) from messages m where m.status = 'uncertain')"


def upgrade() -> None:
    _replace(outbox_at=_OUTBOX, queued_at=_QUEUED, received_at=_RECEIVED, uncertain_at=_UNCERTAIN)


def downgrade() -> None:
    _replace(outbox_at=_OUTBOX, queued_at=_QUEUED, received_at=_RECEIVED)


def _replace(**figures: str) -> None:
    """Postgres changes the columns of a function's answer only by making it anew."""
    answers = ", ".join(f"out {name} timestamptz" for name in figures)
    definition = f"""
        create function directory.oldest_waiting({answers})
        language sql stable security definer set search_path = public, pg_temp
        as $$
            select {", ".join(figures.values())}
        $$
        """
    op.execute(f"drop function {_SIGNATURE}")
    directory_function(definition, signature=_SIGNATURE)
