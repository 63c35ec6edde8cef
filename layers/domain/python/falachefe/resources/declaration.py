"""What a resource is: one declaration over a model and its schemas. Nothing in here reads or writes."""

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
from falachefe.resources.schemas import AskedLine, Document, Input, annotation_of, is_text
from falachefe.resources.specifications import Columns, Specification

type Values = dict[str, Any]
"""Column names and what they get."""
type Action = Literal["read", "create", "update", "delete", "restore"]

ACTIONS: Final[frozenset[Action]] = frozenset({"read", "create", "update", "delete", "restore"})


@dataclass(frozen=True, slots=True)
class Created:
    """A row that a use case wrote itself. `extras` join the answer to this one request."""

    id: UUID
    extras: Mapping[str, Any] = field(default_factory=dict)


def _as_it_is(_: RequestUnitOfWork, values: Values) -> Values:
    return values


def _changes_as_they_are(_: RequestUnitOfWork, __: Any, changes: Values) -> Values:
    return changes


def _no_objection(_: RequestUnitOfWork, __: Any) -> None:
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Hooks[Row: TenantRow, Create: BaseModel]:
    """Where a resource has rules: plain functions that return what is to be written, or raise a `DomainError`."""

    create: Callable[[RequestUnitOfWork, Create], Created] | None = None
    """A use case that writes the row and tells of it, in place of the plain insert."""
    beforehand: Callable[[Services, Principal, UUID | None, Values], None] | None = None
    """What is asked of other services, before the transaction and for each change: who, of which row (None: a new one),
    what was sent. No transaction is open while a limit is counted."""
    before_create: Callable[[RequestUnitOfWork, Values], Values] = _as_it_is
    before_update: Callable[[RequestUnitOfWork, Row, Values], Values] = _changes_as_they_are
    before_delete: Callable[[RequestUnitOfWork, Row], None] = _no_objection
    before_restore: Callable[[RequestUnitOfWork, Row], None] = _no_objection
    extras: Callable[[RequestUnitOfWork, Sequence[Row]], Sequence[Mapping[str, Any]]] | None = None
    """Fields of the document that are no columns, one mapping for each row."""


@dataclass(frozen=True, slots=True)
class Parent:
    """What a resource is listed under: `/conversations/<conversation_id>/messages` has `Parent("conversations",
    "conversation_id", …)`, and its permissions are the parent's. It has a list and nothing else."""

    name: str
    field: str
    """The path's parameter, and the column that holds it."""
    check: Callable[[RequestUnitOfWork, UUID], None]
    """Raises `NotFound` where the caller may not see the parent."""


def _sees_all(_: Principal, __: datetime) -> None:
    return None


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
    create: type[Create] = Input  # type: ignore[assignment]  # for a resource without the action: nothing to send
    update: type[BaseModel] = Input
    domain: str = "business"
    columns: Mapping[str, str] = field(default_factory=dict)
    """API name → column, where the two differ."""
    filter_by: tuple[str, ...] = ()
    sort_by: tuple[str, ...] = ("created_at",)
    search_in: tuple[str, ...] = ()
    default_sort: str = "-created_at"
    aliases: Mapping[str, str] = field(default_factory=dict)
    """Other names of filters: `{"start": "date__gte"}`."""
    asked_as: Mapping[str, Any] = field(default_factory=dict)
    """How filters of a field are read, where neither its input nor its document says it: `{"phone": AskedPhone}`."""
    any_case: frozenset[str] = frozenset()
    """Texts that filters compare without regard to case."""
    private: Mapping[str, str] = field(default_factory=dict)
    """Fields for the holders of a permission only: for others null, and neither written, filtered nor sorted by."""
    masked: frozenset[str] = frozenset()
    """Personal data that the audit log must not hold (names of secrets and documents are masked anyway)."""
    hooks: Hooks[Row, Create] = field(default_factory=Hooks)
    actions: frozenset[Action] = ACTIONS
    """`{"read"}` is a resource that is looked at only; what is not among them has no route."""
    seen_by: Callable[[Principal, datetime], Specification | None] = _sees_all
    """Which rows a caller may see at all at a moment, over the model's columns; None is all of them. Whatever the
    request, other rows do not exist for this caller."""
    parent: Parent | None = None
    lookups: Mapping[str, ColumnElement[Any]] = field(default_factory=dict)
    """Fields that lie in another table, as SQL, to filter by and search in; `extras` shows them."""
    unread: tuple[str, ...] = ()
    """Columns that the document does not need and that stay in the database, however large."""
    written_elsewhere: bool = False
    """Turns and workers write these rows without counting versions: their entity tag has the time of the last write."""
    composed: bool = False
    """The document shows more than the row (`extras`), which changes without it: no tag says that it is known."""
    limit: Limit | None = None
    """For each of its routes, where it is stricter than what the caller may send anyway."""
    refuses: Mapping[int, str] = field(default_factory=dict)
    """What writing may be answered beyond what every resource may, for the OpenAPI document: `{402: …}`."""
    deprecation: Deprecation | None = None
    """Since when its routes are not to be used any more, and until when they answer."""

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
        """Where columns are named without a hook that could make something else of them."""
        yield from (("filter_by", self.filter_by), ("sort_by", self.sort_by), ("search_in", self.search_in))
        if self.hooks.extras is None:
            yield self.read.__name__, self.read.model_fields
        if self.hooks.create is None and self.hooks.before_create is _as_it_is:
            yield self.create.__name__, self.create.model_fields

    @property
    def path(self) -> str:
        """As powertools writes it, in the API of the domain."""
        above = "" if self.parent is None else f"/{self.parent.name}/<{self.parent.field}>"
        return f"{above}/{self.name}"

    def permission(self, action: Action) -> str:
        guarded = self.name if self.parent is None else self.parent.name
        return f"{guarded.replace('-', '_')}.{action}"

    def tag(self, version: int, updated_at: datetime) -> str:
        """What the entity tag says of a row."""
        return f"{version}-{updated_at.timestamp():.6f}" if self.written_elsewhere else str(version)

    def scope(self, who: Principal, now: datetime) -> ColumnElement[bool]:
        """What `who` may see, for a statement's `where`."""
        seen = self.seen_by(who, now)
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
        """The mapped column of a field, or the SQL that looks it up."""
        if name in self.lookups:
            return self.lookups[name]
        return getattr(self.model, self.column_of(name))

    def value_type(self, name: str) -> TypeAdapter[Any]:
        """What a filter's text is read as: the document's own field."""
        return TypeAdapter(annotation_of(self.read.model_fields[name]))

    def asked_type(self, name: str) -> TypeAdapter[Any]:
        """What the text of a filter for one value is read as: a text as the input reads it, so that whatever was
        written is found by what was written; anything else as the document has it."""
        if name in self.asked_as:
            return TypeAdapter(self.asked_as[name])
        if not is_text(self.read.model_fields[name].annotation):
            return self.value_type(name)
        written = self.create.model_fields.get(name) or self.update.model_fields.get(name)
        whole = str if written is None else annotation_of(written)
        return TypeAdapter(AskedLine if whole is str else whole)

    def visible(self, name: str, who: Principal) -> bool:
        return name not in self.private or who.may(self.private[name])

    def stored_fields(self) -> Mapping[str, str]:
        """The columns of the document's fields that are columns."""
        return _stored(self.read, self.model, tuple(self.columns.items()))


@cache
def _stored(read: type[BaseModel], model: type[Any], columns: tuple[tuple[str, str], ...]) -> Mapping[str, str]:
    given = dict(columns)
    named = {name: given.get(name, name) for name in read.model_fields}
    return {name: column for name, column in named.items() if hasattr(model, column)}
