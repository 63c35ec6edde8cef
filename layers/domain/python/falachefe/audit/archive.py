"""Archives audit rows older than a year: writes them to S3 and only then deletes them from Postgres.

A batch holds the oldest rows of one company and one whole UTC day more than a year ago, to which no row is added any
more. So a run that crashed between writing and deleting is repeated with the same bytes under the same key.
"""

import base64
import gzip
import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, cast, func, select
from sqlalchemy.orm import Session

from falachefe.audit.rules import changed_fields
from falachefe.audit.service import AUDIT_LOGS, insert_entry
from falachefe.db.engine import Database
from falachefe.kernel.actors import Actor
from falachefe.kernel.observability.logs import logger

RETENTION: Final = timedelta(days=365)
"""The same as in `directory.forget_audit_logs`, which deletes nothing younger."""
BATCH: Final = 2_000
"""Rows per object: a batch is in memory as rows, as text and compressed (function of 512 MB)."""
_ACTION: Final = "archive"
_COLUMNS: Final = (
    *("id", "created_at", "company_id", "actor_kind", "actor_id", "on_behalf_of", "action", "resource", "resource_id"),
    *("changes", "address", "user_agent", "request_id", "client_request_id"),
)


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows of one company and day, as one object."""

    key: str
    content: bytes
    ids: tuple[UUID, ...]
    day: date
    has_other_entries: bool
    """Whether it holds rows other than those of the archiving itself. Only then is the run noted in the audit log:
    otherwise each run would create the row that the next year's run archives."""


@dataclass(slots=True)
class Archived:
    objects: int = 0
    rows: int = 0
    failures: int = 0
    """Companies whose rows were not archived."""
    complete: bool = True
    """False when time ran out; the next day's run continues."""


class Archive:
    """The bucket of old audit rows."""

    def __init__(self, s3: Callable[[], Any], bucket: str) -> None:
        self._s3 = s3
        self._bucket = bucket

    def keep(self, batch: Batch) -> None:
        """Returns once S3 has stored the object; S3 verifies it against the SHA-256 that is sent along."""
        self._s3().put_object(
            Bucket=self._bucket,
            Key=batch.key,
            Body=batch.content,
            ContentType="application/x-ndjson",
            ContentEncoding="gzip",
            ChecksumSHA256=base64.b64encode(hashlib.sha256(batch.content).digest()).decode(),
        )


def archive_all(
    database: Database, archive: Archive, now: datetime, *, has_time: Callable[[], bool], request_id: str
) -> Archived:
    """Archives the old rows of all companies while `has_time()`. A failure of one company does not stop the others."""
    done = Archived()
    for company_id in _companies(database):
        try:
            _archive_company(database, archive, company_id, now, done, has_time=has_time, request_id=request_id)
        except Exception as error:  # noqa: BLE001  # counted and reported to the caller; the rows are still there
            done.failures += 1
            logger().exception("audit rows were not archived", company=str(company_id), error=type(error).__name__)
        if not done.complete:
            break
    return done


def _archive_company(
    database: Database,
    archive: Archive,
    company_id: UUID,
    now: datetime,
    done: Archived,
    *,
    has_time: Callable[[], bool],
    request_id: str,
) -> None:
    while True:
        if not has_time():
            done.complete = False
            return
        with database.tenant(company_id) as session:
            batch = next_batch(session, company_id, now)
        if batch is None:
            return
        archive.keep(batch)
        with database.tenant(company_id) as session:
            gone = _forget(session, company_id, batch, now, request_id)
        if not gone:  # another run is working on it, or the database's clock is behind ours
            return
        done.objects += 1
        done.rows += gone


def next_batch(session: Session, company_id: UUID, now: datetime) -> Batch | None:
    """The oldest rows of the oldest due day, or None."""
    table = AUDIT_LOGS.c
    statement = (
        select(*(table[name] for name in _COLUMNS))
        .where(table.company_id == company_id, table.created_at < due_before(now))
        .order_by(table.created_at, table.id)
        .limit(BATCH)
    )
    rows = session.execute(statement).all()
    if not rows:
        return None
    day = _day_of(rows[0])
    return _batch(company_id, day, [row for row in rows if _day_of(row) == day])


def due_before(now: datetime) -> datetime:
    """The end of the last whole UTC day more than a year ago."""
    return (now.astimezone(UTC) - RETENTION).replace(hour=0, minute=0, second=0, microsecond=0)


def _batch(company_id: UUID, day: date, rows: Sequence[Any]) -> Batch:
    lines = "".join(f"{_line(row)}\n" for row in rows)
    content = gzip.compress(lines.encode(), mtime=0)  # without a time, so that a repetition has the same bytes
    name = f"{day:%d}-{rows[0].id}-{hashlib.sha256(content).hexdigest()[:16]}.jsonl.gz"
    return Batch(
        key=f"{company_id}/{day:%Y/%m}/{name}",
        content=content,
        ids=tuple(row.id for row in rows),
        day=day,
        has_other_entries=any(row.action != _ACTION for row in rows),
    )


def _line(row: Any) -> str:
    return json.dumps(row._asdict(), ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=_text)


def _text(value: Any) -> str:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else str(value)


def _day_of(row: Any) -> date:
    moment: datetime = row.created_at
    return moment.astimezone(UTC).date()


def _forget(session: Session, company_id: UUID, batch: Batch, now: datetime, request_id: str) -> int:
    """Deletes the batch's rows and returns how many were still there."""
    ids = cast(list(batch.ids), ARRAY(Uuid()))
    gone = len(session.execute(select(func.directory.forget_audit_logs(company_id, ids))).all())
    if gone != len(batch.ids):  # another run was faster and has written the same object
        logger().warning("audit rows were gone already", company=str(company_id), missing=len(batch.ids) - gone)
    if not batch.has_other_entries or not gone:
        return gone
    insert_entry(
        session,
        company_id,
        Actor("job", None, request_id=request_id),
        action=_ACTION,
        resource="audit-logs",
        resource_id=batch.ids[0],
        changes=changed_fields({}, {"day": batch.day, "rows": gone}),
        now=now,
    )
    return gone


def _companies(database: Database) -> list[UUID]:
    with database.no_tenant() as session:
        return sorted(session.execute(select(func.directory.companies_with_old_audit_logs())).scalars())
