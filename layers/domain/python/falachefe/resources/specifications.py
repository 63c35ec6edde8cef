"""Specification pattern: conditions joined with `&`, `|` and `~`, evaluated on objects or compiled to SQL.

Both follow SQL's three-valued logic: a comparison with NULL is neither true nor false, and only true holds. So a
specification selects the same rows in memory and in Postgres.
"""

import operator
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any, Final, override
from zoneinfo import ZoneInfo

from sqlalchemy import (
    ColumnElement,
    DateTime,
    String,
    Uuid,
    and_,
    cast,
    collate,
    column,
    false,
    func,
    not_,
    or_,
    select,
    table,
    true,
)

type Columns = Mapping[str, ColumnElement[Any]]
"""The SQL of each field of a specification."""


class Operator(StrEnum):
    EQ = "eq"
    NE = "ne"
    GT = "gt"
    GE = "ge"
    LT = "lt"
    LE = "le"
    CONTAINS = "contains"
    STARTS_WITH = "starts_with"
    IN = "in"
    IS_NULL = "is_null"
    IS_NOT_NULL = "is_not_null"


class Specification(ABC):
    """A condition on an object's fields. `candidate` is a mapping or an object with attributes."""

    @abstractmethod
    def truth(self, candidate: Any) -> bool | None:
        """True, False, or None where SQL has NULL."""

    @abstractmethod
    def to_sql(self, columns: Columns) -> ColumnElement[bool]:
        """The condition over `columns`. Raises `KeyError` for a field that is not among them."""

    def holds(self, candidate: Any) -> bool:
        return self.truth(candidate) is True

    def __and__(self, other: "Specification") -> "Specification":
        return AllOf((self, other))

    def __or__(self, other: "Specification") -> "Specification":
        return AnyOf((self, other))

    def __invert__(self) -> "Specification":
        return Not(self)


@dataclass(frozen=True, slots=True)
class AllOf(Specification):
    """All of them; of none, true."""

    parts: tuple[Specification, ...]

    @override
    def truth(self, candidate: Any) -> bool | None:
        found = {part.truth(candidate) for part in self.parts}
        if False in found:
            return False
        return None if None in found else True

    @override
    def to_sql(self, columns: Columns) -> ColumnElement[bool]:
        return and_(true(), *(part.to_sql(columns) for part in self.parts))


@dataclass(frozen=True, slots=True)
class AnyOf(Specification):
    """At least one of them; of none, false."""

    parts: tuple[Specification, ...]

    @override
    def truth(self, candidate: Any) -> bool | None:
        found = {part.truth(candidate) for part in self.parts}
        if True in found:
            return True
        return None if None in found else False

    @override
    def to_sql(self, columns: Columns) -> ColumnElement[bool]:
        return or_(false(), *(part.to_sql(columns) for part in self.parts))


@dataclass(frozen=True, slots=True)
class Not(Specification):
    part: Specification

    @override
    def truth(self, candidate: Any) -> bool | None:
        found = self.part.truth(candidate)
        return None if found is None else not found

    @override
    def to_sql(self, columns: Columns) -> ColumnElement[bool]:
        return not_(self.part.to_sql(columns))


@dataclass(frozen=True, slots=True)
class _Implementation:
    """An operator's implementation in memory and in SQL."""

    test: Callable[[Any, Any], Any]
    sql: Callable[[ColumnElement[Any], Any], ColumnElement[bool]]


def _alike(compare: Callable[[Any, Any], Any]) -> _Implementation:
    """For operators that SQLAlchemy's columns overload."""
    return _Implementation(compare, compare)


def _ordered(compare: Callable[[Any, Any], Any]) -> _Implementation:
    def in_sql(column: ColumnElement[Any], value: Any) -> ColumnElement[bool]:
        if isinstance(column.type, String):
            column = collate(
                column, "C"
            )  # by code point, as Python compares text, regardless of the database's collation
        compared: ColumnElement[bool] = compare(column, value)
        return compared

    return _Implementation(compare, in_sql)


_IMPLEMENTATIONS: Final[Mapping[Operator, _Implementation]] = {
    Operator.EQ: _alike(operator.eq),
    Operator.NE: _alike(operator.ne),
    Operator.GT: _ordered(operator.gt),
    Operator.GE: _ordered(operator.ge),
    Operator.LT: _ordered(operator.lt),
    Operator.LE: _ordered(operator.le),
    # Not LIKE, so that % and _ in the value are literal.
    Operator.CONTAINS: _Implementation(
        lambda found, part: part in found, lambda column, part: func.strpos(column, part) > 0
    ),
    Operator.STARTS_WITH: _Implementation(str.startswith, func.starts_with),
    Operator.IN: _Implementation(lambda found, values: found in values, lambda column, values: column.in_(values)),
    Operator.IS_NULL: _Implementation(lambda found, _: found is None, lambda column, _: column.is_(None)),
    Operator.IS_NOT_NULL: _Implementation(lambda found, _: found is not None, lambda column, _: column.is_not(None)),
}
_NULLS: Final = frozenset({Operator.IS_NULL, Operator.IS_NOT_NULL})


@dataclass(frozen=True, slots=True)
class Where(Specification):
    """Compares a field with a value. `IN` takes a tuple; the null tests take no value."""

    field: str
    operator: Operator
    value: Any = None

    def __post_init__(self) -> None:
        values = self.value if self.operator is Operator.IN else (self.value,)
        if (self.operator in _NULLS) != (self.value is None) or (self.operator not in _NULLS and None in values):
            raise ValueError("compare with a value; ask for nothing with IS_NULL")

    @override
    def truth(self, candidate: Any) -> bool | None:
        found = candidate[self.field] if isinstance(candidate, Mapping) else getattr(candidate, self.field)
        known = self.operator in _NULLS or found is not None
        if not known:
            return False if self.value == () else None  # `IN ()` is false, also for NULL
        return bool(_IMPLEMENTATIONS[self.operator].test(found, self.value))

    @override
    def to_sql(self, columns: Columns) -> ColumnElement[bool]:
        return _IMPLEMENTATIONS[self.operator].sql(columns[self.field], self.value)


@dataclass(frozen=True, slots=True)
class OnDay(Specification):
    """Compares a time with a day in the company's time zone: `EQ` within it, `GE` from its start, `LE` to its end."""

    field: str
    operator: Operator
    day: date
    time_zone: str = "America/Sao_Paulo"
    """For objects in memory. SQL uses the time zone of the transaction's company."""

    def __post_init__(self) -> None:
        if self.operator not in (Operator.EQ, Operator.GE, Operator.LE):
            raise ValueError("a day is compared with =, >= or <=")

    @override
    def truth(self, candidate: Any) -> bool | None:
        found = candidate[self.field] if isinstance(candidate, Mapping) else getattr(candidate, self.field)
        if found is None:
            return None
        start, end = (
            datetime.combine(day, time.min, ZoneInfo(self.time_zone)) for day in (self.day, self.day + timedelta(1))
        )
        return bool(self._compared(found, start, end))

    @override
    def to_sql(self, columns: Columns) -> ColumnElement[bool]:
        zone = select(_COMPANIES.c.time_zone).where(_COMPANIES.c.id == _OF_THE_TRANSACTION).scalar_subquery()
        start, end = (
            func.timezone(zone, cast(day, DateTime(timezone=False))) for day in (self.day, self.day + timedelta(1))
        )
        compared: ColumnElement[bool] = self._compared(columns[self.field], start, end)
        return compared

    def _compared(self, moment: Any, start: Any, end: Any) -> Any:
        if self.operator is Operator.GE:
            return moment >= start
        if self.operator is Operator.LE:
            return moment < end
        return (moment >= start) & (moment < end)


_COMPANIES: Final = table("companies", column("id", Uuid()), column("time_zone", String()))
_OF_THE_TRANSACTION: Final = cast(func.nullif(func.current_setting("app.company_id", True), ""), Uuid())


def _against(asked: Operator) -> Callable[[str, Any], Specification]:
    return lambda field, value: Where(field, asked, value)


equals = _against(Operator.EQ)
differs = _against(Operator.NE)
greater_than = _against(Operator.GT)
at_least = _against(Operator.GE)
less_than = _against(Operator.LT)
at_most = _against(Operator.LE)
contains = _against(Operator.CONTAINS)
starts_with = _against(Operator.STARTS_WITH)


def one_of(field: str, values: Collection[Any]) -> Specification:
    return Where(field, Operator.IN, tuple(values))


def is_null(field: str) -> Specification:
    return Where(field, Operator.IS_NULL)


def is_not_null(field: str) -> Specification:
    return Where(field, Operator.IS_NOT_NULL)
