"""Accounts: confirmed, changed and got back, through the handlers and the mailer."""

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
from tests.integration.identity.mails import delivered, mails, send, waiting
from tests.integration.identity.people import (
    ANOTHER,
    confirm,
    found_company,
    fresh_address,
    give,
    lost,
    sign_in,
    staff_of,
    token_of,
)

pytestmark = pytest.mark.usefixtures("aws")


# ---- the e-mail is confirmed


def test_a_new_account_is_asked_to_confirm_its_e_mail_and_does_once() -> None:
    address = fresh_address()
    token = found_company(address)[1]["tokens"]["access_token"]
    (mail,) = delivered()
    assert (mail.to, mail.subject) == (address, "Confirme seu e-mail · Falachefe")
    assert call(me.handler, "me_get", token=token)[1]["email_verified"] is False

    assert [confirm(mail.token, token) for _ in range(2)] == [200, 422]

    assert call(me.handler, "me_get", token=token)[1]["email_verified"] is True


def test_a_link_to_confirm_works_for_a_day(clock: FixedClock) -> None:
    found_company(fresh_address())
    (mail,) = delivered()
    clock.at += timedelta(hours=24)

    assert confirm(mail.token) == 422


def test_another_link_comes_only_while_it_is_needed() -> None:
    address = fresh_address()
    token = found_company(address)[1]["tokens"]["access_token"]
    first = delivered()[0]

    assert call(resend_verification.handler, "resend_verification", {"email": address})[0] == 202
    (second,) = delivered()
    assert second.token != first.token
    assert confirm(second.token, token) == 200

    assert call(resend_verification.handler, "resend_verification", {"email": address})[0] == 202
    assert delivered() == []


def test_a_mail_that_comes_twice_holds_one_link_that_works_once() -> None:
    found_company(fresh_address())
    records = waiting()
    (first,) = send(records)
    assert confirm(first.token) == 200

    assert send(records) == []  # confirmed meanwhile: nothing left to ask


def test_the_queue_and_the_table_hold_nothing_that_opens_anything() -> None:
    found_company(fresh_address())
    records = waiting()
    (mail,) = send(records)

    assert mails(records)[0].keys() == {"kind", "id", "company_id", "user_id", "trace_id"}
    stored = str(client("dynamodb").scan(TableName="auth")["Items"])
    assert mail.token not in stored + json.dumps(records)


# ---- the password is lost


def test_a_lost_password_is_replaced_once_and_every_session_ends(email: str) -> None:
    held = sign_in(email)[1]["tokens"]
    mail = lost(email)
    assert (mail.to, mail.subject) == (email, "Crie uma nova senha · Falachefe")

    assert [give(mail.token)[0], give(mail.token, "outra senha bem longa")[0]] == [200, 422]

    assert (sign_in(email)[0], sign_in(email, ANOTHER)[0]) == (401, 200)
    assert call(refresh.handler, "refresh", {"refresh_token": held["refresh_token"]})[0] == 401
    assert call(sessions.handler, "sessions_list", token=held["access_token"])[0] == 401
    assert [mail.subject for mail in delivered()] == ["Sua senha foi alterada · Falachefe"]


def test_asking_tells_nobody_whether_there_is_such_an_account(email: str) -> None:
    known = call(forgot.handler, "forgot", {"email": email})
    unknown = call(forgot.handler, "forgot", {"email": "ninguem@lugar.nenhum"})

    assert known[:2] == unknown[:2]
    assert {name: known[2][name] for name in known[2] if name != "RateLimit"} == {
        name: unknown[2][name] for name in unknown[2] if name != "RateLimit"
    }
    assert [mail.to for mail in delivered()] == [email]


def test_a_link_to_a_new_password_works_for_half_an_hour(email: str, clock: FixedClock) -> None:
    mail = lost(email)
    clock.at += timedelta(minutes=30)

    assert give(mail.token)[1]["code"] == "token_invalid"


def test_older_links_die_with_the_password(email: str) -> None:
    first, second = lost(email), lost(email)

    assert (give(second.token)[0], give(first.token)[0]) == (200, 422)


def test_a_password_that_may_not_be_chosen_leaves_the_link_alive(email: str) -> None:
    mail = lost(email)

    assert give(mail.token, "123456789012")[1]["code"] == "password_weak"
    assert give(mail.token)[0] == 200


def test_a_link_is_spent_by_exactly_one(email: str) -> None:
    mail = lost(email)
    mailed, grant = auth_wiring.mail_tokens(), auth_wiring.mail_tokens().look(Purpose.RESET, mail.token, NOW)
    assert grant is not None

    spent = [mailed.spend(grant, NOW) for _ in range(5)]

    assert spent == [True, False, False, False, False]
    assert give(mail.token)[0] == 422


def test_a_reset_opens_a_locked_account_and_confirms_the_e_mail(email: str) -> None:
    for _ in range(5):
        sign_in(email, "errada")
    assert sign_in(email)[0] == 429

    assert give(lost(email).token)[0] == 200

    token = token_of(email, ANOTHER)
    assert call(me.handler, "me_get", token=token)[1]["email_verified"] is True


@pytest.mark.parametrize("token", ["x", "", "é", "\ud800", "A" * 43, "A" * 129])
def test_made_up_links_open_nothing(token: str) -> None:
    assert (confirm(token), give(token)[0]) == (422, 422)


def test_a_link_of_one_kind_is_none_of_the_other(email: str) -> None:
    found_company(fresh_address())
    (verification,) = delivered()

    assert give(verification.token)[0] == 422
    assert confirm(lost(email).token) == 422


def test_an_e_mail_gets_three_links_an_hour_known_or_not(email: str) -> None:
    for address in (email, "ninguem@lugar.nenhum"):
        statuses = [call(forgot.handler, "forgot", {"email": address})[0] for _ in range(4)]
        assert statuses == [202, 202, 202, 429]


def test_each_account_of_an_e_mail_gets_its_own_link(email: str, database: Database) -> None:
    other = new_id()
    with database.tenant(other) as session:
        from falachefe.companies.service import create_company

        create_company(session, other, name="Segunda loja")
    staff_of(database, other, email)
    call(forgot.handler, "forgot", {"email": email})

    mails = delivered()

    assert len({mail.token for mail in mails}) == 2
    assert "Segunda loja" in mails[1].html


def test_without_the_queue_asking_fails_openly(email: str) -> None:
    client("sqs").delete_queue(QueueUrl=runtime.queue_url("emails"))

    assert call(forgot.handler, "forgot", {"email": email})[0] == 503
