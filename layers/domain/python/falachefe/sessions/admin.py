"""Sessions of a company's people as its admins see and end them. A superadmin's are nobody else's business."""

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
from falachefe.phone_sign_in.rules import SESSION_LIVES
from falachefe.sessions.store import Session, Sessions

MOST_PEOPLE: Final = 50
"""A page: each person's sessions are a query of DynamoDB."""
_CHATS_LIVE: Final = timedelta(seconds=SESSION_LIVES)


@dataclass(frozen=True, slots=True)
class Chat:
    """A live sign-in by WhatsApp and whose it is."""

    session: Session
    user_name: str


@dataclass(frozen=True, slots=True)
class ChatPage:
    chats: Sequence[Chat]
    after: UUID | None
    """The last person looked at, when there are more."""


type Open = Callable[[], AbstractContextManager[RequestUnitOfWork]]
"""A transaction of its own in the caller's company."""


def of_person(open_work: Open, sessions: Sessions, user_id: UUID) -> list[Session]:
    """Raises `NotFound` for whoever is no member, or out of the caller's reach."""
    with open_work() as work:
        person = _person(work, user_id)
    return living(person, sessions.of_user(person.company_id, person.id, work.now))


def end_one(open_work: Open, sessions: Sessions, user_id: UUID, session_id: UUID) -> None:
    """Ends a session; runtimes that know it notice within half a minute. Raises `NotFound`."""
    found = [one for one in of_person(open_work, sessions, user_id) if one.key.session_id == session_id]
    if not found or not _end(open_work, sessions, found):
        raise NotFound("Esta sessão não existe.", code="session_not_found")


def end_all(open_work: Open, sessions: Sessions, user_id: UUID) -> int:
    """Ends all sessions of a person by one mark, also their chats'; returns how many there were."""
    found = of_person(open_work, sessions, user_id)
    with open_work() as work:
        _note(work, found)
        end_sessions(work.session, work.company_id, user_id, work.now)
    sessions.tidy(one.key for one in found)
    return len(found)


def end_chats(open_work: Open, sessions: Sessions, user_id: UUID) -> int:
    """The next message of the person's phone needs a new code."""
    return _end(open_work, sessions, [one for one in of_person(open_work, sessions, user_id) if one.phone is not None])


def chats(open_work: Open, sessions: Sessions, *, user_id: UUID | None, after: UUID | None, limit: int) -> ChatPage:
    """Live sign-ins by WhatsApp of at most `limit` people. Whoever did not verify within a session's life has none."""
    with open_work() as work:
        people = _recent(work, user_id, after, limit + 1)
    found = [
        Chat(one, person.name)
        for person in people[:limit]
        for one in living(person, sessions.of_user(person.company_id, person.id, work.now))
        if one.phone is not None
    ]
    return ChatPage(found, people[limit - 1].id if len(people) > limit else None)


def living(person: Any, found: Sequence[Session]) -> list[Session]:
    """Those that the person's marks have not ended: items may be there a while longer."""
    return [one for one in found if not has_ended(person, one.key.session_id, one.created_at)]


def _person(work: RequestUnitOfWork, user_id: UUID) -> Any:
    statement = _within_reach(work).where(User.id == user_id)
    row = work.session.execute(statement).one_or_none()
    if row is None:
        raise NotFound("Esta pessoa não existe.", code="user_not_found")
    return row


def _recent(work: RequestUnitOfWork, user_id: UUID | None, after: UUID | None, limit: int) -> Sequence[Row[Any]]:
    if user_id is None:
        statement = _within_reach(work).where(User.whatsapp_verified_at > work.now - _CHATS_LIVE)
    else:
        statement = _within_reach(work).where(User.id == user_id)
    if after is not None:
        statement = statement.where(User.id > after)
    return work.session.execute(statement.order_by(User.id).limit(limit)).all()


def _within_reach(work: RequestUnitOfWork) -> Any:
    marks = (User.sessions_valid_from, User.session_kept, User.sessions_ended)
    statement = select(User.company_id, User.id, User.name, *marks).where(
        User.company_id == work.company_id, User.deleted_at.is_(None)
    )
    return statement if work.who.may(EVERYTHING) else statement.where(User.role != "superadmin")


def _end(open_work: Open, sessions: Sessions, found: Sequence[Session]) -> int:
    """Marks them as ended in the transaction of their audit rows; returns how many others had not ended before."""
    if not found:
        return 0
    with open_work() as work:
        ended = [
            one for one in found if end_session(work.session, work.company_id, one.key.user_id, one.key.session_id)
        ]
        _note(work, ended)
    sessions.tidy(one.key for one in found)
    return len(ended)


def _note(work: RequestUnitOfWork, found: Sequence[Session]) -> None:
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
