"""Access tokens: JWTs that live for half an hour, signed with a private key of the deployment (`signing_keys`).

The algorithm is pinned. `kid` names the public key, as several are valid during a rotation.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, Final, Protocol
from uuid import UUID

from falachefe.access.permissions import PERMISSIONS_OF
from falachefe.kernel.errors import Unauthenticated
from falachefe.kernel.ids import new_id
from falachefe.kernel.ttl_cache import TtlCache
from falachefe.sessions import jws
from falachefe.sessions.signing_keys import ALGORITHM, SigningKey

ISSUER: Final = "falachefe"
AUDIENCE: Final = "falachefe-api"
TYPE: Final = "at+jwt"
"""RFC 9068: keeps other tokens signed with the same keys from being accepted as access tokens."""
LIFETIME: Final = timedelta(minutes=30)
_CLOCK_SKEW: Final = timedelta(seconds=60)
_CLAIMS: Final = frozenset({"iss", "aud", "sub", "sid", "jti", "company_id", "role", "iat", "exp"})


@dataclass(frozen=True, slots=True)
class _Proof:
    """A token's payload with the key that verified its signature."""

    kid: str
    key: Any
    payload: Mapping[str, Any]


_PROOFS: Final = TtlCache[bytes, _Proof](timedelta(minutes=5), most=1_000)
"""Verified tokens by their hash, so that no credential stays in memory. A cached result is used only while its key is
still the published one. Each request checks that and the token's expiry again."""


class Keys(Protocol):
    """Public keys by `kid`."""

    def key(self, kid: str, now: datetime, /) -> Any:
        """The key, or None when no valid key has this `kid`."""
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
    """A signed access token and its claims."""
    import jwt  # noqa: PLC0415  # 100 ms, paid by the first token

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
    """A token's claims. Raises `Unauthenticated` unless its signature, claims and expiry are valid at `now`."""
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


def _decoded(keys: Keys, token: str, now: datetime) -> Mapping[str, Any]:
    name = sha256(token.encode("utf-8", "surrogatepass")).digest()
    proof = _PROOFS.get(name, now)
    if proof is None or keys.key(proof.kid, now) is not proof.key:
        proof = _PROOFS.put(name, _proof(keys, token, now), now)
    payload = proof.payload
    if not payload.keys() >= _CLAIMS or payload["iss"] != ISSUER or payload["aud"] != AUDIENCE:
        raise _invalid()
    return payload


def _proof(keys: Keys, token: str, now: datetime) -> _Proof:
    used: list[tuple[str, Any]] = []

    def key_of(header: jws.Header) -> Any:
        # The algorithm first: a wrong one must not cause a look-up of the key.
        if header.get("typ") != TYPE or header.get("alg") != ALGORITHM:
            return None
        kid = str(header.get("kid"))
        used.append((kid, keys.key(kid, now)))
        return used[0][1]

    try:
        payload = jws.claims(token, ALGORITHM, key_of)
    except jws.NotSigned as error:
        raise _invalid() from error
    return _Proof(*used[0], payload)


def _moment(seconds: Any) -> datetime:
    """The time of a claim. Only an integer is valid; `int()` would also accept strings and booleans."""
    if type(seconds) is not int:
        raise TypeError("a time of a token is a whole number")
    return datetime.fromtimestamp(seconds, UTC)


def _invalid() -> Unauthenticated:
    return Unauthenticated("Credencial inválida. Entre de novo.", code="token_invalid")
