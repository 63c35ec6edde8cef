"""Everybody who may call the API: nobody, one person of each role with real sessions, and a program with a key.

Limits by person stay switched on. They are kept out of the way as time does it: the clock moves on between requests,
and an hour's tokens run out before anybody has asked too often.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from falachefe.access.permissions import permissions_of
from falachefe.accounts.users import UserView
from falachefe.api_keys.authenticator import generate
from falachefe.api_keys.models import ApiKey
from falachefe.app import auth_wiring, runtime
from falachefe.db.engine import Database
from falachefe.kernel.clock import FixedClock
from falachefe.onboarding.staff import register_staff
from falachefe.sessions.sign_in import open_session
from falachefe.sessions.store import Device
from tests.integration.api.surroundings import SETTINGS

NOBODY: Final = "nobody"
ROLES: Final = ("user", "admin", "superadmin")
KEY: Final = "key"
CALLERS: Final = (NOBODY, *ROLES, KEY)
PAUSE: Final = timedelta(seconds=20)
"""Between two rounds of requests: 20 a minute is the strictest limit of a signed-in person."""
_TOKENS_LAST: Final = timedelta(minutes=25)


@dataclass
class People:
    """The staff of one company; `headers` are what each sends to be recognised."""

    database: Database
    company_id: UUID
    clock: FixedClock
    _users: dict[str, UserView] = field(default_factory=dict)
    _tokens: dict[str, str] = field(default_factory=dict)
    _signed_in_at: dict[str, datetime] = field(default_factory=dict)

    def headers(self, caller: str) -> dict[str, str]:
        if caller == NOBODY:
            return {}
        if caller == KEY:
            return {"X-Api-Key": self._key()}
        return {"Authorization": f"Bearer {self.token(caller)}"}

    def token(self, role: str) -> str:
        signed_in_at = self._signed_in_at.get(role)
        if signed_in_at is None or self.clock.now() - signed_in_at > _TOKENS_LAST:
            self._sign_in(role)
        return self._tokens[role]

    def wait(self) -> None:
        self.clock.at += PAUSE

    def user(self, role: str) -> UserView:
        if role not in self._users:
            phone = f"+55119{80000000 + ROLES.index(role)}"
            with self.database.tenant(self.company_id) as session:
                self._users[role] = register_staff(
                    session, self.company_id, name="Maria", phone=phone, role=role, now=self.clock.now()
                )
        return self._users[role]

    def _key(self) -> str:
        """An admin's key with all of their power."""
        if KEY not in self._tokens:
            made = generate(SETTINGS["STAGE"])
            kept = {"prefix": made.prefix, "last_four": made.last_four, "key_hash": made.key_hash}
            scopes = sorted(permissions_of("admin"))
            maker = self.user("admin").id
            with self.database.tenant(self.company_id) as session:
                session.add(
                    ApiKey(company_id=self.company_id, name="Integração", created_by=maker, scopes=scopes, **kept)
                )
            self._tokens[KEY] = made.text
        return self._tokens[KEY]

    def _sign_in(self, role: str) -> None:
        now = self.clock.now()
        signed_in = open_session(
            runtime.sessions(), auth_wiring.signing_key(), self.user(role), Device(None, None, None), now
        )
        self._tokens[role] = signed_in.tokens.access
        self._signed_in_at[role] = now
