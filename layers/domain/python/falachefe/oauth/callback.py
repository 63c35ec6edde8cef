"""The callback of a sign-in with Google or GitHub, and the account it signs in to. `oauth.start` has its beginning."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from urllib.parse import quote
from uuid import UUID

from sqlalchemy import Select, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from falachefe.accounts import audit_entries
from falachefe.accounts import service as accounts
from falachefe.accounts.models import User, UserIdentity
from falachefe.accounts.users import UserView
from falachefe.db.engine import Database
from falachefe.kernel.actors import Actor
from falachefe.kernel.errors import Conflict, Forbidden, InvalidInput, Unauthenticated
from falachefe.kernel.ids import new_id
from falachefe.oauth.flows import Flow, Flows, Grant
from falachefe.oauth.provider_requests import ProviderUnavailable
from falachefe.oauth.providers import OAuthProvider
from falachefe.oauth.rules import Profile, Provider
from falachefe.oauth.start import authorization_request

type Link = Callable[[Session, UUID, UUID], None]
"""Stores an identity of a new user, in the transaction that creates the user."""


class Register(Protocol):
    """Creates a company and its first admin; implemented by `onboarding.registration.register_by_identity`."""

    def __call__(
        self, *, name: str, email: str, company_name: str, method: str, link: Link, by: Actor, now: datetime
    ) -> UserView: ...


@dataclass(frozen=True, slots=True)
class Returned:
    """The parameters and cookie of the provider's redirect."""

    state: str
    code: str
    """Empty when the user or the provider denied access."""
    browser: str


def finish(
    database: Database,
    flows: Flows,
    provider: OAuthProvider,
    *,
    name: Provider,
    returned: Returned,
    revoke_keys: accounts.RevokeKeys,
    by: Actor,
    register: Register,
    before_registration: Callable[[], None],
    now: datetime,
) -> str:
    """Completes a sign-in. Returns the app's URL to continue at, with a code to exchange for a session.

    If the provider is unavailable, the flow is restored, so that the same redirect can be retried until it expires.
    """
    flow = flows.take(name, state=returned.state, browser=returned.browser, now=now)
    if flow is None:
        raise InvalidInput("Este acesso não vale mais. Comece de novo.", code="oauth_state_invalid")
    if not returned.code:
        raise Forbidden("O acesso não foi autorizado no provedor.", code="oauth_denied")
    try:
        profile = provider.profile(authorization_request(flows, flow), returned.code, now)
    except ProviderUnavailable:
        flows.restore(flow, now)
        raise
    company_id, user_id = account_of(
        database,
        profile,
        flow,
        revoke_keys=revoke_keys,
        by=by,
        register=register,
        before_registration=before_registration,
        now=now,
    )
    code = flows.grant(flow, company_id, user_id, now)
    # Browsers do not send the fragment to servers, so the code stays out of access logs and referrers.
    return f"{flow.landing}#code={quote(code, safe='')}"


def redeem(flows: Flows, code: str, verifier: str | None, now: datetime) -> Grant:
    """Exchanges a code, once. Raises `Unauthenticated`."""
    grant = flows.redeem(code, verifier, now)
    if grant is None:
        raise Unauthenticated("Este acesso não vale mais. Comece de novo.", code="oauth_code_invalid")
    return grant


def account_of(
    database: Database,
    profile: Profile,
    flow: Flow,
    *,
    revoke_keys: accounts.RevokeKeys,
    by: Actor,
    register: Register,
    before_registration: Callable[[], None],
    now: datetime,
) -> tuple[UUID, UUID]:
    """Company and user that an identity signs in as: linked before, linked now by its e-mail, or registered now.

    The provider has verified the e-mail. An account whose e-mail was never confirmed may have been registered by
    someone else than its owner, so all earlier access to it is revoked before it is linked.
    """
    known = _linked(database, profile)
    if known is not None:
        return known
    found = _accounts(database, profile.email)
    if not found:
        before_registration()
        try:
            return _registered(register, profile, flow.company or profile.name, by=by, now=now)
        except Conflict:  # registered concurrently, perhaps by the same user in another window
            if (known := _linked(database, profile)) is not None:
                return known
            raise
    for company_id, user_id in found:
        with database.tenant(company_id) as session:
            if _is_verified(session, company_id, user_id, profile.email):
                link(session, company_id, user_id, profile, by=by, now=now)
                return company_id, user_id
    for company_id, user_id in found:
        with database.tenant(company_id) as session:
            if _becomes_the_owner_s(
                session, company_id, user_id, profile.email, revoke_keys=revoke_keys, by=by, now=now
            ):
                link(session, company_id, user_id, profile, by=by, now=now)
                return company_id, user_id
    raise Unauthenticated("Sua conta não está mais ativa.", code="login_failed")


def link(session: Session, company_id: UUID, user_id: UUID, profile: Profile, *, by: Actor, now: datetime) -> None:
    """Links the identity to a user, idempotently."""
    values = {"user_id": user_id, "provider": profile.provider, "subject": profile.subject, "email": profile.email}
    statement = upsert(UserIdentity).values(
        company_id=company_id, id=new_id(), created_at=now, updated_at=now, **values
    )
    # Of two concurrent callbacks one inserts the link, and both sign in.
    if session.scalar(statement.on_conflict_do_nothing().returning(UserIdentity.id)) is not None:
        after = {"provider": profile.provider}
        audit_entries.record_account_action(
            session, company_id, user_id, "identity_linked", by=by, now=now, after=after
        )


def _linked(database: Database, profile: Profile) -> tuple[UUID, UUID] | None:
    """The oldest active account of the identity. Raises `Unauthenticated` if none of its accounts is active."""
    asked = {"provider": profile.provider, "subject": profile.subject}
    with database.no_tenant() as session:
        found = session.execute(
            text("select company_id, user_id from directory.identities_of(:provider, :subject) order by user_id"), asked
        ).all()
    for row in found:
        with database.tenant(row.company_id) as session:
            if session.execute(_active(row.company_id, row.user_id)).first() is not None:
                return row.company_id, row.user_id
    if found:
        raise Unauthenticated("Sua conta não está mais ativa.", code="login_failed")
    return None


def _accounts(database: Database, email: str) -> list[tuple[UUID, UUID]]:
    with database.no_tenant() as session:
        found = session.execute(
            text("select company_id, user_id from directory.logins_of(:email) order by user_id"), {"email": email}
        )
        return [(row.company_id, row.user_id) for row in found]


def _is_verified(session: Session, company_id: UUID, user_id: UUID, email: str) -> bool:
    """Whether the account is active and has this e-mail confirmed. Locks its row."""
    row = _locked(session, company_id, user_id, email)
    return row is not None and row.email_verified_at is not None


def _becomes_the_owner_s(
    session: Session,
    company_id: UUID,
    user_id: UUID,
    email: str,
    *,
    revoke_keys: accounts.RevokeKeys,
    by: Actor,
    now: datetime,
) -> bool:
    """Confirms the account's e-mail, removes its password and revokes all other access to it."""
    if _locked(session, company_id, user_id, email) is None:
        return False
    session.execute(
        update(User)
        .where(User.company_id == company_id, User.id == user_id)
        .values(email_verified_at=now, password_hash=None, updated_at=now, version=User.version + 1)
        .execution_options(synchronize_session=False)
    )
    accounts.revoke_unverified_access(session, company_id, user_id, revoke_keys=revoke_keys, by=by, now=now)
    return True


def _locked(session: Session, company_id: UUID, user_id: UUID, email: str) -> Any:
    """The account's row, locked, if it is active and has this e-mail."""
    statement = _active(company_id, user_id).add_columns(User.email, User.email_verified_at).with_for_update()
    row = session.execute(statement).one_or_none()
    return row if row is not None and (row.email or "").casefold() == email.casefold() else None


def _active(company_id: UUID, user_id: UUID) -> Select[Any]:
    return select(User.id).where(
        User.company_id == company_id, User.id == user_id, User.status == "active", User.deleted_at.is_(None)
    )


def _registered(
    register: Register, profile: Profile, company_name: str, *, by: Actor, now: datetime
) -> tuple[UUID, UUID]:
    user = register(
        name=profile.name,
        email=profile.email,
        company_name=company_name,
        method=profile.provider,
        link=lambda session, company_id, user_id: link(session, company_id, user_id, profile, by=by, now=now),
        by=by,
        now=now,
    )
    return user.company_id, user.id
