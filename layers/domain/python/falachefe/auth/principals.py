"""Who sends a request: from its `Authorization` header to a `Principal`.

The token proves who one is, its session that this still holds; a route only ever sees the `Principal`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol
from uuid import UUID

from falachefe.auth.permissions import permissions_of
from falachefe.auth.refresh import SessionKey
from falachefe.auth.tokens import Claims, TokenKeys, verify
from falachefe.http.principal import Principal
from falachefe.kernel.config import Settings
from falachefe.kernel.errors import Unauthenticated

_LONGEST_TOKEN: Final = 4096


@dataclass(frozen=True)
class AuthSettings(Settings):
    auth_secret_arn: str


class LiveSessions(Protocol):
    def role_of(self, key: SessionKey, now: datetime) -> str:
        """The role of a session that is alive. Raises `Unauthenticated` when it is not."""
        ...


def token_keys() -> TokenKeys:
    """The keys of this deployment, from its secret; a rotation arrives without a deploy."""
    from falachefe import runtime

    return TokenKeys.from_secret(runtime.secret(AuthSettings.from_env().auth_secret_arn))


def principal_of(headers: Mapping[str, str]) -> Principal:
    """The caller, by this function's own clock, keys and sessions. Raises `Unauthenticated`."""
    from falachefe import runtime

    return authenticate(headers, runtime.clock().now(), token_keys(), runtime.sessions())


def authenticate(headers: Mapping[str, str], now: datetime, keys: TokenKeys, sessions: LiveSessions) -> Principal:
    """The caller named by a bearer token whose session lives. Raises `Unauthenticated` otherwise.

    The power is the session's, not the token's: a changed role takes effect before the token expires.
    """
    claims = verify(keys, _bearer(headers), now)
    role = sessions.role_of(_session_of(claims), now)
    return Principal(
        user_id=claims.user_id,
        company_id=claims.company_id,
        role=role,
        permissions=permissions_of(role),
        session_id=claims.session_id,
    )


def session_key(principal: Principal) -> SessionKey:
    """The session that a principal came with."""
    return SessionKey(principal.company_id, principal.user_id, UUID(principal.session_id))


def _bearer(headers: Mapping[str, str]) -> str:
    given = next((value for name, value in headers.items() if name.lower() == "authorization"), "") or ""
    scheme, _, token = given.strip().partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Unauthenticated("Entre para continuar.", code="token_missing")
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
