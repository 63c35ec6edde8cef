"""A contact's number as WhatsApp knows it, where that is another form of the phone."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("contacts", sa.Column("whatsapp_number", sa.Text()))


def downgrade() -> None:
    op.drop_column("contacts", "whatsapp_number")
