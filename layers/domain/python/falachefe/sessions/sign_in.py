"""Sign-in by e-mail and password, sessions for users verified otherwise, and refreshing tokens."""

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
    """The access token's lifetime in seconds."""


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
    origin: str = "",
    known_device: bool = False,
    company_id: UUID | None = None,
    device: Device,
    by: Actor,
    now: datetime,
) -> SignedIn:
    """Signs in by e-mail and password.

    `company_id` chooses between the accounts of one e-mail at several companies; the oldest is the default. An unknown
    e-mail and a wrong password get the same response after the same work. `origin` is the known device or else the
    network, for which failures count. Raises `Unauthenticated`, `LimitExceeded` after five failures, and `Forbidden` if
    the password is right but the company is suspended.
    """
    address = email.strip()
    attempt = Attempt(address, origin, known_device)
    attempts.begin(attempt, now)
    account = _account(database, address, company_id)
    if not hashing.verify_password(account.password_hash, password) or account.user is None:
        attempts.failed(attempt, now)
        with database.tenant(account.company_id) as session:
            audit_entries.record_failed_sign_in(session, account.company_id, account.user_id, by=by, now=now)
        raise _login_failed()
    attempts.succeeded(attempt)
    if not account.company_active:
        raise company_suspended()
    signed_in = open_session(sessions, key, account.user, device, now)
    # After the session exists: a concurrent change of the password then either ends it or is noticed here.
    with _ended_on_failure(sessions, signed_in):
        if not _record_sign_in(
            database, account, signed_in, _stronger_hash(account.password_hash, password), by=by, now=now
        ):
            raise _login_failed()
    return signed_in


@contextmanager
def _ended_on_failure(sessions: Sessions, signed_in: SignedIn) -> Iterator[None]:
    """Ends the session when the rest of the sign-in fails, because no client receives its tokens."""
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
    """A session for a user who was verified without `login`: by registration, a WhatsApp code or an OAuth provider."""
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
    # After the session exists: a concurrent deactivation of the user then either ends it or is noticed here.
    with _ended_on_failure(sessions, signed_in), database.tenant(company_id) as session:
        noted = session.execute(
            update(User)
            .where(User.company_id == company_id, User.id == user_id, *_not_removed())
            .values(last_login_at=now)
            .returning(User.id)
            .execution_options(synchronize_session=False)
        )
        if noted.first() is None:
            raise Unauthenticated("Sua conta não está mais ativa.", code="login_failed")
        audit_entries.record_sign_in(session, signed_in.session.key, method, by=by, now=now)
    return signed_in


def open_session(sessions: Sessions, key: SigningKey, user: UserView, device: Device, now: datetime) -> SignedIn:
    """Opens a session for a user who has just been verified."""
    session, token = sessions.open(user.company_id, user.id, user.role, device, now)
    return SignedIn(user, session, _tokens(key, session, token, now))


def refresh(database: Database, sessions: Sessions, key: SigningKey, *, token: str, by: Actor, now: datetime) -> Tokens:
    """Exchanges a refresh token for new tokens.

    Raises `Unauthenticated` when it is invalid, was spent before (which ends the session), or its user is no longer
    active; `Forbidden` while the company is suspended. The database is read before the token is spent, so that an
    outage does not cost the session.
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
        _record_reuse(database, reused.key, by, now)
        raise
    return _tokens(key, rotated, successor, now)


def _record_reuse(database: Database, key: SessionKey, by: Actor, now: datetime) -> None:
    """Writes the audit entry. The session has ended already, so an outage of the database is only logged."""
    try:
        with database.tenant(key.company_id) as session:
            audit_entries.record_session_action(session, key, "refresh_reused", by=by, now=now)
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
    """None if there is no such account; the ids are then random."""
    password_hash: str | None
    company_active: bool


def _account(database: Database, email: str, company_id: UUID | None) -> _Account:
    with database.no_tenant() as session:
        found = session.execute(
            text("select company_id, user_id from directory.logins_of(:email) order by user_id"), {"email": email}
        ).all()
    of_company = [row for row in found if company_id in (None, row.company_id)]
    # For an unknown e-mail a random id is looked up: the same round trips, so that the time reveals nothing.
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


def _stronger_hash(stored: str | None, password: str) -> str | None:
    """A new hash when the stored one has outdated parameters."""
    if stored is not None and hashing.needs_rehash(stored):
        return hashing.hash_password(password)
    return None


def _not_removed() -> tuple[ColumnElement[bool], ...]:
    return User.status == "active", User.deleted_at.is_(None)


def _record_sign_in(
    database: Database,
    account: _Account,
    signed_in: SignedIn,
    stronger_hash: str | None,
    *,
    by: Actor,
    now: datetime,
) -> bool:
    """Records the sign-in; False when the verified password has been changed since, or the user deactivated or deleted.

    The update waits for a concurrent change of the row, which ends the sessions that existed before it.
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
                *_not_removed(),
            )
            .values(**values)
            .returning(User.id)
            .execution_options(synchronize_session=False)
        )
        if session.execute(statement).first() is None:
            return False
        audit_entries.record_sign_in(session, signed_in.session.key, "password", by=by, now=now)
    return True


def _login_failed() -> Unauthenticated:
    return Unauthenticated("E-mail ou senha incorretos.", code="login_failed")
