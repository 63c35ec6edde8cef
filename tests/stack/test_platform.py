"""Administration of the platform on the deployed stack: companies, feature flags, settings and metrics."""

from collections.abc import Mapping
from uuid import uuid4

import pytest

from tests.stack.clients import Answer, DemoCompany, http, until
from tests.stack.test_accounts import ANOTHER, mail_to, post, token_in

type Headers = Mapping[str, str]
PASSWORD = "um-girassol-no-quintal-87"


def bearer(answer: Answer) -> Headers:
    assert answer.status in (200, 201), answer.body
    return {"Authorization": f"Bearer {answer.json['tokens']['access_token']}"}


@pytest.fixture(scope="module")
def root(demo_company: DemoCompany) -> Headers:
    """A superadmin with a company of their own; no endpoint creates one, so the row is written directly."""
    email = f"suporte-{uuid4().hex}@example.org"
    body = {"name": "Sueli Porto", "email": email, "password": PASSWORD, "company": {"name": "Falachefe"}}
    headers = bearer(post(demo_company, "register", body))
    demo_company.write_row("update users set role = 'superadmin' where email = :email", email=email)
    companies = demo_company.url("/v1/admin/companies?limit=1")
    until(lambda: http("GET", companies, None, headers).status == 200, "the role to be in force")
    return headers


def test_a_company_is_created_suspended_and_reactivated(demo_company: DemoCompany, root: Headers) -> None:
    email = f"marina-{uuid4().hex}@example.org"
    name = f"Clínica {uuid4().hex[:8]}"
    body = {"name": name, "plan_code": "pro", "admin": {"name": "Marina Alves", "email": email}}
    made = http("POST", demo_company.url("/v1/admin/companies"), body, root)
    assert made.status == 201, made.body
    here = demo_company.url(f"/v1/admin/companies/{made.json['id']}")
    found = http("GET", demo_company.url(f"/v1/admin/companies?search={name.split()[1]}"), None, root)
    assert [one["id"] for one in found.json["data"]] == [made.json["id"]]

    link = token_in(mail_to(demo_company, email, f"{name} convidou você"))
    assert post(demo_company, "reset", {"token": link, "password": ANOTHER}).status == 200
    marina = bearer(post(demo_company, "login", {"email": email, "password": ANOTHER}))
    usage = demo_company.url("/v1/admin/subscriptions/usage")
    shown = http("GET", usage, None, marina)
    assert (shown.json["plan"]["code"], shown.json["users"]) == ("pro", {"used": 1, "limit": 25})
    assert http("GET", demo_company.url("/v1/admin/companies"), None, marina).status == 403

    suspended = http("PATCH", here, {"status": "suspended"}, {**root, "If-Match": made.headers["etag"]})
    assert suspended.json["status"] == "suspended"
    until(lambda: http("GET", usage, None, marina).status == 403, "the suspension to be in force")
    assert post(demo_company, "login", {"email": email, "password": ANOTHER}).json["code"] == "company_suspended"

    back = http("PATCH", here, {"status": "active"}, {**root, "If-Match": suspended.headers["etag"]})
    assert back.status == 200
    until(lambda: http("GET", usage, None, marina).status == 200, "the company to be back")


def test_a_feature_is_enabled_for_a_chosen_company_only(demo_company: DemoCompany, root: Headers) -> None:
    name = f"f{uuid4().hex[:20]}"
    made = http("POST", demo_company.url("/v1/admin/feature-flags"), {"name": name, "description": "Novidade"}, root)
    assert made.status == 201, made.body
    decided = http(
        "POST",
        demo_company.url(f"/v1/admin/companies/{demo_company.company_id}/feature-flags/{name}"),
        {"enabled": True},
        root,
    )
    assert decided.status == 200
    admin = bearer(post(demo_company, "login", dict(demo_company.demo["admin"])))
    features = demo_company.url("/v1/platform/features")
    until(lambda: name in http("GET", features, None, admin).json["features"], "the feature to be there")
    assert name not in http("GET", features, None, root).json["features"]
    assert http("DELETE", demo_company.url(f"/v1/admin/feature-flags/{name}"), None, root).status == 204


def test_the_demo_company_reads_its_settings_and_metrics(demo_company: DemoCompany) -> None:
    admin = bearer(post(demo_company, "login", dict(demo_company.demo["admin"])))
    settings = http("GET", demo_company.url("/v1/admin/settings"), None, admin)
    assert (settings.status, settings.json["name"]) == (200, "Padaria do Chefe")
    changed = http(
        "PATCH",
        demo_company.url("/v1/admin/settings"),
        {"takeover_minutes": 60},
        {**admin, "If-Match": settings.headers["etag"]},
    )
    assert changed.json["version"] == settings.json["version"]
    figures = http("GET", demo_company.url("/v1/admin/metrics"), None, admin)
    assert (figures.status, len(figures.json["days"])) == (200, 30)
    assert http("GET", demo_company.url("/v1/admin/plans"), None, admin).json["data"][0]["code"] == "free"
