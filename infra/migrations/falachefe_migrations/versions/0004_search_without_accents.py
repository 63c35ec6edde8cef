"""Articles are found without accents, and an absence reported twice is stored once."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_FOLDED = "translate(lower({}), 'áàâãäéèêëíìîïóòôõöúùûüçñ', 'aaaaaeeeeiiiiooooouuuucn')"


def upgrade() -> None:
    _search_over(_FOLDED)
    op.create_index(
        "uq_time_off_requests_absence",
        "time_off_requests",
        ["company_id", "employee_id", "start_date"],
        unique=True,
        postgresql_where=sa.text("kind = 'absence' and status = 'registered' and deleted_at is null"),
    )


def downgrade() -> None:
    op.drop_index("uq_time_off_requests_absence", "time_off_requests")
    _search_over("{}")


def _search_over(text: str) -> None:
    """Makes the column anew: versions of Postgres before 17 cannot change what a column is generated from."""
    question, answer = text.format("question"), text.format("answer")
    op.execute("alter table articles drop column search")
    op.execute(
        "alter table articles add column search tsvector not null generated always as ("
        f"setweight(to_tsvector('portuguese', {question}), 'A')"
        f" || setweight(to_tsvector('portuguese', {answer}), 'B')) stored"
    )
    op.create_index("ix_articles_search", "articles", ["search"], unique=False, postgresql_using="gin")
