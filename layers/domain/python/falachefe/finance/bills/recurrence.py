"""The due dates of repeating bills and of instalments. Pure."""

from calendar import monthrange
from datetime import date, timedelta
from typing import Final, Literal

type Repeats = Literal["weekly", "monthly", "yearly"]

MONTHS_OF: Final = {"monthly": 1, "yearly": 12}


def occurrence(start: date, repeats: str, period: int) -> date:
    """The due date of a period, counted from 0 at `start`.

    Each date is counted from the first one and not from the one before, so that a bill of the 31st is due on the
    28th in February and on the 31st again in March; one of 29 February is due on the 28th in other years.
    """
    if repeats == "weekly":
        return start + timedelta(weeks=period)
    return months_later(start, period * MONTHS_OF[repeats])


def months_later(day: date, months: int) -> date:
    """The same day of the month, or the month's last day where it has no such day."""
    years, index = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(years, index + 1, min(day.day, monthrange(years, index + 1)[1]))
