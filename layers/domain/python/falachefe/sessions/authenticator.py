"""Who sends a request: from its headers to a `Principal`.

A token proves who one is, its session that this still holds, and Postgres what one may do. A program calls with a key.
A route only ever sees the `Principal`.
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

_LONGEST_TOKEN: Final = 4096
_KEY_MARK: Final = "fck_"
"""`api_keys.MARK`, said here too, so that only a request with a key loads what keys need."""
COMPANY_HEADER: Final = "x-company-id"


class LiveSessions(Protocol):
    def require(self, key: SessionKey, now: datetime) -> datetime:
        """When the session was opened. Raises `Unauthenticated` unless it is alive."""
        ...


class ApiKeys(Protocol):
    def principal_of(self, text: str, address: str | None, now: datetime) -> Principal:
        """The program that calls with this key. Raises `Unauthenticated` or `Forbidden`."""
        ...


class CurrentPowers(Protocol):
    def of(self, company_id: UUID, user_id: UUID, now: datetime) -> "Member":
        """The member as they are now. Raises `Unauthenticated` or `Forbidden` for one who may not come in."""
        ...


class Credentials(Protocol):
    """What a caller's credential is checked against; each is made when it is first asked for."""

    def clock(self) -> "Clock": ...

    def published_keys(self) -> Keys:
        """The keys that access tokens are verified with."""
        ...

    def sessions(self) -> LiveSessions: ...

    def permission_cache(self) -> CurrentPowers: ...

    def api_keys(self) -> ApiKeys: ...

    def superadmin_access(self) -> "SuperadminAccess": ...


def principal_of(caller: Caller, known: Credentials, *, own_company_only: bool = False) -> Principal:
    """The caller, by an access token or an API key. Raises `Unauthenticated`.

    `own_company_only`: for what is one's own wherever one is, such as one's account; `X-Company-Id` then means nothing.
    """
    now = known.clock().now()
    key = _key_of(caller)
    if key is not None:
        who = known.api_keys().principal_of(key, caller.address, now)
    else:
        who = authenticate(caller, now, known.published_keys(), known.sessions(), known.permission_cache())
    wanted = None if own_company_only else _wanted_company(caller)
    if wanted is None or wanted == who.company_id:
        return who
    if who.key is not None or not who.may("companies.read"):
        raise Forbidden("Só o suporte entra em outra empresa.", code="company_forbidden")
    known.superadmin_access().enter(who, wanted, caller, now)
    return replace(who, company_id=wanted, home_company_id=who.company_id)


def authenticate(caller: Caller, now: datetime, keys: Keys, sessions: LiveSessions, powers: CurrentPowers) -> Principal:
    """The caller named by a bearer token whose session lives. Raises `Unauthenticated` otherwise.

    The power is the one that Postgres knows, not the token's: a changed role takes effect before the token expires.
    """
    claims = verify(keys, _bearer(caller), now)
    key = _session_of(claims)
    opened = sessions.require(key, now)
    member = powers.of(claims.company_id, claims.user_id, now)
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
    """The session that a principal came with. Raises `Forbidden` for a program: its key has no account to manage."""
    if principal.key is not None:
        raise Forbidden("Uma chave de API não tem conta nem sessões.", code="people_only")
    return SessionKey(principal.home, principal.user_id, UUID(principal.session_id))


def _key_of(caller: Caller) -> str | None:
    """A key comes as a bearer token or in a header of its own."""
    scheme, _, token = caller.headers.get("authorization", "").strip().partition(" ")
    if scheme.lower() == "bearer" and token.strip().startswith(_KEY_MARK):
        return token.strip()
    return caller.headers.get("x-api-key") or None


def _wanted_company(caller: Caller) -> UUID | None:
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
    if len(token) > _LONGEST_TOKEN:
        raise _invalid()
    return token.strip()


def _session_of(claims: Claims) -> SessionKey:
    try:
        return SessionKey(claims.company_id, claims.user_id, UUID(claims.session_id))
    except ValueError:
        raise _invalid() from None


def _invalid() -> Unauthenticated:
    return Unauthenticated("Credencial inválida. Entre de novo.", code="token_invalid")
