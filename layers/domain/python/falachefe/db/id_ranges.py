"""Rows of some days, found by their keys: a UUIDv7 says when it was made, so the primary key is an index of time."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from datetime import time as clock_time
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Date, Table, Text, bindparam, cast, func

from falachefe.kernel.ids import first_id_at

_SLACK: Final = timedelta(days=1)
"""How far a row's key may lie from the time that stands in it; the time itself decides."""


@dataclass(frozen=True, slots=True)
class Span:
    """Whole days where a company is, both included."""

    first: date
    last: date
    time_zone: str

    @property
    def starts_at(self) -> datetime:
        return datetime.combine(self.first, clock_time.min, ZoneInfo(self.time_zone))

    @property
    def ends_at(self) -> datetime:
        """The first moment after it."""
        return datetime.combine(self.last + timedelta(days=1), clock_time.min, ZoneInfo(self.time_zone))

    @property
    def days(self) -> list[date]:
        return [self.first + timedelta(days=number) for number in range((self.last - self.first).days + 1)]

    def values(self) -> dict[str, Any]:
        """What the conditions of `within` ask for."""
        return {
            "starts_at": self.starts_at,
            "ends_at": self.ends_at,
            "first_id": first_id_at(self.starts_at - _SLACK),
            "last_id": first_id_at(self.ends_at + _SLACK),
        }


def within(table: Table) -> tuple[ColumnElement[bool], ...]:
    """The rows of the company that were made in a span."""
    return (
        table.c.company_id == bindparam("company_id"),
        table.c.id >= bindparam("first_id"),
        table.c.id < bindparam("last_id"),
        table.c.created_at >= bindparam("starts_at"),
        table.c.created_at < bindparam("ends_at"),
    )


def day_of(table: Table) -> ColumnElement[date]:
    """The day on which a row was made, where the company is (`zone`)."""
    return cast(func.timezone(bindparam("zone", type_=Text()), table.c.created_at), Date)
