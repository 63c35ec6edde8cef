"""Exports of lists to files: requesting one, and the resource that shows their state and download link."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, Literal
from urllib.parse import parse_qsl
from uuid import UUID

from pydantic import Field
from sqlalchemy import func, select

from falachefe.audit import service as audit
from falachefe.aws.files import Files
from falachefe.exports.formats import Format
from falachefe.exports.models import Export
from falachefe.exports.schemas import ExportIn
from falachefe.http.principal import Principal
from falachefe.http.unit_of_work import RequestUnitOfWork
from falachefe.kernel.errors import Forbidden, LimitExceeded, invalid_field
from falachefe.kernel.ids import new_id
from falachefe.resources.declaration import Hooks, Resource
from falachefe.resources.lists import query_string
from falachefe.resources.lists.query_string import ListQuery
from falachefe.resources.schemas import Document, Input
from falachefe.resources.specifications import Specification, equals

QUEUE: Final = "exports"
MAX_UNFINISHED: Final = 5
"""Unfinished exports of one person within an hour."""
RETENTION: Final = timedelta(days=7)
"""After this time the bucket's lifecycle rule deletes the files."""
LINK_SECONDS: Final = 900
_PAGING: Final = frozenset({"page", "limit", "cursor", "total"})


class ExportOut(Document):
    """`download_url`: valid for 15 minutes without signing in; only shown to the user who requested the export."""

    resource: str = Field(examples=["transactions"])
    format: Literal["csv", "json"]
    query: str
    status: Literal["pending", "running", "done", "failed", "expired"]
    requested_by: UUID
    row_count: int | None
    byte_count: int | None
    error_code: str | None
    finished_at: datetime | None
    expires_at: datetime | None
    download_url: str | None


def list_query(resource: Resource[Any, Any, Any], query: str, who: Principal) -> ListQuery:
    """Parses a list's query string. Raises what the list would raise, and `InvalidInput` for paging parameters."""
    given: dict[str, list[str]] = {}
    for name, value in parse_qsl(query.removeprefix("?"), keep_blank_values=True):
        given.setdefault(name, []).append(value)
    if paging := sorted(_PAGING & given.keys()):
        message = f"A exportação traz todas as páginas: tire {', '.join(paging)}."
        raise invalid_field("query", message)
    return query_string.parse(resource, given, who)


def request_export(work: RequestUnitOfWork, resource: Resource[Any, Any, Any], body: ExportIn) -> UUID:
    """Stores the export and queues its message. Raises `LimitExceeded` beyond `MAX_UNFINISHED`."""
    list_query(resource, body.query, work.who)
    if work.who.author_id is None:
        raise Forbidden("Só quem é da empresa exporta os dados dela.", code="export_by_visitor")
    _refuse_too_many(work)
    row = Export(
        company_id=work.company_id,
        id=new_id(),
        resource=resource.name,
        format=body.format,
        query=body.query,
        status="pending",
        requested_by=work.who.user_id,
        created_at=work.now,
        updated_at=work.now,
    )
    row.object_key = f"{_folder(work.who)}{row.id}.{row.format}"
    work.session.add(row)
    work.session.flush()
    _enqueue(work, row, body)
    return row.id


def _enqueue(work: RequestUnitOfWork, row: Export, body: ExportIn) -> None:
    changes = {"resource": {"old": None, "new": row.resource}, "format": {"old": None, "new": row.format}}
    audit.note(work, action="create", resource="exports", resource_id=row.id, changes=changes)
    data = {"export_id": str(row.id), "resource": row.resource}
    work.record("platform.export_requested", data)
    # The file is limited to the caller's permissions: an API key may have fewer than its creator.
    queue_message = {"export_id": str(row.id), "company_id": str(work.company_id), "may": sorted(work.who.permissions)}
    queue_message |= {"delimiter": body.delimiter, "decimal": body.decimal}
    work.outbox.send(QUEUE, queue_message, group_id=str(work.company_id), deduplication_id=str(row.id))


def _refuse_too_many(work: RequestUnitOfWork) -> None:
    unfinished = work.session.scalar(
        select(func.count())
        .select_from(Export)
        .where(
            Export.company_id == work.company_id,
            Export.requested_by == work.who.user_id,
            Export.status.in_(("pending", "running")),
            Export.created_at > work.now - timedelta(hours=1),
        )
    )
    if unfinished is not None and unfinished >= MAX_UNFINISHED:
        message = "Espere as exportações anteriores terminarem."
        raise LimitExceeded(message, code="too_many_exports", retry_after=30)


def _folder(who: Principal) -> str:
    """One folder for each caller: an API key downloads its own exports, not those of its creator."""
    subject = hashlib.sha256(who.subject.encode()).hexdigest()[:32]
    return f"exports/{who.company_id}/{subject}/"


def _own(who: Principal, _: datetime) -> Specification | None:
    return None if who.may("exports.manage") else equals("requested_by", who.user_id)


def exports_resource(files: Callable[[], Files]) -> Resource[Export, Input, ExportOut]:
    """The resource of exports. Files are downloaded from the bucket by a signed link."""

    def states(work: RequestUnitOfWork, rows: Sequence[Export]) -> list[Mapping[str, Any]]:
        return [_state(work, row, files) for row in rows]

    return Resource(
        name="exports",
        singular="export",
        context="platform",
        domain="platform",
        model=Export,
        read=ExportOut,
        filter_by=("resource", "format", "requested_by", "created_at"),
        sort_by=("created_at", "resource"),
        actions=frozenset({"read"}),
        visible_to=_own,
        composed=True,
        hooks=Hooks(extras=states),
    )


def _state(work: RequestUnitOfWork, row: Export, files: Callable[[], Files]) -> Mapping[str, Any]:
    expires_at = None if row.finished_at is None or row.status != "done" else row.finished_at + RETENTION
    expired = expires_at is not None and expires_at <= work.now
    there = expires_at is not None and not expired
    return {
        "status": "expired" if expired else row.status,
        "expires_at": expires_at,
        "download_url": _link(row, files()) if there and _may_download(work.who, row) else None,
    }


def _may_download(who: Principal, row: Export) -> bool:
    own = row.requested_by == who.user_id and (who.key is None or (row.object_key or "").startswith(_folder(who)))
    return own and who.may(f"{row.resource.replace('-', '_')}.read")


def _link(row: Export, files: Files) -> str:
    assert row.object_key is not None
    name = f"{row.resource}-{row.created_at:%Y-%m-%d}.{row.format}"
    return files.link(row.object_key, name, LINK_SECONDS)


def format_of(row: Export) -> Format:
    return "csv" if row.format == "csv" else "json"
