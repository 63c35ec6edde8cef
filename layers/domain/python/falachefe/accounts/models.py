"""Users of a company, and the accounts at other providers by which they sign in."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from falachefe.db.base import TenantRow, belongs_to, of_company, one_of

_ALIVE = text("deleted_at is null")


class User(TenantRow):
    __tablename__ = "users"
    __table_args__ = (
        of_company(),
        one_of("role", "superadmin", "admin", "user"),
        one_of("status", "active", "inactive"),
        Index(
            "uq_users_email",
            "company_id",
            text("lower(email)"),
            unique=True,
            postgresql_where=_ALIVE,
        ),
        Index("uq_users_username", "company_id", text("lower(username)"), unique=True, postgresql_where=_ALIVE),
        Index("uq_users_phone", "company_id", "phone", unique=True, postgresql_where=_ALIVE),
        Index("ix_users_lower_email", text("lower(email)")),
    )

    name: Mapped[str]
    """The full name; `first_name` and `last_name` are its parts."""
    first_name: Mapped[str | None]
    last_name: Mapped[str | None]
    username: Mapped[str | None]
    email: Mapped[str | None]
    phone: Mapped[str | None]
    """E.164, mobiles with their ninth digit (`canonical_phone`)."""
    password_hash: Mapped[str | None]
    role: Mapped[str] = mapped_column(default="user", server_default="user")
    status: Mapped[str] = mapped_column(default="active", server_default="active")
    whatsapp_verified_at: Mapped[datetime | None]
    email_verified_at: Mapped[datetime | None]
    last_login_at: Mapped[datetime | None]
    sessions_valid_from: Mapped[datetime | None]
    """Sessions opened before this time have ended, except `session_kept`."""
    session_kept: Mapped[UUID | None]
    sessions_ended: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid), default=list, server_default="{}")
    """Sessions that were ended one by one, newest first. Their items in DynamoDB may still exist."""
    extra: Mapped[dict[str, Any]] = mapped_column("metadata", default=dict, server_default="{}")
    """Free notes of the company about a user. The column is `metadata`, which SQLAlchemy reserves as an attribute."""


class UserIdentity(TenantRow):
    """A user's account at an OAuth provider, with which they may sign in."""

    __tablename__ = "user_identities"
    __table_args__ = (
        of_company(),
        belongs_to("users", "user_id", ondelete="CASCADE"),
        one_of("provider", "google", "github"),
        Index("uq_user_identities_subject", "company_id", "provider", "subject", unique=True),
        Index("ix_user_identities_subject", "provider", "subject"),
        Index("ix_user_identities_user", "company_id", "user_id"),
    )

    user_id: Mapped[UUID]
    provider: Mapped[str]
    subject: Mapped[str]
    email: Mapped[str | None]
