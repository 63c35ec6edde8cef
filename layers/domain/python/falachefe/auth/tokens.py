"""Access tokens: JWTs that live for half an hour, signed with a private key of the deployment (`signing_keys`).

The algorithm is pinned, and the public key is named by its `kid`: several may be known while one takes over.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Protocol
from uuid import UUID

from falachefe.auth import jws
from falachefe.auth.permissions import PERMISSIONS_OF
from falachefe.auth.signing_keys import ALGORITHM, SigningKey
from falachefe.kernel.errors import Unauthenticated
from falachefe.kernel.ids import new_id

ISSUER: Final = "falachefe"
AUDIENCE: Final = "falachefe-api"
TYPE: Final = "at+jwt"
"""RFC 9068: no other token that these keys may ever sign passes for an access token."""
LIFETIME: Final = timedelta(minutes=30)
_CLOCK_SKEW: Final = timedelta(seconds=60)
_CLAIMS: Final = frozenset({"iss", "aud", "sub", "sid", "jti", "company_id", "role", "iat", "exp"})


class Keys(Protocol):
    """Public keys by their name."""

    def key(self, kid: str, now: datetime, /) -> Any:
        """The key, None for a name that stands for none now."""
        ...


@dataclass(frozen=True, slots=True)
class Claims:
    user_id: UUID
    company_id: UUID
    role: str
    session_id: str
    token_id: str
    expires_at: datetime


def issue(
    key: SigningKey, *, user_id: UUID, company_id: UUID, role: str, session_id: str, now: datetime
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
    headers = {"kid": key.kid, "typ": TYPE}
    return jwt.encode(payload, key.private, algorithm=ALGORITHM, headers=headers), claims


def verify(keys: Keys, token: str, now: datetime) -> Claims:
    """What a token says. Raises `Unauthenticated` unless it is one of ours, unchanged and still alive at `now`."""
    payload = _decoded(keys, token, now)
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


def _decoded(keys: Keys, token: str, now: datetime) -> dict[str, Any]:
    def key_of(header: jws.Header) -> Any:
        # The algorithm before the key: whoever sends another one makes nobody look for keys.
        expected = header.get("typ") == TYPE and header.get("alg") == ALGORITHM
        return keys.key(str(header.get("kid")), now) if expected else None

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
