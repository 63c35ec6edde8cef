"""One entry for each document. Entries without one are not in the index."""

from falachefe_migrations.indexes import concurrent_index, drop_concurrent_index

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

_NAME = "uq_transactions_reference"


def upgrade() -> None:
    concurrent_index(
        _NAME,
        "transactions (company_id, reference) where reference is not null and deleted_at is null",
        unique=True,
    )


def downgrade() -> None:
    drop_concurrent_index(_NAME)
