"""The mail worker's failures, and the rate limit of sign-ins."""

from uuid import UUID

import pytest
from sqlalchemy import text

from falachefe.aws.clients import client
from falachefe.db.engine import Database
from functions.auth import (
    forgot,
    login,
    send_email,
)
from tests.integration.identity.http import call
from tests.integration.identity.mails import delivered, queued, send
from tests.integration.identity.people import PASSWORD, new_address, register_company, sign_in

pytestmark = pytest.mark.usefixtures("aws")


# ---- the mail worker


def test_inactive_or_deleted_user_gets_no_mail(email: str, database: Database, company_id: UUID) -> None:
    call(forgot.handler, "forgot", {"email": email})
    records = queued()
    with database.tenant(company_id) as session:
        session.execute(text("update users set status = 'inactive'"))

    assert send(records) == []


def test_mail_that_ses_rejects_is_retried(email: str) -> None:
    call(forgot.handler, "forgot", {"email": email})
    (record,) = queued()
    client("sesv2").delete_email_identity(EmailIdentity="example.com")

    answer = send_email.handler({"Records": [record]}, None)

    assert answer == {"batchItemFailures": [{"itemIdentifier": record["messageId"]}]}


def test_name_is_escaped_in_the_html() -> None:
    register_company(new_address(), name="Ana <script>alert(1)</script>")

    (mail,) = delivered()

    assert "<script>" not in mail.html
    assert "&lt;script&gt;" in mail.html


# ---- rate limits


def test_an_ip_address_may_sign_in_five_times_in_a_quarter_of_an_hour(
    email: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("LOGINS_PER_ADDRESS")
    document = {"email": email, "password": PASSWORD}

    answers = [call(login.handler, "login", document) for _ in range(6)]

    assert [answer[0] for answer in answers] == [200] * 5 + [429]
    assert answers[0][2]["RateLimit-Policy"] == '"login";q=5;w=900'
    assert answers[0][2]["RateLimit"] == '"login";r=4'
    refused = answers[-1][2]
    assert refused["RateLimit"] == f'"login";r=0;t={refused["Retry-After"]}'
    assert call(login.handler, "login", document, address="198.51.100.9")[0] == 200


def test_sign_in_fails_while_limits_cannot_be_counted(email: str) -> None:
    client("dynamodb").delete_table(TableName="limits")

    assert sign_in(email)[0] == 503
