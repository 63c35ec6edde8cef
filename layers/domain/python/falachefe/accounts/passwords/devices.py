"""Devices that have signed in before: a token under the pepper, given with a sign-in and brought along by the next one.

It opens nothing. It only tells a lock-out that this try comes from the owner's own device. The e-mail that it was given
for is part of the MAC, so a device is known for its own account only; nothing is kept of it.
"""

import base64
import binascii
import hashlib
import hmac
import secrets
from datetime import datetime, timedelta
from typing import Final

PREFIX: Final = "fcd_"
KNOWN_FOR: Final = timedelta(days=365)
_ID: Final = 16
_TIME: Final = 5
_LENGTH: Final = _ID + _TIME + 32


class Devices:
    """The devices of one deployment."""

    def __init__(self, pepper: str) -> None:
        self._pepper = pepper.encode()

    def token(self, email: str, now: datetime) -> str:
        """For a device from which somebody has just proved that the account of this e-mail is theirs."""
        named = secrets.token_bytes(_ID) + int(now.timestamp()).to_bytes(_TIME)
        return PREFIX + base64.urlsafe_b64encode(named + self._mac(email, named)).decode().rstrip("=")

    def known(self, email: str, token: str | None, now: datetime) -> str | None:
        """The device's name, None for one that is not known for this e-mail, or not any more."""
        raw = _raw(token or "")
        if raw is None:
            return None
        named, mac = raw[: _ID + _TIME], raw[_ID + _TIME :]
        given = int.from_bytes(named[_ID:])
        if not hmac.compare_digest(self._mac(email, named), mac) or now.timestamp() - given > KNOWN_FOR.total_seconds():
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
