"""A user's own account: reading and changing it, resetting a lost password, confirming the e-mail."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import ColumnElement, delete, select, true, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session as DatabaseSession

from falachefe.accounts import audit_entries, names
from falachefe.accounts import rules as user_rules
from falachefe.accounts.emails import claim_email, email_taken, enqueue_mail
from falachefe.accounts.mail.tokens import Grant, MailTokens, Purpose
from falachefe.accounts.models import User, UserIdentity
from falachefe.accounts.passwords import hashing, policy
from falachefe.accounts.passwords.lockout import Attempt, SignInAttempts
from falachefe.accounts.session_marks import end_sessions
from falachefe.accounts.users import SessionKey, UserView
from falachefe.companies.service import company
from falachefe.db.engine import Database
from falachefe.db.outbox import Publisher
from falachefe.db.unit_of_work import unit_of_work
from falachefe.kernel.actors import Actor
from falachefe.kernel.errors import Conflict, InvalidInput, NotFound, Unauthenticated, invalid_field

type RevokeKeys = Callable[[DatabaseSession, UUID, UUID, datetime], None]
"""Revokes the API keys that a person of a company made; `falachefe.api_keys.revocation.revoke_keys_of`."""


@dataclass(frozen=True, slots=True)
class Account:
    user: UserView
    company_name: str
    phone: str | None
    email_verified_at: datetime | None
    last_login_at: datetime | None
    created_at: datetime


class OpenSession(Protocol):
    @property
    def key(self) -> SessionKey: ...


class OpenSessions(Protocol):
    """Implemented by `falachefe.sessions.store.Sessions`, which this layer must not import."""

    def of_user(self, company_id: UUID, user_id: UUID, now: datetime) -> Sequence[OpenSession]: ...

    def delete_ended(self, keys: Sequence[SessionKey]) -> int:
        """Deletes the items of sessions that a mark on the user's row has ended; returns how many existed."""
        ...


@dataclass(frozen=True, slots=True)
class _Row:
    id: UUID
    company_id: UUID
    name: str
    email: str | None
    role: str
    password_hash: str | None
    email_verified_at: datetime | None
    version: int

    @property
    def view(self) -> UserView:
        return UserView(self.id, self.company_id, self.name, self.email, self.role)


def account(session: DatabaseSession, company_id: UUID, user_id: UUID) -> Account:
    row = session.execute(
        select(User.phone, User.email_verified_at, User.last_login_at, User.created_at).where(
            _active_user(company_id, user_id)
        )
    ).one_or_none()
    if row is None:
        raise NotFound("Conta não encontrada.", code="account_not_found")
    return Account(_row(session, company_id, user_id).view, company(session, company_id).name, *row)


def change(
    database: Database,
    publisher: Publisher,
    attempts: SignInAttempts,
    key: SessionKey,
    *,
    name: str | None = None,
    email: str | None = None,
    current_password: str | None = None,
    by: Actor,
    now: datetime,
) -> Account:
    """Changes one's own name or e-mail. A new e-mail needs the password and must be confirmed again."""
    address = None if email is None else email.strip()
    values: dict[str, Any] = {} if name is None else dict(names.from_full(user_rules.checked_name(name)))
    with database.tenant(key.company_id) as session:
        before = _row(session, key.company_id, key.user_id)
    if address is not None and address.casefold() != (before.email or "").casefold():
        _verify_password(attempts, before, key, current_password or "", now, field="current_password")
        values |= {"email": address, "email_verified_at": None}
    with unit_of_work(database, publisher, key.company_id, actor=by, now=now) as work:
        session = work.session
        if "email" in values:
            enqueue_mail(work.outbox, "verification", key.user_id)
            claim_email(session, values["email"])
        if values:
            # The password was verified in an earlier transaction: it must not have changed since.
            same = User.version == before.version if "email" in values else true()
            _update_user(session, key.company_id, key.user_id, values, now, only_if=same)
            _record_change(session, before, values, by, now)
        return account(session, key.company_id, key.user_id)


def change_password(
    database: Database,
    publisher: Publisher,
    attempts: SignInAttempts,
    sessions: OpenSessions,
    key: SessionKey,
    *,
    current: str,
    new: str,
    by: Actor,
    now: datetime,
) -> int:
    """Sets a new password and ends every other session. Returns how many ended."""
    with database.tenant(key.company_id) as session:
        before = _row(session, key.company_id, key.user_id)
    _verify_password(attempts, before, key, current, now, field="current_password")
    policy.check(new, name=before.name, email=before.email, field="new_password")
    return _replace_password(
        database,
        publisher,
        before,
        new,
        now,
        action="password_changed",
        by=by,
        email_verified_at=before.email_verified_at,
        sessions=sessions,
        keep=key.session_id,
    )


def reset_password(
    database: Database,
    publisher: Publisher,
    attempts: SignInAttempts,
    sessions: OpenSessions,
    mailed: MailTokens,
    *,
    token: str,
    password: str,
    origin: str = "",
    revoke_keys: RevokeKeys,
    by: Actor,
    now: datetime,
) -> str:
    """Sets a new password for the holder of a mailed token, spends the token and ends every session.

    The token is invalid once the password or the e-mail of the account has changed since it was issued. Using it
    confirms the e-mail. An invited user sets the first password in the same way. A password that the policy rejects
    does not spend the token. Returns the account's e-mail, whose failed attempts (in total and from `origin`) are
    forgotten.
    """
    grant = mailed.find_password_grant(token, now)
    before = _user_of_grant(database, grant)
    if grant is None or before is None or mailed.password_state(before.email, before.password_hash) != grant.state:
        raise _invalid_link()
    policy.check(password, name=before.name, email=before.email)
    if not mailed.spend(grant, now):
        raise _invalid_link()
    _replace_password(
        database,
        publisher,
        before,
        password,
        now,
        action="password_reset",
        by=by,
        email_verified_at=before.email_verified_at or now,
        sessions=sessions,
        revoke_keys=revoke_keys if before.email_verified_at is None and before.password_hash is not None else None,
    )
    attempts.forget(Attempt(before.email or "", origin))
    return before.email or ""


def verify_email(
    database: Database,
    publisher: Publisher,
    sessions: OpenSessions,
    mailed: MailTokens,
    *,
    token: str,
    signed_in: UUID | None,
    revoke_keys: RevokeKeys,
    by: Actor,
    now: datetime,
) -> bool:
    """Confirms the e-mail that the token was sent to, if the account still has it.

    Anyone may have registered with an e-mail that is not theirs. Unless the confirmation comes from a session of the
    account (`signed_in` is its user), all earlier access to the account is revoked and a link to set a new password is
    mailed. Returns whether it came from such a session.
    """
    grant = mailed.find(Purpose.VERIFY, token, now)
    before = _user_of_grant(database, grant)
    if grant is None or before is None or mailed.state(before.email) != grant.state:
        raise _invalid_link()
    own = signed_in == before.id
    keys = [] if own else [one.key for one in sessions.of_user(before.company_id, before.id, now)]
    if not mailed.spend(grant, now):
        raise _invalid_link()
    with unit_of_work(database, publisher, before.company_id, actor=by, now=now) as work:
        session = work.session
        # An e-mail that was changed while the token was being spent is not confirmed by it.
        same = User.email == before.email
        values: dict[str, Any] = {"email_verified_at": now, **({} if own else {"password_hash": None})}
        _update_user(session, before.company_id, before.id, values, now, only_if=same)
        audit_entries.record_account_action(session, before.company_id, before.id, "email_verified", by=by, now=now)
        if not own:
            revoke_unverified_access(session, before.company_id, before.id, revoke_keys=revoke_keys, by=by, now=now)
            enqueue_mail(work.outbox, "reset_requested", before.id)
    sessions.delete_ended(keys)
    return own


def revoke_unverified_access(
    session: DatabaseSession, company_id: UUID, user_id: UUID, *, revoke_keys: RevokeKeys, by: Actor, now: datetime
) -> None:
    """Revokes all access to an account that was set up before the owner of its e-mail proved to be that.

    Sessions (those over WhatsApp too), identities at other providers, and API keys created in its name. Also the phone,
    which can sign in by WhatsApp, if the account was self-registered and never confirmed before.
    """
    proofs = ("registered", "email_verified", "password_reset")
    only_registered = audit_entries.earlier_account_actions(session, company_id, user_id, proofs, now) == {"registered"}
    session.execute(delete(UserIdentity).where(UserIdentity.company_id == company_id, UserIdentity.user_id == user_id))
    revoke_keys(session, company_id, user_id, now)
    if only_registered:
        session.execute(
            update(User)
            .where(User.company_id == company_id, User.id == user_id)
            .values(phone=None, whatsapp_verified_at=None)
            .execution_options(synchronize_session=False)
        )
    end_sessions(session, company_id, user_id, now)
    audit_entries.record_account_action(session, company_id, user_id, "strangers_shut_out", by=by, now=now)


def _replace_password(
    database: Database,
    publisher: Publisher,
    before: _Row,
    password: str,
    now: datetime,
    *,
    action: str,
    by: Actor,
    email_verified_at: datetime | None,
    sessions: OpenSessions,
    keep: UUID | None = None,
    revoke_keys: RevokeKeys | None = None,
) -> int:
    """Writes the new hash and ends sessions in one transaction. Raises `Conflict` if the account has changed.

    Sessions end by a mark in the same row. A concurrent sign-in with the old password either opened its session before
    (the mark ends it), or waits for the row lock and is refused. The sessions' items are deleted after the commit; if
    that fails, they expire. `revoke_keys` is given if the account may have been registered by someone else than the
    owner of its e-mail: all other access is then revoked too.
    """
    hashed = hashing.hash_password(password)
    keys = [one.key for one in sessions.of_user(before.company_id, before.id, now) if one.key.session_id != keep]
    with unit_of_work(database, publisher, before.company_id, actor=by, now=now) as work:
        session = work.session
        enqueue_mail(work.outbox, "password_changed", before.id)
        values = {"password_hash": hashed, "email_verified_at": email_verified_at}
        _update_user(session, before.company_id, before.id, values, now, only_if=User.version == before.version)
        if revoke_keys is not None:
            revoke_unverified_access(session, before.company_id, before.id, revoke_keys=revoke_keys, by=by, now=now)
        audit_entries.record_account_action(session, before.company_id, before.id, action, by=by, now=now)
        end_sessions(session, before.company_id, before.id, now, keep=keep)
    return sessions.delete_ended(keys)


def _record_change(session: DatabaseSession, before: _Row, values: Mapping[str, Any], by: Actor, now: datetime) -> None:
    known = {"name": before.name, "email": before.email}
    shown = {name: value for name, value in values.items() if name in known}
    action = "email_changed" if "email" in shown else "updated"
    old = {name: known[name] for name in shown}
    audit_entries.record_account_action(
        session, before.company_id, before.id, action, by=by, now=now, before=old, after=shown
    )


def _verify_password(
    attempts: SignInAttempts, row: _Row, key: SessionKey, password: str, now: datetime, *, field: str
) -> None:
    """Asks for the password again where a (possibly stolen) access token is not enough. Attempts count by session."""
    counted = Attempt(f"user#{row.id}", str(key.session_id), known=True)
    attempts.begin(counted, now)
    if not hashing.verify_password(row.password_hash, password):
        attempts.failed(counted, now)
        message = "A senha atual não confere."
        raise invalid_field(field, message, "password_wrong")
    attempts.succeeded(counted)


def _user_of_grant(database: Database, grant: Grant | None) -> _Row | None:
    if grant is None:
        return None
    with database.tenant(grant.company_id) as session:
        return _find(session, grant.company_id, grant.user_id)


def _row(session: DatabaseSession, company_id: UUID, user_id: UUID) -> _Row:
    found = _find(session, company_id, user_id)
    if found is None:
        raise Unauthenticated("Sua sessão terminou. Entre de novo.", code="session_ended")
    return found


def _find(session: DatabaseSession, company_id: UUID, user_id: UUID) -> _Row | None:
    columns = (User.id, User.company_id, User.name, User.email, User.role, User.password_hash, User.email_verified_at)
    row = session.execute(select(*columns, User.version).where(_active_user(company_id, user_id))).one_or_none()
    return None if row is None else _Row(*row)


def _active_user(company_id: UUID, user_id: UUID) -> Any:
    return (
        (User.company_id == company_id) & (User.id == user_id) & (User.status == "active") & User.deleted_at.is_(None)
    )


def _update_user(
    session: DatabaseSession,
    company_id: UUID,
    user_id: UUID,
    values: Mapping[str, Any],
    now: datetime,
    *,
    only_if: ColumnElement[bool],
) -> None:
    """Raises `Conflict` when `only_if` does not hold, the account is gone, or another account has the e-mail."""
    statement = (
        update(User)
        .where(_active_user(company_id, user_id), only_if)
        .values(**values, updated_at=now, version=User.version + 1)
        .returning(User.id)
        .execution_options(synchronize_session=False)
    )
    try:
        changed = session.execute(statement).first()
    except IntegrityError as error:
        raise email_taken() from error
    if changed is None:
        raise Conflict("Sua conta mudou enquanto isso. Tente de novo.", code="account_changed")


def _invalid_link() -> InvalidInput:
    message = "Este link não vale mais. Peça outro."
    return invalid_field("token", message, "token_invalid")
