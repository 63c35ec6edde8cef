"""The audit log keeps a client's own id of a request beside the gateway's, which the client cannot choose.

Rows of before have no such id: their `request_id` may be either. Code of before adds rows without it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("audit_logs", sa.Column("client_request_id", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("audit_logs", "client_request_id")
