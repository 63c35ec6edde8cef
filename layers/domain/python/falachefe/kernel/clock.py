"""Clocks. Time is passed in: use cases take a `Clock`, pure rules take a `datetime`."""

from datetime import UTC, date, datetime
from typing import Protocol
from zoneinfo import ZoneInfo


class Clock(Protocol):
    def now(self) -> datetime:
        """The current time, aware, in UTC."""
        ...


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


class FixedClock:
    """A clock that only changes when `at` is set, for tests."""

    def __init__(self, at: datetime) -> None:
        if at.tzinfo is None:
            raise ValueError("a clock needs an aware datetime")
        self.at = at.astimezone(UTC)

    def now(self) -> datetime:
        return self.at


def local_date(moment: datetime, time_zone: str) -> date:
    """The calendar date of a moment in a time zone (an IANA name)."""
    return moment.astimezone(ZoneInfo(time_zone)).date()
