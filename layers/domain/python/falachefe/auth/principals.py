"""Who sends a request: from its `Authorization` header to a `Principal`.

Sessions and API keys will be looked up here too; a route only ever sees the `Principal`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from falachefe.auth.permissions import permissions_of
from falachefe.auth.tokens import TokenKeys, verify
from falachefe.http.principal import Principal
from falachefe.kernel.config import Settings
from falachefe.kernel.errors import Unauthenticated

_LONGEST_TOKEN: Final = 4096


@dataclass(frozen=True)
class AuthSettings(Settings):
    auth_secret_arn: str


def token_keys() -> TokenKeys:
    """The keys of this deployment, from its secret; a rotation arrives without a deploy."""
    from falachefe import runtime

    return TokenKeys.from_secret(runtime.secret(AuthSettings.from_env().auth_secret_arn))


def principal_of(headers: Mapping[str, str]) -> Principal:
    """The caller, by this function's own clock and keys. Raises `Unauthenticated`."""
    from falachefe import runtime

    return authenticate(headers, runtime.clock().now(), token_keys())


def authenticate(headers: Mapping[str, str], now: datetime, keys: TokenKeys) -> Principal:
    """The caller named by a bearer token. Raises `Unauthenticated` when there is none or it does not hold."""
    given = next((value for name, value in headers.items() if name.lower() == "authorization"), "") or ""
    scheme, _, token = given.strip().partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Unauthenticated("Entre para continuar.", code="token_missing")
    if len(token) > _LONGEST_TOKEN:
        raise Unauthenticated("Credencial inválida. Entre de novo.", code="token_invalid")
    claims = verify(keys, token.strip(), now)
    return Principal(
        user_id=claims.user_id,
        company_id=claims.company_id,
        role=claims.role,
        permissions=permissions_of(claims.role),
        session_id=claims.session_id,
    )
