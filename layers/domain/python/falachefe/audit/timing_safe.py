"""An audit entry that takes the same time whether or not the company exists, so that timing reveals nothing."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Insert, bindparam, column, exists, insert, select, table, text
from sqlalchemy.orm import Session

from falachefe.audit.service import AUDIT_LOGS, ENTRY_COLUMNS, entry_values
from falachefe.db.statements import prepared, run
from falachefe.kernel.actors import Actor


def note_if_company_exists(
    session: Session,
    company_id: UUID,
    actor: Actor,
    *,
    action: str,
    resource: str,
    resource_id: UUID,
    now: datetime,
) -> None:
    """Adds one entry without changes; for a company that does not exist the same statement adds none.

    The commit does not wait for the disk, because it would do so only when a row was written.
    """
    # As a function, because RDS Proxy pins the connection for every `SET`, even `set local`.
    session.execute(text("select set_config('synchronous_commit', 'off', true)"))
    of_what = {"action": action, "resource": resource, "resource_id": resource_id, "changes": {}}
    run(session, _insert(**entry_values(company_id, actor, now), **of_what))


@prepared
def _insert() -> Insert:
    companies = table("companies", column("id"))
    values: list[Any] = [bindparam(name, type_=AUDIT_LOGS.c[name].type) for name in ENTRY_COLUMNS]
    there = exists().where(companies.c.id == bindparam("company_id", type_=AUDIT_LOGS.c.company_id.type))
    return insert(AUDIT_LOGS).from_select(list(ENTRY_COLUMNS), select(*values).where(there))
