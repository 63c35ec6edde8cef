"""Changing a row that is known by its version, outside of the REST toolkit: tools and their undoing."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.orm import Session

from falachefe.db.base import TenantRow
from falachefe.kernel.errors import Conflict


def write_version(
    session: Session,
    model: type[TenantRow],
    company_id: UUID,
    row_id: UUID,
    *,
    version: int,
    values: Mapping[str, Any],
    now: datetime,
) -> int:
    """Writes `values` to the row if it still has this version, and returns the new one.

    The check and the write are one statement: of two transactions with the same version, exactly one succeeds. Raises
    `Conflict` with the code `changed_meanwhile` for the other one, and writes nothing.
    """
    written: int | None = session.execute(
        update(model)
        .where(model.company_id == company_id, model.id == row_id, model.version == version)
        .values(**values, updated_at=now, version=version + 1)
        .returning(model.version)
        .execution_options(synchronize_session=False)
    ).scalar()
    if written is None:
        raise changed_meanwhile()
    return written


def changed_meanwhile() -> Conflict:
    return Conflict("Esse registro mudou depois disso, então deixei como está.", code="changed_meanwhile")
