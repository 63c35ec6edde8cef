"""Keys of access tokens: ECDSA on P-256, derived from a seed, so that only a random secret has to be stored.

Sign-in functions read the seed. All others read the public key, a JSON Web Key (RFC 7517) whose `kid` is its thumbprint
(RFC 7638), so that one `kid` cannot name two keys.
"""

import base64
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, Final

ALGORITHM: Final = "ES256"
CURVE: Final = "P-256"
MIN_SEED_BYTES: Final = 32
ANNOUNCED_FOR: Final = timedelta(minutes=10)
"""How long a new key is published before it signs: twice as long as runtimes cache the published keys."""
_ORDER: Final = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""Of P-256 (NIST SP 800-186)."""
_SCALAR_BYTES: Final = 32 + 8
"""FIPS 186-5, A.2.1: 64 bits more than the order has, so that the remainder's bias is negligible."""
_INFO: Final = b"falachefe access token signing key P-256"


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key. Its repr shows the `kid` only."""

    kid: str
    private: Any = field(repr=False)
    public_jwk: Mapping[str, str] = field(repr=False)

    @classmethod
    def from_seed(cls, seed: str) -> "SigningKey":
        """The key that the seed determines. Raises `ValueError` for a short seed."""
        if len(seed.encode()) < MIN_SEED_BYTES:
            raise ValueError(f"a seed has at least {MIN_SEED_BYTES} bytes")
        return _from_seed(seed)


@lru_cache(maxsize=8)
def _from_seed(seed: str) -> SigningKey:
    from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415  # 13 ms, paid by the first key
    from cryptography.hazmat.primitives.hashes import SHA256  # noqa: PLC0415  # the same
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF  # noqa: PLC0415  # 13 ms, paid by the first key

    raw = HKDF(SHA256(), _SCALAR_BYTES, salt=None, info=_INFO).derive(seed.encode())
    private = ec.derive_private_key(int.from_bytes(raw) % (_ORDER - 1) + 1, ec.SECP256R1())
    numbers = private.public_key().public_numbers()
    point = {"crv": CURVE, "kty": "EC", "x": _b64(numbers.x.to_bytes(32)), "y": _b64(numbers.y.to_bytes(32))}
    kid = thumbprint(point)
    return SigningKey(kid, private, point | {"kid": kid, "alg": ALGORITHM, "use": "sig"})


def thumbprint(jwk: Mapping[str, str]) -> str:
    """RFC 7638: the hash of the key's required members in canonical JSON."""
    essential = {name: jwk[name] for name in ("crv", "kty", "x", "y")}
    canonical = json.dumps(essential, separators=(",", ":"), sort_keys=True)
    return _b64(hashlib.sha256(canonical.encode()).digest())


def signing_key(secret: Mapping[str, Any], now: datetime) -> SigningKey:
    """The key that signs at `now`.

    The secret is `{"seed"}` or, after a rotation, `{"seed", "from", "previous"}`.
    """
    if secret.get("from", 0) > now.timestamp():
        return SigningKey.from_seed(secret["previous"])
    return SigningKey.from_seed(secret["seed"])


def is_changing(secret: Mapping[str, Any], now: datetime) -> bool:
    """Whether a new key is published but does not sign yet."""
    return bool(secret.get("from", 0) > now.timestamp())


def successor(secret: Mapping[str, Any], seed: str, now: datetime) -> dict[str, Any]:
    """The secret after a rotation: the new seed signs once its key has been published for `ANNOUNCED_FOR`."""
    return {"seed": seed, "from": int((now + ANNOUNCED_FOR).timestamp()), "previous": secret["seed"]}


class VerifyingKeys:
    """The published keys: `{"keys": [JWK…]}`. A replaced key is valid until its `exp`."""

    def __init__(self, entries: Iterable[Mapping[str, Any]]) -> None:
        self.entries = [dict(entry) for entry in entries]
        self._keys = {str(entry["kid"]): (_public(entry), entry.get("exp")) for entry in self.entries}

    def __repr__(self) -> str:
        return f"VerifyingKeys(kids={sorted(self._keys)})"

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> "VerifyingKeys":
        """Skips entries that are malformed or of another kind."""
        entries = document.get("keys")
        return cls(entry for entry in (entries if isinstance(entries, list) else []) if _is_ours(entry))

    def key(self, kid: str, now: datetime) -> Any:
        """The public key with this `kid`, or None when it is unknown or expired."""
        public, until = self._keys.get(kid, (None, None))
        return None if until is not None and until <= now.timestamp() else public

    def document(self) -> dict[str, Any]:
        return {"keys": self.entries}

    def with_key(self, key: SigningKey) -> "VerifyingKeys":
        return self if key.kid in self._keys else VerifyingKeys([*self.entries, key.public_jwk])

    def retired(self, *, besides: SigningKey, until: datetime, now: datetime) -> "VerifyingKeys":
        """All keys besides one expire at `until` at the latest; those that expired before `now` are removed."""
        last = int(until.timestamp())
        ending = [
            entry if entry["kid"] == besides.kid else entry | {"exp": min(entry.get("exp", last), last)}
            for entry in self.entries
        ]
        return VerifyingKeys(entry for entry in ending if entry.get("exp", last) > now.timestamp())


def _is_ours(entry: Any) -> bool:
    """Whether an entry is a valid P-256 public key with its thumbprint as `kid`."""
    if not isinstance(entry, dict) or (entry.get("alg"), entry.get("use")) != (ALGORITHM, "sig"):
        return False
    try:
        _public(entry)
        return bool(entry["kid"] == thumbprint(entry)) and isinstance(entry.get("exp", 0), int)
    except (KeyError, TypeError, ValueError):
        return False


def _public(entry: Mapping[str, Any]) -> Any:
    """Raises `ValueError` or `KeyError` unless the entry is a point on the curve."""
    if (entry["kty"], entry["crv"]) != ("EC", CURVE):
        raise ValueError("a key of another kind")
    return _point(entry["x"], entry["y"])


@lru_cache(maxsize=32)
def _point(x: str, y: str) -> Any:
    from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415  # 13 ms, paid by the first key

    across, up = (int.from_bytes(_raw(text)) for text in (x, y))
    return ec.EllipticCurvePublicNumbers(across, up, ec.SECP256R1()).public_key()


def _b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _raw(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
