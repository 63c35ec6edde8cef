"""Dates that depend on the day of the run: `{today}`, `{today-3:dd/mm}`, `{month+1}`.

{today}              ISO date of the company's day      {today+5}   {today-12}
{today+5:dd/mm}      {today+5:dd/mm/yyyy}
{today+5:day}        day of the month without a leading zero
{today+5:weekday}    "segunda", "terça", … "sábado", "domingo"
{month}              YYYY-MM                            {month-1}   {month+1}
{month-1:name}       "outubro"
{now+90m}            local time HH:MM                   {now+2h:moment}   YYYY-MM-DDTHH:MM
"""

import re
from datetime import date, datetime, timedelta
from typing import Any, Final

_PLACEHOLDER: Final = re.compile(r"\{(today|month|now)(?:([+-])(\d+)([hm])?)?(?::([a-z/]+))?\}")
_WEEKDAYS: Final = ("segunda", "terça", "quarta", "quinta", "sexta", "sábado", "domingo")
_MONTHS: Final = (
    *("janeiro", "fevereiro", "março", "abril", "maio", "junho"),
    *("julho", "agosto", "setembro", "outubro", "novembro", "dezembro"),
)


def filled(value: Any, now: datetime) -> Any:
    """A copy with every placeholder in every string replaced; `now` is aware, in the company's zone."""
    if isinstance(value, str):
        return _PLACEHOLDER.sub(lambda match: _replacement(match, now), value)
    if isinstance(value, list):
        return [filled(item, now) for item in value]
    if isinstance(value, dict):
        return {filled(key, now): filled(item, now) for key, item in value.items()}
    return value


def _replacement(match: re.Match[str], now: datetime) -> str:
    base, sign, number, unit, form = match.groups()
    steps = int(number or 0) * (-1 if sign == "-" else 1)
    if base == "today":
        return _day(now.date() + timedelta(days=steps), form)
    if base == "month":
        return _month(now.date(), steps, form)
    moment = now + (timedelta(hours=steps) if unit == "h" else timedelta(minutes=steps))
    return f"{moment:%Y-%m-%dT%H:%M}" if form == "moment" else f"{moment:%H:%M}"


def _day(day: date, form: str | None) -> str:
    forms = {
        None: day.isoformat(),
        "dd/mm": f"{day:%d/%m}",
        "dd/mm/yyyy": f"{day:%d/%m/%Y}",
        "day": str(day.day),
        "weekday": _WEEKDAYS[day.weekday()],
    }
    return forms[form]


def _month(day: date, steps: int, form: str | None) -> str:
    year, index = divmod(day.year * 12 + day.month - 1 + steps, 12)
    return _MONTHS[index] if form == "name" else f"{year:04d}-{index + 1:02d}"
