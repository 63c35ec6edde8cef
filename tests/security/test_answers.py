"""Every response of every handler has the security headers, also when the handler fails."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from falachefe.http.headers import SECURITY_HEADERS
from infra.local.openapi.document import COPY
from infra.local.openapi.handlers import module_of
from tests.security.test_routes import HANDLERS, routes_in_template

ROUTES = [(handler, *route) for handler in HANDLERS for route in sorted(routes_in_template(handler))]
APP = "https://app.falachefe.app"
OWN = {"Cache-Control", "Content-Security-Policy"}
"""The documentation page, its files and openapi.json set their own values for these."""


def response_to(handler: Path, method: str, path: str) -> dict[str, Any]:
    """The response to an unauthenticated request without a body."""
    event = {
        "httpMethod": method, "resource": path, "path": re.sub(r"\{\w+\}", "x", path), "pathParameters": None,
        "headers": {"Origin": APP, "X-Request-Id": "pedido-42", "Content-Type": "application/json"},
        "multiValueHeaders": None, "queryStringParameters": None, "multiValueQueryStringParameters": None,
        "body": None, "isBase64Encoded": False,
        "requestContext": {"requestId": "gateway-1", "stage": "v1", "identity": {"sourceIp": "203.0.113.7"}},
    }  # fmt: skip
    answer: dict[str, Any] = module_of(handler).handler(event, None)
    return answer


@pytest.fixture(autouse=True)
def surroundings(monkeypatch: pytest.MonkeyPatch) -> None:
    """No dependency of a function is available, because refusals and failures must have the headers as well."""
    monkeypatch.setenv("ALLOWED_ORIGINS", APP)
    monkeypatch.setenv("CHANNELS_TABLE", "channels")
    monkeypatch.setenv("LIMITS_TABLE", "limits")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "sa-east-1")


def test_the_templates_declare_routes() -> None:
    assert len(ROUTES) >= 70


@pytest.mark.parametrize(
    ("handler", "method", "path"),
    ROUTES,
    ids=[f"{method} {handler.parent.name}{path}" for handler, method, path in ROUTES],
)
def test_every_response_has_the_security_headers_and_the_request_id(handler: Path, method: str, path: str) -> None:
    answer = response_to(handler, method, path)
    given = {name: [value] for name, value in (answer.get("headers") or {}).items()}
    headers = given | (answer.get("multiValueHeaders") or {})
    for name, value in SECURITY_HEADERS.items():
        assert headers[name] == [value] or (name in OWN and path.startswith(("/docs", "/openapi.json"))), name
    assert headers["X-Request-Id"] == ["pedido-42"]
    assert "Origin" in headers["Vary"][0]
    if "/webhooks/" not in path:  # its caller is a provider, not a page
        assert headers["Access-Control-Allow-Origin"] == [APP]
    if answer["statusCode"] >= 400 and headers["Content-Type"] == ["application/problem+json"]:
        assert json.loads(answer["body"])["request_id"] == "pedido-42"


def test_every_route_of_the_templates_is_in_the_openapi_document() -> None:
    documented = {
        (method.upper(), path) for path, item in json.loads(COPY.read_text())["paths"].items() for method in item
    }
    served = {(method, f"/v1/{handler.parent.name}{path}") for handler, method, path in ROUTES}
    assert served - documented == {("GET", "/v1/platform/docs/{wanted}/{name}")}, "all but the parts of the page"
    assert documented <= served
