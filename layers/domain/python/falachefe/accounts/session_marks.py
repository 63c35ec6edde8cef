"""Marks on a person's row that end their sessions, whatever the table of sessions still holds."""

from collections.abc import Collection
from datetime import datetime
from typing import Final, Protocol
from uuid import UUID

from sqlalchemy import ColumnElement, Uuid, func, literal, not_, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from falachefe.accounts.models import User

MOST_MARKS: Final = 100
"""Of sessions that ended one by one, kept for each person: more than can be open at a time."""


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
