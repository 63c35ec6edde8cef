"""Verification keys from a provider's JSON Web Key Set (RFC 7517)."""

from collections.abc import Mapping
from typing import Any, Final

RS256: Final = "RS256"


def verification_keys(document: Mapping[str, Any]) -> dict[str, Any]:
    """The RSA signature keys of a key set by `kid`, for RS256 or without a named algorithm.

    Skips other and malformed entries: a new kind of key in the set must not break sign-in.
    """
    found = {}
    entries = document.get("keys")
    for entry in entries if isinstance(entries, list) else []:
        key = _rsa_key(entry) if isinstance(entry, dict) else None
        if key is not None:
            found[str(entry.get("kid"))] = key
    return found


def _rsa_key(entry: Mapping[str, Any]) -> Any:
    import jwt  # noqa: PLC0415  # 100 ms, paid by the first token

    operations = entry.get("key_ops", ["verify"])
    meant = (
        entry.get("kty") == "RSA"
        and entry.get("use", "sig") == "sig"
        and entry.get("alg", RS256) == RS256
        and isinstance(operations, list)
        and "verify" in operations
    )
    if not meant:
        return None
    try:
        return jwt.PyJWK({name: entry[name] for name in ("kty", "n", "e") if name in entry}, algorithm=RS256).key
    except (jwt.PyJWTError, ValueError, TypeError):
        return None
