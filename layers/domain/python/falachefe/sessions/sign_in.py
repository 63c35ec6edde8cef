"""Staff sign in by e-mail, stay signed in, and are registered."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, select, text, update

from falachefe.access.permission_cache import company_suspended
from falachefe.access.staff import COMPANY_STATUS, member
from falachefe.accounts import audit_entries
from falachefe.accounts.models import User
from falachefe.accounts.passwords import hashing
from falachefe.accounts.passwords.lockout import Attempt, SignInAttempts
from falachefe.accounts.users import SessionKey, UserView
from falachefe.db.engine import Database
from falachefe.kernel.actors import Actor
from falachefe.kernel.errors import Unauthenticated, Unavailable
from falachefe.kernel.ids import new_id
from falachefe.kernel.observability.logs import logger
from falachefe.sessions import access_tokens
from falachefe.sessions.signing_keys import SigningKey
from falachefe.sessions.store import Device, RefreshReused, Sessions
from falachefe.sessions.store import Session as SignedInSession


@dataclass(frozen=True, slots=True)
class Tokens:
    access: str
    refresh: str
    expires_in: int
    """Seconds that the access token lives."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    user: UserView
    session: SignedInSession
    tokens: Tokens


def login(
    database: Database,
    attempts: SignInAttempts,
    sessions: Sessions,
    key: SigningKey,
    *,
    email: str,
    password: str,
    place: str = "",
    known_device: bool = False,
    company_id: UUID | None = None,
    device: Device,
    by: Actor,
    now: datetime,
) -> SignedIn:
    """Signs in by e-mail and password.

    Whoever works for several companies names one; otherwise the oldest account is meant. An unknown e-mail and a wrong
    password are one refusal after the same work. `place` is the network, or the device if it is known, that failures
    count for. Raises `Unauthenticated`, `LimitExceeded` after five failures, and
    `Forbidden` to who proved their password while their company is suspended.
    """
    address = email.strip()
    attempt = Attempt(address, place, known_device)
    attempts.begin(attempt, now)
    account = _account(database, address, company_id)
    if not hashing.verify_password(account.password_hash, password) or account.user is None:
        attempts.failed(attempt, now)
        with database.tenant(account.company_id) as session:
            audit_entries.sign_in_failed(session, account.company_id, account.user_id, by=by, now=now)
        raise _login_failed()
    attempts.succeeded(attempt)
    if not account.company_active:
        raise company_suspended()
    signed_in = open_session(sessions, key, account.user, device, now)
    # After the session is there, so that whoever changes the password at this moment ends it, or is seen here.
    with _kept_or_ended(sessions, signed_in):
        if not _remember(database, account, signed_in, _stronger(account.password_hash, password), by=by, now=now):
            raise _login_failed()
    return signed_in


@contextmanager
def _kept_or_ended(sessions: Sessions, signed_in: SignedIn) -> Iterator[None]:
    """Nobody learns of the session's tokens when the rest fails: it must not stand among the person's others."""
    try:
        yield
    except Exception:
        with suppress(Unavailable):
            sessions.end(signed_in.session.key)
        raise


def sign_in_member(
    database: Database,
    sessions: Sessions,
    key: SigningKey,
    *,
    company_id: UUID,
    user_id: UUID,
    device: Device,
    method: str,
    by: Actor,
    now: datetime,
) -> SignedIn:
    """A session for a member of staff who has just proved who they are without a password (by a WhatsApp code)."""
    with database.tenant(company_id) as session:
        row = session.execute(
            select(User.id, User.company_id, User.name, User.email, User.role, COMPANY_STATUS).where(
                User.company_id == company_id, User.id == user_id, User.status == "active", User.deleted_at.is_(None)
            )
        ).one_or_none()
        if row is None:
            raise Unauthenticated("Sua conta não está mais ativa.", code="login_failed")
    if row.company_status != "active":
        raise company_suspended()
    signed_in = open_session(sessions, key, UserView(*row[:5]), device, now)
    # After the session is there: whoever shuts the person out at this moment ends it by their mark, or is seen here.
    with _kept_or_ended(sessions, signed_in), database.tenant(company_id) as session:
        noted = session.execute(
            update(User)
            .where(User.company_id == company_id, User.id == user_id, *_still_here())
            .values(last_login_at=now)
            .returning(User.id)
            .execution_options(synchronize_session=False)
        )
        if noted.first() is None:
            raise Unauthenticated("Sua conta não está mais ativa.", code="login_failed")
        audit_entries.signed_in(session, signed_in.session.key, method, by=by, now=now)
    return signed_in


def open_session(sessions: Sessions, key: SigningKey, user: UserView, device: Device, now: datetime) -> SignedIn:
    """A session for someone who has just proved who they are."""
    session, token = sessions.open(user.company_id, user.id, user.role, device, now)
    return SignedIn(user, session, _tokens(key, session, token, now))


def refresh(database: Database, sessions: Sessions, key: SigningKey, *, token: str, by: Actor, now: datetime) -> Tokens:
    """New tokens for a refresh token, which is spent by this.

    Raises `Unauthenticated` when it does not hold, was spent before (which ends the session for good), or its person
    may not come in any more. The database is asked before the token is spent: an outage costs nobody their session.
    """
    try:
        presented = sessions.present(token, now)
        whose = presented.session.key
        with database.tenant(whose.company_id) as session:
            person = member(session, whose.company_id, whose.user_id)
        gone = person is None or person.has_ended(whose.session_id, presented.session.created_at)
        if person is None or gone or not person.active:
            sessions.end(whose)
            raise Unauthenticated("Sua sessão terminou. Entre de novo.", code="refresh_invalid")
        if not person.company_active:
            raise company_suspended()
        rotated, successor = sessions.rotate(presented, person.role, now)
    except RefreshReused as reused:
        _note_reuse(database, reused.key, by, now)
        raise
    return _tokens(key, rotated, successor, now)


def _note_reuse(database: Database, key: SessionKey, by: Actor, now: datetime) -> None:
    """The session is ended already, and that stands whatever becomes of the note."""
    try:
        with database.tenant(key.company_id) as session:
            audit_entries.of_session(session, key, "refresh_reused", by=by, now=now)
    except Unavailable:
        logger().warning("the reuse of a refresh token could not be noted", session=str(key.session_id))


def _tokens(key: SigningKey, session: SignedInSession, refresh_token: str, now: datetime) -> Tokens:
    whose = session.key
    access, _ = access_tokens.issue(
        key,
        user_id=whose.user_id,
        company_id=whose.company_id,
        role=session.role,
        session_id=str(whose.session_id),
        now=now,
    )
    return Tokens(access, refresh_token, int(access_tokens.LIFETIME.total_seconds()))


@dataclass(frozen=True, slots=True)
class _Account:
    company_id: UUID
    user_id: UUID
    user: UserView | None
    """None for an account that is not there; its ids are then nobody's."""
    password_hash: str | None
    company_active: bool


def _account(database: Database, email: str, company_id: UUID | None) -> _Account:
    with database.no_tenant() as session:
        found = session.execute(
            text("select company_id, user_id from directory.logins_of(:email) order by user_id"), {"email": email}
        ).all()
    of_company = [row for row in found if company_id in (None, row.company_id)]
    # An unknown e-mail asks for a row that nobody has: the same trips, so the time tells nothing.
    company, user_id = of_company[0] if of_company else (new_id(), new_id())
    with database.tenant(company) as session:
        row = session.execute(
            select(
                User.id, User.company_id, User.name, User.email, User.role, User.password_hash, COMPANY_STATUS
            ).where(User.company_id == company, User.id == user_id)
        ).one_or_none()
    if row is None:
        return _Account(company, user_id, None, None, company_active=False)
    return _Account(company, user_id, UserView(*row[:5]), row.password_hash, row.company_status == "active")


def _stronger(stored: str | None, password: str) -> str | None:
    """A new hash when the stored one was made with weaker parameters."""
    if stored is not None and hashing.needs_rehash(stored):
        return hashing.hash_password(password)
    return None


def _still_here() -> tuple[ColumnElement[bool], ...]:
    return User.status == "active", User.deleted_at.is_(None)


def _remember(
    database: Database,
    account: _Account,
    signed_in: SignedIn,
    stronger_hash: str | None,
    *,
    by: Actor,
    now: datetime,
) -> bool:
    """Notes the sign-in; False when the password is not the one any more that was just proved, or the person is out.

    It waits for whoever changes the person at this moment; who is shut out loses the sessions that were there before.
    """
    values: dict[str, Any] = {"last_login_at": now}
    if stronger_hash:
        values |= {"password_hash": stronger_hash, "version": User.version + 1}
    with database.tenant(account.company_id) as session:
        statement = (
            update(User)
            .where(
                User.company_id == account.company_id,
                User.id == account.user_id,
                User.password_hash == account.password_hash,
                *_still_here(),
            )
            .values(**values)
            .returning(User.id)
            .execution_options(synchronize_session=False)
        )
        if session.execute(statement).first() is None:
            return False
        audit_entries.signed_in(session, signed_in.session.key, "password", by=by, now=now)
    return True


def _login_failed() -> Unauthenticated:
    return Unauthenticated("E-mail ou senha incorretos.", code="login_failed")
