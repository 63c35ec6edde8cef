"""Marks on a user's row that end their sessions, even if the sessions' items still exist in DynamoDB."""

from collections.abc import Collection
from datetime import datetime
from typing import Final, Protocol
from uuid import UUID

from sqlalchemy import ColumnElement, Uuid, func, literal, not_, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from falachefe.accounts.models import User

MAX_MARKS: Final = 100
"""Sessions ended one by one that are kept for each user: more than can be open at a time."""


class Marks(Protocol):
    """The columns of a user's row that end sessions."""

    @property
    def sessions_valid_from(self) -> datetime | None: ...
    @property
    def session_kept(self) -> UUID | None: ...
    @property
    def sessions_ended(self) -> Collection[UUID]: ...


def has_ended(marks: Marks, session_id: UUID, opened: datetime) -> bool:
    """Whether the marks ended a session. `opened` is compared in whole milliseconds, as it is stored."""
    if session_id in marks.sessions_ended:
        return True
    valid_from = marks.sessions_valid_from
    if valid_from is None or session_id == marks.session_kept:
        return False
    return opened < valid_from.replace(microsecond=valid_from.microsecond // 1000 * 1000)


def end_sessions(session: Session, company_id: UUID, user_id: UUID, now: datetime, *, keep: UUID | None = None) -> None:
    """Ends all sessions of a user except `keep`, those over WhatsApp too, by one mark in this transaction.

    The mark also ends a session that is being opened concurrently with the old credentials.
    """
    session.execute(
        update(User)
        .where(User.company_id == company_id, User.id == user_id)
        .values(sessions_valid_from=now, session_kept=keep)
        .execution_options(synchronize_session=False)
    )


def end_session(session: Session, company_id: UUID, user_id: UUID, session_id: UUID) -> bool:
    """Ends one session of a user in this transaction; False when it already had such a mark.

    The marks of the last `MAX_MARKS` sessions are enough: an ended session's item is deleted right after the commit, or
    when its refresh token is next presented.
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
    return marks[1:MAX_MARKS]
