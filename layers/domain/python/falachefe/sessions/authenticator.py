"""Turns a request's credential into a `Principal`, the only form in which routes see the caller.

A user's access token proves the identity, its session that the sign-in is still valid, and Postgres has the current
permissions. A program presents an API key.
"""

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Final, Protocol
from uuid import UUID

from falachefe.accounts.users import SessionKey
from falachefe.http.principal import NO_CREDENTIAL, Caller, Principal
from falachefe.kernel.errors import Forbidden, InvalidInput, Unauthenticated
from falachefe.sessions.access_tokens import Claims, Keys, verify

if TYPE_CHECKING:
    from falachefe.access.staff import Member
    from falachefe.kernel.clock import Clock
    from falachefe.sessions.superadmin_access import SuperadminAccess

_MAX_TOKEN_LENGTH: Final = 4096
_KEY_PREFIX: Final = "fck_"
"""Equal to `api_keys.authenticator.PREFIX`; importing it would load the API keys' code for requests without one."""
COMPANY_HEADER: Final = "x-company-id"


class LiveSessions(Protocol):
    def require(self, key: SessionKey, now: datetime) -> datetime:
        """When the session was opened. Raises `Unauthenticated` unless it is live."""
        ...


class ApiKeys(Protocol):
    def principal_of(self, text: str, address: str | None, now: datetime) -> Principal:
        """The principal of an API key. Raises `Unauthenticated` or `Forbidden`."""
        ...


class CurrentMembers(Protocol):
    def of(self, company_id: UUID, user_id: UUID, now: datetime) -> "Member":
        """The current state of a member. Raises `Unauthenticated` when inactive, `Forbidden` when suspended."""
        ...


class Credentials(Protocol):
    """The dependencies of authentication, each created on first use."""

    def clock(self) -> "Clock": ...

    def published_keys(self) -> Keys:
        """The keys that access tokens are verified with."""
        ...

    def sessions(self) -> LiveSessions: ...

    def permission_cache(self) -> CurrentMembers: ...

    def api_keys(self) -> ApiKeys: ...

    def superadmin_access(self) -> "SuperadminAccess": ...


def principal_of(caller: Caller, known: Credentials, *, own_company_only: bool = False) -> Principal:
    """The principal of an access token or API key. Raises `Unauthenticated`, `Forbidden` or `InvalidInput`.

    `own_company_only`: for routes on the caller's own account; `X-Company-Id` is ignored.
    """
    now = known.clock().now()
    key = _key_of(caller)
    if key is not None:
        who = known.api_keys().principal_of(key, caller.address, now)
    else:
        who = authenticate(caller, now, known.published_keys(), known.sessions(), known.permission_cache())
    requested = None if own_company_only else _requested_company(caller)
    if requested is None or requested == who.company_id:
        return who
    if who.key is not None or not who.may("companies.read"):
        raise Forbidden("Só o suporte entra em outra empresa.", code="company_forbidden")
    known.superadmin_access().enter(who, requested, caller, now)
    return replace(who, company_id=requested, home_company_id=who.company_id)


def authenticate(
    caller: Caller, now: datetime, keys: Keys, sessions: LiveSessions, members: CurrentMembers
) -> Principal:
    """The principal of an access token. Raises `Unauthenticated` unless its session is live.

    Role and permissions come from Postgres, not from the token: a changed role takes effect before the token expires.
    """
    claims = verify(keys, _bearer(caller), now)
    key = _session_key(claims)
    opened = sessions.require(key, now)
    member = members.of(claims.company_id, claims.user_id, now)
    if member.has_ended(key.session_id, opened):
        raise Unauthenticated("Sua sessão terminou. Entre de novo.", code="session_ended")
    return Principal(
        user_id=claims.user_id,
        company_id=claims.company_id,
        role=member.role,
        permissions=member.permissions,
        session_id=claims.session_id,
    )


def session_key(principal: Principal) -> SessionKey:
    """The principal's session. Raises `Forbidden` for an API key, which has no account to manage."""
    if principal.key is not None:
        raise Forbidden("Uma chave de API não tem conta nem sessões.", code="people_only")
    return SessionKey(principal.home, principal.user_id, UUID(principal.session_id))


def _key_of(caller: Caller) -> str | None:
    """The API key, from the bearer token or the `X-Api-Key` header."""
    scheme, _, token = caller.headers.get("authorization", "").strip().partition(" ")
    if scheme.lower() == "bearer" and token.strip().startswith(_KEY_PREFIX):
        return token.strip()
    return caller.headers.get("x-api-key") or None


def _requested_company(caller: Caller) -> UUID | None:
    given = caller.headers.get(COMPANY_HEADER)
    if not given:
        return None
    try:
        return UUID(given.strip())
    except ValueError:
        raise InvalidInput("X-Company-Id não é um identificador.", code="company_id_invalid") from None


def _bearer(caller: Caller) -> str:
    scheme, _, token = caller.headers.get("authorization", "").strip().partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Unauthenticated("Entre para continuar.", code=NO_CREDENTIAL)
    if len(token) > _MAX_TOKEN_LENGTH:
        raise _invalid()
    return token.strip()


def _session_key(claims: Claims) -> SessionKey:
    try:
        return SessionKey(claims.company_id, claims.user_id, UUID(claims.session_id))
    except ValueError:
        raise _invalid() from None


def _invalid() -> Unauthenticated:
    return Unauthenticated("Credencial inválida. Entre de novo.", code="token_invalid")
