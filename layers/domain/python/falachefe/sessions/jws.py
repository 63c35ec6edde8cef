"""Verifies compact JWS (RFC 7515): our access tokens and other issuers' id tokens.

The caller gives the one algorithm that is accepted, never the token.
"""

import base64
import json
from collections.abc import Callable, Mapping
from typing import Any

type Header = Mapping[str, Any]


class NotSigned(Exception):
    """The token is not validly signed with the expected key and algorithm."""


def signed_bytes(token: str, algorithm: str, key_of: Callable[[Header], Any]) -> bytes:
    """The payload of a token after its signature was verified. Raises `NotSigned`.

    `key_of` picks the key by the (unverified) header, or returns None.
    """
    import jwt  # noqa: PLC0415  # 100 ms, paid by the first token

    if not all(_is_canonical(part) for part in token.split(".")):
        raise NotSigned
    try:
        key = key_of(jwt.get_unverified_header(token))
        if key is None:
            raise NotSigned
        payload: bytes = jwt.PyJWS().decode(token, key, algorithms=[algorithm])
    except (jwt.PyJWTError, UnicodeError, RecursionError) as error:
        raise NotSigned from error
    return payload


def claims(token: str, algorithm: str, key_of: Callable[[Header], Any]) -> dict[str, Any]:
    """The claims of a signed token: a JSON object without duplicate names. Raises `NotSigned`."""
    try:
        found = json.loads(signed_bytes(token, algorithm, key_of), object_pairs_hook=_once_each)
    except (ValueError, RecursionError) as error:
        raise NotSigned from error
    if not isinstance(found, dict):
        raise NotSigned
    return found


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Rejects duplicate names, of which parsers pick different ones (RFC 7519, section 4)."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a claim stands twice")
    return found


def _is_canonical(part: str) -> bool:
    """Whether a part is strict base64url: without padding and stray bits, so that a token has one spelling only."""
    try:
        raw = base64.b64decode(part.encode("ascii") + b"=" * (-len(part) % 4), altchars=b"-_", validate=True)
    except ValueError:
        return False
    return base64.urlsafe_b64encode(raw).decode().rstrip("=") == part
