"""Adds audit entries in the transaction of the action, so that neither is stored without the other."""

from collections.abc import Collection, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final, cast
from uuid import UUID

from sqlalchemy import Insert, Table, bindparam, insert, select
from sqlalchemy.orm import Session

from falachefe.audit.models import AuditLog
from falachefe.audit.rules import changed_fields, masked_address
from falachefe.db.statements import defer, prepared
from falachefe.db.unit_of_work import UnitOfWork
from falachefe.kernel.actors import Actor
from falachefe.kernel.events import Json
from falachefe.kernel.ids import new_id
from falachefe.kernel.text import one_line

MAX_USER_AGENT_LENGTH: Final = 300
ENTRY_COLUMNS: Final = (
    *("company_id", "id", "actor_kind", "actor_id", "on_behalf_of", "action", "resource", "resource_id"),
    *("changes", "address", "user_agent", "request_id", "client_request_id", "created_at", "updated_at"),
)
AUDIT_LOGS: Final = cast(Table, AuditLog.__table__)


def note(
    work: UnitOfWork,
    *,
    action: str,
    resource: str,
    resource_id: UUID,
    changes: Mapping[str, Any] = MappingProxyType({}),
) -> None:
    """Adds an audit entry of the unit of work's actor. `changes` as `rules.changed_fields` gives them."""
    insert_entry(
        work.session,
        work.company_id,
        work.actor,
        action=action,
        resource=resource,
        resource_id=resource_id,
        changes=changes,
        now=work.now,
    )


def note_change(
    work: UnitOfWork,
    action: str,
    resource: str,
    resource_id: UUID,
    event: str,
    *,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    data: Mapping[str, Json] = MappingProxyType({}),
) -> None:
    """The audit entry of what differs, and a domain event that names the fields, and has `data`."""
    changes = changed_fields(before, after)
    note(work, action=action, resource=resource, resource_id=resource_id, changes=changes)
    work.record(event, {"id": str(resource_id), "fields": [*sorted(changes)], **data})


def insert_entry(
    session: Session,
    company_id: UUID,
    actor: Actor,
    *,
    action: str,
    resource: str,
    resource_id: UUID,
    changes: Mapping[str, Any],
    now: datetime,
) -> None:
    """Adds one entry, sent with the next statement or the commit. `changes` come from `rules.changed_fields`."""
    of_what = {"action": action, "resource": resource, "resource_id": resource_id, "changes": dict(changes)}
    defer(session, _insert(**entry_values(company_id, actor, now), **of_what))


def entry_values(company_id: UUID, actor: Actor, now: datetime) -> dict[str, Any]:
    """The columns of a new entry that say whose it is, when and by whom."""
    return {
        "company_id": company_id,
        "id": new_id(),
        "actor_kind": actor.kind,
        "actor_id": actor.id,
        "on_behalf_of": actor.on_behalf_of,
        "address": masked_address(actor.address),
        "user_agent": one_line(actor.user_agent or "")[:MAX_USER_AGENT_LENGTH] or None,
        "request_id": actor.request_id,
        "client_request_id": actor.client_request_id,
        "created_at": now,
        "updated_at": now,
    }


def actions_before(
    session: Session, company_id: UUID, *, resource: str, resource_id: UUID, actions: Collection[str], now: datetime
) -> set[str]:
    """Those of the actions that were done to one thing before now."""
    done = select(AuditLog.action).where(
        AuditLog.company_id == company_id,
        AuditLog.resource == resource,
        AuditLog.resource_id == resource_id,
        AuditLog.action.in_(actions),
        AuditLog.created_at < now,
    )
    return set(session.scalars(done))


@prepared
def _insert() -> Insert:
    return insert(AUDIT_LOGS).values({name: bindparam(name) for name in ENTRY_COLUMNS})
