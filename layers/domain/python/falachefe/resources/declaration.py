"""The declaration of a resource over a model and its schemas. Does not access the database."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any, Final, Literal
from uuid import UUID

from pydantic import BaseModel, TypeAdapter
from sqlalchemy import ColumnElement, true

from falachefe.db.base import TenantRow
from falachefe.http.deprecation import Deprecation
from falachefe.http.principal import Principal
from falachefe.http.rate_limits.callers import Limit
from falachefe.http.services import Services
from falachefe.http.unit_of_work import RequestUnitOfWork
from falachefe.resources.schemas import Document, Input, LineFilter, annotation_of, is_text
from falachefe.resources.specifications import Columns, Specification

type Values = dict[str, Any]
"""New values by column name."""
type Action = Literal["read", "create", "update", "delete", "restore"]

ACTIONS: Final[frozenset[Action]] = frozenset({"read", "create", "update", "delete", "restore"})


@dataclass(frozen=True, slots=True)
class Created:
    """A row written by a use case. `extras` are added to the response to this request only."""

    id: UUID
    extras: Mapping[str, Any] = field(default_factory=dict)


def _unchanged(_: RequestUnitOfWork, values: Values) -> Values:
    return values


def _unchanged_patch(_: RequestUnitOfWork, __: Any, changes: Values) -> Values:
    return changes


def _allowed(_: RequestUnitOfWork, __: Any) -> None:
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Hooks[Row: TenantRow, Create: BaseModel]:
    """A resource's rules: functions that return the values to write, or raise a `DomainError`."""

    create: Callable[[RequestUnitOfWork, Create], Created] | None = None
    """A use case that writes the row and records its events, in place of the plain insert."""
    before_transaction: Callable[[Services, Principal, UUID | None, Values], None] | None = None
    """Calls to other services before the transaction of a change, such as counting a limit, so that no transaction is
    open meanwhile. Its arguments are the caller, the row's id (None for a new one) and the sent values."""
    before_create: Callable[[RequestUnitOfWork, Values], Values] = _unchanged
    before_update: Callable[[RequestUnitOfWork, Row, Values], Values] = _unchanged_patch
    before_delete: Callable[[RequestUnitOfWork, Row], None] = _allowed
    before_restore: Callable[[RequestUnitOfWork, Row], None] = _allowed
    extras: Callable[[RequestUnitOfWork, Sequence[Row]], Sequence[Mapping[str, Any]]] | None = None
    """The document's fields that are not columns, one mapping for each row."""


@dataclass(frozen=True, slots=True)
class Parent:
    """The resource that another is listed under: `/conversations/<conversation_id>/messages` has
    `Parent("conversations", "conversation_id", …)`. The child has the parent's permissions and only a list."""

    name: str
    field: str
    """The name of the path parameter and of the column."""
    check: Callable[[RequestUnitOfWork, UUID], None]
    """Raises `NotFound` if the caller may not see the parent."""


def _all_visible(_: Principal, __: datetime) -> None:
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource[Row: TenantRow, Create: BaseModel, Read: Document]:
    """`name` is used in the path and in permissions; events are named `<context>.<singular>_created` and so on.

    Fields are named as the API names them. Only fields in `filter_by`, `sort_by` and `search_in` can be used so.
    """

    name: str
    singular: str
    context: str
    model: type[Row]
    read: type[Read]
    create: type[Create] = Input  # type: ignore[assignment]  # for a resource without the action: nothing to send
    update: type[BaseModel] = Input
    domain: str = "business"
    columns: Mapping[str, str] = field(default_factory=dict)
    """Column names by API name, where the two differ."""
    filter_by: tuple[str, ...] = ()
    sort_by: tuple[str, ...] = ("created_at",)
    search_in: tuple[str, ...] = ()
    default_sort: str = "-created_at"
    aliases: Mapping[str, str] = field(default_factory=dict)
    """Alternative names of filters: `{"start": "date__gte"}`."""
    filter_types: Mapping[str, Any] = field(default_factory=dict)
    """Types to parse a field's filters with, if not those of the input or the document: `{"phone": PhoneFilter}`."""
    case_insensitive: frozenset[str] = frozenset()
    """Text fields whose filters ignore case."""
    private: Mapping[str, str] = field(default_factory=dict)
    """The permission that a field needs. Without it the field is null, and not writable, filterable or sortable."""
    masked: frozenset[str] = frozenset()
    """Fields with personal data to mask in the audit log, besides those that are always masked."""
    hooks: Hooks[Row, Create] = field(default_factory=Hooks)
    actions: frozenset[Action] = ACTIONS
    """The actions that have routes; `{"read"}` for a read-only resource."""
    visible_to: Callable[[Principal, datetime], Specification | None] = _all_visible
    """The rows that a caller can see, as a condition on the model's columns; None for all. To every request of this
    caller other rows do not exist."""
    parent: Parent | None = None
    lookups: Mapping[str, ColumnElement[Any]] = field(default_factory=dict)
    """Fields of other tables, as SQL, to filter by and search in; `extras` adds them to the document."""
    unread: tuple[str, ...] = ()
    """Columns that are not loaded, as the document does not need them."""
    written_elsewhere: bool = False
    """Turns and workers write these rows without increasing `version`: the entity tag is the time of the last write."""
    composed: bool = False
    """The document has `extras` that change independently of the row, so `If-None-Match` is ignored."""
    limit: Limit | None = None
    """A limit for each route that is stricter than the caller's."""
    refuses: Mapping[int, str] = field(default_factory=dict)
    """Errors of writes beyond those of every resource, for the OpenAPI document: `{402: …}`."""
    deprecation: Deprecation | None = None
    """When its routes were deprecated and when they will be removed."""

    def __post_init__(self) -> None:
        if "read" not in self.actions:
            raise ValueError(f"{self.name}: whoever writes rows must be able to read them")
        for action in ("create", "update"):
            if (action in self.actions) == (getattr(self, action) is Input):
                raise ValueError(f"{self.name}: the action {action} needs its schema, and only it")
        for where, names in self._named():
            for name in names:
                if name not in self.lookups and not hasattr(self.model, self.column_of(name)):
                    raise ValueError(f"{self.name}: {name} in {where} is no column of {self.model.__name__}")
        if strange := {name.strip().removeprefix("-") for name in self.default_sort.split(",")} - {*self.sort_by}:
            raise ValueError(f"{self.name}: default_sort has {', '.join(sorted(strange))}, which sort_by has not")

    def _named(self) -> Iterator[tuple[str, Iterable[str]]]:
        """All declarations that name fields, to check that these have columns."""
        yield from (("filter_by", self.filter_by), ("sort_by", self.sort_by), ("search_in", self.search_in))
        if self.hooks.extras is None:
            yield self.read.__name__, self.read.model_fields
        if self.hooks.create is None and self.hooks.before_create is _unchanged:
            yield self.create.__name__, self.create.model_fields

    @property
    def path(self) -> str:
        """The path in the domain's API, in Powertools' notation."""
        above = "" if self.parent is None else f"/{self.parent.name}/<{self.parent.field}>"
        return f"{above}/{self.name}"

    def permission(self, action: Action) -> str:
        guarded = self.name if self.parent is None else self.parent.name
        return f"{guarded.replace('-', '_')}.{action}"

    def tag(self, version: int, updated_at: datetime) -> str:
        """The entity tag's text for a row."""
        return f"{version}-{updated_at.timestamp():.6f}" if self.written_elsewhere else str(version)

    def scope(self, who: Principal, now: datetime) -> ColumnElement[bool]:
        """The rows that `who` can see, for a statement's `where`."""
        seen = self.visible_to(who, now)
        return true() if seen is None else self.matching(seen)

    def matching(self, wanted: Specification) -> ColumnElement[bool]:
        return wanted.to_sql(self._columns())

    def _columns(self) -> Columns:
        mapped = self.model.__mapper__.column_attrs
        return {name: getattr(self.model, name) for name in mapped.keys()}  # noqa: SIM118  # no mapping

    def event(self, done: str) -> str:
        return f"{self.context}.{self.singular}_{done}"

    def column_of(self, name: str) -> str:
        return self.columns.get(name, name)

    def column(self, name: str) -> Any:
        """The mapped column of a field, or its SQL in `lookups`."""
        if name in self.lookups:
            return self.lookups[name]
        return getattr(self.model, self.column_of(name))

    def value_type(self, name: str) -> TypeAdapter[Any]:
        """The type of the document's field."""
        return TypeAdapter(annotation_of(self.read.model_fields[name]))

    def filter_type(self, name: str) -> TypeAdapter[Any]:
        """The type to parse a filter's value with: for texts that of the input, so that a filter is normalized like
        what was stored; for anything else that of the document."""
        if name in self.filter_types:
            return TypeAdapter(self.filter_types[name])
        if not is_text(self.read.model_fields[name].annotation):
            return self.value_type(name)
        written = self.create.model_fields.get(name) or self.update.model_fields.get(name)
        whole = str if written is None else annotation_of(written)
        return TypeAdapter(LineFilter if whole in (str, str | None) else whole)

    def visible(self, name: str, who: Principal) -> bool:
        return name not in self.private or who.may(self.private[name])

    def stored_fields(self) -> Mapping[str, str]:
        """The document's fields that are columns, with the names of these."""
        return _stored(self.read, self.model, tuple(self.columns.items()))


@cache
def _stored(read: type[BaseModel], model: type[Any], columns: tuple[tuple[str, str], ...]) -> Mapping[str, str]:
    given = dict(columns)
    named = {name: given.get(name, name) for name in read.model_fields}
    return {name: column for name, column in named.items() if hasattr(model, column)}
