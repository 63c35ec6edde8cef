"""Signing in with Google and GitHub on the deployed stack, as a browser does: redirects, cookies, a consent page."""

import re
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit
from uuid import uuid4

import pytest

from tests.stack.clients import Answer, DemoCompany, http

each_provider = pytest.mark.parametrize("provider", ["google", "github"])


def start(demo_company: DemoCompany, provider: str, **query: str) -> Answer:
    question = f"?{urlencode(query)}" if query else ""
    return http("GET", demo_company.url(f"/v1/auth/oauth/{provider}/start{question}"))


def agree(consent: str, **form: str) -> str:
    """Submits the consent page, and returns the address of the redirect."""
    page = http("GET", consent)
    assert page.status == 200, page.body
    found = re.search(r'action="([^"]+)"', page.body.decode())
    assert found is not None
    parts = urlsplit(consent)
    document = {"name": "Ana Lima", "verified": "yes", "answer": "yes"} | form
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    address = f"{parts.scheme}://{parts.netloc}{unescape(found[1])}"
    answer = http("POST", address, urlencode(document).encode(), headers)
    assert answer.status == 302, answer.body
    return answer.headers["location"]


def sign_in(demo_company: DemoCompany, provider: str, email: str, **query: str) -> Any:
    """The whole sign-in; returns the tokens that the app gets for its code."""
    sent = start(demo_company, provider, **query)
    assert sent.status == 302, sent.body
    cookie = sent.headers["set-cookie"].partition(";")[0]
    back = agree(sent.headers["location"], email=email)
    assert back.startswith(demo_company.url(f"/v1/auth/oauth/{provider}/callback"))
    landed = http("GET", back, None, {"Cookie": cookie})
    assert landed.status == 302, landed.body
    assert landed.headers["location"].startswith(demo_company.url("/app/"))
    code = parse_qs(urlsplit(landed.headers["location"]).fragment)["code"][0]
    exchanged = http("POST", demo_company.url("/v1/auth/oauth/token"), {"code": code, "device_name": "Navegador"})
    assert exchanged.status == 200, exchanged.body
    return exchanged.json


def test_the_apps_page_exists_at_the_final_redirect(demo_company: DemoCompany) -> None:
    page = http("GET", demo_company.url("/app/entrar"))

    assert page.status == 200
    assert "/v1/auth/oauth/google/start" in page.body.decode()


@each_provider
def test_a_new_user_signs_in_with_a_provider_and_later_signs_in_again(demo_company: DemoCompany, provider: str) -> None:
    email = f"ana-{uuid4().hex}@example.org"

    first = sign_in(demo_company, provider, email, company="Quitanda da Lima", return_to="/painel")
    again = sign_in(demo_company, provider, email)

    assert (first["user"]["email"], first["user"]["role"]) == (email, "admin")
    assert again["user"] == first["user"]
    bearer = {"Authorization": f"Bearer {again['tokens']['access_token']}"}
    account = http("GET", demo_company.url("/v1/auth/me"), None, bearer).json
    assert (account["company_name"], account["email_verified"]) == ("Quitanda da Lima", True)
    listed = http("GET", demo_company.url("/v1/auth/sessions"), None, bearer).json["data"]
    assert [one["device_name"] for one in listed] == ["Navegador", "Navegador"]
    assert http("GET", demo_company.url("/v1/business/transactions"), None, bearer).json["data"] == []


@each_provider
def test_a_refused_consent_is_answered_with_oauth_denied(demo_company: DemoCompany, provider: str) -> None:
    sent = start(demo_company, provider)
    cookie = sent.headers["set-cookie"].partition(";")[0]
    back = agree(sent.headers["location"], email="ana@example.org", answer="no")

    refused = http("GET", back, None, {"Cookie": cookie})

    assert (refused.status, refused.json["code"]) == (403, "oauth_denied")


@each_provider
def test_a_callback_from_another_browser_signs_nobody_in(demo_company: DemoCompany, provider: str) -> None:
    sent = start(demo_company, provider)
    back = agree(sent.headers["location"], email=f"ana-{uuid4().hex}@example.org")

    assert http("GET", back).json["code"] == "oauth_state_invalid"


@each_provider
def test_a_failing_provider_gives_a_problem_and_the_callback_can_be_repeated(
    demo_company: DemoCompany, provider: str
) -> None:
    sent = start(demo_company, provider)
    cookie = {"Cookie": sent.headers["set-cookie"].partition(";")[0]}
    back = agree(sent.headers["location"], email=f"ana-{uuid4().hex}@example.org")
    assert http("POST", demo_company.url("/oauth/faults"), {"part": "token", "kind": "fail500"}).status == 200

    failed = http("GET", back, None, cookie)

    assert (failed.status, failed.json["code"]) == (503, "oauth_provider_unavailable")
    assert http("GET", back, None, cookie).status == 302


def test_an_unknown_provider_is_refused(demo_company: DemoCompany) -> None:
    assert start(demo_company, "facebook").status == 422
