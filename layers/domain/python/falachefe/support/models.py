"""Models of tickets and published articles."""

from uuid import UUID

from sqlalchemy import CheckConstraint, Computed, Index, Integer
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from falachefe.db.base import (
    TenantRow,
    belongs_to,
    of_company,
    one_of,
)
from falachefe.kernel.text import ACCENTED, UNACCENTED


def folded(column: str) -> str:
    """SQL for a column in lower case without accents."""
    return f"translate(lower({column}), '{ACCENTED}', '{UNACCENTED}')"


class Ticket(TenantRow):
    __tablename__ = "tickets"
    __table_args__ = (
        of_company(),
        belongs_to("contacts", "contact_id"),
        one_of("status", "open", "in_progress", "resolved", "closed"),
        CheckConstraint("length(subject) between 1 and 200", name="subject_length"),
        Index("uq_tickets_number", "company_id", "number", unique=True),
    )

    number: Mapped[int] = mapped_column(Integer)
    """Counts from 1 within the company; users refer to a ticket by it."""
    subject: Mapped[str]
    description: Mapped[str]
    status: Mapped[str] = mapped_column(default="open", server_default="open")
    contact_id: Mapped[UUID | None]


class Article(TenantRow):
    """A published answer (opening hours, payment, address …), the only information given to contacts."""

    __tablename__ = "articles"
    __table_args__ = (
        of_company(),
        Index("ix_articles_search", "search", postgresql_using="gin"),
    )

    question: Mapped[str]
    answer: Mapped[str]
    published: Mapped[bool] = mapped_column(default=True, server_default="true")
    search: Mapped[str] = mapped_column(
        TSVECTOR,
        Computed(
            f"setweight(to_tsvector('portuguese', {folded('question')}), 'A')"
            f" || setweight(to_tsvector('portuguese', {folded('answer')}), 'B')",
            persisted=True,
        ),
    )
    """Without accents, because people write `horario` and its stem differs from that of `horário`. Queries must be
    folded too."""
