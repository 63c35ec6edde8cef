"""Calendar arithmetic: months, weeks, weekdays, business days and holidays. Every function is pure."""

import calendar
from datetime import date, timedelta
from typing import Final, Literal

type Prefer = Literal["past", "future"]
"""The side of today on which a day lies whose year, month or week is not written."""

_FIXED_HOLIDAYS: Final = frozenset(
    ((1, 1), (4, 21), (5, 1), (9, 7), (10, 12), (11, 2), (11, 15), (11, 20), (12, 25)),
)


def month_span(year: int, month: int) -> tuple[date, date]:
    return date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1])


def add_months(day: date, months: int) -> date:
    """The same day some months away, or the last day of that month."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def valid_date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def full_year(written: str) -> int:
    return int(written) if len(written) == 4 else 2000 + int(written)


def nearest_year(month: int, day: int, today: date, prefer: Prefer) -> date | None:
    """A day and month without a year: this year's, unless that lies on the other side of today than `prefer`.

    29 February is the next or last one that exists.
    """
    step = -1 if prefer == "past" else 1
    for years in range(9 if (month, day) == (2, 29) else 2):
        made = valid_date(today.year + step * years, month, day)
        if made and (made <= today if prefer == "past" else made >= today):
            return made
    return None


def day_of_month(day: int, today: date, prefer: Prefer) -> date | None:
    """The nearest day with that number, today included, in a month that has it; None below 1 and above 31."""
    if not 1 <= day <= 31:
        return None
    first = today.replace(day=1)
    for step in range(3):
        month = add_months(first, -step if prefer == "past" else step)
        made = valid_date(month.year, month.month, day)
        if made and (made <= today if prefer == "past" else made >= today):
            return made
    return None


def nearest_weekday(weekday: int, today: date, prefer: Prefer) -> date:
    """The nearest such weekday, never today: whoever means today says `hoje`."""
    if prefer == "future":
        return today + timedelta(days=(weekday - today.weekday() - 1) % 7 + 1)
    return today - timedelta(days=(today.weekday() - weekday - 1) % 7 + 1)


def monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())


def is_business_day(day: date) -> bool:
    """Monday to Friday without the national holidays; local ones are not known here."""
    return day.weekday() < 5 and (day.month, day.day) not in _FIXED_HOLIDAYS and day != good_friday(day.year)


def business_day(year: int, month: int, number: int) -> date | None:
    """The `number`th business day of a month, counted from 1, or None when it has fewer."""
    day, last = month_span(year, month)
    found = 0
    while day <= last:
        found += is_business_day(day)
        if found == number:
            return day
        day += timedelta(days=1)
    return None


def last_business_day(year: int, month: int) -> date:
    day = month_span(year, month)[1]
    while not is_business_day(day):
        day -= timedelta(days=1)
    return day


def easter(year: int) -> date:
    """Easter Sunday by the Gregorian computation of Butcher."""
    a, (b, c) = year % 19, divmod(year, 100)
    d, e = divmod(b, 4)
    g = (b - (b + 8) // 25 + 1) // 3
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    weekday = (32 + 2 * e + 2 * i - h - k) % 7
    m = (a + 11 * h + 22 * weekday) // 451
    month, day = divmod(h + weekday - 7 * m + 114, 31)
    return date(year, month, day + 1)


def good_friday(year: int) -> date:
    return easter(year) - timedelta(days=2)


def weekday_of_month(year: int, month: int, weekday: int, number: int) -> date:
    """The `number`th such weekday of a month: the second Sunday of May is `(year, 5, 6, 2)`."""
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (number - 1))
