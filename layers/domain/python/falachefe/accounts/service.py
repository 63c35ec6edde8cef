"""A person's account: made with their company, brought up to date, and got back when the password is lost."""

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
from falachefe.accounts.emails import claim_email, taken, write_mail
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
    """Where sessions are kept; `falachefe.sessions.store.Sessions`."""

    def of_user(self, company_id: UUID, user_id: UUID, now: datetime) -> Sequence[OpenSession]: ...

    def tidy(self, keys: Sequence[SessionKey]) -> int:
        """Deletes the items of sessions that the person's row has ended; returns how many there were."""
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
        select(User.phone, User.email_verified_at, User.last_login_at, User.created_at).where(_is(company_id, user_id))
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
    """Changes one's own name or e-mail. Another e-mail needs the password, and to be confirmed anew."""
    address = None if email is None else email.strip()
    values: dict[str, Any] = {} if name is None else dict(names.from_full(user_rules.checked_name(name)))
    with database.tenant(key.company_id) as session:
        before = _row(session, key.company_id, key.user_id)
    if address is not None and address.casefold() != (before.email or "").casefold():
        _prove(attempts, before, key, current_password or "", now, field="current_password")
        values |= {"email": address, "email_verified_at": None}
    with unit_of_work(database, publisher, key.company_id, actor=by, now=now) as work:
        session = work.session
        if "email" in values:
            write_mail(work.outbox, "verification", key.user_id)
            claim_email(session, values["email"])
        if values:
            # The password that was proved is the account's only as long as nobody changed it meanwhile.
            same = User.version == before.version if "email" in values else true()
            _update(session, key.company_id, key.user_id, values, now, as_long_as=same)
            _note_change(session, before, values, by, now)
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
    """Another password; every other session ends, or nothing changes. Returns how many sessions did."""
    with database.tenant(key.company_id) as session:
        before = _row(session, key.company_id, key.user_id)
    _prove(attempts, before, key, current, now, field="current_password")
    policy.check(new, name=before.name, email=before.email, field="new_password")
    return _store_password(
        database,
        publisher,
        before,
        new,
        now,
        deed="password_changed",
        by=by,
        email_verified_at=before.email_verified_at,
        sessions=sessions,
        but=key.session_id,
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
    place: str = "",
    revoke_keys: RevokeKeys,
    by: Actor,
    now: datetime,
) -> str:
    """Another password for whoever holds the mailed token, which is spent; every session ends.

    The token dies with the password that it was asked for, and with the e-mail that it went to; having got it proves
    that e-mail. An invited person chooses the first password in the same way. A password that may not be chosen leaves
    the token alive. Returns the account's e-mail; what failed there before counts no more, nor from `place`.
    """
    grant = mailed.look_for_password(token, now)
    before = _granted(database, grant)
    if grant is None or before is None or mailed.password_state(before.email, before.password_hash) != grant.state:
        raise _dead_link()
    policy.check(password, name=before.name, email=before.email)
    if not mailed.spend(grant, now):
        raise _dead_link()
    _store_password(
        database,
        publisher,
        before,
        password,
        now,
        deed="password_reset",
        by=by,
        email_verified_at=before.email_verified_at or now,
        sessions=sessions,
        shut_out=revoke_keys if before.email_verified_at is None and before.password_hash is not None else None,
    )
    attempts.forget(Attempt(before.email or "", place))
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
    """Confirms the e-mail that the token was sent to, as long as it is still the account's. True: all stays as it is.

    Anybody may have registered somebody else's e-mail. Unless the confirmation comes from a session of the account
    (`signed_in` is its person), all that the account was entered by until now ends, and its owner is mailed a link to
    a password of their own: False.
    """
    grant = mailed.look(Purpose.VERIFY, token, now)
    before = _granted(database, grant)
    if grant is None or before is None or mailed.state(before.email) != grant.state:
        raise _dead_link()
    own = signed_in == before.id
    keys = [] if own else [one.key for one in sessions.of_user(before.company_id, before.id, now)]
    if not mailed.spend(grant, now):
        raise _dead_link()
    with unit_of_work(database, publisher, before.company_id, actor=by, now=now) as work:
        session = work.session
        # Whoever changes the e-mail while the token is being spent does not get the new one confirmed by it.
        same = User.email == before.email
        values: dict[str, Any] = {"email_verified_at": now, **({} if own else {"password_hash": None})}
        _update(session, before.company_id, before.id, values, now, as_long_as=same)
        audit_entries.account(session, before.company_id, before.id, "email_verified", by=by, now=now)
        if not own:
            shut_out_strangers(session, before.company_id, before.id, revoke_keys=revoke_keys, by=by, now=now)
            write_mail(work.outbox, "reset_requested", before.id)
    sessions.tidy(keys)
    return own


def shut_out_strangers(
    session: DatabaseSession, company_id: UUID, user_id: UUID, *, revoke_keys: RevokeKeys, by: Actor, now: datetime
) -> None:
    """Ends all ways into an account but its e-mail, whose owner has only now shown that it is theirs.

    Sessions, chats among them; identities of other providers; keys that were made in its name; and the phone, which
    signs in by WhatsApp, of an account that somebody registered and its owner never confirmed before.
    """
    proofs = ("registered", "email_verified", "password_reset")
    only_registered = audit_entries.account_actions_before(session, company_id, user_id, proofs, now) == {"registered"}
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
    audit_entries.account(session, company_id, user_id, "strangers_shut_out", by=by, now=now)


def _store_password(
    database: Database,
    publisher: Publisher,
    before: _Row,
    password: str,
    now: datetime,
    *,
    deed: str,
    by: Actor,
    email_verified_at: datetime | None,
    sessions: OpenSessions,
    but: UUID | None = None,
    shut_out: RevokeKeys | None = None,
) -> int:
    """Writes the new hash and ends sessions, both or neither, unless the account was changed since it was looked at.

    Sessions end by a mark in the same row. Who signs in with the old password at this moment opened a session before
    (the mark ends it), or waits for the row and is refused. Their items are deleted after the commit: should that fail,
    they expire. `shut_out` is given when whoever had the account before may not be the owner of its e-mail.
    """
    hashed = hashing.hash_password(password)
    keys = [one.key for one in sessions.of_user(before.company_id, before.id, now) if one.key.session_id != but]
    with unit_of_work(database, publisher, before.company_id, actor=by, now=now) as work:
        session = work.session
        write_mail(work.outbox, "password_changed", before.id)
        values = {"password_hash": hashed, "email_verified_at": email_verified_at}
        _update(session, before.company_id, before.id, values, now, as_long_as=User.version == before.version)
        if shut_out is not None:
            shut_out_strangers(session, before.company_id, before.id, revoke_keys=shut_out, by=by, now=now)
        audit_entries.account(session, before.company_id, before.id, deed, by=by, now=now)
        end_sessions(session, before.company_id, before.id, now, but=but)
    return sessions.tidy(keys)


def _note_change(session: DatabaseSession, before: _Row, values: Mapping[str, Any], by: Actor, now: datetime) -> None:
    known = {"name": before.name, "email": before.email}
    shown = {name: value for name, value in values.items() if name in known}
    action = "email_changed" if "email" in shown else "updated"
    old = {name: known[name] for name in shown}
    audit_entries.account(session, before.company_id, before.id, action, by=by, now=now, before=old, after=shown)


def _prove(attempts: SignInAttempts, row: _Row, key: SessionKey, password: str, now: datetime, *, field: str) -> None:
    """The password once more, for what a stolen access token must not be enough for; counted for each session."""
    counted = Attempt(f"user#{row.id}", str(key.session_id), known=True)
    attempts.begin(counted, now)
    if not hashing.verify_password(row.password_hash, password):
        attempts.failed(counted, now)
        message = "A senha atual não confere."
        raise invalid_field(field, message, "password_wrong")
    attempts.succeeded(counted)


def _granted(database: Database, grant: Grant | None) -> _Row | None:
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
    row = session.execute(select(*columns, User.version).where(_is(company_id, user_id))).one_or_none()
    return None if row is None else _Row(*row)


def _is(company_id: UUID, user_id: UUID) -> Any:
    return (
        (User.company_id == company_id) & (User.id == user_id) & (User.status == "active") & User.deleted_at.is_(None)
    )


def _update(
    session: DatabaseSession,
    company_id: UUID,
    user_id: UUID,
    values: Mapping[str, Any],
    now: datetime,
    *,
    as_long_as: ColumnElement[bool],
) -> None:
    """Raises `Conflict` when the account is not as it was looked at, or gone."""
    statement = (
        update(User)
        .where(_is(company_id, user_id), as_long_as)
        .values(**values, updated_at=now, version=User.version + 1)
        .returning(User.id)
        .execution_options(synchronize_session=False)
    )
    try:
        changed = session.execute(statement).first()
    except IntegrityError as error:
        raise taken() from error
    if changed is None:
        raise Conflict("Sua conta mudou enquanto isso. Tente de novo.", code="account_changed")


def _dead_link() -> InvalidInput:
    message = "Este link não vale mais. Peça outro."
    return invalid_field("token", message, "token_invalid")
