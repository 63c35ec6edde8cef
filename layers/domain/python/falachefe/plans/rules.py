"""What a company's plan allows and which features it has. Pure: facts and the clock in, a decision out."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
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


DEFAULT_TAKEOVER_MINUTES: Final = 60


def takeover_of(settings: Mapping[str, Any]) -> timedelta:
    """How long the crew stays silent in a conversation that a person took over, by the company's stored settings.

    Said here for the queue's functions, which do without the library that checks settings when they are changed.
    """
    return timedelta(minutes=settings.get("takeover_minutes", DEFAULT_TAKEOVER_MINUTES))


# ---- features


@dataclass(frozen=True, slots=True)
class Flag:
    name: str
    enabled: bool
    """For everybody."""
    percentage: int
    """Of companies that have it although it is not enabled for everybody."""


def is_on(flag: Flag | None, company_id: UUID, override: bool | None = None, *, default: bool = False) -> bool:
    """Whether a company has a feature: what was decided for it alone, else what holds for everybody, else its luck.

    `default` is the answer for a flag that nobody has made.
    """
    if flag is None:
        return default
    if override is not None:
        return override
    return flag.enabled or bucket(flag.name, company_id) < flag.percentage


def bucket(flag: str, company_id: UUID) -> int:
    """A company's place among 100 for one flag: always the same, so that a higher percentage only adds companies.

    Each flag has an order of its own, or the same few companies would try out everything.
    """
    digest = hashlib.sha256(f"{flag}\x1f{company_id}".encode()).digest()
    return int.from_bytes(digest[:8]) % 100
