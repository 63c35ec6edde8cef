"""Indexes for what waits: held messages beside received ones, and the messages of a task."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_TABLE = "messages"
_COLUMNS = ["company_id", "conversation_id"]
_RECEIVED = "direction = 'in' and status = 'received' and crew_task_id is null"
_WAITING = "direction = 'in' and status in ('held', 'received') and crew_task_id is null"


def upgrade() -> None:
    op.drop_index("ix_messages_unassigned", table_name=_TABLE)
    op.create_index("ix_messages_waiting", _TABLE, _COLUMNS, postgresql_where=sa.text(_WAITING))
    op.create_index(
        "ix_messages_task",
        _TABLE,
        ["company_id", "crew_task_id"],
        postgresql_where=sa.text("crew_task_id is not null"),
    )


def downgrade() -> None:
    op.drop_index("ix_messages_task", table_name=_TABLE)
    op.drop_index("ix_messages_waiting", table_name=_TABLE)
    op.create_index("ix_messages_unassigned", _TABLE, _COLUMNS, postgresql_where=sa.text(_RECEIVED))
