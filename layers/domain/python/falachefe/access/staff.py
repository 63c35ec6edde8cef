"""Who a member of staff is and what they may do, for the parts of the product that act in their name."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Protocol, cast
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Select,
    Table,
    Text,
    Uuid,
    bindparam,
    func,
    literal,
    literal_column,
    not_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Session

from falachefe.access.permissions import PERMISSIONS, permissions_of
from falachefe.accounts.models import User
from falachefe.db.statements import Query, ask, prepared

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
"""The permissions of a user's company roles and of the roles above those, whatever the depth; null without any."""
COMPANY_STATUS: Final = literal_column(
    "(select c.status from companies c where c.id = users.company_id and c.deleted_at is null)", Text
).label("company_status")

MOST_MARKS: Final = 100
"""Of sessions that ended one by one, kept for each person: more than can be open at a time."""


@dataclass(frozen=True, slots=True)
class Member:
    id: UUID
    name: str
    role: str
    active: bool
    permissions: frozenset[str]
    """Of the base role and of the company's own roles. Empty for someone who is no longer active."""
    company_active: bool = True
    sessions_valid_from: datetime | None = None
    session_kept: UUID | None = None
    sessions_ended: Collection[UUID] = ()

    def has_ended(self, session_id: UUID, opened: datetime) -> bool:
        """Whether this person, or an admin, ended a session, whatever the table of sessions still holds."""
        return has_ended(self, session_id, opened)


class Marks(Protocol):
    """What a person's row says of their sessions."""

    @property
    def sessions_valid_from(self) -> datetime | None: ...
    @property
    def session_kept(self) -> UUID | None: ...
    @property
    def sessions_ended(self) -> Collection[UUID]: ...


def has_ended(marks: Marks, session_id: UUID, opened: datetime) -> bool:
    """Whether a person's marks ended a session. The moments of openings are kept in whole milliseconds."""
    if session_id in marks.sessions_ended:
        return True
    valid_from = marks.sessions_valid_from
    if valid_from is None or session_id == marks.session_kept:
        return False
    return opened < valid_from.replace(microsecond=valid_from.microsecond // 1000 * 1000)


def end_sessions(session: Session, company_id: UUID, user_id: UUID, now: datetime, *, but: UUID | None = None) -> None:
    """Ends all sessions of a person that are there now, chats too, `but` one: in this transaction, by one mark.

    It also holds for those that are being opened by somebody who proved what is now worth nothing.
    """
    session.execute(
        update(User)
        .where(User.company_id == company_id, User.id == user_id)
        .values(sessions_valid_from=now, session_kept=but)
        .execution_options(synchronize_session=False)
    )


def end_session(session: Session, company_id: UUID, user_id: UUID, session_id: UUID) -> bool:
    """Ends one session of a person, in this transaction; False when it had been ended so before.

    The marks of the last `MOST_MARKS` sessions are kept: an ended session's item is deleted right after the commit, or
    when its refresh token is next shown.
    """
    marked = session.execute(
        update(User)
        .where(User.company_id == company_id, User.id == user_id, not_(User.sessions_ended.contains([session_id])))
        .values(sessions_ended=_newest_marks(session_id))
        .returning(User.id)
        .execution_options(synchronize_session=False)
    )
    return marked.first() is not None


def _newest_marks(session_id: UUID) -> ColumnElement[list[UUID]]:
    marks = func.array_prepend(literal(session_id, Uuid()), User.sessions_ended, type_=ARRAY(Uuid()))
    return marks[1:MOST_MARKS]


def member(session: Session, company_id: UUID, user_id: UUID) -> Member | None:
    return ask(session, reading(company_id, user_id))


def reading(company_id: UUID, user_id: UUID) -> Query[Member | None]:
    return _by_id.read(_member_if_any, company_id=company_id, id=user_id)


def _member_if_any(rows: list[Any]) -> Member | None:
    if not rows:
        return None
    [row] = rows
    active = row.status == "active" and row.deleted_at is None
    permissions = power(row.role, row.granted) if active else frozenset()
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


def power(role: str, granted: list[str] | None) -> frozenset[str]:
    """What a base role and the company's own roles allow together; nothing of ours grants everything."""
    return permissions_of(role) | frozenset(granted or ()) & PERMISSIONS.keys()


@prepared
def _by_id() -> Select[Any]:
    user = cast(Table, User.__table__).c
    columns = (user.id, user.name, user.role, user.status, user.deleted_at)
    marks = (user.sessions_valid_from, user.session_kept, user.sessions_ended)
    return select(*columns, *marks, GRANTED, COMPANY_STATUS).where(
        user.company_id == bindparam("company_id"), user.id == bindparam("id")
    )


def names_of(session: Session, company_id: UUID, user_ids: Collection[UUID]) -> dict[UUID, str]:
    """What people are called, whether or not they still work here."""
    rows = session.execute(select(User.id, User.name).where(User.company_id == company_id, User.id.in_(user_ids)))
    return {row.id: row.name for row in rows}
