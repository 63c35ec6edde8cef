"""Confirming e-mails and resetting passwords, through the handlers and the mail worker."""

import json
from datetime import timedelta

import pytest

from falachefe.accounts.mail.tokens import Purpose
from falachefe.app import auth_wiring, runtime
from falachefe.aws.clients import client
from falachefe.db.engine import Database
from falachefe.kernel.clock import FixedClock
from falachefe.kernel.ids import new_id
from functions.auth import (
    forgot,
    me,
    refresh,
    resend_verification,
    sessions,
)
from tests.integration.aws_fixtures import NOW
from tests.integration.identity.http import call
from tests.integration.identity.mails import delivered, mails, queued, send
from tests.integration.identity.people import (
    ANOTHER,
    confirm_email,
    new_address,
    register_company,
    request_reset,
    reset_password,
    sign_in,
    staff_of,
    token_of,
)

pytestmark = pytest.mark.usefixtures("aws")


# ---- confirming the e-mail


def test_new_account_confirms_its_e_mail_once() -> None:
    address = new_address()
    token = register_company(address)[1]["tokens"]["access_token"]
    (mail,) = delivered()
    assert (mail.to, mail.subject) == (address, "Confirme seu e-mail · Falachefe")
    assert call(me.handler, "me_get", token=token)[1]["email_verified"] is False

    assert [confirm_email(mail.token, token) for _ in range(2)] == [200, 422]

    assert call(me.handler, "me_get", token=token)[1]["email_verified"] is True


def test_confirmation_link_expires_after_a_day(clock: FixedClock) -> None:
    register_company(new_address())
    (mail,) = delivered()
    clock.at += timedelta(hours=24)

    assert confirm_email(mail.token) == 422


def test_confirmation_link_is_resent_only_until_confirmed() -> None:
    address = new_address()
    token = register_company(address)[1]["tokens"]["access_token"]
    first = delivered()[0]

    assert call(resend_verification.handler, "resend_verification", {"email": address})[0] == 202
    (second,) = delivered()
    assert second.token != first.token
    assert confirm_email(second.token, token) == 200

    assert call(resend_verification.handler, "resend_verification", {"email": address})[0] == 202
    assert delivered() == []


def test_mail_delivered_twice_has_one_link_that_works_once() -> None:
    register_company(new_address())
    records = queued()
    (first,) = send(records)
    assert confirm_email(first.token) == 200

    assert send(records) == []  # confirmed since: no mail is needed


def test_queue_and_table_hold_no_token() -> None:
    register_company(new_address())
    records = queued()
    (mail,) = send(records)

    assert mails(records)[0].keys() == {"kind", "id", "company_id", "user_id", "trace_id"}
    stored = str(client("dynamodb").scan(TableName="auth")["Items"])
    assert mail.token not in stored + json.dumps(records)


# ---- resetting the password


def test_reset_link_works_once_and_ends_every_session(email: str) -> None:
    held = sign_in(email)[1]["tokens"]
    mail = request_reset(email)
    assert (mail.to, mail.subject) == (email, "Crie uma nova senha · Falachefe")

    assert [reset_password(mail.token)[0], reset_password(mail.token, "outra senha bem longa")[0]] == [200, 422]

    assert (sign_in(email)[0], sign_in(email, ANOTHER)[0]) == (401, 200)
    assert call(refresh.handler, "refresh", {"refresh_token": held["refresh_token"]})[0] == 401
    assert call(sessions.handler, "sessions_list", token=held["access_token"])[0] == 401
    assert [mail.subject for mail in delivered()] == ["Sua senha foi alterada · Falachefe"]


def test_reset_request_does_not_reveal_whether_an_account_exists(email: str) -> None:
    known = call(forgot.handler, "forgot", {"email": email})
    unknown = call(forgot.handler, "forgot", {"email": "ninguem@lugar.nenhum"})

    assert known[:2] == unknown[:2]
    assert {name: known[2][name] for name in known[2] if name != "RateLimit"} == {
        name: unknown[2][name] for name in unknown[2] if name != "RateLimit"
    }
    assert [mail.to for mail in delivered()] == [email]


def test_reset_link_expires_after_half_an_hour(email: str, clock: FixedClock) -> None:
    mail = request_reset(email)
    clock.at += timedelta(minutes=30)

    assert reset_password(mail.token)[1]["code"] == "token_invalid"


def test_new_password_invalidates_older_links(email: str) -> None:
    first, second = request_reset(email), request_reset(email)

    assert (reset_password(second.token)[0], reset_password(first.token)[0]) == (200, 422)


def test_rejected_password_does_not_spend_the_link(email: str) -> None:
    mail = request_reset(email)

    assert reset_password(mail.token, "123456789012")[1]["code"] == "password_weak"
    assert reset_password(mail.token)[0] == 200


def test_concurrent_uses_spend_a_link_once(email: str) -> None:
    mail = request_reset(email)
    mailed, grant = auth_wiring.mail_tokens(), auth_wiring.mail_tokens().find(Purpose.RESET, mail.token, NOW)
    assert grant is not None

    spent = [mailed.spend(grant, NOW) for _ in range(5)]

    assert spent == [True, False, False, False, False]
    assert reset_password(mail.token)[0] == 422


def test_reset_unlocks_the_account_and_confirms_the_e_mail(email: str) -> None:
    for _ in range(5):
        sign_in(email, "errada")
    assert sign_in(email)[0] == 429

    assert reset_password(request_reset(email).token)[0] == 200

    token = token_of(email, ANOTHER)
    assert call(me.handler, "me_get", token=token)[1]["email_verified"] is True


@pytest.mark.parametrize("token", ["x", "", "é", "\ud800", "A" * 43, "A" * 129])
def test_forged_links_are_rejected(token: str) -> None:
    assert (confirm_email(token), reset_password(token)[0]) == (422, 422)


def test_link_of_one_purpose_is_rejected_for_the_other(email: str) -> None:
    register_company(new_address())
    (verification,) = delivered()

    assert reset_password(verification.token)[0] == 422
    assert confirm_email(request_reset(email).token) == 422


def test_an_address_gets_three_links_an_hour_whether_known_or_not(email: str) -> None:
    for address in (email, "ninguem@lugar.nenhum"):
        statuses = [call(forgot.handler, "forgot", {"email": address})[0] for _ in range(4)]
        assert statuses == [202, 202, 202, 429]


def test_each_account_of_an_e_mail_is_mailed_its_own_link(email: str, database: Database) -> None:
    other = new_id()
    with database.tenant(other) as session:
        from falachefe.companies.service import create_company

        create_company(session, other, name="Segunda loja")
    staff_of(database, other, email)
    call(forgot.handler, "forgot", {"email": email})

    mails = delivered()

    assert len({mail.token for mail in mails}) == 2
    assert "Segunda loja" in mails[1].html


def test_reset_request_fails_while_the_queue_is_unavailable(email: str) -> None:
    client("sqs").delete_queue(QueueUrl=runtime.queue_url("emails"))

    assert call(forgot.handler, "forgot", {"email": email})[0] == 503
