"""Accounts on the deployed stack: registration, mails and sessions together, as a user with a mailbox sees them."""

import re
from typing import Any
from uuid import uuid4

import pytest

from tests.stack.clients import Answer, DemoCompany, http, until

PASSWORD, ANOTHER = "tangerinas ao meio-dia", "jabuticabas à meia-noite"


def post(demo_company: DemoCompany, path: str, document: dict[str, Any], token: str | None = None) -> Answer:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return http("POST", demo_company.url(f"/v1/auth/{path}"), document, headers)


def mail_to(demo_company: DemoCompany, address: str, subject: str) -> str:
    """Waits for a mail with this subject, and returns the newest one's text."""

    def arrived() -> list[str]:
        mails = http("GET", demo_company.url(f"/mails.json?to={address}")).json
        return [str(mail["text"]) for mail in mails if mail["subject"].startswith(subject)]

    until(lambda: bool(arrived()), f"the mail {subject!r}")
    return arrived()[0]


def token_in(text: str) -> str:
    found = re.search(r"#token=(\S+)", text)
    assert found is not None
    return found[1]


@pytest.fixture(scope="module")
def registered(demo_company: DemoCompany) -> dict[str, Any]:
    address = f"ana-{uuid4().hex}@example.org"
    document = {"name": "Ana Lima", "email": address, "password": PASSWORD, "company": {"name": "Quitanda da Lima"}}
    answer = post(demo_company, "register", document)
    assert answer.status == 201, answer.body
    return dict(answer.json)


def test_a_company_registers_and_its_admin_confirms_the_e_mail_and_gets_a_new_password(
    demo_company: DemoCompany, registered: dict[str, Any]
) -> None:
    address = registered["user"]["email"]
    confirmation = token_in(mail_to(demo_company, address, "Confirme seu e-mail"))
    assert post(demo_company, "verify-email", {"token": confirmation}).status == 200
    assert post(demo_company, "forgot", {"email": address}).status == 202
    link = token_in(mail_to(demo_company, address, "Crie uma nova senha"))

    assert post(demo_company, "reset", {"token": link, "password": ANOTHER}).status == 200

    assert post(demo_company, "refresh", {"refresh_token": registered["tokens"]["refresh_token"]}).status == 401
    signed_in = post(demo_company, "login", {"email": address, "password": ANOTHER})
    assert signed_in.status == 200, signed_in.body
    bearer = {"Authorization": f"Bearer {signed_in.json['tokens']['access_token']}"}
    me = http("GET", demo_company.url("/v1/auth/me"), None, bearer)
    assert (me.status, me.json["email_verified"]) == (200, True)
    assert "alterada" in mail_to(demo_company, address, "Sua senha foi alterada")


def test_a_refresh_token_extends_a_session_and_logout_ends_it(demo_company: DemoCompany) -> None:
    signed_in = post(demo_company, "login", dict(demo_company.demo["admin"]) | {"device_name": "Teste"}).json

    renewed = post(demo_company, "refresh", {"refresh_token": signed_in["tokens"]["refresh_token"]})

    assert renewed.status == 200, renewed.body
    token = renewed.json["tokens"]["access_token"]
    bearer = {"Authorization": f"Bearer {token}"}
    listed = http("GET", demo_company.url("/v1/auth/sessions"), None, bearer).json["data"]
    assert [one["device_name"] for one in listed if one["current"]] == ["Teste"]
    assert post(demo_company, "logout", {}, token).status == 204
    assert http("GET", demo_company.url("/v1/auth/me"), None, bearer).status == 401
    assert post(demo_company, "refresh", {"refresh_token": renewed.json["tokens"]["refresh_token"]}).status == 401


def test_a_new_company_sees_nothing_of_another_one(demo_company: DemoCompany, registered: dict[str, Any]) -> None:
    address = registered["user"]["email"]
    signed_in = next(
        answer
        for answer in (post(demo_company, "login", {"email": address, "password": one}) for one in (PASSWORD, ANOTHER))
        if answer.status == 200
    )
    bearer = {"Authorization": f"Bearer {signed_in.json['tokens']['access_token']}"}

    listed = http("GET", demo_company.url("/v1/business/transactions"), None, bearer)

    assert (listed.status, listed.json["data"]) == (200, [])


def test_the_mails_page_shows_sent_mails(demo_company: DemoCompany, registered: dict[str, Any]) -> None:
    mail_to(demo_company, registered["user"]["email"], "Confirme seu e-mail")

    page = http("GET", demo_company.url(f"/mails?to={registered['user']['email']}"))

    assert page.status == 200
    assert "Confirme seu e-mail" in page.body.decode()
