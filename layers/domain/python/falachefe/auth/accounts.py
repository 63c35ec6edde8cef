"""A person's account: made with their company, brought up to date, and got back when the password is lost."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, insert, select, true, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session as DatabaseSession

from falachefe.audit.service import Actor
from falachefe.auth import deeds, names, passwords, policy
from falachefe.auth.addresses import claim_email, taken, write_letter
from falachefe.auth.attempts import SignInAttempts
from falachefe.auth.mail_tokens import Grant, MailTokens, Purpose
from falachefe.auth.models import User
from falachefe.auth.refresh import SessionKey
from falachefe.auth.service import UserView
from falachefe.auth.sessions import Sessions
from falachefe.data.engine import Database
from falachefe.data.outbox import Outbox, Publisher
from falachefe.kernel.errors import Conflict, FieldError, InvalidInput, NotFound, Unauthenticated
from falachefe.kernel.events import DomainEvent
from falachefe.kernel.ids import new_id
from falachefe.kernel.text import one_line
from falachefe.tenancy.service import company, create_company

LONGEST_NAME: Final = 120


@dataclass(frozen=True, slots=True)
class Account:
    user: UserView
    company_name: str
    phone: str | None
    email_verified_at: datetime | None
    last_login_at: datetime | None
    created_at: datetime


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


def register(
    database: Database,
    publisher: Publisher,
    *,
    name: str,
    email: str,
    password: str,
    company_name: str,
    by: Actor,
    now: datetime,
) -> UserView:
    """A company, its first admin and its crew, all or nothing, and a letter that asks to confirm the e-mail.

    Raises `Conflict` when the e-mail signs in somewhere already, `InvalidInput` for a name or password that cannot be.
    """
    shown, address = _name(name), email.strip()
    policy.check(password, name=shown, email=address)
    return _begin(
        database,
        publisher,
        {"email": address, "password_hash": passwords.hash_password(password), **names.from_full(shown)},
        company_name=company_name,
        method="password",
        also=lambda _, outbox, user_id: write_letter(outbox, "verification", user_id),
        by=by,
        now=now,
    )


def register_by_identity(
    database: Database,
    publisher: Publisher,
    *,
    name: str,
    email: str,
    company_name: str,
    method: str,
    link: Callable[[DatabaseSession, UUID, UUID], None],
    by: Actor,
    now: datetime,
) -> UserView:
    """As `register`, for somebody whom another provider knows, e-mail and all: no password, and nothing to confirm.

    `link` notes the identity, in the same transaction.
    """
    return _begin(
        database,
        publisher,
        {"email": email, "email_verified_at": now, **names.from_full(_name(name))},
        company_name=company_name,
        method=method,
        also=lambda session, outbox, user_id: link(session, outbox.company_id, user_id),
        by=by,
        now=now,
    )


def _begin(
    database: Database,
    publisher: Publisher,
    values: Mapping[str, Any],
    *,
    company_name: str,
    method: str,
    also: Callable[[DatabaseSession, Outbox, UUID], None],
    by: Actor,
    now: datetime,
) -> UserView:
    """The company and the person that `values` tell of, in one transaction."""
    from falachefe.crews.service import default_crew

    company_id, user_id = new_id(), new_id()
    outbox = Outbox(company_id)
    with database.tenant(company_id) as session:
        claim_email(session, values["email"])
        create_company(session, company_id, name=company_name)
        made = {"role": "admin", "last_login_at": now, "created_at": now, "updated_at": now}
        session.execute(insert(User).values(company_id=company_id, id=user_id, **made, **values))
        default_crew(session, company_id, now)
        deeds.account(session, company_id, user_id, "registered", by=by, now=now, after={"method": method})
        also(session, outbox, user_id)
        outbox.record(DomainEvent("tenancy.company_registered", company_id, now, {"user_id": str(user_id)}))
        outbox.save(session)
    outbox.publish(database, publisher)
    return UserView(user_id, company_id, values["name"], values["email"], "admin")


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
    values: dict[str, Any] = {} if name is None else dict(names.from_full(_name(name)))
    outbox = Outbox(key.company_id)
    with database.tenant(key.company_id) as session:
        before = _row(session, key.company_id, key.user_id)
    if address is not None and address.casefold() != (before.email or "").casefold():
        _prove(attempts, before, current_password or "", now, field="current_password")
        values |= {"email": address, "email_verified_at": None}
        write_letter(outbox, "verification", key.user_id)
    with database.tenant(key.company_id) as session:
        if "email" in values:
            claim_email(session, values["email"])
        if values:
            # The password that was proved is the account's only as long as nobody changed it meanwhile.
            same = User.version == before.version if "email" in values else true()
            _update(session, key.company_id, key.user_id, values, now, as_long_as=same)
            _note_change(session, before, values, by, now)
        outbox.save(session)
        changed = account(session, key.company_id, key.user_id)
    outbox.publish(database, publisher)
    return changed


def change_password(
    database: Database,
    publisher: Publisher,
    attempts: SignInAttempts,
    sessions: Sessions,
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
    _prove(attempts, before, current, now, field="current_password")
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
        end_sessions=lambda: sessions.end_all(key.company_id, key.user_id, now, but=key.session_id),
    )


def reset_password(
    database: Database,
    publisher: Publisher,
    attempts: SignInAttempts,
    sessions: Sessions,
    mailed: MailTokens,
    *,
    token: str,
    password: str,
    by: Actor,
    now: datetime,
) -> None:
    """Another password for whoever holds the mailed token, which is spent; every session ends.

    The token dies with the password that it was asked for, and with the e-mail that it went to; having got it proves
    that e-mail. An invited person chooses the first password in the same way. A password that may not be chosen leaves
    the token alive.
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
        end_sessions=lambda: sessions.end_all(before.company_id, before.id, now),
    )
    attempts.succeeded(before.email or "")


def verify_email(database: Database, mailed: MailTokens, *, token: str, by: Actor, now: datetime) -> None:
    """Confirms the e-mail that the token was sent to, as long as it is still the account's."""
    grant = mailed.look(Purpose.VERIFY, token, now)
    before = _granted(database, grant)
    if grant is None or before is None or mailed.state(before.email) != grant.state or not mailed.spend(grant, now):
        raise _dead_link()
    with database.tenant(before.company_id) as session:
        # Whoever changes the e-mail while the token is being spent does not get the new one confirmed by it.
        same = User.email == before.email
        _update(session, before.company_id, before.id, {"email_verified_at": now}, now, as_long_as=same)
        deeds.account(session, before.company_id, before.id, "email_verified", by=by, now=now)


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
    end_sessions: Callable[[], int],
) -> int:
    """Writes the new hash and ends sessions, both or neither, unless the account was changed since it was looked at.

    The sessions end while the row is written and not yet committed. Should that fail, the old password stays; and who
    signs in with it at this moment opened a session before (it ends here) or waits for the row and is refused.
    """
    hashed = passwords.hash_password(password)
    outbox = Outbox(before.company_id)
    write_letter(outbox, "password_changed", before.id)
    with database.tenant(before.company_id) as session:
        values = {"password_hash": hashed, "email_verified_at": email_verified_at}
        _update(session, before.company_id, before.id, values, now, as_long_as=User.version == before.version)
        deeds.account(session, before.company_id, before.id, deed, by=by, now=now)
        outbox.save(session)
        ended = end_sessions()
    outbox.publish(database, publisher)
    return ended


def _note_change(session: DatabaseSession, before: _Row, values: Mapping[str, Any], by: Actor, now: datetime) -> None:
    known = {"name": before.name, "email": before.email}
    shown = {name: value for name, value in values.items() if name in known}
    action = "email_changed" if "email" in shown else "updated"
    old = {name: known[name] for name in shown}
    deeds.account(session, before.company_id, before.id, action, by=by, now=now, before=old, after=shown)


def _prove(attempts: SignInAttempts, row: _Row, password: str, now: datetime, *, field: str) -> None:
    """The password once more, for what a stolen access token must not be enough for; counted like a sign-in."""
    counted = f"user#{row.id}"
    attempts.begin(counted, now)
    if not passwords.verify_password(row.password_hash, password):
        attempts.failed(counted, now)
        message = "A senha atual não confere."
        raise InvalidInput(message, code="password_wrong", errors=(FieldError(field, message),))
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


def _name(name: str) -> str:
    shown = one_line(name)
    if not 2 <= len(shown) <= LONGEST_NAME:
        message = f"O nome tem de 2 a {LONGEST_NAME} caracteres."
        raise InvalidInput(message, code="name_invalid", errors=(FieldError("name", message),))
    return shown


def _dead_link() -> InvalidInput:
    message = "Este link não vale mais. Peça outro."
    return InvalidInput(message, code="token_invalid", errors=(FieldError("token", message),))
