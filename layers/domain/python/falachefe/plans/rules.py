"""Rules of plans and subscriptions. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

FREE: Final = "free"
STATUSES_IN_FORCE: Final = ("trialing", "active", "past_due")
"""Statuses in which a subscription gives its plan. A past-due one still does."""
SHARDS: Final = 16
"""Rows of a month's count: more make the sum slower, fewer make concurrent updates wait."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of a plan; None is unlimited."""

    users: int | None
    channels: int | None
    messages: int | None
    """In a calendar month of the company's time zone."""


@dataclass(frozen=True, slots=True)
class PlanTerms:
    code: str
    name: str
    limits: Limits


@dataclass(frozen=True, slots=True)
class SubscriptionFacts:
    status: str
    overrides: Mapping[str, Any]
    """Limits agreed in place of the plan's: `{"users_limit": 40}`; null is unlimited."""
    starts_at: datetime
    ends_at: datetime | None


def holds(subscription: SubscriptionFacts, now: datetime) -> bool:
    """Whether a subscription gives its plan now. `ends_at` is exclusive."""
    begun = subscription.starts_at <= now
    over = subscription.ends_at is not None and subscription.ends_at <= now
    return subscription.status in STATUSES_IN_FORCE and begun and not over


def terms_of(
    plan: PlanTerms | None, subscription: SubscriptionFacts | None, free: PlanTerms, now: datetime
) -> PlanTerms:
    """A company's plan with its agreed limits, or the free plan."""
    if plan is None or subscription is None or not holds(subscription, now):
        return free
    agreed = {
        name: subscription.overrides[f"{name}_limit"]
        for name in ("users", "channels", "messages")
        if f"{name}_limit" in subscription.overrides
    }
    return replace(plan, limits=replace(plan.limits, **agreed))


def has_room(limit: int | None, used: int) -> bool:
    """Whether one more is allowed."""
    return limit is None or used < limit


def month_of(now: datetime, time_zone: str) -> date:
    """The first day of the current month in the company's time zone."""
    return now.astimezone(ZoneInfo(time_zone)).date().replace(day=1)


def shard_of(conversation_id: UUID) -> int:
    """The shard in which a conversation's messages are counted. A UUIDv7's last bits are random."""
    return conversation_id.int % SHARDS
