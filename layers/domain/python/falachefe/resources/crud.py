"""The use cases of every resource. Row, audit entry and event are written in the caller's transaction."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Final
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import Select, bindparam, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm.exc import StaleDataError

from falachefe.audit import service as audit
from falachefe.audit.rules import changed_fields
from falachefe.db.base import TenantRow
from falachefe.http.response_size import MAX_RESPONSE_BYTES, fits, too_large, wire_bytes
from falachefe.http.unit_of_work import RequestUnitOfWork
from falachefe.kernel.errors import Conflict, DomainError, FieldError, Forbidden, InvalidInput, NotFound
from falachefe.kernel.events import Json as EventData
from falachefe.kernel.ids import new_id
from falachefe.resources.declaration import Resource, Values
from falachefe.resources.lists.paging import cursor_after, deferred, page_of, unread, with_key
from falachefe.resources.lists.query_string import ListQuery
from falachefe.resources.merge_patch_fields import MergePatch
from falachefe.resources.preconditions import PreconditionFailed, check_match
from falachefe.resources.schemas import Document
from falachefe.resources.specifications import equals

type Json = dict[str, Any]

_ROOM_FOR_PAGINATION: Final = 16 * 1024

_REFUSALS: Final[Mapping[str, DomainError]] = {
    "23505": Conflict("Já existe um registro igual.", code="already_exists"),
    "23503": InvalidInput("O registro aponta para outro que não existe.", code="reference_unknown"),
    "23514": InvalidInput("Há um valor fora do que se aceita.", code="value_not_allowed"),
    "23502": InvalidInput("Falta um valor obrigatório.", code="value_missing"),
    # Class 22, "data exception": the value does not fit the column.
    "22": InvalidInput("Há um valor que não se pode guardar.", code="value_not_storable"),
    "22003": InvalidInput("Há um número grande demais.", code="number_too_large"),
    "22008": InvalidInput("Há uma data fora do que se aceita.", code="date_out_of_range"),
    "22021": InvalidInput("O texto tem caracteres que não se podem guardar.", code="text_invalid"),
    "22P05": InvalidInput("O texto tem caracteres que não se podem guardar.", code="text_invalid"),
}


@dataclass(frozen=True, slots=True)
class Listed:
    """A page of a list."""

    data: list[Json]
    pagination: Json
    cursor_at: Callable[[int], str]
    """The cursor after the row of `data` with this index."""

    def text(self) -> str:
        """The page as JSON, with only as many rows as fit into a response.

        If rows are left out, `pagination` has `shortened`, and `next_cursor` continues after the last row included.
        Raises `ResponseTooLarge` if not even one row fits.
        """
        whole = _written({"data": self.data, "pagination": self.pagination})
        if fits(whole):
            return whole
        kept, left = 0, MAX_RESPONSE_BYTES - _ROOM_FOR_PAGINATION
        for document in self.data:
            left -= wire_bytes(_written(document))
            if left < 0:
                break
            kept += 1
        if not kept:
            raise too_large()
        cut = {"pages": None, "has_next": True, "next_cursor": self.cursor_at(kept - 1), "shortened": True}
        return _written({"data": self.data[:kept], "pagination": self.pagination | cut})


def _written(document: Any) -> str:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))


@contextmanager
def refusals() -> Iterator[None]:
    """Turns errors of Postgres into domain errors, whose messages reveal neither tables nor values."""
    try:
        yield
    except StaleDataError:
        raise PreconditionFailed("Alguém mudou este registro ao mesmo tempo. Leia de novo e repita.") from None
    except DBAPIError as error:
        detail = error.orig.args[0] if error.orig is not None and error.orig.args else None
        state = str(detail.get("C", "")) if isinstance(detail, dict) else ""
        known = _REFUSALS.get(state) or _REFUSALS.get(state[:2])
        if known is None:
            raise
        raise type(known)(known.detail, code=known.code) from None


def documents[Row: TenantRow, Read: Document](
    work: RequestUnitOfWork, resource: Resource[Row, Any, Read], rows: Sequence[Row]
) -> list[Json]:
    """The documents of rows, without what the caller may not see."""
    stored = resource.stored_fields()
    hidden = [name for name in resource.private if not resource.visible(name, work.who)]
    extras = resource.hooks.extras(work, rows) if resource.hooks.extras and rows else [{}] * len(rows)
    found = []
    for row, extra in zip(rows, extras, strict=True):
        values = {name: getattr(row, column) for name, column in stored.items()}
        document = resource.read.model_validate({**values, **extra}).model_dump(mode="json")
        found.append(document | dict.fromkeys(hidden))
    return found


def list_page(
    work: RequestUnitOfWork,
    resource: Resource[Any, Any, Any],
    query: ListQuery,
    parent: Mapping[str, UUID] | None = None,
) -> Listed:
    """A page of a list. `parent` is the path parameter of a nested resource. Raises `NotFound` for an unknown one."""
    for name, parent_id in (parent or {}).items():
        assert resource.parent is not None
        resource.parent.check(work, parent_id)
        query = replace(query, where=query.where & equals(name, parent_id))
    with refusals():
        page = page_of(work, resource, query)
    data = documents(work, resource, page.rows)
    if query.fields is not None:
        data = [{name: value for name, value in one.items() if name in query.fields} for one in data]
    number = None if query.cursor is not None else query.page
    pagination = {
        "page": number,
        "limit": query.limit,
        "total": page.total,
        "pages": None if page.total is None else -(-page.total // query.limit),
        "has_next": page.next_cursor is not None,
        "has_prev": query.cursor is not None or query.page > 1,
        "next_cursor": page.next_cursor,
    }
    order = with_key(query.order)
    return Listed(data, pagination, lambda last: cursor_after(resource, order, page.rows[last]))


def documents_of(work: RequestUnitOfWork, resource: Resource[Any, Any, Any], ids: Sequence[UUID]) -> dict[str, Json]:
    """The documents of these ids that the caller may see, by id."""
    model = resource.model
    seen = (
        model.company_id == work.company_id,
        model.id.in_(ids),
        model.deleted_at.is_(None),
        resource.scope(work.who, work.now),
    )
    rows = list(work.session.execute(select(model).options(*unread(resource)).where(*seen)).scalars())
    return {str(row.id): document for row, document in zip(rows, documents(work, resource, rows), strict=True)}


def get(work: RequestUnitOfWork, resource: Resource[Any, Any, Any], item_id: UUID) -> Json:
    return _document(work, resource, _found(work, resource, item_id))


def create(work: RequestUnitOfWork, resource: Resource[Any, Any, Any], body: BaseModel) -> Json:
    _refuse_private(work, resource, body)
    hooks = resource.hooks
    with refusals():
        if hooks.create is not None:
            made = hooks.create(work, body)
            row = _found(work, resource, made.id, whole=True)
            extras = made.extras
        else:
            row = _insert(work, resource, hooks.before_create(work, _values(resource, body)))
            extras = {}
            _record(work, resource, row, "created")
    _note(work, resource, row, "create", changed_fields({}, _snapshot(resource, row), resource.masked))
    return _document(work, resource, row) | dict(extras)


def update(
    work: RequestUnitOfWork, resource: Resource[Any, Any, Any], item_id: UUID, patch: BaseModel, if_match: str | None
) -> Json:
    """Applies a merge patch. One that changes nothing keeps the version."""
    _refuse_private(work, resource, patch)
    row = _found(work, resource, item_id, lock=True)
    check_match(if_match, resource.tag(row.version, row.updated_at))
    before = _snapshot(resource, row)
    with refusals():
        changes = resource.hooks.before_update(work, row, _merged(resource, row, patch))
    changed = {name: value for name, value in changes.items() if getattr(row, name) != value}
    if changed:
        _write(work, row, changed)
        _note(work, resource, row, "update", changed_fields(before, _snapshot(resource, row), resource.masked))
        _record(work, resource, row, "updated")
    return _document(work, resource, row)


def delete(work: RequestUnitOfWork, resource: Resource[Any, Any, Any], item_id: UUID, if_match: str | None) -> None:
    """Marks the row as deleted; `restore` reverts it."""
    row = _found(work, resource, item_id, lock=True)
    check_match(if_match, resource.tag(row.version, row.updated_at), required=False)
    with refusals():
        resource.hooks.before_delete(work, row)
    _write(work, row, {"deleted_at": work.now})
    _note(work, resource, row, "delete", {})
    _record(work, resource, row, "deleted")


def restore(work: RequestUnitOfWork, resource: Resource[Any, Any, Any], item_id: UUID) -> Json:
    row = _found(work, resource, item_id, lock=True, deleted=True)
    if row.deleted_at is None:
        raise Conflict("Este registro não foi excluído.", code="not_deleted")
    with refusals():
        resource.hooks.before_restore(work, row)
    _write(work, row, {"deleted_at": None})
    _note(work, resource, row, "restore", {})
    _record(work, resource, row, "restored")
    return _document(work, resource, row)


@cache
def _by_id(model: Any, unread: tuple[str, ...], lock: bool, deleted: bool) -> Select[Any]:
    """Cached, as building the statement and its cache key takes as much CPU time as executing it."""
    mine = (model.company_id == bindparam("company"), model.id == bindparam("item"))
    statement = select(model).options(*deferred(model, unread)).where(*mine)
    if not deleted:
        statement = statement.where(model.deleted_at.is_(None))
    if lock:
        # `key_share` lets others insert rows that refer to this one: a hook may wait for their transaction.
        statement = statement.with_for_update(key_share=True)
    return statement


def _found[Row: TenantRow](
    work: RequestUnitOfWork,
    resource: Resource[Row, Any, Any],
    item_id: UUID,
    *,
    lock: bool = False,
    deleted: bool = False,
    whole: bool = False,
) -> Row:
    """`whole`: also rows that the caller may not see, for one that the caller has just created."""
    statement = _by_id(resource.model, resource.unread, lock, deleted)
    if not whole and (seen := resource.visible_to(work.who, work.now)) is not None:
        statement = statement.where(resource.matching(seen))
    row: Row | None = work.session.execute(
        statement, {"company": work.company_id, "item": item_id}
    ).scalar_one_or_none()
    if row is None:
        raise NotFound("Este registro não existe.")
    return row


def _insert[Row: TenantRow](work: RequestUnitOfWork, resource: Resource[Row, Any, Any], values: Values) -> Row:
    stamps = {"company_id": work.company_id, "id": new_id(), "created_at": work.now, "updated_at": work.now}
    if hasattr(resource.model, "created_by"):
        stamps["created_by"] = work.who.author_id
    row = resource.model(**(stamps | values))
    work.session.add(row)
    work.session.flush()
    return row


def _write(work: RequestUnitOfWork, row: TenantRow, changes: Values) -> None:
    for name, value in changes.items():
        setattr(row, name, value)
    row.updated_at = work.now
    with refusals():
        work.session.flush()


def _document(work: RequestUnitOfWork, resource: Resource[Any, Any, Any], row: TenantRow) -> Json:
    return documents(work, resource, [row])[0]


def _values(resource: Resource[Any, Any, Any], body: BaseModel) -> Values:
    """The sent values by column. A patch has only the fields that were sent; an input has its defaults too."""
    given = body.model_fields_set if isinstance(body, resource.update) else set(type(body).model_fields)
    return {resource.column_of(name): getattr(body, name) for name in type(body).model_fields if name in given}


def _merged(resource: Resource[Any, Any, Any], row: TenantRow, patch: BaseModel) -> Values:
    """The sent values by column; a field with an object gets the merged object."""
    values = _values(resource, patch)
    for name, field in type(patch).model_fields.items():
        column = resource.column_of(name)
        merge_patch = next((one for one in field.metadata if isinstance(one, MergePatch)), None)
        if merge_patch is not None and values.get(column) is not None:
            values[column] = merge_patch.merged(name, getattr(row, column), values[column])
    return values


def _refuse_private(work: RequestUnitOfWork, resource: Resource[Any, Any, Any], body: BaseModel) -> None:
    for name in resource.private:
        if name in body.model_fields_set and not resource.visible(name, work.who):
            message = "Você não pode informar este campo."
            raise Forbidden(message, code="permission_denied", errors=(FieldError(name, message),))


def _snapshot(resource: Resource[Any, Any, Any], row: TenantRow) -> Json:
    kept = {"id", "created_at", "updated_at", "deleted_at", "version"}
    stored = resource.stored_fields().items()
    return {name: getattr(row, column) for name, column in stored if name not in kept}


def _note(
    work: RequestUnitOfWork, resource: Resource[Any, Any, Any], row: TenantRow, action: str, changes: Mapping[str, Any]
) -> None:
    audit.note(work, action=action, resource=resource.name, resource_id=row.id, changes=changes)


def _record(work: RequestUnitOfWork, resource: Resource[Any, Any, Any], row: TenantRow, done: str) -> None:
    data: dict[str, EventData] = {f"{resource.singular}_id": str(row.id), "version": row.version}
    work.record(resource.event(done), data)
