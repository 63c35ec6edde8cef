"""Model of campaigns: a message to a segment of the company's contacts."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, Integer, text
from sqlalchemy.orm import Mapped, mapped_column

from falachefe.db.base import TenantRow, of_company, one_of


class Campaign(TenantRow):
    __tablename__ = "campaigns"
    __table_args__ = (
        of_company(),
        one_of("segment", "all", "active", "inactive", "new"),
        one_of("status", "draft", "scheduled", "sending", "sent", "cancelled"),
        Index(
            "uq_campaigns_name",
            "company_id",
            text("lower(name)"),
            unique=True,
            postgresql_where=text("deleted_at is null"),
        ),
    )

    name: Mapped[str]
    message: Mapped[str]
    segment: Mapped[str] = mapped_column(default="all", server_default="all")
    status: Mapped[str] = mapped_column(default="draft", server_default="draft")
    scheduled_for: Mapped[datetime | None]
    audience: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    """How many contacts the segment held when the campaign was drafted."""
    sent: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    delivered: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    read: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    replied: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    created_by: Mapped[UUID | None]
