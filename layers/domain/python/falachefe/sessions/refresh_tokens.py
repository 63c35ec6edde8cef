"""Refresh tokens: opaque to whoever holds them, made anew at every use, told apart by their generation.

A token names its session and its generation, under a MAC of the deployment's pepper and a salt that only the session's
item holds. So an old token proves itself to be one (and gives its thief away) without every earlier hash being kept,
made-up ones harm no session, and the successor can be told again to a client that lost the reply.
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
"""How long the token before the current one gets that same one again; later, another one in its place."""
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
    """The one before, so soon that the client lost the reply or sent two requests at once."""
    RENEWED = auto()
    """The one before, and its successor was never seen: the client lost the reply. It gets another successor, and the
    first one is worth nothing: should somebody come with it, two parties hold tokens of this session."""
    REUSED = auto()
    """Spent, and its successor was seen; or a successor that was given up. Somebody has a copy."""


def write(pepper: str, salt: bytes, key: SessionKey, generation: int) -> str:
    named = _named(key, generation)
    return PREFIX + base64.urlsafe_b64encode(named + _mac(pepper, salt, named)).decode().rstrip("=")


def read(text: str) -> RefreshToken | None:
    """What a token says of itself; nothing of it is proved yet. None when it is none of ours by its looks."""
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


def judge(*, used: int, current: int, parent: int, rotated_ms: int, now_ms: int) -> Use:
    """What it means that generation `used` comes while `current` is the newest, made from `parent` at `rotated_ms`."""
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
