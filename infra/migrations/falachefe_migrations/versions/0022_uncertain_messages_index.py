"""Sends whose outcome is unknown are few, and found without reading the messages."""

from falachefe_migrations.indexes import concurrent_index, drop_concurrent_index

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

_NAME = "ix_messages_uncertain"


def upgrade() -> None:
    concurrent_index(_NAME, "messages (company_id, updated_at) where status = 'uncertain'")


def downgrade() -> None:
    drop_concurrent_index(_NAME)
