"""Sign-in reads DynamoDB consistently: a stale read could accept ended sessions or spent tokens."""

from uuid import UUID

import pytest

from falachefe.accounts.passwords.lockout import MAX_FAILURES, Attempt, SignInAttempts
from falachefe.aws.clients import client
from falachefe.aws.tables import Table
from falachefe.kernel.errors import LimitExceeded, Unauthenticated
from falachefe.kernel.ids import new_id
from falachefe.phone_sign_in.codes import Codes
from falachefe.phone_sign_in.rules import Kind
from falachefe.phone_sign_in.service import SignIn
from falachefe.sessions.store import Device, Sessions
from tests.integration.aws.lagging import LaggingClient
from tests.integration.aws_fixtures import NOW
from tests.keys import PEPPER

DEVICE = Device(None, None, None)
PHONE = "+5511987654321"


@pytest.fixture
def table(aws: None) -> Table:
    return Table(LaggingClient(client("dynamodb")), "auth")


@pytest.fixture
def sessions(table: Table) -> Sessions:
    return Sessions(table, lambda: PEPPER)


def test_inconsistent_reads_are_stale_in_this_table(table: Table) -> None:
    """Shows that the other tests would fail without consistent reads."""
    for version in (1, 2):
        table.put({"pk": "a", "sk": "b", "version": version})

    assert [table.get("a", "b", consistent=asked) for asked in (True, False)] == [
        {"pk": "a", "sk": "b", "version": version} for version in (2, 1)
    ]


def test_new_session_is_found_at_once(sessions: Sessions, company_id: UUID) -> None:
    opened, token = sessions.open(company_id, new_id(), "user", DEVICE, NOW)

    assert sessions.require(opened.key, NOW) == NOW
    assert sessions.has(opened.key, NOW)
    assert sessions.present(token, NOW).session.key == opened.key


def test_ended_session_is_refused_at_once(sessions: Sessions, company_id: UUID) -> None:
    opened, token = sessions.open(company_id, new_id(), "user", DEVICE, NOW)
    assert sessions.end(opened.key)

    assert not sessions.has(opened.key, NOW)
    assert sessions.of_user(company_id, opened.key.user_id, NOW) == []
    with pytest.raises(Unauthenticated):
        sessions.require(opened.key, NOW)
    with pytest.raises(Unauthenticated):
        sessions.present(token, NOW)


def test_spent_refresh_token_is_recognised_at_once(sessions: Sessions, company_id: UUID) -> None:
    _, first = sessions.open(company_id, new_id(), "user", DEVICE, NOW)
    _, second = sessions.rotate(sessions.present(first, NOW), "user", NOW)

    assert sessions.present(second, NOW).current == 2


def test_last_failure_counts_at_once(table: Table) -> None:
    attempts, who = SignInAttempts(table, PEPPER), Attempt("dono@exemplo.com", "203.0.113.7")
    for _ in range(MAX_FAILURES):
        attempts.begin(who, NOW)
        attempts.failed(who, NOW)

    with pytest.raises(LimitExceeded):
        attempts.begin(who, NOW)


def test_sent_code_is_known_at_once(table: Table, company_id: UUID) -> None:
    codes = Codes(PEPPER)
    sign_in = SignIn(table, lambda: codes)
    sent = sign_in.message(company_id, PHONE, "oi", subject="contact", cause="1", now=NOW)
    assert sent.code is not None
    shown = codes.shown(company_id, PHONE, sent.code.nonce)

    assert sign_in.message(company_id, PHONE, shown, subject="contact", cause="2", now=NOW).kind is Kind.VERIFIED
    assert sign_in.subjects(company_id, PHONE, NOW).keys() == {"contact"}
