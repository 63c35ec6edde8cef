"""What a resource is: one declaration over a model and its schemas. Nothing in here reads or writes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal
from uuid import UUID

from pydantic import BaseModel, TypeAdapter
from sqlalchemy.orm import InstrumentedAttribute, Session

from falachefe.audit.service import Actor
from falachefe.data.base import TenantRow
from falachefe.data.outbox import Outbox
from falachefe.http.principal import Principal
from falachefe.resources.schemas import Document, annotation_of

type Values = dict[str, Any]
"""Column names and what they get."""
type Action = Literal["read", "create", "update", "delete", "restore"]

ACTIONS: Final[frozenset[Action]] = frozenset({"read", "create", "update", "delete", "restore"})


@dataclass(frozen=True, slots=True)
class Work:
    """What a use case and its hooks stand on: the open transaction, the caller, the moment."""

    session: Session
    outbox: Outbox
    who: Principal
    actor: Actor
    now: datetime

    @property
    def company_id(self) -> UUID:
        return self.who.company_id


@dataclass(frozen=True, slots=True)
class Created:
    """A row that a use case wrote itself. `extras` join the answer to this one request."""

    id: UUID
    extras: Mapping[str, Any] = field(default_factory=dict)


def _as_it_is(_: Work, values: Values) -> Values:
    return values


def _changes_as_they_are(_: Work, __: Any, changes: Values) -> Values:
    return changes


def _no_objection(_: Work, __: Any) -> None:
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Hooks[Row: TenantRow, Create: BaseModel]:
    """Where a resource has rules: plain functions that return what is to be written, or raise a `DomainError`."""

    create: Callable[[Work, Create], Created] | None = None
    """A use case that writes the row and tells of it, in place of the plain insert."""
    before_create: Callable[[Work, Values], Values] = _as_it_is
    before_update: Callable[[Work, Row, Values], Values] = _changes_as_they_are
    before_delete: Callable[[Work, Row], None] = _no_objection
    before_restore: Callable[[Work, Row], None] = _no_objection
    extras: Callable[[Work, Sequence[Row]], Sequence[Mapping[str, Any]]] | None = None
    """Fields of the document that are no columns, one mapping for each row."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource[Row: TenantRow, Create: BaseModel, Read: Document]:
    """`name` stands in the path and in permissions; events are called `<context>.<singular>_created` and so on.

    Fields are named as the API names them. Only fields in `filter_by`, `sort_by` and `search_in` can be used so.
    """

    name: str
    singular: str
    context: str
    model: type[Row]
    read: type[Read]
    create: type[Create]
    update: type[BaseModel]
    domain: str = "business"
    columns: Mapping[str, str] = field(default_factory=dict)
    """API name → column, where the two differ."""
    filter_by: tuple[str, ...] = ()
    sort_by: tuple[str, ...] = ("created_at",)
    search_in: tuple[str, ...] = ()
    default_sort: str = "-created_at"
    aliases: Mapping[str, str] = field(default_factory=dict)
    """Other names of filters: `{"start": "date__gte"}`."""
    private: Mapping[str, str] = field(default_factory=dict)
    """Fields for the holders of a permission only: for others null, and neither written, filtered nor sorted by."""
    masked: frozenset[str] = frozenset()
    """Personal data that the audit log must not hold (names of secrets and documents are masked anyway)."""
    hooks: Hooks[Row, Create] = field(default_factory=Hooks)
    actions: frozenset[Action] = ACTIONS

    def permission(self, action: Action) -> str:
        return f"{self.name.replace('-', '_')}.{action}"

    def event(self, done: str) -> str:
        return f"{self.context}.{self.singular}_{done}"

    def column_of(self, name: str) -> str:
        return self.columns.get(name, name)

    def column(self, name: str) -> InstrumentedAttribute[Any]:
        found: InstrumentedAttribute[Any] = getattr(self.model, self.column_of(name))
        return found

    def field_of(self, column: str) -> str:
        return next((name for name, target in self.columns.items() if target == column), column)

    def value_type(self, name: str) -> TypeAdapter[Any]:
        """What a filter's text is read as: the document's own field."""
        return TypeAdapter(annotation_of(self.read.model_fields[name]))

    def visible(self, name: str, who: Principal) -> bool:
        return name not in self.private or who.may(self.private[name])

    def stored_fields(self) -> list[str]:
        """The document's fields that are columns."""
        return [name for name in self.read.model_fields if hasattr(self.model, self.column_of(name))]
