"""What all endpoints of the deployed stack have in common, as browsers and other clients see it."""

import gzip
import json
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from infra.local.stack.deploy import ALLOWED_ORIGINS
from tests.stack.clients import Answer, DemoCompany, http

ORIGINS = ALLOWED_ORIGINS.split(",")
DOMAINS = {
    "admin": "/v1/admin/permissions",
    "auth": "/v1/auth/me",
    "business": "/v1/business/suppliers",
    "crews": "/v1/crews/status",
    "platform": "/v1/platform/health/live",
    "whatsapp": "/v1/whatsapp/conversations",
}
each_domain = pytest.mark.parametrize("path", DOMAINS.values(), ids=DOMAINS)


@pytest.fixture(scope="module")
def admin(demo_company: DemoCompany) -> Mapping[str, str]:
    answer = http("POST", demo_company.url("/v1/auth/login"), dict(demo_company.demo["admin"]))
    assert answer.status == 200, answer.body
    return {"Authorization": f"Bearer {answer.json['tokens']['access_token']}"}


@pytest.fixture(scope="module")
def document(demo_company: DemoCompany) -> dict[str, Any]:
    answer = http("GET", demo_company.url("/v1/platform/openapi.json"))
    assert (answer.status, answer.headers["content-type"]) == (200, "application/json")
    found: dict[str, Any] = answer.json
    return found


@each_domain
@pytest.mark.parametrize("origin", ORIGINS)
def test_an_allowed_origin_passes_the_preflight_and_reads_the_response(
    demo_company: DemoCompany, path: str, origin: str
) -> None:
    asked = {"Origin": origin, "Access-Control-Request-Method": "PATCH"}
    preflight = http("OPTIONS", demo_company.url(path), None, asked)
    assert (preflight.status, preflight.headers["access-control-allow-origin"]) == (204, origin)
    assert "PATCH" in preflight.headers["access-control-allow-methods"]
    answer = http("GET", demo_company.url(path), None, {"Origin": origin})
    assert answer.headers["access-control-allow-origin"] == origin
    assert "Origin" in answer.headers["vary"]


@each_domain
def test_no_other_origin_passes_the_preflight(demo_company: DemoCompany, path: str) -> None:
    for method in ("OPTIONS", "GET"):
        answer = http(method, demo_company.url(path), None, {"Origin": "https://evil.example"})
        assert "access-control-allow-origin" not in answer.headers


@each_domain
def test_an_unknown_path_is_a_problem_with_the_standard_headers(demo_company: DemoCompany, path: str) -> None:
    answer = http("GET", demo_company.url(f"{path.rpartition('/')[0]}/nowhere/at/all"), None, {"Origin": ORIGINS[0]})
    assert (answer.status, answer.json["code"], answer.json["status"]) == (404, "not_found", 404)
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.json["request_id"] == answer.headers["x-request-id"]


def test_a_clients_request_id_is_in_the_response_and_in_the_audit_log(
    demo_company: DemoCompany, admin: Mapping[str, str]
) -> None:
    known_as = f"pilha-{uuid4().hex}"
    sent = {**admin, "X-Request-Id": known_as}
    made = http("POST", demo_company.url("/v1/business/suppliers"), {"name": f"Moinho {known_as}"}, sent)
    assert (made.status, made.headers["x-request-id"]) == (201, known_as), made.body
    refused = http("POST", demo_company.url("/v1/business/suppliers"), {"nome": "Moinho"}, sent)
    assert (refused.status, refused.json["request_id"]) == (422, known_as)
    rows = demo_company.rows(
        "select resource_id, request_id from audit_logs where company_id = :company and client_request_id = :id",
        id=known_as,
    )
    assert [str(row["resource_id"]) for row in rows] == [made.json["id"]]
    assert rows[0]["request_id"] not in ("", known_as)


def test_a_long_response_is_compressed_for_clients_that_accept_it(
    demo_company: DemoCompany, document: dict[str, Any]
) -> None:
    answer = http("GET", demo_company.url("/v1/platform/openapi.json"), None, {"Accept-Encoding": "gzip"})
    assert answer.headers["content-encoding"] == "gzip"
    assert json.loads(gzip.decompress(answer.body)) == document
    short = http("GET", demo_company.url("/v1/platform/health/live"), None, {"Accept-Encoding": "gzip"})
    assert "content-encoding" not in short.headers


def test_the_documentation_page_loads_files_of_our_own_only(demo_company: DemoCompany) -> None:
    page = http("GET", demo_company.url("/v1/platform/docs"))
    assert (page.status, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert "script-src 'self'" in page.headers["content-security-policy"]
    parts = [word.split('"')[1] for word in page.body.decode().split() if word.startswith(("src=", 'href="docs/'))]
    assert len(parts) == 4
    for part in parts:
        answer = http("GET", demo_company.url(f"/v1/platform/{part}"))
        assert (answer.status, "immutable" in answer.headers["cache-control"]) == (200, True), part
    again = http("GET", demo_company.url("/v1/platform/docs"), None, {"If-None-Match": page.headers["etag"]})
    assert (again.status, again.body) == (304, b"")


@pytest.mark.parametrize(
    "path",
    [
        "/v1/auth/me",
        "/v1/auth/sessions",
        "/v1/admin/permissions",
        "/v1/business/cash-flow?start=2026-01-01&end=2026-12-31",
        "/v1/business/suppliers",
        "/v1/crews/status",
        "/v1/platform/health/live",
        "/v1/platform/health/ready",
        "/v1/whatsapp/conversations",
    ],
)
def test_responses_match_the_openapi_document(
    demo_company: DemoCompany, admin: Mapping[str, str], document: dict[str, Any], path: str
) -> None:
    answer = http("GET", demo_company.url(path), None, admin)
    assert answer.status == 200, answer.body
    assert errors(document, path.partition("?")[0], "get", answer) == []


def test_the_crews_answer_and_a_sign_in_match_the_openapi_document(
    demo_company: DemoCompany, admin: Mapping[str, str], document: dict[str, Any]
) -> None:
    signed_in = http("POST", demo_company.url("/v1/auth/login"), dict(demo_company.demo["admin"]))
    assert errors(document, "/v1/auth/login", "post", signed_in) == []
    reply = http("POST", demo_company.url("/v1/crews/process"), {"message": "gastei 33,10 de internet hoje"}, admin)
    assert reply.status == 200, reply.body
    assert errors(document, "/v1/crews/process", "post", reply) == []


def errors(document: dict[str, Any], path: str, method: str, answer: Answer) -> list[str]:
    """The violations of its schema in the response's body."""
    described = document["paths"][path][method]["responses"][str(answer.status)]
    schema = {**described["content"]["application/json"]["schema"], "components": document["components"]}
    return [f"{error.json_path}: {error.message}" for error in Draft202012Validator(schema).iter_errors(answer.json)]
