"""Single-use tokens with an expiry for the links in e-mails, created when the e-mail is sent.

A token is a MAC of the mail's id and addressee, keyed with the pepper. So queues and the outbox carry no credential,
and a mail that is sent twice has the same link. The table stores the token's hash.
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
    """Sets the first password: as RESET, with a longer life."""


LIFETIMES: Final[Mapping[Purpose, timedelta]] = {
    Purpose.VERIFY: timedelta(hours=24),
    Purpose.RESET: timedelta(minutes=30),
    Purpose.INVITE: timedelta(days=3),
}
PASSWORD_PURPOSES: Final = (Purpose.RESET, Purpose.INVITE)


@dataclass(frozen=True, slots=True)
class Grant:
    """What a token allows, if `state` is still that of the account."""

    purpose: Purpose
    company_id: UUID
    user_id: UUID
    state: str
    token_hash: str


class MailTokens:
    """Issues, finds and spends the tokens."""

    def __init__(self, table: Table, pepper: str) -> None:
        self._table = table
        self._pepper = pepper.encode()

    def state(self, value: str | None) -> str:
        """A keyed fingerprint of account data that must not change before the token is used."""
        return self._mac("state", value or "").hex()

    def password_state(self, email: str | None, password_hash: str | None) -> str:
        """The fingerprint for a link that sets a password: a new password or e-mail invalidates the link."""
        return self.state("\n".join(((email or "").lower(), password_hash or "")))

    def make(self, purpose: Purpose, company_id: UUID, user_id: UUID, *, mail: str, state: str, now: datetime) -> str:
        """The token of a mail. The same mail gets the same token again, and a spent one stays spent."""
        mac = self._mac("link", purpose, str(company_id), str(user_id), mail)
        token = base64.urlsafe_b64encode(mac).decode().rstrip("=")
        item = {
            "pk": _pk(purpose, _hash(token)),
            "sk": _SK,
            "company_id": str(company_id),
            "user_id": str(user_id),
            "fingerprint": state,
            "expires_at": int((now + LIFETIMES[purpose]).timestamp()),
        }
        try:
            self._table.put(item, condition="attribute_not_exists(pk)")
        except ConditionFailed:
            return token
        return token

    def find(self, purpose: Purpose, token: str, now: datetime) -> Grant | None:
        """What a token allows now, without spending it."""
        item = self._table.get(_pk(purpose, _hash(token)), _SK)
        if item is None or item["expires_at"] <= now.timestamp() or "spent_at" in item:
            return None
        return Grant(purpose, UUID(item["company_id"]), UUID(item["user_id"]), item["fingerprint"], _hash(token))

    def find_password_grant(self, token: str, now: datetime) -> Grant | None:
        """What a token allows whose purpose is to set a password: a reset or an invitation."""
        found = (self.find(purpose, token, now) for purpose in PASSWORD_PURPOSES)
        return next((grant for grant in found if grant is not None), None)

    def spend(self, grant: Grant, now: datetime) -> bool:
        """Spends the token: True for exactly one of several concurrent calls."""
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
