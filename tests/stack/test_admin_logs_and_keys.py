"""API keys, sessions and the audit log on the deployed stack."""

import gzip
import json
from collections.abc import Mapping
from uuid import uuid4

import pytest

from tests.stack.clients import DemoCompany, http, until
from tests.stack.conftest import Deployed

REVOKED_WITHIN_S = 45.0
"""A revoked key may be accepted for half a minute; the rest is for a slow machine."""


@pytest.fixture(scope="module")
def admin(demo_company: DemoCompany) -> Mapping[str, str]:
    answer = http("POST", demo_company.url("/v1/auth/login"), dict(demo_company.demo["admin"]))
    assert answer.status == 200, answer.body
    return {"Authorization": f"Bearer {answer.json['tokens']['access_token']}"}


def test_a_key_calls_endpoints_within_its_scopes_and_is_refused_once_revoked(
    demo_company: DemoCompany, admin: Mapping[str, str]
) -> None:
    keys, suppliers = demo_company.url("/v1/admin/api-keys"), demo_company.url("/v1/business/suppliers")
    once = {**admin, "Idempotency-Key": f"stack-{uuid4()}"}
    made = http("POST", keys, {"name": "Pilha", "scopes": ["suppliers.read", "suppliers.create"]}, once)
    assert made.status == 201, made.body
    assert (
        http("POST", keys, {"name": "Pilha", "scopes": ["suppliers.read", "suppliers.create"]}, once).json["key"]
        is None
    )
    program = {"X-Api-Key": made.json["key"]}

    assert http("GET", suppliers, None, program).status == 200
    assert http("GET", suppliers, None, {"Authorization": f"Bearer {made.json['key']}"}).status == 200
    assert http("GET", demo_company.url("/v1/business/employees"), None, program).status == 403
    created = http("POST", suppliers, {"name": f"Atacado {uuid4()}"}, program)
    assert created.status == 201, created.body

    logs = demo_company.url(f"/v1/admin/audit-logs?resource=suppliers&resource_id={created.json['id']}")
    (row,) = http("GET", logs, None, admin).json["data"]
    assert (row["actor_kind"], row["actor_id"], row["action"]) == ("api_key", made.json["id"], "create")

    assert http("DELETE", f"{keys}/{made.json['id']}", None, admin).status == 204
    until(
        lambda: http("GET", suppliers, None, program).status == 401,
        "the revoked key to be refused",
        seconds=REVOKED_WITHIN_S,
    )
    state = http("GET", f"{keys}/{made.json['id']}", None, admin).json
    assert state["status"] == "revoked"
    assert state["last_used_at"] is not None


def test_an_admin_lists_and_ends_a_users_whatsapp_session(demo_company: DemoCompany, admin: Mapping[str, str]) -> None:
    phone = demo_company.staff("user", "Rui")
    (person,) = demo_company.rows(
        "select id from users where company_id = :company and phone = :phone", phone=phone.number
    )
    sessions = demo_company.url(f"/v1/admin/whatsapp-sessions?user_id={person['id']}")
    (one,) = http("GET", sessions, None, admin).json["data"]
    assert one["phone"] == f"+55******{phone.number[-2:]}"

    ended = http("DELETE", demo_company.url(f"/v1/admin/whatsapp-sessions/{person['id']}"), None, admin)
    assert (ended.status, ended.json) == (200, {"ended": 1})
    listed = http("GET", demo_company.url(f"/v1/admin/sessions?user_id={person['id']}"), None, admin)
    assert (listed.status, listed.json["data"]) == (200, [])
    logs = http("GET", demo_company.url(f"/v1/admin/auth-logs?user_id={person['id']}&method=logout"), None, admin)
    assert [log["success"] for log in logs.json["data"]] == [True]


def test_old_audit_rows_are_moved_to_the_archive_bucket(demo_company: DemoCompany, deployed: Deployed) -> None:
    row = uuid4()
    demo_company.write_row(
        "insert into audit_logs"
        " (company_id, id, actor_kind, action, resource, resource_id, changes, request_id, created_at)"
        " values (:company, :id, 'job', 'update', 'things', :id, '{}', 'stack', now() - interval '400 days')",
        id=row,
    )
    answer = deployed.client("lambda").invoke(FunctionName="falachefe-local-platform-archive-audit-logs", Payload=b"{}")
    result = json.loads(answer["Payload"].read())
    assert (result["failures"], result["rows"] >= 1) == (0, True), result

    s3 = deployed.client("s3")
    (bucket,) = [one["Name"] for one in s3.list_buckets()["Buckets"] if "-archive-" in one["Name"]]
    found = s3.list_objects_v2(Bucket=bucket, Prefix=str(demo_company.company_id))["Contents"]
    bodies = [gzip.decompress(s3.get_object(Bucket=bucket, Key=one["Key"])["Body"].read()) for one in found]
    assert any(str(row).encode() in body for body in bodies)
    assert demo_company.rows("select id from audit_logs where company_id = :company and id = :id", id=row) == []
