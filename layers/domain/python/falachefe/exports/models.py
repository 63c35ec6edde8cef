"""Requested exports."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, Index
from sqlalchemy.orm import Mapped, mapped_column

from falachefe.db.base import TenantRow, belongs_to, of_company, one_of


class Export(TenantRow):
    """A list that is written to a file in the background."""

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
    """The list's query string, as requested."""
    status: Mapped[str] = mapped_column(default="pending", server_default="pending")
    requested_by: Mapped[UUID]
    row_count: Mapped[int | None] = mapped_column(BigInteger)
    byte_count: Mapped[int | None] = mapped_column(BigInteger)
    object_key: Mapped[str | None]
    error_code: Mapped[str | None]
    finished_at: Mapped[datetime | None]
