"""Stored state of sign-ins with an OAuth provider: flows, and the codes that complete them. Both are single-use.

A flow is bound by a cookie to the browser that began it, which prevents login CSRF. State, PKCE verifier and nonce are
not stored: the provider returns the state, the others are derived from it with the pepper, and the table has hashes.
"""

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from falachefe.aws.tables import ConditionFailed, Item, Table
from falachefe.oauth.rules import (
    CODE_LIFETIME,
    FLOW_LIFETIME,
    Provider,
    challenge_of,
)

_FLOW: Final = "flow"
_CODE: Final = "code"


@dataclass(frozen=True, slots=True)
class Flow:
    """A sign-in in progress. `browser` is the cookie's value, `callback` the URL that the provider redirects to."""

    state: str
    browser: str
    provider: Provider
    callback: str
    landing: str
    company: str | None
    challenge: str


@dataclass(frozen=True, slots=True)
class Grant:
    """What a code is exchanged for: the user to open a session for."""

    company_id: UUID
    user_id: UUID
    method: str


class Flows:
    """Creates and takes flows and codes."""

    def __init__(self, table: Table, pepper: str) -> None:
        self._table = table
        self._pepper = pepper.encode()

    def begin(
        self, provider: Provider, *, callback: str, landing: str, company: str | None, challenge: str, now: datetime
    ) -> Flow:
        state, browser = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
        flow = Flow(state, browser, provider, callback, landing, company, challenge)
        self._keep(flow, now)
        return flow

    def take(self, provider: Provider, *, state: str, browser: str, now: datetime) -> Flow | None:
        """Takes and deletes the flow; None unless this browser began it and it has not expired."""
        values = {":browser": _hash(browser), ":provider": provider, ":now": int(now.timestamp())}
        condition = "browser = :browser AND provider = :provider AND expires_at > :now"
        item = self._take(_pk("state", state), _FLOW, condition, values)
        if item is None:
            return None
        return Flow(state, browser, provider, item["callback"], item["landing"], item["company"], item["challenge"])

    def restore(self, flow: Flow, now: datetime) -> None:
        """Puts a taken flow back, so that the same redirect can be retried."""
        self._keep(flow, now)

    def verifier(self, flow: Flow) -> str:
        return self._derived("verifier", flow.state)

    def nonce(self, flow: Flow) -> str:
        return self._derived("nonce", flow.state)

    def grant(self, flow: Flow, company_id: UUID, user_id: UUID, now: datetime) -> str:
        """Issues a code that the app exchanges for a session."""
        code = secrets.token_urlsafe(32)
        item = {
            "pk": _pk("code", code),
            "sk": _CODE,
            "company_id": str(company_id),
            "user_id": str(user_id),
            "method": flow.provider,
            "challenge": flow.challenge,
            "expires_at": int((now + CODE_LIFETIME).timestamp()),
        }
        self._table.put(item, condition="attribute_not_exists(pk)")
        return code

    def redeem(self, code: str, verifier: str | None, now: datetime) -> Grant | None:
        """Exchanges a code, once, for the client with the verifier of the flow's challenge."""
        challenge = challenge_of(verifier) if verifier else ""
        values = {":challenge": challenge, ":now": int(now.timestamp())}
        item = self._take(_pk("code", code), _CODE, "challenge = :challenge AND expires_at > :now", values)
        return Grant(UUID(item["company_id"]), UUID(item["user_id"]), item["method"]) if item else None

    def _keep(self, flow: Flow, now: datetime) -> None:
        self._table.put(
            {
                "pk": _pk("state", flow.state),
                "sk": _FLOW,
                "browser": _hash(flow.browser),
                "provider": flow.provider,
                "callback": flow.callback,
                "landing": flow.landing,
                "company": flow.company,
                "challenge": flow.challenge,
                "expires_at": int((now + FLOW_LIFETIME).timestamp()),
            },
            condition="attribute_not_exists(pk)",
        )

    def _take(self, pk: str, sk: str, condition: str, values: dict[str, object]) -> Item | None:
        try:
            return self._table.delete(pk, sk, condition=condition, values=values)
        except ConditionFailed:
            return None

    def _derived(self, what: str, state: str) -> str:
        mac = hmac.new(self._pepper, f"oauth\x1f{what}\x1f{state}".encode(), hashlib.sha256).digest()
        return base64.urlsafe_b64encode(mac).decode().rstrip("=")


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def _pk(kind: str, secret: str) -> str:
    return f"oauth#{kind}#{_hash(secret)}"
