"""Signed tokens (RFC 7515, compact), before anything is believed of what they say: access tokens of ours, id tokens of
others. One algorithm each, given by the caller and never by the token."""

import base64
import json
from collections.abc import Callable, Mapping
from typing import Any

type Header = Mapping[str, Any]


class NotSigned(Exception):
    """No token that the expected key signed by the expected algorithm, whatever else it may be."""


def signed_bytes(token: str, algorithm: str, key_of: Callable[[Header], Any]) -> bytes:
    """The payload of a token, once its signature holds.

    `key_of` picks the key by what the header says of itself, None for no such key. Raises `NotSigned`.
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
    """What a signed token claims: a JSON object, with no name said twice. Raises `NotSigned`."""
    try:
        found = json.loads(signed_bytes(token, algorithm, key_of), object_pairs_hook=_once_each)
    except (ValueError, RecursionError) as error:
        raise NotSigned from error
    if not isinstance(found, dict):
        raise NotSigned
    return found


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Of a name that stands twice readers disagree which one counts (RFC 7519, 4)."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a claim stands twice")
    return found


def _is_canonical(part: str) -> bool:
    """Whether this is base64url as RFC 7515 has it: no padding, no stray bits. Else one token has many spellings."""
    try:
        raw = base64.b64decode(part.encode("ascii") + b"=" * (-len(part) % 4), altchars=b"-_", validate=True)
    except ValueError:
        return False
    return base64.urlsafe_b64encode(raw).decode().rstrip("=") == part
