"""Plans, which belong to the platform, and what companies have of them.

Every company reads the plans; only a transaction of no company writes them.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from falachefe.db.base import Row, TenantRow, of_company, one_of

PLAN_CODES = ("free", "pro", "enterprise")


class Plan(Row):
    """A plan's limits; null is unlimited."""

    __tablename__ = "plans"
    __table_args__ = (
        one_of("code", *PLAN_CODES),
        CheckConstraint("users_limit >= 1 and channels_limit >= 0 and messages_limit >= 0", name="limits"),
    )

    code: Mapped[str] = mapped_column(primary_key=True, sort_order=-1)
    name: Mapped[str]
    users_limit: Mapped[int | None]
    channels_limit: Mapped[int | None]
    messages_limit: Mapped[int | None]
    """Inbound messages in a calendar month of the company's time zone."""


class Subscription(TenantRow):
    __tablename__ = "subscriptions"
    __table_args__ = (
        of_company(),
        one_of("plan_code", *PLAN_CODES),
        one_of("status", "trialing", "active", "past_due", "canceled"),
        CheckConstraint("ends_at > starts_at", name="ends_at"),
        Index(
            "uq_subscriptions_current",
            "company_id",
            unique=True,
            postgresql_where=text("status <> 'canceled' and deleted_at is null"),
        ),
    )

    plan_code: Mapped[str]
    status: Mapped[str] = mapped_column(default="active", server_default="active")
    limits: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    """Limits agreed in place of the plan's: `{"users_limit": 40}`."""
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime | None]


class MessageCount(TenantRow):
    """One shard of a company's count of inbound messages in a month; the sum of the shards is the count.

    With a single row, concurrent messages to the company would wait for each other's lock.
    """

    __tablename__ = "message_counts"
    __table_args__ = (
        of_company(),
        CheckConstraint("messages >= 0", name="messages"),
        Index("uq_message_counts", "company_id", "month", "shard", unique=True),
    )

    month: Mapped[date]
    """Its first day, in the company's time zone."""
    shard: Mapped[int]
    messages: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
