"""Finds messages of a suspension without a notice so far by an index, without reading all messages."""

from falachefe_migrations.indexes import concurrent_index, drop_concurrent_index

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_NAME = "ix_messages_unanswered"


def upgrade() -> None:
    concurrent_index(_NAME, "messages (company_id, conversation_id) where crew_metadata ? 'unanswered'")


def downgrade() -> None:
    drop_concurrent_index(_NAME)
