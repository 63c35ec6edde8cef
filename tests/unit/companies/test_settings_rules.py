from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from falachefe.companies.rules import takeover_of
from falachefe.companies.settings_rules import (
    DEFAULTS,
    WEEKDAYS,
    CompanySettings,
    OpenHours,
    is_open,
    next_opening,
    opening_in_words,
    settings_of,
)

HERE = ZoneInfo("America/Sao_Paulo")
FRIDAY = datetime(2026, 11, 20, 12, 0, tzinfo=HERE)
WEEK = OpenHours(days=["mon", "tue", "wed", "thu", "fri"], opens="08:00", closes="18:00")
SATURDAY = OpenHours(days=["sat"], opens="09:30", closes="13:00")
clock_times = st.times().map(lambda at: f"{at:%H:%M}")


@st.composite
def hours(draw: st.DrawFn) -> OpenHours:
    days = draw(st.lists(st.sampled_from(WEEKDAYS), min_size=1, max_size=7, unique=True))
    opens, closes = sorted(draw(st.lists(clock_times, min_size=2, max_size=2, unique=True)))
    return OpenHours(days=days, opens=opens, closes=closes)


def test_unset_settings_have_defaults() -> None:
    assert settings_of({}) == settings_of({"approval_limit": 5000}) == DEFAULTS
    assert takeover_of({}) == timedelta(minutes=60)


def test_stored_settings_are_read_back() -> None:
    stored = CompanySettings(takeover_minutes=30, tone="formal", business_hours=[WEEK]).model_dump(mode="json")

    assert settings_of(stored).model_dump(mode="json") == stored
    assert takeover_of(stored) == timedelta(minutes=30)


@pytest.mark.parametrize(
    "wrong",
    [
        {"takeover_minutes": 4},
        {"takeover_minutes": 1441},
        {"tone": "rude"},
        {"music": True},
        {"business_hours": [{"days": [], "opens": "08:00", "closes": "18:00"}]},
        {"business_hours": [{"days": ["mon", "mon"], "opens": "08:00", "closes": "18:00"}]},
        {"business_hours": [{"days": ["mon"], "opens": "18:00", "closes": "18:00"}]},
        {"business_hours": [{"days": ["mon"], "opens": "8:00", "closes": "18:00"}]},
        {"business_hours": [{"days": ["mon"], "opens": "08:00", "closes": "24:00"}]},
    ],
)
def test_invalid_settings_are_rejected(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        CompanySettings.model_validate(wrong)


@pytest.mark.parametrize(
    ("time", "expected"), [("07:59", False), ("08:00", True), ("17:59", True), ("18:00", False), ("23:00", False)]
)
def test_is_open_from_opening_until_before_closing(time: str, expected: bool) -> None:
    hour, minute = map(int, time.split(":"))
    assert is_open([WEEK], FRIDAY.replace(hour=hour, minute=minute)) is expected


def test_without_business_hours_is_always_open() -> None:
    assert is_open([], FRIDAY)
    assert next_opening([], FRIDAY) is None


@pytest.mark.parametrize(
    ("moment", "said"),
    [
        (FRIDAY.replace(hour=7), "hoje às 8h"),
        (FRIDAY.replace(hour=19), "amanhã às 9h30"),
        (FRIDAY.replace(hour=19) + timedelta(days=1), "segunda às 8h"),
        (FRIDAY.replace(hour=19) + timedelta(days=2), "amanhã às 8h"),
    ],
)
def test_next_opening_in_words_is_colloquial_portuguese(moment: datetime, said: str) -> None:
    opening = next_opening([WEEK, SATURDAY], moment)

    assert opening is not None
    assert opening_in_words(opening, moment) == said


@given(st.lists(hours(), min_size=1, max_size=4), st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)))
def test_next_opening_is_later_and_within_a_week(listed: list[OpenHours], at: datetime) -> None:
    local = at.replace(tzinfo=HERE)
    opening = next_opening(listed, local)

    assert opening is not None
    assert local < opening <= local + timedelta(days=8)
    assert is_open(listed, opening)
