"""What the mailer does when things go wrong, and what happens to those who knock too often."""

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
from tests.integration.identity.mails import delivered, send, waiting
from tests.integration.identity.people import PASSWORD, found_company, fresh_address, sign_in

pytestmark = pytest.mark.usefixtures("aws")


# ---- the mailer


def test_whoever_is_gone_gets_no_mail(email: str, database: Database, company_id: UUID) -> None:
    call(forgot.handler, "forgot", {"email": email})
    records = waiting()
    with database.tenant(company_id) as session:
        session.execute(text("update users set status = 'inactive'"))

    assert send(records) == []


def test_a_mail_that_ses_refuses_is_tried_again(email: str) -> None:
    call(forgot.handler, "forgot", {"email": email})
    (record,) = waiting()
    client("sesv2").delete_email_identity(EmailIdentity="example.com")

    answer = send_email.handler({"Records": [record]}, None)

    assert answer == {"batchItemFailures": [{"itemIdentifier": record["messageId"]}]}


def test_a_name_in_a_mail_is_text_and_no_markup() -> None:
    found_company(fresh_address(), name="Ana <script>alert(1)</script>")

    (mail,) = delivered()

    assert "<script>" not in mail.html
    assert "&lt;script&gt;" in mail.html


# ---- who knocks too often


def test_an_address_signs_in_five_times_in_a_quarter_of_an_hour_and_is_told(
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


def test_without_the_table_of_limits_nobody_signs_in(email: str) -> None:
    client("dynamodb").delete_table(TableName="limits")

    assert sign_in(email)[0] == 503
