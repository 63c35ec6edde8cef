"""The alarm on missing runs follows the schedule's interval."""

import pytest

from infra.local.templates.schedules import heartbeat


@pytest.mark.parametrize(
    ("schedule", "period", "warm_up"),
    [
        ("rate(1 minute)", "300", "10"),
        ("rate(6 hours)", "21600", "720"),
        ("cron(30 5 * * ? *)", "86400", "2880"),
        ("!If [IsSmall, rate(15 minutes), rate(1 minute)]", "!If [IsSmall, 900, 300]", "!If [IsSmall, 30, 10]"),
    ],
)
def test_a_period_is_an_interval_and_at_least_five_minutes(schedule: str, period: str, warm_up: str) -> None:
    assert heartbeat(schedule) == {"period": period, "warm_up": warm_up}


@pytest.mark.parametrize(
    "schedule", ["rate(2 days)", "cron(0 6 ? * MON *)", "cron(0/5 * * * ? *)", "at(2026-12-01T00:00:00)"]
)
def test_a_schedule_that_no_alarm_can_follow_is_refused(schedule: str) -> None:
    with pytest.raises(ValueError, match=r"cannot wait|neither a rate"):
        heartbeat(schedule)
