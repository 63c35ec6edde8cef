from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from falachefe.plans.limits import day_in_words, month_after
from falachefe.plans.rules import (
    SHARDS,
    Limits,
    PlanTerms,
    SubscriptionFacts,
    has_room,
    holds,
    month_of,
    shard_of,
    terms_of,
)

NOW = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
FREE = PlanTerms("free", "Grátis", Limits(3, 1, 1_000))
PRO = PlanTerms("pro", "Pro", Limits(25, 3, 20_000))


def subscription(
    status: str = "active",
    *,
    overrides: dict[str, int | None] | None = None,
    starts_at: datetime = NOW - timedelta(days=30),
    ends_at: datetime | None = None,
) -> SubscriptionFacts:
    return SubscriptionFacts(status, overrides or {}, starts_at, ends_at)


def test_company_without_a_subscription_is_on_the_free_plan() -> None:
    assert terms_of(None, None, FREE, NOW) == FREE


@pytest.mark.parametrize("status", ["trialing", "active", "past_due"])
def test_subscription_gives_its_plan(status: str) -> None:
    assert terms_of(PRO, subscription(status), FREE, NOW) == PRO


@pytest.mark.parametrize(
    "over",
    [
        subscription("canceled"),
        subscription(ends_at=NOW),
        subscription(ends_at=NOW - timedelta(seconds=1)),
        subscription(starts_at=NOW + timedelta(seconds=1)),
    ],
)
def test_subscription_not_in_force_falls_back_to_the_free_plan(over: SubscriptionFacts) -> None:
    assert terms_of(PRO, over, FREE, NOW) == FREE


def test_agreed_limits_replace_those_of_the_plan() -> None:
    agreed = subscription(overrides={"users_limit": 40, "messages_limit": None})

    assert terms_of(PRO, agreed, FREE, NOW).limits == Limits(40, 3, None)


def test_agreed_limits_end_with_the_subscription() -> None:
    agreed = subscription(overrides={"users_limit": 40}, ends_at=NOW)

    assert terms_of(PRO, agreed, FREE, NOW).limits == FREE.limits


@given(st.datetimes(timezones=st.just(UTC)), st.datetimes(timezones=st.just(UTC)), st.integers(1, 10**9))
def test_subscription_is_in_force_from_its_start_until_before_its_end(
    now: datetime, starts_at: datetime, seconds: int
) -> None:
    try:
        ends_at = starts_at + timedelta(seconds=seconds)
    except OverflowError:
        ends_at = datetime.max.replace(tzinfo=UTC)
    assert holds(subscription(starts_at=starts_at, ends_at=ends_at), now) == (starts_at <= now < ends_at)


@given(st.none() | st.integers(0, 100), st.integers(0, 100))
def test_has_room_below_the_limit_and_always_without_one(limit: int | None, used: int) -> None:
    assert has_room(limit, used) == (limit is None or used + 1 <= limit)


def test_month_begins_in_the_company_s_time_zone() -> None:
    new_year_utc = datetime(2027, 1, 1, 2, 59, tzinfo=UTC)

    assert month_of(new_year_utc, "America/Sao_Paulo") == date(2026, 12, 1)
    assert month_of(new_year_utc + timedelta(minutes=1), "America/Sao_Paulo") == date(2027, 1, 1)


@given(st.uuids())
def test_conversation_is_always_counted_in_the_same_shard(conversation: UUID) -> None:
    assert shard_of(conversation) == shard_of(UUID(str(conversation)))
    assert 0 <= shard_of(conversation) < SHARDS


@given(st.datetimes(datetime(1990, 1, 1), datetime(2100, 12, 31), timezones=st.just(UTC)))
def test_month_after_is_after_all_days_of_the_current_month(now: datetime) -> None:
    following = month_after(now, "America/Sao_Paulo")

    assert following.day == 1
    assert (following - timedelta(days=1)).replace(day=1) == month_of(now, "America/Sao_Paulo")


def test_day_in_words_is_colloquial_portuguese() -> None:
    assert day_in_words(date(2026, 12, 1)) == "1º de dezembro"
    assert day_in_words(date(2027, 3, 14)) == "14 de março"
