"""What is remembered between the parts of a sign-in with another provider: flows, and the codes that end them.

Both work once. A flow belongs to the browser that began it (its cookie), so that nobody is signed in as somebody else
by following a link. State, PKCE verifier and nonce stand nowhere: the state comes back by itself, the others are made
of it under the pepper, and the table knows hashes.
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
    CODE_LIVES,
    FLOW_LIVES,
    Provider,
    challenge_of,
)

_FLOW: Final = "flow"
_CODE: Final = "code"


@dataclass(frozen=True, slots=True)
class Flow:
    """A sign-in on its way. `browser` is what the cookie holds, `callback` where the provider sends the person back."""

    state: str
    browser: str
    provider: Provider
    callback: str
    landing: str
    company: str | None
    challenge: str


@dataclass(frozen=True, slots=True)
class Grant:
    """What a code is exchanged for."""

    company_id: UUID
    user_id: UUID
    method: str


class Flows:
    """The flows of one deployment."""

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
        """The flow that this browser began and nobody has taken yet; from now on it is gone."""
        values = {":browser": _hash(browser), ":provider": provider, ":now": int(now.timestamp())}
        condition = "browser = :browser AND provider = :provider AND expires_at > :now"
        item = self._take(_pk("state", state), _FLOW, condition, values)
        if item is None:
            return None
        return Flow(state, browser, provider, item["callback"], item["landing"], item["company"], item["challenge"])

    def give_back(self, flow: Flow, now: datetime) -> None:
        """The provider did not answer: the same return may be tried again."""
        self._keep(flow, now)

    def verifier(self, flow: Flow) -> str:
        return self._derived("verifier", flow.state)

    def nonce(self, flow: Flow) -> str:
        return self._derived("nonce", flow.state)

    def grant(self, flow: Flow, company_id: UUID, user_id: UUID, now: datetime) -> str:
        """A code that the app exchanges for a session."""
        code = secrets.token_urlsafe(32)
        item = {
            "pk": _pk("code", code),
            "sk": _CODE,
            "company_id": str(company_id),
            "user_id": str(user_id),
            "method": flow.provider,
            "challenge": flow.challenge,
            "expires_at": int((now + CODE_LIVES).timestamp()),
        }
        self._table.put(item, condition="attribute_not_exists(pk)")
        return code

    def redeem(self, code: str, verifier: str | None, now: datetime) -> Grant | None:
        """What a code stands for, to exactly one of all that bring it with the verifier of whoever began."""
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
                "expires_at": int((now + FLOW_LIVES).timestamp()),
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
