"""Headers of every response: security, request id, CORS and deprecation."""

import json
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest

from falachefe.http.api import Api
from falachefe.http.deprecation import Deprecation
from falachefe.http.headers import SECURITY_HEADERS, cors_headers, request_id
from falachefe.kernel.errors import Conflict
from falachefe.kernel.observability.logs import logger
from tests.unit.http.test_api import NO_SERVICES, event, unauthenticated

APP = "https://app.falachefe.app"
SINCE = datetime(2026, 12, 1, tzinfo=UTC)
DEPRECATION = Deprecation(SINCE, SINCE + timedelta(days=180), "/v2/shop/orders", "/docs/v1-orders")


@pytest.fixture(autouse=True)
def origins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALLOWED_ORIGINS", f"{APP}, http://localhost:3000")


def shop() -> Api:
    api = Api("shop", NO_SERVICES, authenticate=unauthenticated)

    @api.get("/ping", public="says that it is there")
    def ping() -> dict[str, str]:
        return {"id": api.request_id}

    @api.get("/taken", public="always refuses")
    def taken() -> dict[str, str]:
        raise Conflict("Já existe.")

    @api.get("/broken", public="always fails")
    def broken() -> dict[str, str]:
        raise RuntimeError("inside")

    @api.get("/private", permission="orders.read")
    def private() -> dict[str, str]:
        return {}

    @api.get("/orders", permission="orders.read", deprecation=DEPRECATION)
    def old() -> dict[str, str]:
        return {}

    @api.get("/prices", public="prices are for everybody", deprecation=DEPRECATION)
    def prices() -> dict[str, str]:
        return {}

    return api


def ask(path: str, **headers: str) -> tuple[int, Any, dict[str, str]]:
    answer = shop().handler()(event("GET", path, headers=headers), None)
    assert "headers" not in answer, "one place for headers, or API Gateway sends some twice"
    assert all(len(values) == 1 for values in answer["multiValueHeaders"].values())
    return answer["statusCode"], json.loads(answer["body"]), {k: v[0] for k, v in answer["multiValueHeaders"].items()}


PATHS = {"/ping": 200, "/taken": 409, "/broken": 500, "/private": 401, "/nowhere": 404}


@pytest.mark.parametrize("path", PATHS)
def test_every_answer_carries_the_security_headers(path: str) -> None:
    status, _, headers = ask(path)
    assert status == PATHS[path]
    assert headers.items() >= SECURITY_HEADERS.items()


@pytest.mark.parametrize("path", PATHS)
def test_a_page_of_an_allowed_origin_may_read_answers_and_refusals(path: str) -> None:
    _, _, headers = ask(path, origin=APP)
    assert headers["Access-Control-Allow-Origin"] == APP
    assert {"ETag", "Retry-After", "RateLimit", "X-Request-Id"} <= set(
        headers["Access-Control-Expose-Headers"].split(", ")
    )


@pytest.mark.parametrize("path", PATHS)
def test_other_origins_get_no_cors_headers_and_vary_is_set(path: str) -> None:
    for origin in ("https://evil.example", "null", f"{APP}.evil.example", APP.upper(), ""):
        _, _, headers = ask(path, Origin=origin)
        assert not [name for name in headers if name.startswith("Access-Control-")]
        assert "Origin" in headers["Vary"]


def test_a_wildcard_in_the_configuration_allows_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALLOWED_ORIGINS", "*, https://*.falachefe.app")
    for origin in ("*", "https://*.falachefe.app", "https://evil.falachefe.app"):
        assert "Access-Control-Allow-Origin" not in cors_headers(origin)


def test_a_clients_own_request_id_is_kept_in_answer_and_problem() -> None:
    assert ask("/ping", **{"x-request-id": "pedido-42"})[1] == {"id": "pedido-42"}
    _, problem, headers = ask("/taken", **{"X-Request-Id": "pedido-42"})
    assert (problem["request_id"], headers["X-Request-Id"]) == ("pedido-42", "pedido-42")


@pytest.mark.parametrize("given", ["", "a" * 129, "a b", "a\r\nSet-Cookie: x=1", '"', "-a", "ação", "{}", "٣"])
def test_invalid_request_id_is_replaced_by_api_gateway_s(given: str) -> None:
    assert request_id(event("GET", "/ping", headers={"X-Request-Id": given})) == "req-1"


def test_the_log_line_of_a_failure_names_both_ids(monkeypatch: pytest.MonkeyPatch) -> None:
    written = StringIO()
    monkeypatch.setattr(logger().registered_handler, "stream", written)
    ask("/broken", **{"X-Request-Id": "pedido-42"})
    (line,) = map(json.loads, written.getvalue().splitlines())
    assert (line["correlation_id"], line["gateway_request_id"]) == ("pedido-42", "req-1")


@pytest.mark.parametrize(("path", "status"), [("/orders", 401), ("/prices", 200)])
def test_deprecated_route_has_deprecation_sunset_and_link(path: str, status: int) -> None:
    found, _, headers = ask(path)
    assert found == status
    assert headers["Deprecation"] == "@1796083200"  # RFC 9745: a structured field's date
    assert headers["Sunset"] == "Sun, 30 May 2027 00:00:00 GMT"
    assert headers["Link"] == '</docs/v1-orders>; rel="deprecation", </v2/shop/orders>; rel="successor-version"'


def test_route_in_use_has_no_deprecation_headers() -> None:
    assert not {"Deprecation", "Sunset", "Link"} & set(ask("/ping")[2])


def test_sunset_cannot_be_before_the_deprecation() -> None:
    with pytest.raises(ValueError, match="before it goes away"):
        Deprecation(SINCE, SINCE - timedelta(days=1))
    with pytest.raises(ValueError, match="time zone"):
        Deprecation(SINCE.replace(tzinfo=None), SINCE)
