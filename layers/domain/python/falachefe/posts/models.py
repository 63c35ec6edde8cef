"""Posts of a company."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from falachefe.db.base import TenantRow, belongs_to, of_company


class Post(TenantRow):
    """Without `published_at` it is a draft, visible to its author and to editors only."""

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
