"""Access tokens: JWTs that live for half an hour, signed with a key of the deployment.

The algorithm is pinned, the key is named by its `kid`, and two keys may be known while one takes over from the other.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Self
from uuid import UUID

from falachefe.auth import jws
from falachefe.auth.permissions import PERMISSIONS_OF
from falachefe.kernel.errors import Unauthenticated
from falachefe.kernel.ids import new_id

ISSUER: Final = "falachefe"
AUDIENCE: Final = "falachefe-api"
ALGORITHM: Final = "HS256"
TYPE: Final = "at+jwt"
"""RFC 9068: no other token that these keys may ever sign passes for an access token."""
LIFETIME: Final = timedelta(minutes=30)
_CLOCK_SKEW: Final = timedelta(seconds=60)
_SHORTEST_KEY: Final = 32
_CLAIMS: Final = frozenset({"iss", "aud", "sub", "sid", "jti", "company_id", "role", "iat", "exp"})


@dataclass(frozen=True, slots=True)
class TokenKeys:
    """The signing keys by `kid`; `active` signs, all verify."""

    active: str
    keys: Mapping[str, str]

    def __post_init__(self) -> None:
        if self.active not in self.keys:
            raise ValueError("the active token key is not among the keys")
        if any(len(key.encode()) < _SHORTEST_KEY for key in self.keys.values()):
            raise ValueError(f"a token key has at least {_SHORTEST_KEY} bytes")

    def __repr__(self) -> str:
        return f"TokenKeys(active={self.active!r}, kids={sorted(self.keys)})"

    @classmethod
    def from_secret(cls, secret: Mapping[str, Any]) -> Self:
        """From the auth secret: `{"jwt": {"active": kid, "keys": {kid: secret}}}`."""
        return cls(active=secret["jwt"]["active"], keys=dict(secret["jwt"]["keys"]))


@dataclass(frozen=True, slots=True)
class Claims:
    user_id: UUID
    company_id: UUID
    role: str
    session_id: str
    token_id: str
    expires_at: datetime


def issue(
    keys: TokenKeys, *, user_id: UUID, company_id: UUID, role: str, session_id: str, now: datetime
) -> tuple[str, Claims]:
    """A signed access token and what it says."""
    import jwt

    issued = now.replace(microsecond=0)
    claims = Claims(user_id, company_id, role, session_id, str(new_id()), issued + LIFETIME)
    payload = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": str(user_id),
        "sid": session_id,
        "jti": claims.token_id,
        "company_id": str(company_id),
        "role": role,
        "iat": int(issued.timestamp()),
        "exp": int(claims.expires_at.timestamp()),
    }
    headers = {"kid": keys.active, "typ": TYPE}
    return jwt.encode(payload, keys.keys[keys.active], algorithm=ALGORITHM, headers=headers), claims


def verify(keys: TokenKeys, token: str, now: datetime) -> Claims:
    """What a token says. Raises `Unauthenticated` unless it is one of ours, unchanged and still alive at `now`."""
    payload = _decoded(keys, token)
    try:
        issued, expires = (_moment(payload[name]) for name in ("iat", "exp"))
        claims = Claims(
            user_id=UUID(payload["sub"]),
            company_id=UUID(payload["company_id"]),
            role=str(payload["role"]),
            session_id=str(payload["sid"]),
            token_id=str(payload["jti"]),
            expires_at=expires,
        )
    except (ValueError, TypeError, AttributeError, OverflowError, OSError) as error:
        raise _invalid() from error
    if claims.role not in PERMISSIONS_OF or issued > now + _CLOCK_SKEW:
        raise _invalid()
    if expires <= now:
        raise Unauthenticated("Seu acesso expirou. Entre de novo.", code="token_expired")
    return claims


def _decoded(keys: TokenKeys, token: str) -> dict[str, Any]:
    def key_of(header: jws.Header) -> str | None:
        return keys.keys.get(str(header.get("kid"))) if header.get("typ") == TYPE else None

    try:
        payload = jws.claims(token, ALGORITHM, key_of)
    except jws.NotSigned as error:
        raise _invalid() from error
    if not payload.keys() >= _CLAIMS or payload["iss"] != ISSUER or payload["aud"] != AUDIENCE:
        raise _invalid()
    return payload


def _moment(seconds: Any) -> datetime:
    """A whole number of seconds, as we write them. A text or a truth value is none, though `int` would take it."""
    if type(seconds) is not int:
        raise TypeError("a time of a token is a whole number")
    return datetime.fromtimestamp(seconds, UTC)


def _invalid() -> Unauthenticated:
    return Unauthenticated("Credencial inválida. Entre de novo.", code="token_invalid")
