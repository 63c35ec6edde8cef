"""Companies, the tenants, and what they have. A company's row is its own key, so its policy compares `id`.

Plans and feature flags belong to the platform: every company reads them, a transaction of no company writes them.
"""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from falachefe.db.base import (
    Row,
    TenantRow,
    of_company,
    one_of,
)
from falachefe.kernel.ids import new_id

DEFAULT_TIME_ZONE = "America/Sao_Paulo"
PLAN_CODES = ("free", "pro", "enterprise")


class Company(Row):
    __tablename__ = "companies"
    __table_args__ = (
        one_of("status", "active", "suspended", "closed"),
        CheckConstraint("length(name) >= 2", name="name_length"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id, sort_order=-1)
    name: Mapped[str]
    time_zone: Mapped[str] = mapped_column(default=DEFAULT_TIME_ZONE, server_default=DEFAULT_TIME_ZONE)
    status: Mapped[str] = mapped_column(default="active", server_default="active")
    settings: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")


class Plan(Row):
    """What a company may have of each; null is no limit."""

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
    """Messages that come in, in a month of the company's calendar."""


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
    """What was agreed beyond the plan: `{"users_limit": 40}`."""
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime | None]


class FeatureFlag(Row):
    __tablename__ = "feature_flags"
    __table_args__ = (CheckConstraint("percentage between 0 and 100", name="percentage"),)

    name: Mapped[str] = mapped_column(primary_key=True, sort_order=-1)
    description: Mapped[str]
    enabled: Mapped[bool] = mapped_column(default=False, server_default="false")
    """For everybody, but for those who say otherwise."""
    percentage: Mapped[int] = mapped_column(default=0, server_default="0")
    """Of companies that have it although it is not enabled for everybody."""


class FeatureFlagOverride(TenantRow):
    """What one company has, whatever the flag says of the others."""

    __tablename__ = "feature_flag_overrides"
    __table_args__ = (
        of_company(),
        Index("uq_feature_flag_overrides_flag", "company_id", "flag", unique=True),
    )

    flag: Mapped[str]
    enabled: Mapped[bool]


class MessageCount(TenantRow):
    """A part of what a company's people wrote in a month; the sum of its shards is all of it.

    One row a company would make everybody who writes to it wait for everybody else.
    """

    __tablename__ = "message_counts"
    __table_args__ = (
        of_company(),
        CheckConstraint("messages >= 0", name="messages"),
        Index("uq_message_counts", "company_id", "month", "shard", unique=True),
    )

    month: Mapped[date]
    """Its first day, in the company's calendar."""
    shard: Mapped[int]
    messages: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
