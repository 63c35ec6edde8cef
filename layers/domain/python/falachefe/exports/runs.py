"""Writing an export's file: page by page, each in its own transaction, with the permissions of the requester.

The ids of the rows and their order are read once at the beginning: paging by a column that changes meanwhile would
leave rows out or repeat them. Each row has the values at the time when its page is read; a row that the list does not
show any more by then is left out.

A repeated message starts again and replaces the whole file. An export that has ended is not written again.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from tempfile import SpooledTemporaryFile
from typing import IO, Any, Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from falachefe.access.staff import member
from falachefe.aws.failures import is_outage
from falachefe.aws.files import Files
from falachefe.db.engine import Database
from falachefe.db.outbox import Outbox, Publisher
from falachefe.db.quarantine import WORKER_LOST
from falachefe.db.unit_of_work import unit_of_work
from falachefe.exports.formats import (
    CONTENT_TYPES,
    CsvStyle,
    Documents,
    encode,
)
from falachefe.exports.models import Export
from falachefe.exports.service import format_of, list_query
from falachefe.http.principal import EVERYTHING, Principal
from falachefe.http.unit_of_work import RequestUnitOfWork
from falachefe.kernel.actors import Actor
from falachefe.kernel.clock import Clock
from falachefe.kernel.errors import DomainError, Forbidden
from falachefe.resources import crud
from falachefe.resources.declaration import Resource
from falachefe.resources.lists.paging import ID_BYTES, ids_in_order, rows_with
from falachefe.resources.lists.query_string import ListQuery

ROWS_A_PAGE: Final = 500
MAX_AGE: Final = timedelta(hours=24)
"""After this time since the request, as after a long outage, the export fails: its file is of no use any more."""
MAX_RUN_TIME: Final = timedelta(seconds=240)
"""A minute less than the function's timeout. A longer export would take as long again, so it fails at once."""
IDS_IN_MEMORY: Final = 64 * 1024
"""Bytes of ids; above that a temporary file is used."""
_ENDED: Final = ("done", "failed", "expired")


class ExportTooLate(DomainError):
    status = 422
    default_code = "export_too_late"
    title = "Exportação atrasada demais"


class ExportTooLong(DomainError):
    status = 422
    default_code = "export_too_long"
    title = "Exportação longa demais"


@dataclass(frozen=True, slots=True)
class _ExportRun:
    """The data of one export while it is written."""

    key: str
    row: Export
    who: Principal
    resource: Resource[Any, Any, Any]
    query: ListQuery
    started_at: datetime


@dataclass
class _Count:
    rows: int = 0


class Exporter:
    def __init__(
        self,
        database: Database,
        files: Callable[[], Files],
        publisher: Callable[[], Publisher],
        clock: Clock,
        exportable: Callable[[str], Resource[Any, Any, Any]],
    ) -> None:
        """`exportable` finds a resource's declaration by its name."""
        self._database = database
        self._exportable = exportable
        self._files = files
        self._publisher = publisher
        self._clock = clock

    def __call__(self, payload: Mapping[str, Any]) -> None:
        """Writes the export of a queue message.

        A `DomainError` that is not an outage ends it with its code; any other failure is raised, so that the queue
        message is delivered again.
        """
        company_id, export_id = UUID(payload["company_id"]), UUID(payload["export_id"])
        try:
            style_options = {name: payload[name] for name in ("delimiter", "decimal") if name in payload}
            outcome = self._write(company_id, export_id, frozenset(payload["may"]), style_options)
        except DomainError as error:
            if is_outage(error):
                raise
            outcome = {"status": "failed", "error_code": error.code}
        if outcome is not None:
            self._end(company_id, export_id, outcome)

    def give_up(self, payload: Mapping[str, Any], error: str) -> None:
        """Fails the export because its queue message was quarantined."""
        code = "export_interrupted" if error == WORKER_LOST else "export_failed"
        outcome = {"status": "failed", "error_code": code}
        self._end(UUID(payload["company_id"]), UUID(payload["export_id"]), outcome)

    def _write(
        self, company_id: UUID, export_id: UUID, permissions: frozenset[str], style_options: Mapping[str, str]
    ) -> dict[str, Any] | None:
        """Raises `Forbidden` when the requester has lost the permission, and what the list would raise."""
        with self._database.tenant(company_id) as session:
            run = self._begin(session, company_id, export_id, permissions)
        if run is None:
            return None
        kind, count = format_of(run.row), _Count()
        fields = [name for name in run.resource.read.model_fields if _is_selected(name, run.query)]
        style = CsvStyle(**style_options, amounts=_amounts(run.resource))
        with SpooledTemporaryFile(IDS_IN_MEMORY) as ids:
            self._store_ids(run, ids)
            chunks = encode(kind, fields, self._pages(run, ids, count), style)
            size = self._files().write(run.key, CONTENT_TYPES[kind], chunks)
        return {"status": "done", "row_count": count.rows, "byte_count": size}

    def _begin(
        self, session: Session, company_id: UUID, export_id: UUID, permissions: frozenset[str]
    ) -> _ExportRun | None:
        row = _locked(session, company_id, export_id)
        if row is None or row.status in _ENDED:
            return None
        if row.created_at < self._clock.now() - MAX_AGE:
            raise ExportTooLate("A exportação esperou demais para começar. Peça de novo.")
        who = _requester(session, company_id, row.requested_by, permissions)
        resource = self._exportable(row.resource)
        who.require(resource.permission("read"))
        query = list_query(resource, row.query, who)
        now = self._clock.now()
        row.status, row.updated_at = "running", now
        assert row.object_key is not None
        return _ExportRun(row.object_key, row, who, resource, query, now)

    def _store_ids(self, run: _ExportRun, ids: IO[bytes]) -> None:
        with self._database.snapshot(run.who.company_id) as session:
            for chunk in ids_in_order(_unit_of_work(session, run.who, self._clock.now()), run.resource, run.query):
                ids.write(chunk)
        ids.seek(0)

    def _pages(self, run: _ExportRun, ids: IO[bytes], count: _Count) -> Iterator[Documents]:
        while True:
            now = self._clock.now()
            if now - run.started_at > MAX_RUN_TIME:
                raise ExportTooLong("A exportação é longa demais. Peça um período menor.")
            chunk = ids.read(ROWS_A_PAGE * ID_BYTES)
            if not chunk:
                return
            wanted = [UUID(bytes=chunk[at : at + ID_BYTES]) for at in range(0, len(chunk), ID_BYTES)]
            documents = self._page(run, wanted, now)
            count.rows += len(documents)
            yield documents

    def _page(self, run: _ExportRun, ids: list[UUID], now: datetime) -> Documents:
        with self._database.tenant(run.who.company_id) as session:
            work = _unit_of_work(session, run.who, now)
            rows = rows_with(work, run.resource, run.query, ids)
            documents = crud.documents(work, run.resource, rows)
        return [{name: value for name, value in one.items() if _is_selected(name, run.query)} for one in documents]

    def _end(self, company_id: UUID, export_id: UUID, outcome: Mapping[str, Any]) -> None:
        now = self._clock.now()
        with unit_of_work(self._database, self._publisher(), company_id, now=now) as work:
            row = _locked(work.session, company_id, export_id)
            if row is None or row.status in _ENDED:
                return
            for name, value in outcome.items():
                setattr(row, name, value)
            row.finished_at = row.updated_at = now
            work.session.flush()
            data = {"export_id": str(export_id), "status": row.status, "row_count": row.row_count}
            work.record("platform.export_finished", data)


def _unit_of_work(session: Session, who: Principal, now: datetime) -> RequestUnitOfWork:
    return RequestUnitOfWork(session, Outbox(who.company_id), Actor("user", who.user_id), now, who)


def _amounts(resource: Resource[Any, Any, Any]) -> frozenset[str]:
    fields = resource.read.model_fields.items()
    return frozenset(name for name, field in fields if field.annotation in (Decimal, Decimal | None))


def _is_selected(name: str, query: ListQuery) -> bool:
    return query.fields is None or name in query.fields


def _locked(session: Session, company_id: UUID, export_id: UUID) -> Export | None:
    return session.execute(
        select(Export).where(Export.company_id == company_id, Export.id == export_id).with_for_update()
    ).scalar_one_or_none()


def _requester(session: Session, company_id: UUID, user_id: UUID, permissions: frozenset[str]) -> Principal:
    """The requester, with the permissions they had then and still have. Raises `Forbidden` when they are inactive."""
    found = member(session, company_id, user_id)
    if found is None or not (found.active and found.company_active):
        raise Forbidden("Quem pediu a exportação não trabalha mais aqui.", code="requester_inactive")
    return Principal(
        user_id=user_id,
        company_id=company_id,
        role=found.role,
        permissions=_intersection(found.permissions, permissions),
        session_id="",
    )


def _intersection(first: frozenset[str], second: frozenset[str]) -> frozenset[str]:
    if EVERYTHING in first:
        return second
    return first if EVERYTHING in second else first & second
