"""Selects rows of some days by primary key: a UUIDv7 holds its creation time, so the key is an index by time."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from datetime import time as clock_time
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Date, Table, cast, func

from falachefe.kernel.ids import first_id_at

_SLACK: Final = timedelta(days=1)
"""Tolerance between the time in a row's id and its `created_at`; `created_at` decides."""


@dataclass(frozen=True, slots=True)
class DayRange:
    """Whole days in a company's time zone, both included."""

    first: date
    last: date
    time_zone: str

    @property
    def starts_at(self) -> datetime:
        return datetime.combine(self.first, clock_time.min, ZoneInfo(self.time_zone))

    @property
    def ends_at(self) -> datetime:
        """The first moment after the range."""
        return datetime.combine(self.last + timedelta(days=1), clock_time.min, ZoneInfo(self.time_zone))

    @property
    def days(self) -> list[date]:
        return [self.first + timedelta(days=number) for number in range((self.last - self.first).days + 1)]


def within(table: Table, company_id: UUID, span: DayRange) -> tuple[ColumnElement[bool], ...]:
    """The rows of the company that were made in the span."""
    return (
        table.c.company_id == company_id,
        table.c.id >= first_id_at(span.starts_at - _SLACK),
        table.c.id < first_id_at(span.ends_at + _SLACK),
        table.c.created_at >= span.starts_at,
        table.c.created_at < span.ends_at,
    )


def day_of(table: Table, span: DayRange) -> ColumnElement[date]:
    """The day on which a row was made, where the company is."""
    return cast(func.timezone(span.time_zone, table.c.created_at), Date)
