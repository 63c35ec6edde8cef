"""The log of sign-ins by WhatsApp."""

from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.dialects.postgresql import INET
from sqlalchemy.orm import Mapped, mapped_column

from falachefe.db.base import TenantRow, of_company, one_of


class WhatsappAuthLog(TenantRow):
    """One row for each attempt, with the phone masked."""

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
