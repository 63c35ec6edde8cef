"""Sessions of a company's users, listed and ended by admins. Only superadmins see a superadmin's."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, select

from falachefe.accounts.audit_entries import SESSION
from falachefe.accounts.models import User
from falachefe.accounts.session_marks import end_session, end_sessions, has_ended
from falachefe.audit import service as audit
from falachefe.audit.rules import changed_fields
from falachefe.http.principal import EVERYTHING
from falachefe.http.unit_of_work import RequestUnitOfWork
from falachefe.kernel.errors import NotFound
from falachefe.phone_sign_in.people import log_attempt
from falachefe.phone_sign_in.rules import SESSION_LIFETIME_S
from falachefe.sessions.store import Session, Sessions

MAX_PEOPLE: Final = 50
"""Users on a page: each needs a query of DynamoDB."""
_CHAT_LIFETIME: Final = timedelta(seconds=SESSION_LIFETIME_S)


@dataclass(frozen=True, slots=True)
class Chat:
    """A live session over WhatsApp and its user's name."""

    session: Session
    user_name: str


@dataclass(frozen=True, slots=True)
class ChatPage:
    chats: Sequence[Chat]
    after: UUID | None
    """The last user of this page, when there are more."""


type Open = Callable[[], AbstractContextManager[RequestUnitOfWork]]
"""Opens a new transaction in the caller's company."""


def of_person(open_work: Open, sessions: Sessions, user_id: UUID) -> list[Session]:
    """Live sessions of a user. Raises `NotFound` for someone the caller may not see."""
    with open_work() as work:
        person = _visible_user(work, user_id)
    return live_sessions(person, sessions.of_user(person.company_id, person.id, work.now))


def end_one(open_work: Open, sessions: Sessions, user_id: UUID, session_id: UUID) -> None:
    """Ends a session; runtimes that cached it notice within half a minute. Raises `NotFound`."""
    found = [one for one in of_person(open_work, sessions, user_id) if one.key.session_id == session_id]
    if not found or not _end(open_work, sessions, found):
        raise NotFound("Esta sessão não existe.", code="session_not_found")


def end_all(open_work: Open, sessions: Sessions, user_id: UUID) -> int:
    """Ends all sessions of a user by one mark, those over WhatsApp too; returns how many there were."""
    found = of_person(open_work, sessions, user_id)
    with open_work() as work:
        _record_ended(work, found)
        end_sessions(work.session, work.company_id, user_id, work.now)
    sessions.delete_ended(one.key for one in found)
    return len(found)


def end_chats(open_work: Open, sessions: Sessions, user_id: UUID) -> int:
    """Ends a user's sessions over WhatsApp: the next message from their phone needs a new code."""
    return _end(open_work, sessions, [one for one in of_person(open_work, sessions, user_id) if one.phone is not None])


def chats(open_work: Open, sessions: Sessions, *, user_id: UUID | None, after: UUID | None, limit: int) -> ChatPage:
    """Live sessions over WhatsApp of at most `limit` users: those verified within a session's lifetime, or one user."""
    with open_work() as work:
        people = _chat_users(work, user_id, after, limit + 1)
    found = [
        Chat(one, person.name)
        for person in people[:limit]
        for one in live_sessions(person, sessions.of_user(person.company_id, person.id, work.now))
        if one.phone is not None
    ]
    return ChatPage(found, people[limit - 1].id if len(people) > limit else None)


def live_sessions(person: Any, found: Sequence[Session]) -> list[Session]:
    """Those that no mark on the user's row has ended: items may outlive the mark."""
    return [one for one in found if not has_ended(person, one.key.session_id, one.created_at)]


def _visible_user(work: RequestUnitOfWork, user_id: UUID) -> Any:
    statement = _visible_users(work).where(User.id == user_id)
    row = work.session.execute(statement).one_or_none()
    if row is None:
        raise NotFound("Esta pessoa não existe.", code="user_not_found")
    return row


def _chat_users(work: RequestUnitOfWork, user_id: UUID | None, after: UUID | None, limit: int) -> Sequence[Row[Any]]:
    if user_id is None:
        statement = _visible_users(work).where(User.whatsapp_verified_at > work.now - _CHAT_LIFETIME)
    else:
        statement = _visible_users(work).where(User.id == user_id)
    if after is not None:
        statement = statement.where(User.id > after)
    return work.session.execute(statement.order_by(User.id).limit(limit)).all()


def _visible_users(work: RequestUnitOfWork) -> Any:
    marks = (User.sessions_valid_from, User.session_kept, User.sessions_ended)
    statement = select(User.company_id, User.id, User.name, *marks).where(
        User.company_id == work.company_id, User.deleted_at.is_(None)
    )
    return statement if work.who.may(EVERYTHING) else statement.where(User.role != "superadmin")


def _end(open_work: Open, sessions: Sessions, found: Sequence[Session]) -> int:
    """Marks sessions as ended, with their audit entries in the same transaction; returns how many it ended."""
    if not found:
        return 0
    with open_work() as work:
        ended = [
            one for one in found if end_session(work.session, work.company_id, one.key.user_id, one.key.session_id)
        ]
        _record_ended(work, ended)
    sessions.delete_ended(one.key for one in found)
    return len(ended)


def _record_ended(work: RequestUnitOfWork, found: Sequence[Session]) -> None:
    for one in found:
        audit.note(
            work,
            action="ended",
            resource=SESSION,
            resource_id=one.key.session_id,
            changes=changed_fields({"user_id": one.key.user_id}, {}),
        )
        if one.phone is not None:
            log_attempt(
                work.session, work.company_id, phone=one.phone, method="logout", success=True, user_id=one.key.user_id
            )
