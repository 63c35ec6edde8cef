"""The tokens of links in e-mails: they work once, for a while, and are made where the e-mail is sent.

A token is a MAC of its mail under the pepper, so that queues and the outbox carry nothing that opens anything, and a
mail that is sent twice holds the same link. The table knows its hash.
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from falachefe.aws.tables import ConditionFailed, Table

_SK: Final = "token"


class Purpose(StrEnum):
    VERIFY = "verify"
    RESET = "reset"
    INVITE = "invite"
    """A first password; what a lost one's link does, for longer."""


LIVES: Final[Mapping[Purpose, timedelta]] = {
    Purpose.VERIFY: timedelta(hours=24),
    Purpose.RESET: timedelta(minutes=30),
    Purpose.INVITE: timedelta(days=3),
}
PASSWORD_PURPOSES: Final = (Purpose.RESET, Purpose.INVITE)


@dataclass(frozen=True, slots=True)
class Grant:
    """What a token allows, as long as `state` is still that of the account."""

    purpose: Purpose
    company_id: UUID
    user_id: UUID
    state: str
    token_hash: str


class MailTokens:
    """The mailed tokens of one deployment."""

    def __init__(self, table: Table, pepper: str) -> None:
        self._table = table
        self._pepper = pepper.encode()

    def state(self, value: str | None) -> str:
        """A keyed fingerprint of what must not have changed until the token is used (the e-mail, the password)."""
        return self._mac("state", value or "").hex()

    def password_state(self, email: str | None, password_hash: str | None) -> str:
        """Of a link that sets a password: it dies with the password that it was asked for, and with the address."""
        return self.state("\n".join(((email or "").lower(), password_hash or "")))

    def make(self, purpose: Purpose, company_id: UUID, user_id: UUID, *, mail: str, state: str, now: datetime) -> str:
        """The token of a mail. Made again for the same mail it is the same one, used up if it was."""
        mac = self._mac("link", purpose, str(company_id), str(user_id), mail)
        token = base64.urlsafe_b64encode(mac).decode().rstrip("=")
        item = {
            "pk": _pk(purpose, _hash(token)),
            "sk": _SK,
            "company_id": str(company_id),
            "user_id": str(user_id),
            "fingerprint": state,
            "expires_at": int((now + LIVES[purpose]).timestamp()),
        }
        try:
            self._table.put(item, condition="attribute_not_exists(pk)")
        except ConditionFailed:
            return token
        return token

    def look(self, purpose: Purpose, token: str, now: datetime) -> Grant | None:
        """What a token allows now; nothing is spent."""
        item = self._table.get(_pk(purpose, _hash(token)), _SK)
        if item is None or item["expires_at"] <= now.timestamp() or "spent_at" in item:
            return None
        return Grant(purpose, UUID(item["company_id"]), UUID(item["user_id"]), item["fingerprint"], _hash(token))

    def look_for_password(self, token: str, now: datetime) -> Grant | None:
        """What a token allows that sets a password, whether it was lost or is the first one."""
        found = (self.look(purpose, token, now) for purpose in PASSWORD_PURPOSES)
        return next((grant for grant in found if grant is not None), None)

    def spend(self, grant: Grant, now: datetime) -> bool:
        """True for exactly one of all that try."""
        try:
            self._table.update(
                _pk(grant.purpose, grant.token_hash),
                _SK,
                "SET spent_at = :now",
                {":now": int(now.timestamp())},
                condition="attribute_not_exists(spent_at) AND expires_at > :now",
            )
        except ConditionFailed:
            return False
        return True

    def _mac(self, *parts: str) -> bytes:
        return hmac.new(self._pepper, "\x1f".join(("mail-token", *parts)).encode(), hashlib.sha256).digest()


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def _pk(purpose: Purpose, token_hash: str) -> str:
    return f"mail#{purpose}#{token_hash}"
