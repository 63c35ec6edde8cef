"""API keys of a company."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from falachefe.db.base import TenantRow, belongs_to, of_company


class ApiKey(TenantRow):
    """A credential of a program. It acts as the user who created it, never with more permissions than theirs."""

    __tablename__ = "api_keys"
    __table_args__ = (
        of_company(),
        belongs_to("users", "created_by"),
        belongs_to("api_keys", "replaced_by"),
        CheckConstraint("limit_per_minute between 1 and 1000", name="limit_per_minute"),
        Index("uq_api_keys_hash", "company_id", "key_hash", unique=True),
        Index("ix_api_keys_hash", "key_hash"),
    )

    name: Mapped[str]
    prefix: Mapped[str]
    last_four: Mapped[str]
    key_hash: Mapped[str]
    """SHA-256 in hexadecimal; the key itself is shown once and not stored."""
    scopes: Mapped[list[Any]]
    """Permissions."""
    cidrs: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")
    """Networks it may be used from; an empty list allows any."""
    limit_per_minute: Mapped[int] = mapped_column(default=100, server_default="100")
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
    created_by: Mapped[UUID]
    replaced_by: Mapped[UUID | None]
