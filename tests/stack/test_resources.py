"""A resource on the deployed stack: routes, idempotency keys, versions, batches and the audit log."""

from collections.abc import Mapping

import pytest

from tests.stack.clients import DemoCompany, http


@pytest.fixture(scope="module")
def admin(demo_company: DemoCompany) -> Mapping[str, str]:
    answer = http("POST", demo_company.url("/v1/auth/login"), dict(demo_company.demo["admin"]))
    assert answer.status == 200, answer.body
    return {"Authorization": f"Bearer {answer.json['tokens']['access_token']}"}


def test_a_resource_is_created_updated_deleted_and_restored(
    demo_company: DemoCompany, admin: Mapping[str, str]
) -> None:
    suppliers = demo_company.url("/v1/business/suppliers")
    once = {**admin, "Idempotency-Key": "stack-test"}
    made = http("POST", suppliers, {"name": "Atacado da Pilha"}, once)
    assert made.status == 201, made.body
    again = http("POST", suppliers, {"name": "Atacado da Pilha"}, once)
    assert (again.status, again.json["id"]) == (201, made.json["id"])

    item = f"{suppliers}/{made.json['id']}"
    assert http("GET", item, None, admin).headers["etag"] == '"1"'
    assert http("PATCH", item, {"phone": "(11) 3333-4444"}, admin).status == 428
    patched = http("PATCH", item, {"phone": "(11) 3333-4444"}, {**admin, "If-Match": '"1"'})
    assert (patched.status, patched.json["phone"]) == (200, "(11) 3333-4444")
    assert http("DELETE", item, None, {**admin, "If-Match": '"1"'}).status == 412
    assert http("DELETE", item, None, admin).status == 204
    assert http("GET", item, None, admin).status == 404
    assert http("POST", f"{item}/restore", {}, admin).status == 200
    batch = {"mode": "each", "operations": [{"op": "delete", "id": made.json["id"]}, {"op": "create", "data": {}}]}
    results = http("POST", f"{suppliers}/batch", batch, admin).json["results"]
    assert [result["status"] for result in results] == [204, 422]

    actions = demo_company.rows(
        "select action, resource_id from audit_logs where company_id = :company and resource = 'suppliers' order by id"
    )
    mine = [row["action"] for row in actions if str(row["resource_id"]) == made.json["id"]]
    assert mine == ["create", "update", "delete", "restore", "delete"]


@pytest.mark.parametrize(
    "name", ["transactions", "budgets", "campaigns", "employees", "time-off", "tickets", "suppliers"]
)
def test_every_resource_can_be_listed(demo_company: DemoCompany, admin: Mapping[str, str], name: str) -> None:
    answer = http("GET", demo_company.url(f"/v1/business/{name}?limit=2"), None, admin)
    assert answer.status == 200, answer.body
    assert answer.json["pagination"]["limit"] == 2
