"""The runbook `rotate-signing-keys`: two rotations with a live session, and a revocation."""

from datetime import datetime, timedelta
from typing import Any

import jwt
import pytest

from falachefe.app import runtime
from falachefe.aws.clients import client
from falachefe.db.engine import Database
from falachefe.kernel.clock import FixedClock
from falachefe.kernel.ids import new_id
from falachefe.onboarding.staff import register_staff
from falachefe.sessions.signing_keys import ANNOUNCED_FOR
from functions.auth import me, refresh, rotate_signing_key
from tests.integration.aws_fixtures import NOW
from tests.integration.identity.http import call
from tests.integration.identity.people import PASSWORD, sign_in

PHONE = "+5511987654321"
pytestmark = pytest.mark.usefixtures("aws")


class Person:
    """A client that keeps its tokens and refreshes when one is refused or about to expire."""

    def __init__(self, email: str) -> None:
        self.tokens: dict[str, str] = sign_in(email)[1]["tokens"]

    @property
    def kid(self) -> str:
        return str(jwt.get_unverified_header(self.tokens["access_token"])["kid"])

    def asks(self) -> int:
        return call(me.handler, "me_get", token=self.tokens["access_token"])[0]

    def refreshes(self) -> int:
        status, body, _ = call(refresh.handler, "refresh", {"refresh_token": self.tokens["refresh_token"]})
        self.tokens = body.get("tokens", self.tokens)
        return status


@pytest.fixture
def person(database: Database, company_id: Any, aws: None) -> Person:
    email = f"bia-{new_id()}@example.com"
    with database.tenant(company_id) as session:
        register_staff(
            session,
            company_id,
            name="Bia",
            phone="+5511987654321",
            role="user",
            email=email,
            password=PASSWORD,
            now=NOW,
        )
    return Person(email)


def set_clock(clock: FixedClock, at: datetime) -> None:
    """Advances the clock; runtimes cache secrets for five minutes."""
    clock.at = at
    runtime._secrets_provider.cache_clear()


def test_session_continues_through_two_rotations(person: Person, clock: FixedClock) -> None:
    used = {person.kid}
    for number in (1, 2):
        begun = NOW + timedelta(hours=number)
        set_clock(clock, begun)
        assert person.refreshes() == 200
        held = dict(person.tokens)
        result = rotate_signing_key.handler({}, None)
        assert rotate_signing_key.handler({}, None) == result

        set_clock(clock, begun + ANNOUNCED_FOR)
        assert person.asks() == 200, "a token of the key before lives on"
        assert person.refreshes() == 200
        assert person.kid == result["kid"]
        used.add(person.kid)
        set_clock(clock, begun + timedelta(minutes=29))
        assert call(me.handler, "me_get", token=held["access_token"])[0] == 200
        assert person.asks() == 200

    assert len(used) == 3


def test_tokens_of_a_revoked_key_are_refused_and_the_session_continues(person: Person, clock: FixedClock) -> None:
    result = rotate_signing_key.handler({"revoke": True}, None)
    set_clock(clock, NOW + timedelta(minutes=5))

    assert person.asks() == 401
    assert person.refreshes() == 200
    assert person.kid == result["kid"]
    assert person.asks() == 200


@pytest.mark.parametrize("event", [{"revoke": "no"}, {"revoke": 1}])
def test_revocation_needs_the_exact_event(event: dict[str, Any]) -> None:
    with pytest.raises(TypeError):
        rotate_signing_key.handler(event, None)


def test_lost_published_keys_are_restored_by_the_next_refresh(person: Person, clock: FixedClock) -> None:
    client("secretsmanager").put_secret_value(SecretId="token-keys", SecretString='{"keys": []}')
    set_clock(clock, NOW + timedelta(minutes=5))
    assert person.asks() == 401

    set_clock(clock, NOW + timedelta(minutes=6))
    assert person.refreshes() == 200
    assert person.asks() == 200
