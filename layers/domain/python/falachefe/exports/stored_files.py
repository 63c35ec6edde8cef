"""What of a company's exports lies in the files' bucket."""

from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import BigInteger, Select, Table, bindparam, func, select
from sqlalchemy import cast as as_type

from falachefe.db.statements import Query, prepared
from falachefe.exports.models import Export
from falachefe.exports.service import KEPT


def reading_stored(company_id: UUID, now: datetime) -> Query[int]:
    """Bytes of the exports that can still be fetched."""
    return _stored.read(lambda rows: int(rows[0].stored), company_id=company_id, kept_since=now - KEPT)


@prepared
def _stored() -> Select[Any]:
    table = cast(Table, Export.__table__).c
    total = as_type(func.coalesce(func.sum(table.byte_count), 0), BigInteger)
    return select(total.label("stored")).where(
        table.company_id == bindparam("company_id"),
        table.status == "done",
        table.finished_at > bindparam("kept_since"),
        table.deleted_at.is_(None),
    )
