"""Posts of a company, and exports that somebody asked for."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from falachefe.db.base import (
    TenantRow,
    belongs_to,
    of_company,
    one_of,
)


class Post(TenantRow):
    """Without `published_at` it is a draft, seen by its author and by editors only."""

    __tablename__ = "posts"
    __table_args__ = (
        of_company(),
        belongs_to("users", "author_id"),
        CheckConstraint("view_count >= 0", name="view_count"),
        Index("uq_posts_slug", "company_id", "slug", unique=True, postgresql_where=text("deleted_at is null")),
        Index("ix_posts_published", "company_id", "published_at"),
    )

    title: Mapped[str]
    content: Mapped[str]
    slug: Mapped[str]
    author_id: Mapped[UUID]
    view_count: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    published_at: Mapped[datetime | None]


class Export(TenantRow):
    """A long list on its way to a file."""

    __tablename__ = "exports"
    __table_args__ = (
        of_company(),
        belongs_to("users", "requested_by"),
        one_of("format", "csv", "json"),
        one_of("status", "pending", "running", "done", "failed", "expired"),
        Index("ix_exports_created", "company_id", "created_at"),
    )

    resource: Mapped[str]
    format: Mapped[str]
    query: Mapped[str]
    """The list's query string, as it was asked."""
    status: Mapped[str] = mapped_column(default="pending", server_default="pending")
    requested_by: Mapped[UUID]
    row_count: Mapped[int | None] = mapped_column(BigInteger)
    byte_count: Mapped[int | None] = mapped_column(BigInteger)
    object_key: Mapped[str | None]
    error_code: Mapped[str | None]
    finished_at: Mapped[datetime | None]
