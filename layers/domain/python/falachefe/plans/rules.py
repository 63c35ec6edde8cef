"""What a company's plan allows. Pure: facts and the clock in, a decision out."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

FREE: Final = "free"
HOLDING: Final = ("trialing", "active", "past_due")
"""States in which a subscription gives its plan; one that is past due is asked for its money first, not cut off."""
SHARDS: Final = 16
"""Parts of a month's count. More make the sum dearer, fewer make people wait for each other."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Of each how many; None is no limit."""

    users: int | None
    channels: int | None
    messages: int | None
    """In a month of the company's calendar."""


@dataclass(frozen=True, slots=True)
class PlanTerms:
    code: str
    name: str
    limits: Limits


@dataclass(frozen=True, slots=True)
class SubscriptionFacts:
    status: str
    overrides: Mapping[str, Any]
    """What was agreed instead of the plan's own: `{"users_limit": 40}`; null lifts a limit."""
    starts_at: datetime
    ends_at: datetime | None


def holds(subscription: SubscriptionFacts, now: datetime) -> bool:
    """Whether a subscription gives its plan at this moment; its end is no part of it."""
    begun = subscription.starts_at <= now
    over = subscription.ends_at is not None and subscription.ends_at <= now
    return subscription.status in HOLDING and begun and not over


def terms_of(
    plan: PlanTerms | None, subscription: SubscriptionFacts | None, free: PlanTerms, now: datetime
) -> PlanTerms:
    """What a company may have: its plan with what was agreed beside it, or the free one's own terms."""
    if plan is None or subscription is None or not holds(subscription, now):
        return free
    agreed = {
        name: subscription.overrides[f"{name}_limit"]
        for name in ("users", "channels", "messages")
        if f"{name}_limit" in subscription.overrides
    }
    return replace(plan, limits=replace(plan.limits, **agreed))


def has_room(limit: int | None, used: int) -> bool:
    """Whether one more may be had beside `used`."""
    return limit is None or used < limit


def month_of(now: datetime, time_zone: str) -> date:
    """The first day of the month that it is where the company is."""
    return now.astimezone(ZoneInfo(time_zone)).date().replace(day=1)


def shard_of(conversation_id: UUID) -> int:
    """Where a conversation's messages are counted. Its last bits are random."""
    return conversation_id.int % SHARDS
