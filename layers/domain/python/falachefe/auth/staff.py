"""Who a member of staff is, for the parts of the product that act in their name."""

from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Select, Table, bindparam, select
from sqlalchemy.orm import Session

from falachefe.auth.models import User
from falachefe.auth.permissions import permissions_of
from falachefe.data.statements import Query, ask, prepared


@dataclass(frozen=True, slots=True)
class Member:
    id: UUID
    name: str
    role: str
    active: bool
    permissions: frozenset[str]
    """Empty for someone who is no longer active."""


def member(session: Session, company_id: UUID, user_id: UUID) -> Member | None:
    return ask(session, reading(company_id, user_id))


def reading(company_id: UUID, user_id: UUID) -> Query[Member | None]:
    return _by_id.read(_member_if_any, company_id=company_id, id=user_id)


def _member_if_any(rows: list[Any]) -> Member | None:
    if not rows:
        return None
    [row] = rows
    active = row.status == "active" and row.deleted_at is None
    return Member(row.id, row.name, row.role, active, permissions_of(row.role) if active else frozenset())


@prepared
def _by_id() -> Select[Any]:
    user = cast(Table, User.__table__).c
    return select(user.id, user.name, user.role, user.status, user.deleted_at).where(
        user.company_id == bindparam("company_id"), user.id == bindparam("id")
    )
