"""Models of campaigns: a message to a segment of the company's contacts, and to whom it goes."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, Integer, text
from sqlalchemy.orm import Mapped, mapped_column

from falachefe.db.base import TenantRow, belongs_to, of_company, one_of


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
        # What is still to be sent, for the worker that looks at all companies each minute.
        Index(
            "ix_campaigns_due",
            "scheduled_for",
            postgresql_where=text("status in ('scheduled', 'sending') and deleted_at is null"),
        ),
    )

    name: Mapped[str]
    message: Mapped[str]
    segment: Mapped[str] = mapped_column(default="all", server_default="all")
    status: Mapped[str] = mapped_column(default="draft", server_default="draft")
    scheduled_for: Mapped[datetime | None]
    audience: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    """How many contacts the segment held when the campaign was drafted, and from its start on, who it is sent to."""
    most_people: Mapped[int | None]
    """The largest audience that whoever ordered the sending may send to; None for any."""
    # Not read any more, since what was sent is counted from its messages; dropped once no deployed version has them.
    sent: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    delivered: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    read: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    replied: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    created_by: Mapped[UUID | None]


class CampaignRecipient(TenantRow):
    """A contact that a campaign is sent to: written when its sending starts, once for each contact."""

    __tablename__ = "campaign_recipients"
    __table_args__ = (
        of_company(),
        belongs_to("campaigns", "campaign_id", ondelete="CASCADE"),
        belongs_to("contacts", "contact_id", ondelete="CASCADE"),
        one_of("status", "pending", "written", "skipped"),
        Index("uq_campaign_recipients_contact", "company_id", "campaign_id", "contact_id", unique=True),
        Index(
            "ix_campaign_recipients_pending", "company_id", "campaign_id", postgresql_where=text("status = 'pending'")
        ),
    )

    campaign_id: Mapped[UUID]
    contact_id: Mapped[UUID]
    status: Mapped[str] = mapped_column(default="pending", server_default="pending")
    skipped_because: Mapped[str | None]
    """`opted_out`, `window_closed`, `no_channel`, `gone` or `cancelled`."""
    message_id: Mapped[UUID | None]
    """The message that was written. No foreign key: messages are erased with their contact."""
