"""Refresh tokens: opaque to clients and rotated at every use; each has a generation number.

A token has its session's key and its generation, with a MAC keyed by the pepper and by a salt in the session's item. So
the reuse of an old token is recognised without storing every earlier hash, a forged token cannot end a session, and a
client that lost the response can get the same successor again.
"""

import base64
import binascii
import hashlib
import hmac
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum, auto
from typing import Final
from uuid import UUID

from falachefe.accounts.users import SessionKey

LIFETIME: Final = timedelta(days=7)
GRACE: Final = timedelta(seconds=10)
"""How long the previous token still gets the current one; after that it gets a new one that replaces it."""
PREFIX: Final = "fcr_"
_IDS: Final = 48
_GENERATION: Final = 4
_LENGTH: Final = _IDS + _GENERATION + 32


@dataclass(frozen=True, slots=True)
class RefreshToken:
    key: SessionKey
    generation: int
    mac: bytes


class Use(Enum):
    CURRENT = auto()
    REPEATED = auto()
    """The previous token within `GRACE`: the client lost the response or sent two requests at once."""
    RENEWED = auto()
    """The previous token after `GRACE`, its successor never used: the client lost the response. It gets another
    successor; a later use of the first successor is `REUSED`, as then two parties hold tokens of this session."""
    REUSED = auto()
    """An older token, or a replaced successor: somebody has a copy."""


def write(pepper: str, salt: bytes, key: SessionKey, generation: int) -> str:
    named = _named(key, generation)
    return PREFIX + base64.urlsafe_b64encode(named + _mac(pepper, salt, named)).decode().rstrip("=")


def read(text: str) -> RefreshToken | None:
    """Parses a token without verifying it. None when it is malformed."""
    try:
        raw = base64.b64decode(text.removeprefix(PREFIX).encode("ascii"), altchars=b"-_", validate=True)
    except (ValueError, binascii.Error):
        return None
    if not text.startswith(PREFIX) or len(raw) != _LENGTH:
        return None
    company, user, session = (UUID(bytes=raw[at : at + 16]) for at in (0, 16, 32))
    return RefreshToken(SessionKey(company, user, session), int.from_bytes(raw[_IDS : _IDS + _GENERATION]), raw[-32:])


def is_authentic(pepper: str, salt: bytes, token: RefreshToken) -> bool:
    return hmac.compare_digest(_mac(pepper, salt, _named(token.key, token.generation)), token.mac)


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def classify_use(*, used: int, current: int, parent: int, rotated_ms: int, now_ms: int) -> Use:
    """Classifies the use of generation `used` when `current` was issued at `rotated_ms` in exchange for `parent`."""
    if used == current:
        return Use.CURRENT
    if used != parent:
        return Use.REUSED
    return Use.REPEATED if now_ms - rotated_ms <= GRACE.total_seconds() * 1000 else Use.RENEWED


def _named(key: SessionKey, generation: int) -> bytes:
    ids = key.company_id.bytes + key.user_id.bytes + key.session_id.bytes
    return ids + generation.to_bytes(_GENERATION)


def _mac(pepper: str, salt: bytes, named: bytes) -> bytes:
    return hmac.new(pepper.encode(), b"refresh-token\x1f" + salt + named, hashlib.sha256).digest()
