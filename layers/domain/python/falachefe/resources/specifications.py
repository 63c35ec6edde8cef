"""Conditions as objects: joined with `&`, `|` and `~`, tested on an object in memory or compiled to SQL.

Both follow SQL's logic of three values: what compares with nothing (NULL) is neither true nor false, and only what is
true holds. So a specification picks the same rows here and in Postgres.
"""

import operator
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, override

from sqlalchemy import ColumnElement, String, and_, collate, false, func, not_, or_, true

type Columns = Mapping[str, ColumnElement[Any]]
"""What each field of a specification is in SQL."""


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
        """True, False, or None where SQL would say NULL."""

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
        return NotSo(self)


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
class NotSo(Specification):
    part: Specification

    @override
    def truth(self, candidate: Any) -> bool | None:
        found = self.part.truth(candidate)
        return None if found is None else not found

    @override
    def to_sql(self, columns: Columns) -> ColumnElement[bool]:
        return not_(self.part.to_sql(columns))


_COMPARE: Mapping[Operator, Callable[[Any, Any], Any]] = {
    Operator.EQ: operator.eq,
    Operator.NE: operator.ne,
    Operator.GT: operator.gt,
    Operator.GE: operator.ge,
    Operator.LT: operator.lt,
    Operator.LE: operator.le,
}
_ORDER = frozenset({Operator.GT, Operator.GE, Operator.LT, Operator.LE})
_NULLS = frozenset({Operator.IS_NULL, Operator.IS_NOT_NULL})


@dataclass(frozen=True, slots=True)
class Where(Specification):
    """One field against one value. `IN` takes a tuple; the two null tests take none."""

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
        match self.operator:
            case Operator.IS_NULL:
                return found is None
            case Operator.IS_NOT_NULL:
                return found is not None
            case Operator.IN if not self.value:
                return False
        return None if found is None else self._compare(found)

    def _compare(self, found: Any) -> bool:
        match self.operator:
            case Operator.IN:
                return found in self.value
            case Operator.CONTAINS:
                return self.value in found
            case Operator.STARTS_WITH:
                return bool(found.startswith(self.value))
        return bool(_COMPARE[self.operator](found, self.value))

    @override
    def to_sql(self, columns: Columns) -> ColumnElement[bool]:
        column = columns[self.field]
        match self.operator:
            case Operator.IS_NULL:
                return column.is_(None)
            case Operator.IS_NOT_NULL:
                return column.is_not(None)
            case Operator.IN:
                return column.in_(self.value)
            case Operator.CONTAINS:  # not LIKE: a value's % and _ mean themselves
                return func.strpos(column, self.value) > 0
            case Operator.STARTS_WITH:
                return func.starts_with(column, self.value)
        if self.operator in _ORDER and isinstance(column.type, String):
            column = collate(column, "C")  # by code points, as Python orders text, whatever the database's language
        compared: ColumnElement[bool] = _COMPARE[self.operator](column, self.value)
        return compared


def equals(field: str, value: Any) -> Specification:
    return Where(field, Operator.EQ, value)


def differs(field: str, value: Any) -> Specification:
    return Where(field, Operator.NE, value)


def greater_than(field: str, value: Any) -> Specification:
    return Where(field, Operator.GT, value)


def at_least(field: str, value: Any) -> Specification:
    return Where(field, Operator.GE, value)


def less_than(field: str, value: Any) -> Specification:
    return Where(field, Operator.LT, value)


def at_most(field: str, value: Any) -> Specification:
    return Where(field, Operator.LE, value)


def contains(field: str, text: str) -> Specification:
    return Where(field, Operator.CONTAINS, text)


def starts_with(field: str, text: str) -> Specification:
    return Where(field, Operator.STARTS_WITH, text)


def one_of(field: str, values: Collection[Any]) -> Specification:
    return Where(field, Operator.IN, tuple(values))


def is_null(field: str) -> Specification:
    return Where(field, Operator.IS_NULL)


def is_not_null(field: str) -> Specification:
    return Where(field, Operator.IS_NOT_NULL)
