"""Users of a company on the deployed stack: invited by mail, given a role, shown posts, and deactivated."""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import pytest

from tests.stack.clients import Answer, DemoCompany, http, until
from tests.stack.test_accounts import ANOTHER, mail_to, post, token_in

type Headers = Mapping[str, str]


def bearer(answer: Answer) -> Headers:
    assert answer.status == 200, answer.body
    return {"Authorization": f"Bearer {answer.json['tokens']['access_token']}"}


@pytest.fixture(scope="module")
def admin(demo_company: DemoCompany) -> Headers:
    return bearer(post(demo_company, "login", dict(demo_company.demo["admin"])))


@pytest.fixture(scope="module")
def marina(demo_company: DemoCompany, admin: Headers) -> dict[str, Any]:
    """An invited user who has signed in: her row, and the headers of her requests."""
    address = f"marina-{uuid4().hex}@example.org"
    body = {"first_name": "Marina", "last_name": "Alves", "email": address, "username": f"m-{uuid4().hex[:12]}"}
    made = http("POST", demo_company.url("/v1/admin/users"), body, admin)
    assert made.status == 201, made.body
    link = token_in(mail_to(demo_company, address, "Padaria do Chefe convidou você"))
    assert post(demo_company, "reset", {"token": link, "password": ANOTHER}).status == 200
    return {**made.json, "headers": bearer(post(demo_company, "login", {"email": address, "password": ANOTHER}))}


def test_a_role_grants_its_permissions_and_no_more(
    demo_company: DemoCompany, admin: Headers, marina: dict[str, Any]
) -> None:
    suppliers = demo_company.url("/v1/business/suppliers?limit=1")
    assert http("GET", suppliers, None, marina["headers"]).status == 403
    body = {"name": f"Compras {uuid4().hex[:8]}", "permissions": ["suppliers.read"]}
    role = http("POST", demo_company.url("/v1/admin/roles"), body, admin)
    assert role.status == 201, role.body

    given = http("POST", demo_company.url(f"/v1/admin/users/{marina['id']}/roles/{role.json['id']}"), None, admin)
    assert (given.status, [one["id"] for one in given.json["data"]]) == (200, [role.json["id"]])

    # A user may send a hundred requests a minute, and permissions are cached for half a minute.
    until(lambda: http("GET", suppliers, None, marina["headers"]).status == 200, "the role to be in force", every=1)
    assert http("POST", demo_company.url("/v1/business/suppliers"), {"name": "X"}, marina["headers"]).status == 403
    raised = http(
        "PATCH",
        demo_company.url(f"/v1/admin/users/{marina['id']}"),
        {"role": "admin"},
        {**marina["headers"], "If-Match": "*"},
    )
    assert raised.status == 403
    assert http("POST", demo_company.url("/v1/admin/roles/clinic"), None, admin).status == 200
    catalogue = http("GET", demo_company.url("/v1/admin/permissions"), None, admin).json["data"]
    assert all(one["held"] for one in catalogue)


def test_a_post_is_visible_once_published(demo_company: DemoCompany, admin: Headers, marina: dict[str, Any]) -> None:
    posts = demo_company.url("/v1/platform/posts")
    draft = http("POST", posts, {"title": f"Aviso {uuid4().hex[:8]}", "content": "Texto"}, admin)
    assert draft.status == 201, draft.body
    path = f"{posts}/{draft.json['id']}"
    assert http("GET", path, None, marina["headers"]).status == 404

    published = {"published_at": "2026-11-01T12:00:00-03:00"}
    assert http("PATCH", path, published, {**admin, "If-Match": draft.headers["etag"]}).status == 200

    found = http("GET", f"{posts}?slug={draft.json['slug']}", None, marina["headers"]).json["data"]
    assert [one["id"] for one in found] == [draft.json["id"]]
    views = [http("POST", f"{path}/views", None, marina["headers"]).json for _ in range(2)]
    assert views == [{"view_count": 1}, {"view_count": 2}]


def test_a_deactivated_user_loses_access(demo_company: DemoCompany, admin: Headers, marina: dict[str, Any]) -> None:
    path = demo_company.url(f"/v1/admin/users/{marina['id']}")
    seen = http("GET", path, None, admin)
    changed = http("PATCH", path, {"status": "inactive"}, {**admin, "If-Match": seen.headers["etag"]})
    assert (changed.status, changed.json["status"]) == (200, "inactive")

    until(
        lambda: http("GET", demo_company.url("/v1/auth/me"), None, marina["headers"]).status == 401,
        "the end of sessions",
        every=1,
    )
    assert post(demo_company, "login", {"email": marina["email"], "password": ANOTHER}).status == 401
