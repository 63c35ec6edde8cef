"""Creating and reading companies. A company's row is visible only in its own tenant transaction."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, cast
from uuid import UUID
from zoneinfo import ZoneInfo, available_timezones

from sqlalchemy import Select, Table, bindparam, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from falachefe.companies.models import DEFAULT_TIME_ZONE, Company
from falachefe.db.statements import Query, fetch, prepared
from falachefe.kernel.display_names import name_problem
from falachefe.kernel.errors import NotFound, invalid_field
from falachefe.kernel.text import one_line

MAX_NAME_LENGTH = 120


@dataclass(frozen=True, slots=True)
class CompanyView:
    id: UUID
    name: str
    time_zone: str
    status: str
    settings: dict[str, Any]


@dataclass(frozen=True, slots=True)
class CompanyClock:
    """The current time in the company's time zone."""

    time_zone: str
    now: datetime
    today: date


def create_company(
    session: Session,
    company_id: UUID,
    *,
    name: str,
    time_zone: str = DEFAULT_TIME_ZONE,
    settings: dict[str, Any] | None = None,
) -> CompanyView:
    """Creates the company of this transaction (`database.tenant(company_id)`), or returns the existing one."""
    shown = one_line(name)
    if not 2 <= len(shown) <= MAX_NAME_LENGTH:
        message = f"O nome da empresa tem de 2 a {MAX_NAME_LENGTH} caracteres."
        raise invalid_field("name", message, "name_length")
    if (problem := name_problem(shown)) is not None:
        raise invalid_field("name", problem, "name_invalid")
    if time_zone not in available_timezones():
        message = "Fuso horário desconhecido. Use um nome como America/Sao_Paulo."
        raise invalid_field("time_zone", message, "time_zone_unknown")
    values = {"id": company_id, "name": shown, "time_zone": time_zone, "settings": settings or {}}
    session.execute(upsert(Company).values(**values).on_conflict_do_nothing())
    return company(session, company_id)


def company(session: Session, company_id: UUID) -> CompanyView:
    """Raises `NotFound` when there is no such company, or it is not the one of this transaction."""
    found = fetch(session, company_query(company_id))
    if found is None:
        raise NotFound("Empresa não encontrada.", code="company_not_found")
    return found


def company_query(company_id: UUID) -> Query[CompanyView | None]:
    return _by_id.read(_view_if_any, id=company_id)


def _view_if_any(rows: list[Any]) -> CompanyView | None:
    return CompanyView(*rows[0]) if rows else None


@prepared
def _by_id() -> Select[Any]:
    table = cast(Table, Company.__table__)
    return select(table.c.id, table.c.name, table.c.time_zone, table.c.status, table.c.settings).where(
        table.c.id == bindparam("id"), table.c.deleted_at.is_(None)
    )


def clock_in(time_zone: str, now: datetime) -> CompanyClock:
    """`now` in a time zone, given by its IANA name."""
    local = now.astimezone(ZoneInfo(time_zone))
    return CompanyClock(time_zone, local, local.date())


def company_clock(session: Session, company_id: UUID, now: datetime) -> CompanyClock:
    return clock_in(company(session, company_id).time_zone, now)
