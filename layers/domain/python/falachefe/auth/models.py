"""Staff of a company, and the audit log of sign-ins by WhatsApp."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, text
from sqlalchemy.dialects.postgresql import INET
from sqlalchemy.orm import Mapped, mapped_column

from falachefe.data.base import TenantRow, of_company, one_of


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
            postgresql_where=text("deleted_at is null"),
        ),
        Index("uq_users_phone", "company_id", "phone", unique=True, postgresql_where=text("deleted_at is null")),
        Index("ix_users_lower_email", text("lower(email)")),
    )

    name: Mapped[str]
    email: Mapped[str | None]
    phone: Mapped[str | None]
    """E.164, mobiles with their ninth digit (`canonical_phone`)."""
    password_hash: Mapped[str | None]
    role: Mapped[str] = mapped_column(default="user", server_default="user")
    status: Mapped[str] = mapped_column(default="active", server_default="active")
    whatsapp_verified_at: Mapped[datetime | None]
    email_verified_at: Mapped[datetime | None]
    last_login_at: Mapped[datetime | None]


class WhatsappAuthLog(TenantRow):
    """One row an attempt. The phone is masked before it gets here."""

    __tablename__ = "whatsapp_auth_logs"
    __table_args__ = (
        of_company(),
        one_of("auth_method", "verification_code", "session", "resend", "new_contact", "logout"),
        Index("ix_whatsapp_auth_logs_created", "company_id", "created_at"),
        Index("ix_whatsapp_auth_logs_phone", "company_id", "masked_phone"),
    )

    masked_phone: Mapped[str]
    user_id: Mapped[UUID | None]
    auth_method: Mapped[str]
    success: Mapped[bool]
    error_code: Mapped[str | None]
    ip_address: Mapped[str | None] = mapped_column(INET)
    user_agent: Mapped[str | None]
