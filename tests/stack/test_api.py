"""The REST API of the deployed template, as a client sees it."""

from collections.abc import Mapping

import pytest

from tests.stack.clients import DemoCompany, http


@pytest.fixture(scope="module")
def admin(demo_company: DemoCompany) -> Mapping[str, str]:
    answer = http("POST", demo_company.url("/v1/auth/login"), dict(demo_company.demo["admin"]))
    assert answer.status == 200, answer.body
    return {"Authorization": f"Bearer {answer.json['tokens']['access_token']}"}


def test_a_wrong_password_and_an_unknown_address_get_the_same_response(demo_company: DemoCompany) -> None:
    login = demo_company.url("/v1/auth/login")
    wrong = http("POST", login, {"email": demo_company.demo["admin"]["email"], "password": "not the password"})
    unknown = http("POST", login, {"email": "ninguem@example.com", "password": "not the password"})
    assert (wrong.status, unknown.status) == (401, 401)
    assert wrong.json["detail"] == unknown.json["detail"]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/v1/crews/process"),
        ("GET", "/v1/crews/status"),
        ("GET", "/v1/business/transactions"),
        ("GET", "/v1/business/cash-flow?start=2026-11-01&end=2026-11-30"),
        ("GET", "/v1/whatsapp/conversations"),
    ],
)
def test_a_request_without_a_valid_token_is_401(demo_company: DemoCompany, method: str, path: str) -> None:
    for headers in ({}, {"Authorization": "Bearer nonsense"}, {"Authorization": "Basic YTpi"}):
        answer = http(method, demo_company.url(path), b"{}" if method == "POST" else None, headers)
        assert answer.status == 401
        assert answer.headers["content-type"].startswith("application/problem+json")


def test_the_crew_answers_over_the_api_and_the_ledger_has_the_entry(
    demo_company: DemoCompany, admin: Mapping[str, str]
) -> None:
    answer = http("POST", demo_company.url("/v1/crews/process"), {"message": "gastei 77,70 de internet hoje"}, admin)
    assert answer.status == 200, answer.body
    assert "77,70" in answer.json["reply"]
    assert answer.json["agent"] == "financial"
    assert [tool["tool"] for tool in answer.json["tools"]] == ["add_expense"]
    listed = http("GET", demo_company.url("/v1/business/transactions?kind=expense&limit=50"), None, admin)
    assert listed.status == 200, listed.body
    assert any(entry["amount"] in ("77.70", 77.7) for entry in listed.json["data"])


def test_the_crews_status_lists_the_five_roles(demo_company: DemoCompany, admin: Mapping[str, str]) -> None:
    answer = http("GET", demo_company.url("/v1/crews/status"), None, admin)
    assert answer.status == 200, answer.body
    assert {"orchestrator", "financial", "marketing", "hr", "support"} <= set(
        str(answer.json).replace("'", " ").replace(",", " ").split()
    )


def test_the_cash_flow_can_be_read(demo_company: DemoCompany, admin: Mapping[str, str]) -> None:
    answer = http("GET", demo_company.url("/v1/business/cash-flow?start=2026-01-01&end=2026-12-31"), None, admin)
    assert answer.status == 200, answer.body


def test_the_health_probes_report_ok(demo_company: DemoCompany) -> None:
    answer = http("GET", demo_company.url("/v1/platform/health/ready"))
    assert (answer.status, answer.json["status"]) == (200, "ok"), answer.body
    assert http("GET", demo_company.url("/v1/platform/health/live")).status == 200


def test_an_unknown_domain_is_a_404_problem(demo_company: DemoCompany) -> None:
    answer = http("GET", demo_company.url("/v1/nowhere/x"))
    assert answer.status == 404
    assert answer.headers["content-type"].startswith("application/problem+json")
