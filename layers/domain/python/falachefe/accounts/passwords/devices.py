"""Device tokens: issued at a sign-in and presented at the next one from the same device.

A device token is no credential. It only makes the lock-out count this device's attempts apart from others'. The e-mail
is part of its MAC, so it is valid for that account only, and nothing has to be stored.
"""

import base64
import binascii
import hashlib
import hmac
import secrets
from datetime import datetime, timedelta
from typing import Final

PREFIX: Final = "fcd_"
TOKEN_LIFETIME: Final = timedelta(days=365)
_ID: Final = 16
_TIME: Final = 5
_LENGTH: Final = _ID + _TIME + 32


class Devices:
    """Issues and verifies device tokens."""

    def __init__(self, pepper: str) -> None:
        self._pepper = pepper.encode()

    def token(self, email: str, now: datetime) -> str:
        """A token for a device from which the owner of this e-mail's account has just signed in."""
        named = secrets.token_bytes(_ID) + int(now.timestamp()).to_bytes(_TIME)
        return PREFIX + base64.urlsafe_b64encode(named + self._mac(email, named)).decode().rstrip("=")

    def known(self, email: str, token: str | None, now: datetime) -> str | None:
        """The device's id; None when the token is invalid, expired or of another e-mail."""
        raw = _raw(token or "")
        if raw is None:
            return None
        named, mac = raw[: _ID + _TIME], raw[_ID + _TIME :]
        given = int.from_bytes(named[_ID:])
        if (
            not hmac.compare_digest(self._mac(email, named), mac)
            or now.timestamp() - given > TOKEN_LIFETIME.total_seconds()
        ):
            return None
        return named[:_ID].hex()

    def _mac(self, email: str, named: bytes) -> bytes:
        text = b"device\x1f" + named + email.strip().casefold().encode("utf-8", "surrogatepass")
        return hmac.new(self._pepper, text, hashlib.sha256).digest()


def _raw(token: str) -> bytes | None:
    body = token.removeprefix(PREFIX)
    try:
        raw = base64.b64decode(body.encode("ascii") + b"=" * (-len(body) % 4), altchars=b"-_", validate=True)
    except (ValueError, binascii.Error):
        return None
    return raw if token.startswith(PREFIX) and len(raw) == _LENGTH else None
