"""A member of staff with their current permissions, as read for authentication and for the agents."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, cast
from uuid import UUID

from sqlalchemy import (
    Select,
    Table,
    Text,
    bindparam,
    literal_column,
    select,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from falachefe.access.permissions import PERMISSIONS, permissions_of
from falachefe.accounts.models import User
from falachefe.accounts.session_marks import has_ended
from falachefe.db.statements import Query, fetch, prepared
from falachefe.kernel.text import fold

GRANTED: Final = literal_column(
    """(
        with recursive held(id, parent_id, permissions) as (
            select r.id, r.parent_id, r.permissions from role_assignments a
            join roles r on r.company_id = a.company_id and r.id = a.role_id and r.deleted_at is null
            where a.company_id = users.company_id and a.user_id = users.id
            union
            select p.id, p.parent_id, p.permissions from held
            join roles p on p.company_id = users.company_id and p.id = held.parent_id and p.deleted_at is null
        )
        select jsonb_agg(distinct granted) from held, jsonb_array_elements_text(held.permissions) granted
    )""",
    JSONB,
).label("granted")
"""The own and inherited permissions of a user's company roles; null without any."""
COMPANY_STATUS: Final = literal_column(
    "(select c.status from companies c where c.id = users.company_id and c.deleted_at is null)", Text
).label("company_status")


@dataclass(frozen=True, slots=True)
class Member:
    id: UUID
    name: str
    role: str
    active: bool
    permissions: frozenset[str]
    """Of the base role and of the company's roles. Empty if the user is not active."""
    company_active: bool = True
    sessions_valid_from: datetime | None = None
    session_kept: UUID | None = None
    sessions_ended: Collection[UUID] = ()

    def has_ended(self, session_id: UUID, opened: datetime) -> bool:
        """Whether a mark on the user's row has ended a session."""
        return has_ended(self, session_id, opened)


def member(session: Session, company_id: UUID, user_id: UUID) -> Member | None:
    return fetch(session, member_query(company_id, user_id))


def member_query(company_id: UUID, user_id: UUID) -> Query[Member | None]:
    return _by_id.read(_member_if_any, company_id=company_id, id=user_id)


def _member_if_any(rows: list[Any]) -> Member | None:
    if not rows:
        return None
    [row] = rows
    active = row.status == "active" and row.deleted_at is None
    permissions = combined_permissions(row.role, row.granted) if active else frozenset()
    return Member(
        row.id,
        row.name,
        row.role,
        active,
        permissions,
        row.company_status == "active",
        row.sessions_valid_from,
        row.session_kept,
        frozenset(row.sessions_ended),
    )


def combined_permissions(role: str, granted: list[str] | None) -> frozenset[str]:
    """The permissions of a base role and of company roles. Unknown ones and `*` cannot come from a company role."""
    return permissions_of(role) | frozenset(granted or ()) & PERMISSIONS.keys()


@prepared
def _by_id() -> Select[Any]:
    user = cast(Table, User.__table__).c
    columns = (user.id, user.name, user.role, user.status, user.deleted_at)
    marks = (user.sessions_valid_from, user.session_kept, user.sessions_ended)
    return select(*columns, *marks, GRANTED, COMPANY_STATUS).where(
        user.company_id == bindparam("company_id"), user.id == bindparam("id")
    )


def called(session: Session, company_id: UUID, name: str) -> tuple[UUID, ...]:
    """The users, also former ones, of whose name `name` is a part that begins a word; accents and case do not count."""
    rows = session.execute(select(User.id, User.name).where(User.company_id == company_id))
    return tuple(row.id for row in rows if f" {fold(name)}" in f" {fold(row.name)}")


def names_of(session: Session, company_id: UUID, user_ids: Collection[UUID]) -> dict[UUID, str]:
    """Names of users, including inactive and deleted ones."""
    rows = session.execute(select(User.id, User.name).where(User.company_id == company_id, User.id.in_(user_ids)))
    return {row.id: row.name for row in rows}
