"""An address with too many failed credentials is refused before the next one is verified."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from falachefe.app import runtime
from falachefe.aws.clients import client
from falachefe.db.engine import Database
from falachefe.http.rate_limits.addresses import FAILURES, address_key
from falachefe.kernel.clock import FixedClock
from functions.business import budgets, suppliers
from tests.integration.sessions.test_authenticator import token_of

HERE, ELSEWHERE = "198.51.100.7", "198.51.100.8"
BAD = "fck_dev_0000000000000000000000000000000000000000"
type Answer = tuple[int, str, dict[str, str]]


@pytest.fixture(autouse=True)
def fresh_runtime(aws: None) -> Iterator[None]:
    runtime.address_guard.cache_clear()
    yield
    runtime.address_guard.cache_clear()


@pytest.fixture
def written(aws: None) -> Iterator[list[str]]:
    """The calls to DynamoDB."""
    made: list[str] = []

    def note(model: Any, **_: Any) -> None:
        made.append(model.name)

    events = client("dynamodb").meta.events
    events.register("before-call.dynamodb", note)
    yield made
    events.unregister("before-call.dynamodb", note)


def ask(token: str | None, address: str | None = HERE, handler: Callable[..., Any] = budgets.handler) -> Answer:
    path = "/budgets" if handler is budgets.handler else "/suppliers"
    headers = {"X-Forwarded-For": "203.0.113.1"} | ({"Authorization": f"Bearer {token}"} if token else {})
    event = {
        "resource": path,
        "path": path,
        "httpMethod": "GET",
        "headers": headers,
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "requestContext": {"requestId": "req-1", "identity": {"sourceIp": address}},
        "body": None,
        "isBase64Encoded": False,
    }
    answer = handler(event, None)
    found = {name: values[0] for name, values in answer["multiValueHeaders"].items()}
    return answer["statusCode"], json.loads(answer["body"]).get("code", ""), found


def fail(times: int, token: str = BAD, address: str | None = HERE) -> set[int]:
    return {ask(token, address)[0] for _ in range(times)}


@pytest.mark.parametrize("token", [BAD, "not-a-token", "eyJhbGciOiJub25lIn0.e30."])  # pragma: allowlist secret
def test_failures_of_an_address_are_limited_per_minute(clock: FixedClock, token: str) -> None:
    assert fail(FAILURES.quantity, token) == {401}

    status, code, headers = ask(token)
    assert (status, code, headers["RateLimit-Policy"]) == (429, "rate_limited", '"failed-sign-in";q=60;w=60')
    assert 0 < int(headers["Retry-After"]) <= 120
    assert headers["RateLimit"] == f'"failed-sign-in";r=0;t={headers["Retry-After"]}'
    clock.at += timedelta(minutes=2)
    assert ask(token)[0] == 401


def test_limited_address_is_refused_before_authentication(
    database: Database, company_id: UUID, written: list[str]
) -> None:
    token = token_of(database, company_id, "admin")
    fail(FAILURES.quantity + 1)
    written.clear()

    assert {ask(token)[0] for _ in range(5)} == {429}
    assert fail(50) == {429}
    assert written == []
    assert ask(token, ELSEWHERE)[0] == 200


def test_functions_and_runtimes_share_the_count(written: list[str]) -> None:
    fail(FAILURES.quantity)
    runtime.address_guard.cache_clear()  # another runtime, which knows of nothing

    assert ask(BAD, handler=suppliers.handler)[0] == 429
    written.clear()
    assert ask(BAD, handler=suppliers.handler)[0] == 429
    assert written == []


def test_successful_authentication_costs_no_write(database: Database, company_id: UUID, written: list[str]) -> None:
    token = token_of(database, company_id, "admin")
    ask(token)
    written.clear()

    assert ask(token)[0] == 200
    assert written == ["UpdateItem"]  # their own limit, as before


def test_request_without_a_credential_is_not_counted(written: list[str]) -> None:
    assert {ask(None)[0] for _ in range(FAILURES.quantity * 2)} == {401}
    assert written == []


def test_ipv6_addresses_count_by_their_64_network() -> None:
    fail(FAILURES.quantity, address="2001:db8:1:2::1")

    assert ask(BAD, "2001:db8:1:2:ffff::9")[0] == 429
    assert ask(BAD, "2001:db8:1:3::1")[0] == 401
    assert address_key("2001:db8:1:2::1") == "2001:db8:1:2::/64"


def test_failure_is_refused_while_it_cannot_be_counted(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LIMITS_TABLE", "a-table-that-does-not-answer")
    runtime.table.cache_clear()
    runtime.limits.cache_clear()

    assert ask(BAD)[0] == 401
    assert "rate_limit_unchecked_total" in capsys.readouterr().out
