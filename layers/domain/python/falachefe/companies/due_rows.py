"""Rows that are due, company by company, for workers that act on each in a transaction of its own."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from falachefe.companies import service
from falachefe.db.engine import Database

TIME_BUDGET: Final = timedelta(seconds=40)
"""Of one run of a worker's function, whose timeout is 50 s; the next run continues."""


def due_rows(
    database: Database, directory: str, until: datetime, rows_of: Callable[[Session, UUID], Sequence[UUID]]
) -> Iterator[tuple[UUID, Sequence[UUID]]]:
    """The companies that `directory`, a function of that schema, names for the moment `until`, with the ids of
    `rows_of`. A company that is not active has none: its rows are due once it is active again.
    """
    with database.no_tenant() as session:
        found = list(session.scalars(select(getattr(func.directory, directory)(until))))
    for company_id in found:
        with database.tenant(company_id) as session:
            active = service.company(session, company_id).status == "active"
            rows = rows_of(session, company_id) if active else []
        yield company_id, rows
