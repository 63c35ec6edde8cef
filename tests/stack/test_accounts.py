"""Accounts on the deployed stack: queue, mailer, SES and sessions together, as a person with a mailbox sees them."""

import re
from typing import Any
from uuid import uuid4

import pytest

from tests.stack.outside import Answer, World, http, until

PASSWORD, ANOTHER = "tangerinas ao meio-dia", "jabuticabas à meia-noite"


def post(world: World, path: str, document: dict[str, Any], token: str | None = None) -> Answer:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return http("POST", world.url(f"/v1/auth/{path}"), document, headers)


def mail_to(world: World, address: str, subject: str) -> str:
    """The text of the newest mail with this subject, once it is there."""

    def arrived() -> list[str]:
        mails = http("GET", world.url(f"/mails.json?to={address}")).json
        return [str(mail["text"]) for mail in mails if mail["subject"].startswith(subject)]

    until(lambda: bool(arrived()), f"the mail {subject!r}")
    return arrived()[0]


def token_in(text: str) -> str:
    found = re.search(r"#token=(\S+)", text)
    assert found is not None
    return found[1]


@pytest.fixture(scope="module")
def registered(world: World) -> dict[str, Any]:
    address = f"ana-{uuid4().hex}@example.org"
    document = {"name": "Ana Lima", "email": address, "password": PASSWORD, "company": {"name": "Quitanda da Lima"}}
    answer = post(world, "register", document)
    assert answer.status == 201, answer.body
    return dict(answer.json)


def test_a_company_registers_and_its_admin_confirms_the_e_mail_and_gets_a_new_password(
    world: World, registered: dict[str, Any]
) -> None:
    address = registered["user"]["email"]
    confirmation = token_in(mail_to(world, address, "Confirme seu e-mail"))
    assert post(world, "verify-email", {"token": confirmation}).status == 200
    assert post(world, "forgot", {"email": address}).status == 202
    link = token_in(mail_to(world, address, "Crie uma nova senha"))

    assert post(world, "reset", {"token": link, "password": ANOTHER}).status == 200

    assert post(world, "refresh", {"refresh_token": registered["tokens"]["refresh_token"]}).status == 401
    signed_in = post(world, "login", {"email": address, "password": ANOTHER})
    assert signed_in.status == 200, signed_in.body
    bearer = {"Authorization": f"Bearer {signed_in.json['tokens']['access_token']}"}
    me = http("GET", world.url("/v1/auth/me"), None, bearer)
    assert (me.status, me.json["email_verified"]) == (200, True)
    assert "alterada" in mail_to(world, address, "Sua senha foi alterada")


def test_a_session_lives_by_its_refresh_token_and_ends_by_logout(world: World) -> None:
    signed_in = post(world, "login", dict(world.demo["admin"]) | {"device_name": "Teste"}).json

    renewed = post(world, "refresh", {"refresh_token": signed_in["tokens"]["refresh_token"]})

    assert renewed.status == 200, renewed.body
    token = renewed.json["tokens"]["access_token"]
    bearer = {"Authorization": f"Bearer {token}"}
    listed = http("GET", world.url("/v1/auth/sessions"), None, bearer).json["data"]
    assert [one["device_name"] for one in listed if one["current"]] == ["Teste"]
    assert post(world, "logout", {}, token).status == 204
    assert http("GET", world.url("/v1/auth/me"), None, bearer).status == 401
    assert post(world, "refresh", {"refresh_token": renewed.json["tokens"]["refresh_token"]}).status == 401


def test_a_new_company_sees_nothing_of_another_one(world: World, registered: dict[str, Any]) -> None:
    address = registered["user"]["email"]
    signed_in = next(
        answer
        for answer in (post(world, "login", {"email": address, "password": one}) for one in (PASSWORD, ANOTHER))
        if answer.status == 200
    )
    bearer = {"Authorization": f"Bearer {signed_in.json['tokens']['access_token']}"}

    listed = http("GET", world.url("/v1/business/transactions"), None, bearer)

    assert (listed.status, listed.json["data"]) == (200, [])


def test_the_mails_can_be_read_on_a_page(world: World, registered: dict[str, Any]) -> None:
    mail_to(world, registered["user"]["email"], "Confirme seu e-mail")

    page = http("GET", world.url(f"/mails?to={registered['user']['email']}"))

    assert page.status == 200
    assert "Confirme seu e-mail" in page.body.decode()
