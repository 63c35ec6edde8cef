"""Sign-in with Google and GitHub, through the handlers, against strict fakes of both."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit
from uuid import UUID

import pytest
from sqlalchemy import text

from falachefe.app import oauth_wiring
from falachefe.aws.clients import client
from falachefe.db.engine import Database
from falachefe.kernel.clock import FixedClock
from falachefe.oauth import provider_requests as oauth_requests
from falachefe.oauth import rules as oauth_rules
from functions.auth import login, me, oauth_callback, oauth_start, oauth_token
from infra.local.front_door.identity import CLIENT_ID, CLIENT_SECRET, IdentityProviders, Person
from infra.local.front_door.web import make_server
from tests.integration.accounts.test_audit_entries import ROWS, actions
from tests.integration.identity.http import call
from tests.integration.identity.mails import delivered
from tests.integration.identity.people import ANOTHER, confirm_email, new_address, register_company, staff_of

pytestmark = pytest.mark.usefixtures("aws")
APP = "https://app.example.com"
VERIFIER = "v" * 43


@dataclass
class World:
    providers: IdentityProviders
    address: str


@pytest.fixture
def clock() -> FixedClock:
    """The present: providers' tokens are made by another clock than ours."""
    return FixedClock(datetime.now(UTC).replace(microsecond=0))


@pytest.fixture(params=["google", "github"])
def provider(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def world(aws: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    providers = IdentityProviders()
    server = make_server("127.0.0.1", 0, providers, quiet=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    address = f"http://127.0.0.1:{server.server_port}"
    monkeypatch.setenv("PUBLIC_URL", "https://api.example.com")
    monkeypatch.setenv("GOOGLE_ISSUER", f"{address}/oauth/google")
    monkeypatch.setenv("GITHUB_URL", f"{address}/oauth/github")
    monkeypatch.setenv("GITHUB_API_URL", f"{address}/oauth/github/api")
    monkeypatch.setenv("OAUTH_SECRET_ARN", "falachefe/dev/oauth")
    registered = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
    put_secret({"google": registered, "github": registered})
    yield World(providers, address)
    server.shutdown()
    thread.join()
    server.server_close()
    oauth_wiring._provider.cache_clear()


def put_secret(document: dict[str, Any]) -> None:
    import json

    client("secretsmanager").create_secret(Name="falachefe/dev/oauth", SecretString=json.dumps(document))


def person(email: str | None = None, **changes: Any) -> Person:
    address = email or new_address()
    values: dict[str, Any] = {
        "subject": str(abs(hash(address))),
        "email": address,
        "name": "Ana Lima",
        "verified": True,
    }
    return Person(**(values | changes))


@dataclass
class Begun:
    status: int
    body: Any
    to: str
    cookie: str


def begin(provider: str, **query: str) -> Begun:
    status, body, headers = call(
        oauth_start.handler,
        "oauth_start",
        path=f"/oauth/{provider}/start",
        pathParameters={"provider": provider},
        queryStringParameters=query,
        multiValueQueryStringParameters={name: [value] for name, value in query.items()},
    )
    cookies: SimpleCookie = SimpleCookie(headers.get("Set-Cookie", ""))
    value = cookies[oauth_wiring.COOKIE].value if cookies else ""
    return Begun(status, body, headers.get("Location", ""), value)


def come_back(provider: str, address: str, cookie: str, *, ip: str = "203.0.113.77") -> tuple[int, Any, str]:
    query = dict(parse_qsl(urlsplit(address).query))
    status, body, headers = call(
        oauth_callback.handler,
        "oauth_callback",
        path=f"/oauth/{provider}/callback",
        pathParameters={"provider": provider},
        queryStringParameters=query,
        multiValueQueryStringParameters={name: [value] for name, value in query.items()},
        address=ip,
        cookie=f"other=1; {oauth_wiring.COOKIE}={cookie}",
    )
    return status, body, headers.get("Location", "")


def travel(world: World, provider: str, who: Person, **query: str) -> tuple[int, Any, str]:
    """A complete sign-in; returns the callback's response."""
    begun = begin(provider, **query)
    assert begun.status == 302, begun.body
    return come_back(provider, world.providers.approve(provider, begun.to, who), begun.cookie)


def code_in(location: str) -> str:
    return parse_qs(urlsplit(location).fragment)["code"][0]


def exchange(location: str, **more: str) -> tuple[int, Any]:
    return call(oauth_token.handler, "oauth_token", {"code": code_in(location)} | more)[:2]


def signed_in(world: World, provider: str, who: Person, **query: str) -> Any:
    status, body, location = travel(world, provider, who, **query)
    assert status == 302, body
    status, session = exchange(location)
    assert status == 200, session
    return session


def rows_of(database: Database, company_id: UUID) -> list[Any]:
    with database.tenant(company_id) as session:
        return list(session.execute(ROWS).all())


# ---- start


def test_start_redirects_with_challenge_state_and_cookie(world: World, provider: str) -> None:
    begun = begin(provider)

    asked = dict(parse_qsl(urlsplit(begun.to).query))
    assert begun.status == 302
    assert begun.to.startswith(f"{world.address}/oauth/{provider}/")
    assert asked["redirect_uri"] == f"https://api.example.com/v1/auth/oauth/{provider}/callback"
    assert (asked["response_type"], asked["code_challenge_method"]) == ("code", "S256")
    assert len(asked["state"]) >= 43
    assert ("nonce" in asked) is (provider == "google")
    stored = str(client("dynamodb").scan(TableName="auth")["Items"])
    assert not [secret for secret in (asked["state"], begun.cookie, asked.get("nonce", "no")) if secret in stored]


def test_cookie_is_http_only_and_same_site(world: World) -> None:
    _, _, headers = call(oauth_start.handler, "oauth_start")

    parts = {part.strip() for part in headers["Set-Cookie"].split(";")[1:]}
    assert parts == {"Path=/v1/auth/oauth/google", "Max-Age=600", "HttpOnly", "SameSite=Lax", "Secure"}


def test_callback_url_defaults_to_the_gateway_s(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PUBLIC_URL")
    begun = begin("github")

    asked = dict(parse_qsl(urlsplit(begun.to).query))
    assert asked["redirect_uri"] == "https://local.execute-api.example/v1/oauth/github/callback"


@pytest.mark.parametrize(
    "page", ["//evil.example", "https://evil.example", "/\\evil", "/a/../..", "/x?y", "/%2f%2fe", "a"]
)
def test_redirect_outside_the_app_is_refused(world: World, page: str) -> None:
    begun = begin("google", return_to=page)

    assert (begun.status, begun.body["code"]) == (422, "return_to_invalid")


def test_unknown_or_unconfigured_provider_is_refused(world: World) -> None:
    import json

    client("secretsmanager").put_secret_value(
        SecretId="falachefe/dev/oauth", SecretString=json.dumps({"google": {"client_id": "", "client_secret": ""}})
    )

    assert begin("facebook").status == 422
    assert (begin("google").status, begin("github").body["code"]) == (404, "oauth_not_configured")


# ---- the account


def test_new_user_registers_a_company(world: World, provider: str, database: Database) -> None:
    who = person()

    session = signed_in(world, provider, who, company="Quitanda da Lima")

    company_id, user = UUID(session["user"]["company_id"]), session["user"]
    assert (user["email"], user["name"], user["role"]) == (who.email, "Ana Lima", "admin")
    account = call(me.handler, "me_get", token=session["tokens"]["access_token"])[1]
    assert (account["company_name"], account["email_verified"]) == ("Quitanda da Lima", True)
    assert actions(rows_of(database, company_id)) == [
        "account registered",
        "account identity_linked",
        "session signed_in",
    ]
    assert delivered() == []


def test_company_is_named_after_the_user_by_default(world: World, provider: str) -> None:
    session = signed_in(world, provider, person())

    account = call(me.handler, "me_get", token=session["tokens"]["access_token"])[1]
    assert account["company_name"] == "Ana Lima"


def test_linked_identity_signs_in_regardless_of_its_current_e_mail(world: World, provider: str) -> None:
    who = person()
    first = signed_in(world, provider, who)

    again = signed_in(world, provider, person(new_address(), subject=who.subject))

    assert again["user"]["id"] == first["user"]["id"]
    assert again["user"]["email"] == who.email


def test_account_with_a_confirmed_e_mail_is_linked(world: World, provider: str, database: Database) -> None:
    email = new_address()
    _, registered = register_company(email)
    (mail,) = delivered()
    assert confirm_email(mail.token, registered["tokens"]["access_token"]) == 200

    session = signed_in(world, provider, person(email.upper()))

    assert session["user"]["id"] == registered["user"]["id"]
    rows = rows_of(database, UUID(registered["user"]["company_id"]))
    assert actions(rows)[-2:] == ["account identity_linked", "session signed_in"]
    assert rows[-2].changes == {"provider": {"old": None, "new": provider}}
    assert call(login.handler, "login", {"email": email, "password": ANOTHER})[0] == 200


def test_unconfirmed_account_is_claimed_by_the_e_mail_s_owner(world: World, provider: str, database: Database) -> None:
    """All access of the person who registered the e-mail is revoked when its owner signs in this way."""
    email = new_address()
    _, registered = register_company(email)

    assert signed_in(world, provider, person(email))["user"]["id"] == registered["user"]["id"]

    assert "account strangers_shut_out" in actions(rows_of(database, UUID(registered["user"]["company_id"])))
    assert call(login.handler, "login", {"email": email, "password": ANOTHER})[0] == 401


def test_e_mail_that_the_provider_has_not_verified_is_refused(world: World, provider: str) -> None:
    status, body, _ = travel(world, provider, person(verified=False))

    assert (status, body["code"]) == (403, "oauth_email_unverified")


def test_inactive_user_cannot_sign_in_with_a_provider(world: World, provider: str, database: Database) -> None:
    who = person()
    session = signed_in(world, provider, who)
    company_id = UUID(session["user"]["company_id"])
    with database.tenant(company_id) as transaction:
        transaction.execute(text("update users set status = 'inactive'"))

    status, body, _ = travel(world, provider, who)

    assert (status, body["code"]) == (401, "login_failed")


def test_concurrent_callbacks_sign_in_to_one_account(world: World, provider: str) -> None:
    who = person()
    trips = [begin(provider) for _ in range(2)]
    backs = [(world.providers.approve(provider, one.to, who), one.cookie) for one in trips]

    answers = [come_back(provider, *back) for back in backs]

    people = [exchange(location)[1]["user"]["id"] for _, _, location in answers]
    assert len(set(people)) == 1


# ---- verification


def test_callback_works_once(world: World, provider: str) -> None:
    begun = begin(provider)
    back = world.providers.approve(provider, begun.to, person())

    assert come_back(provider, back, begun.cookie)[0] == 302
    status, body, _ = come_back(provider, back, begun.cookie)
    assert (status, body["code"]) == (422, "oauth_state_invalid")


@pytest.mark.parametrize("cookie", ["", "another"])
def test_callback_from_another_browser_is_refused_and_spends_nothing(world: World, provider: str, cookie: str) -> None:
    begun = begin(provider)
    back = world.providers.approve(provider, begun.to, person())

    assert come_back(provider, back, cookie)[1]["code"] == "oauth_state_invalid"
    assert come_back(provider, back, begun.cookie)[0] == 302


def test_callback_of_another_provider_is_refused(world: World) -> None:
    begun = begin("google")
    back = world.providers.approve("google", begun.to, person())

    assert come_back("github", back, begun.cookie)[1]["code"] == "oauth_state_invalid"


def test_flow_expires_after_ten_minutes(world: World, provider: str, clock: FixedClock) -> None:
    begun = begin(provider)
    back = world.providers.approve(provider, begun.to, person())
    clock.at += timedelta(minutes=10)

    assert come_back(provider, back, begun.cookie)[1]["code"] == "oauth_state_invalid"


def test_denied_authorization_does_not_sign_in(world: World, provider: str) -> None:
    begun = begin(provider)
    state = dict(parse_qsl(urlsplit(begun.to).query))["state"]

    status, body, _ = come_back(provider, f"https://x/?error=access_denied&state={state}", begun.cookie)

    assert (status, body["code"]) == (403, "oauth_denied")


def test_forged_provider_code_is_refused(world: World, provider: str) -> None:
    begun = begin(provider)
    state = dict(parse_qsl(urlsplit(begun.to).query))["state"]

    status, body, _ = come_back(provider, f"https://x/?code=x&state={state}", begun.cookie)

    assert (status, body["code"]) == (422, "oauth_code_invalid")


@pytest.mark.parametrize(
    "change",
    [
        {"iss": "https://evil.example"},
        {"aud": "somebody-else"},
        {"aud": [CLIENT_ID, "somebody-else"]},
        {"nonce": "another"},
        {"nonce": None},
        {"exp": 1},
        {"iat": 9_999_999_999},
        {"sub": ""},
        {"email": None},
    ],
    ids=str,
)
def test_id_token_with_invalid_claims_is_refused(world: World, change: dict[str, Any]) -> None:
    world.providers.spoil = lambda claims: claims | change

    status, body, _ = travel(world, "google", person())

    assert (status, body["code"]) == (502, "oauth_provider_failed")


def test_id_token_signed_with_another_key_is_refused(world: World) -> None:
    signed_in(world, "google", person())
    del world.providers._key  # the key set that we know is the old one

    begun = begin("google")
    back = world.providers.approve("google", begun.to, person())
    status, body, _ = come_back("google", back, begun.cookie)

    assert (status, body["code"]) == (502, "oauth_provider_failed")


def test_new_key_of_the_provider_is_fetched(world: World, clock: FixedClock, monkeypatch: pytest.MonkeyPatch) -> None:
    signed_in(world, "google", person())
    del world.providers._key
    monkeypatch.setattr("infra.local.front_door.identity.KEY_ID", "local-2")
    clock.at += timedelta(minutes=2)

    assert signed_in(world, "google", person())["user"]["name"] == "Ana Lima"


# ---- provider failures


@pytest.mark.parametrize(
    ("name", "part", "kind", "status"),
    [
        (name, part, kind, 502 if kind == "garbage" else 503)
        for name, part in (("google", "token"), ("google", "certs"), ("github", "token"), ("github", "user"))
        for kind in ("fail500", "garbage", "hang_up")
    ],
)
def test_failing_provider_gives_problem_details(
    world: World, database: Database, name: str, part: str, kind: str, status: int
) -> None:
    who = person()
    world.providers.order(part, kind)

    answered, body, _ = travel(world, name, who)

    code = "oauth_provider_failed" if status == 502 else "oauth_provider_unavailable"
    assert (answered, body["code"]) == (status, code)
    with database.no_tenant() as session:
        assert session.execute(text("select directory.logins_of(:e)"), {"e": who.email}).all() == []


def test_provider_timeout_gives_problem_details(world: World, provider: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(oauth_requests, "TIMEOUT_S", 0.2)
    monkeypatch.setattr("infra.local.front_door.identity._STALLED_S", 0.5)
    world.providers.order("token", "stall")

    assert travel(world, provider, person())[:1] == (503,)


def test_callback_can_be_retried_after_an_outage_of_the_provider(world: World, provider: str) -> None:
    begun = begin(provider)
    back = world.providers.approve(provider, begun.to, person())
    world.providers.order("token", "fail500")

    assert [come_back(provider, back, begun.cookie)[0] for _ in range(2)] == [503, 302]


def test_failed_discovery_gives_problem_details(world: World) -> None:
    world.providers.order("discovery", "fail500")

    assert begin("google").status == 503
    assert begin("google").status == 302


# ---- the code for the app


def test_code_is_sent_to_the_requested_page(world: World, provider: str) -> None:
    _, _, location = travel(world, provider, person(), return_to="/painel/vendas")

    assert location.startswith(f"{APP}/painel/vendas#code=")
    assert urlsplit(location).query == ""
    stored = str(client("dynamodb").scan(TableName="auth")["Items"])
    assert code_in(location) not in stored


def test_code_is_exchanged_once_within_a_minute(world: World, clock: FixedClock) -> None:
    _, _, location = travel(world, "google", person())
    assert [exchange(location)[0], exchange(location)[0]] == [200, 401]

    _, _, late = travel(world, "google", person())
    clock.at += timedelta(seconds=60)
    assert exchange(late)[1]["code"] == "oauth_code_invalid"


def test_code_with_a_challenge_needs_its_verifier(world: World) -> None:
    """Prevents signing someone in with an injected code."""
    challenge = oauth_rules.challenge_of(VERIFIER)
    _, _, location = travel(world, "google", person(), code_challenge=challenge)
    _, _, bare = travel(world, "google", person())

    assert [exchange(location)[0], exchange(location, code_verifier="w" * 43)[0]] == [401, 401]
    assert exchange(location, code_verifier=VERIFIER)[0] == 200
    assert exchange(bare, code_verifier=VERIFIER)[0] == 401


# ---- rate limits


def test_starts_are_limited_by_ip_address_like_sign_ins(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGINS_PER_ADDRESS", "5")

    assert [begin("google").status for _ in range(6)] == [302] * 5 + [429]


def test_registration_by_oauth_counts_towards_the_registration_limit(
    world: World, monkeypatch: pytest.MonkeyPatch, database: Database, company_id: UUID
) -> None:
    monkeypatch.setenv("REGISTRATIONS_PER_ADDRESS", "1")
    signed_in(world, "google", person())
    who = person()

    assert travel(world, "google", who)[0] == 429
    staff_of(database, company_id, who.email)
    assert travel(world, "google", who)[0] == 302
