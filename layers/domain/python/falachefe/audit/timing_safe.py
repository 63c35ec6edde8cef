"""An audit entry that takes the same time whether or not the company exists, so that timing reveals nothing."""

from datetime import datetime
from typing import Any, Final, cast
from uuid import UUID

from sqlalchemy import Insert, Table, bindparam, column, exists, insert, select, table, text
from sqlalchemy.orm import Session

from falachefe.audit.models import AuditLog
from falachefe.audit.rules import masked_address
from falachefe.audit.service import MAX_USER_AGENT_LENGTH
from falachefe.db.statements import prepared, run
from falachefe.kernel.actors import Actor
from falachefe.kernel.ids import new_id
from falachefe.kernel.text import one_line

_COLUMNS: Final = (
    *("company_id", "id", "actor_kind", "actor_id", "action", "resource", "resource_id", "changes"),
    *("address", "user_agent", "request_id", "client_request_id", "created_at", "updated_at"),
)


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
    row = _insert(
        company_id=company_id,
        id=new_id(),
        actor_kind=actor.kind,
        actor_id=actor.id,
        action=action,
        resource=resource,
        resource_id=resource_id,
        changes={},
        address=masked_address(actor.address),
        user_agent=one_line(actor.user_agent or "")[:MAX_USER_AGENT_LENGTH] or None,
        request_id=actor.request_id,
        client_request_id=actor.client_request_id,
        created_at=now,
        updated_at=now,
    )
    run(session, row)


@prepared
def _insert() -> Insert:
    logs = cast(Table, AuditLog.__table__)
    companies = table("companies", column("id"))
    values: list[Any] = [bindparam(name, type_=logs.c[name].type) for name in _COLUMNS]
    there = exists().where(companies.c.id == bindparam("company_id", type_=logs.c.company_id.type))
    return insert(logs).from_select(list(_COLUMNS), select(*values).where(there))
