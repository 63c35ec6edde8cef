from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from falachefe.kernel.clock import FixedClock, SystemClock, local_date

MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2099, 12, 31), timezones=st.just(UTC))


@pytest.mark.parametrize(
    ("moment", "zone", "day"),
    [
        (datetime(2026, 11, 21, 2, 59, tzinfo=UTC), "America/Sao_Paulo", date(2026, 11, 20)),
        (datetime(2026, 11, 21, 3, 0, tzinfo=UTC), "America/Sao_Paulo", date(2026, 11, 21)),
        (datetime(2026, 11, 21, 3, 0, tzinfo=UTC), "America/Manaus", date(2026, 11, 20)),
        (
            datetime(2018, 12, 1, 2, 30, tzinfo=UTC),
            "America/Sao_Paulo",
            date(2018, 12, 1),
        ),  # summer time, abolished in 2019
    ],
)
def test_a_day_begins_at_midnight_in_the_companys_time_zone(moment: datetime, zone: str, day: date) -> None:
    assert local_date(moment, zone) == day


@given(MOMENTS, st.integers(-12, 14))
def test_the_day_does_not_depend_on_the_moments_own_time_zone(moment: datetime, hours: int) -> None:
    elsewhere = moment.astimezone(timezone(timedelta(hours=hours)))

    assert local_date(elsewhere, "America/Sao_Paulo") == local_date(moment, "America/Sao_Paulo")


@given(MOMENTS)
def test_the_day_in_brazil_is_today_or_yesterday_in_utc(moment: datetime) -> None:
    assert moment.date() - local_date(moment, "America/Sao_Paulo") in (timedelta(0), timedelta(days=1))


def test_clocks_return_utc() -> None:
    brasilia = timezone(timedelta(hours=-3))

    assert SystemClock().now().utcoffset() == timedelta(0)
    assert FixedClock(datetime(2026, 11, 20, 12, tzinfo=brasilia)).now() == datetime(2026, 11, 20, 15, tzinfo=UTC)


def test_a_clock_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        FixedClock(datetime(2026, 11, 20))
