"""Companies as superadmins list and change them. Each is read in a tenant transaction of its own."""

from datetime import datetime
from typing import Any, Final, cast
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import Select, Table, bindparam, select, text

from falachefe.accounts.user_limit import active_users_query
from falachefe.audit.service import note_change
from falachefe.companies.models import Company
from falachefe.companies.schemas import (
    Companies,
    CompanyShown,
    moment,
)
from falachefe.db.engine import Database
from falachefe.db.statements import Query, prepared
from falachefe.http.unit_of_work import RequestUnitOfWork
from falachefe.kernel.errors import Conflict, NotFound
from falachefe.messaging.channels.registration import channel_count_query
from falachefe.plans import limits as plan_limits
from falachefe.resources.preconditions import check_match

_FIELDS: Final = ("name", "time_zone", "status")
_EVENTS: Final = {"suspended": "company_suspended", "closed": "company_closed", "active": "company_reactivated"}


def listed(
    database: Database, *, search: str | None, status: str | None, cursor: UUID | None, limit: int, now: datetime
) -> Companies:
    """A page of companies, the oldest first. The directory has their ids; each is then read in its own transaction."""
    with database.no_tenant() as session:
        found = session.execute(
            text("select directory.companies(:after, :searched, :status, :at_most)"),
            {"after": cursor, "searched": _escape_like(search), "status": status, "at_most": limit + 1},
        )
        ids = list(found.scalars())
    shown = [one for company_id in ids[:limit] if (one := _shown(database, company_id, now)) is not None]
    return {"data": shown, "next_cursor": str(ids[limit - 1]) if len(ids) > limit else None}


def _escape_like(search: str | None) -> str | None:
    """Escapes the wildcards of a `like` pattern."""
    if search is None:
        return None
    return search.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def shown(database: Database, company_id: UUID, now: datetime) -> CompanyShown:
    """Raises `NotFound` when there is no such company."""
    found = _shown(database, company_id, now)
    if found is None:
        raise _not_found()
    return found


def _shown(database: Database, company_id: UUID, now: datetime) -> CompanyShown | None:
    row, terms = _company_query(company_id), plan_limits.terms_query(company_id, now)
    users, channels = active_users_query(company_id), channel_count_query(company_id)
    database.run_in_one_trip(company_id, row, terms, users, channels)
    if row.result is None:
        return None
    found = row.result
    return {
        "id": str(found.id),
        "name": found.name,
        "time_zone": found.time_zone,
        "status": found.status,
        "plan_code": cast(Any, terms.result.code),
        "users": users.result,
        "channels": channels.result,
        "created_at": moment(found.created_at),
        "updated_at": moment(found.updated_at),
        "version": found.version,
    }


def _company_query(company_id: UUID) -> Query[Any | None]:
    return _company.read(lambda rows: rows[0] if rows else None, id=company_id)


@prepared
def _company() -> Select[Any]:
    table = cast(Table, Company.__table__).c
    columns = (table.id, table.name, table.time_zone, table.status, table.created_at, table.updated_at, table.version)
    return select(*columns).where(table.id == bindparam("id"), table.deleted_at.is_(None))


def update(work: RequestUnitOfWork, patch: BaseModel, if_match: str | None) -> None:
    """Changes name, time zone or status. Requests of an inactive company are refused within half a minute."""
    row = work.session.execute(
        select(Company)
        .where(Company.id == work.company_id, Company.deleted_at.is_(None))
        .with_for_update(key_share=True)
    ).scalar_one_or_none()
    if row is None:
        raise _not_found()
    check_match(if_match, row.version)
    sent = patch.model_dump(include=patch.model_fields_set)
    changes = {name: value for name, value in sent.items() if getattr(row, name) != value}
    if changes.get("status", "active") != "active" and work.who.home == work.company_id:
        raise Conflict("Você não pode suspender nem encerrar a sua própria empresa.", code="own_company")
    if not changes:
        return
    before = {name: getattr(row, name) for name in _FIELDS}
    for name, value in changes.items():
        setattr(row, name, value)
    row.updated_at = work.now
    work.session.flush()
    event = _EVENTS[changes["status"]] if "status" in changes else "company_updated"
    note_change(work, "update", "companies", row.id, f"tenancy.{event}", before=before, after={**before, **changes})


def _not_found() -> NotFound:
    return NotFound("Empresa não encontrada.", code="company_not_found")
