"""Clocks. Time is passed in: use cases take a `Clock`, pure rules take a `datetime`."""

from datetime import UTC, date, datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from falachefe.kernel import brazil


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


def when_in_words(moment: datetime, now: datetime, zone: str) -> str:
    """`hoje às 15h`, `amanhã às 9h30`, `sexta, 05/12, às 8h`, `05/01/2027 às 8h`."""
    local, today = moment.astimezone(ZoneInfo(zone)), now.astimezone(ZoneInfo(zone)).date()
    near = {-1: "ontem", 0: "hoje", 1: "amanhã"}.get((local.date() - today).days)
    if near is None and 0 < (local.date() - today).days < 7:
        near = f"{brazil.WEEKDAYS[local.weekday()]}, {local:%d/%m},"
    day = near or (f"{local:%d/%m}" if local.year == today.year else f"{local:%d/%m/%Y}")
    return f"{day} {clock_in_words(local)}"


def clock_in_words(local: datetime) -> str:
    """`às 9h`, `à 1h05`, `à meia-noite`."""
    if local.hour == 0 and local.minute == 0:
        return "à meia-noite"
    article = "à" if local.hour in (0, 1) else "às"
    return f"{article} {local.hour}h{f'{local.minute:02}' if local.minute else ''}"
