"""Pages of rows, by number or by cursor."""

import base64
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count as counting
from typing import Any, Final
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import (
    ColumnElement,
    LargeBinary,
    Select,
    and_,
    false,
    func,
    literal,
    or_,
    select,
    text,
    true,
    tuple_,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import defer
from sqlalchemy.types import UserDefinedType

from falachefe.db.base import TenantRow
from falachefe.http.unit_of_work import RequestUnitOfWork
from falachefe.kernel.text import ACCENTED, UNACCENTED
from falachefe.resources.declaration import Resource
from falachefe.resources.lists.query_string import ListQuery, Order, refusal

ID_BYTES: Final = 16
IDS_AT_ONCE: Final = 4_000


class _Uuids(UserDefinedType[str]):
    """Ids as one parameter, the text of an array. One parameter each, or a list, would stay in memory until garbage
    collection; a text cast in the statement would be parsed again for each row."""

    cache_ok = True
    render_bind_cast = True

    def get_col_spec(self, **_: Any) -> str:
        return "UUID[]"


@dataclass(frozen=True, slots=True)
class Page[Row: TenantRow]:
    rows: Sequence[Row]
    total: int | None
    next_cursor: str | None


def page_of[Row: TenantRow](work: RequestUnitOfWork, resource: Resource[Row, Any, Any], query: ListQuery) -> Page[Row]:
    """Reads the rows, one more to know whether there are further ones, and the total if requested, in one statement."""
    conditions = _conditions(work, resource, query)
    order = with_key(query.order)
    count = select(func.count()).select_from(resource.model).where(*conditions).scalar_subquery()
    statement: Select[Any] = select(resource.model, count) if query.total else select(resource.model)
    statement = (
        statement.options(*unread(resource)).where(*conditions).order_by(*(_ordering(resource, one) for one in order))
    )
    if query.cursor is not None:
        statement = statement.where(_after(resource, order, place_of(resource, order, query.cursor)))
    else:
        statement = statement.offset((query.page - 1) * query.limit)
    found = work.session.execute(statement.limit(query.limit + 1)).all()
    rows = [row[0] for row in found[: query.limit]]
    total = int(found[0][1]) if query.total and found else None
    if query.total and not found:  # a page beyond the last one has no row with the total
        total = int(work.session.execute(select(count)).scalar_one())
    more = len(found) > query.limit
    return Page(rows, total, cursor_after(resource, order, rows[-1]) if more else None)


def ids_in_order[Row: TenantRow](
    work: RequestUnitOfWork, resource: Resource[Row, Any, Any], query: ListQuery
) -> Iterator[bytes]:
    """The ids of the whole list in its order, 16 bytes each and several thousand at a time.

    In a snapshot transaction no row is missing or repeated because of concurrent changes. Postgres sorts,
    for no other has its collations, and joins the ids: one value a row would need twenty times the memory.
    """
    place = func.row_number().over(order_by=[_ordering(resource, one) for one in with_key(query.order)])
    numbered = select(resource.model.id.label("id"), place.label("place")).where(*_conditions(work, resource, query))
    for first in counting(0, IDS_AT_ONCE):
        ids = numbered.order_by(text("place")).limit(IDS_AT_ONCE).offset(first).subquery()
        in_order = aggregate_order_by(literal(b"", LargeBinary), ids.c.place)
        some: bytes | None = work.session.scalar(select(func.string_agg(func.uuid_send(ids.c.id), in_order)))
        yield some or b""
        if len(some or b"") < IDS_AT_ONCE * ID_BYTES:
            return


def rows_with[Row: TenantRow](
    work: RequestUnitOfWork, resource: Resource[Row, Any, Any], query: ListQuery, ids: Sequence[UUID]
) -> list[Row]:
    """The rows of these ids that are still in the list, in the order of the ids."""
    statement = select(resource.model).options(*unread(resource))
    wanted = literal("{" + ",".join(map(str, ids)) + "}", _Uuids())
    chosen = statement.where(*_conditions(work, resource, query), resource.model.id == func.any(wanted))
    found = work.session.execute(chosen).scalars()
    rows = {row.id: row for row in found}
    return [rows[one] for one in ids if one in rows]


def unread(resource: Resource[Any, Any, Any]) -> list[Any]:
    """Loader options for the columns that are not loaded."""
    return deferred(resource.model, resource.unread)


def deferred(model: Any, names: Sequence[str]) -> list[Any]:
    return [defer(getattr(model, name), raiseload=True) for name in names]


def with_key(order: Sequence[Order]) -> tuple[Order, ...]:
    """Adds the id to break ties, so that the order is total."""
    if any(one.field == "id" for one in order):
        return tuple(order)
    return (*order, Order("id", order[-1].descending))


def _conditions(
    work: RequestUnitOfWork, resource: Resource[Any, Any, Any], query: ListQuery
) -> list[ColumnElement[bool]]:
    model = resource.model
    above = () if resource.parent is None else (resource.parent.field,)
    columns = {name: _compared(resource, name) for name in (*resource.filter_by, *above)}
    found = [model.company_id == work.company_id, resource.scope(work.who, work.now), query.where.to_sql(columns)]
    if not query.include_deleted:
        found.append(model.deleted_at.is_(None))
    for pattern in query.patterns:
        wanted = like_pattern(pattern.text)
        found.append(_folded(resource.column(pattern.field)).like(_folded(wanted), escape="\\"))
    for word in query.search.split()[:10]:
        found.append(or_(*(func.strpos(_folded(resource.column(c)), _folded(word)) > 0 for c in resource.search_in)))
    return found


def _compared(resource: Resource[Any, Any, Any], name: str) -> Any:
    column = resource.column(name)
    return func.lower(column) if name in resource.case_insensitive else column


def like_pattern(asked: str) -> str:
    """The SQL pattern of a `like` filter, escaped by `\\`: `%` is any text; `\\%` and `_` are literal. Without any `%`
    it matches anywhere in the text."""
    pieces = re.findall(r"\\[%\\]|.", asked, re.DOTALL)
    escaped = "".join(f"\\{piece}" if piece in ("\\", "_") else piece for piece in pieces)
    return escaped if "%" in pieces else f"%{escaped}%"


def _folded(text: Any) -> ColumnElement[str]:
    """Lower case without accents, for both sides of a comparison."""
    return func.translate(func.lower(func.normalize(text)), ACCENTED, UNACCENTED)


def _ordering(resource: Resource[Any, Any, Any], order: Order) -> ColumnElement[Any]:
    column: ColumnElement[Any] = resource.column(order.field)
    return column.desc() if order.descending else column.asc()


def _after(resource: Resource[Any, Any, Any], order: Sequence[Order], values: Sequence[Any]) -> ColumnElement[bool]:
    """The rows after `values` in the order. Postgres sorts NULL as the greatest value."""
    columns = [resource.column(one.field) for one in order]
    one_way = len({one.descending for one in order}) == 1
    if one_way and not any(column.expression.nullable for column in columns):  # one comparison that an index serves
        here, there = tuple_(*columns), tuple_(*values)
        return here < there if order[0].descending else here > there
    behind: ColumnElement[bool] = false()
    same: ColumnElement[bool] = true()
    for one, column, value in zip(order, columns, values, strict=True):
        behind = or_(behind, and_(same, _beyond(column, value, descending=one.descending)))
        same = and_(same, column.is_(None) if value is None else column == value)
    return behind


def _beyond(column: Any, value: Any, *, descending: bool) -> ColumnElement[bool]:
    if value is None:
        beyond: ColumnElement[bool] = column.is_not(None) if descending else false()
        return beyond
    return column < value if descending else or_(column > value, column.is_(None))


def _signature(order: Sequence[Order]) -> str:
    return ",".join(f"{'-' if one.descending else ''}{one.field}" for one in order)


def cursor_after(resource: Resource[Any, Any, Any], order: Sequence[Order], row: TenantRow) -> str:
    """The cursor of the page after the one that ends with `row`."""
    values = [(one, getattr(row, resource.column_of(one.field))) for one in order]
    place = [_adapter(resource, one).dump_python(value, mode="json") for one, value in values]
    document = json.dumps([_signature(order), place], ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(document.encode()).decode().rstrip("=")


def place_of(resource: Resource[Any, Any, Any], order: Sequence[Order], cursor: str) -> list[Any]:
    """The values in a cursor. Raises `InvalidInput` for a malformed one or one of another order."""
    unknown = refusal("cursor", "Este cursor não existe. Comece pela primeira página.")
    try:
        encoded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        signature, place = json.loads(base64.b64decode(encoded, b"-_", validate=True))
        values = [_adapter(resource, one).validate_python(value) for one, value in zip(order, place, strict=True)]
    except (ValueError, TypeError, RecursionError):  # pydantic's and base64's errors are ValueErrors
        raise unknown from None
    if signature != _signature(order) or any(isinstance(value, str) and "\0" in value for value in values):
        raise unknown
    return values


def _adapter(resource: Resource[Any, Any, Any], order: Order) -> TypeAdapter[Any]:
    column = resource.column(order.field)
    kind = column.type.python_type
    return TypeAdapter(kind | None if column.expression.nullable else kind)
