"""Model of reminders: what a member of staff wants to be told, and when."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from falachefe.db.base import TenantRow, belongs_to, of_company, one_of


class Reminder(TenantRow):
    __tablename__ = "reminders"
    __table_args__ = (
        of_company(),
        belongs_to("users", "user_id"),
        one_of("repeats", "daily", "weekly", "monthly"),
        one_of("status", "pending", "sent", "cancelled"),
        Index("ix_reminders_user", "company_id", "user_id", "at"),
        # What is still to be sent, for the worker that looks at all companies each minute.
        Index("ix_reminders_due", "at", postgresql_where=text("status = 'pending' and deleted_at is null")),
    )

    user_id: Mapped[UUID]
    """Whose it is: the one who asked for it and gets it."""
    text: Mapped[str]
    at: Mapped[datetime]
    """When it is due next; of one that is sent or cancelled, when it was due last."""
    starts_at: Mapped[datetime]
    """The first time. Repetitions are counted from it, so that the 31st comes back after a February."""
    repeats: Mapped[str | None]
    status: Mapped[str] = mapped_column(default="pending", server_default="pending")
    sent_at: Mapped[datetime | None]
    """When it was sent last."""
