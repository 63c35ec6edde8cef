"""Reading the audit log and the log of sign-ins: permissions, order and filters."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from falachefe.audit.service import insert_entry
from falachefe.db.engine import Database
from falachefe.kernel.actors import Actor
from falachefe.kernel.ids import new_id
from falachefe.phone_sign_in.people import Origin, log_attempt
from functions.admin import audit_logs, auth_logs
from functions.business import suppliers
from tests.integration.callers import Caller

NOW = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)

type AsRole = Callable[[Any, str], Caller]


def write(database: Database, company_id: UUID, number: int, *, at: datetime = NOW, actor: Actor | None = None) -> UUID:
    row = UUID(int=number)
    with database.tenant(company_id) as session:
        insert_entry(
            session,
            company_id,
            actor or Actor("job", None, request_id="nightly"),
            action="update" if number % 2 else "create",
            resource="things",
            resource_id=row,
            changes={},
            now=at,
        )
    return row


def test_what_an_admin_did_is_read_by_an_admin_with_secrets_masked(as_role: AsRole) -> None:
    made = as_role(suppliers.handler, "admin")("POST", "/suppliers", {"name": "Moinho", "phone": "(11) 98765-4321"})
    call = as_role(audit_logs.handler, "admin")
    page = call("GET", "/audit-logs", resource="suppliers", resource_id=made.json["id"])

    assert page.status == 200, page.body
    (row,) = page.json["data"]
    assert (row["actor_kind"], row["action"], row["address"]) == ("user", "create", "203.0.113.0")
    assert row["changes"]["name"] == {"old": None, "new": "Moinho"}
    assert "98765" not in page.body
    assert call("GET", f"/audit-logs/{row['id']}").json == row


@pytest.mark.parametrize("handler", [audit_logs.handler, auth_logs.handler])
def test_logs_are_the_admins_and_are_not_written_through_the_api(as_role: AsRole, handler: Any) -> None:
    path = "/audit-logs" if handler is audit_logs.handler else "/auth-logs"
    assert as_role(handler, "user")("GET", path).json["code"] == "permission_denied"
    admin = as_role(handler, "admin")
    assert [admin(method, path, {}).status for method in ("POST", "DELETE")] == [404, 404]
    assert admin("PATCH", f"{path}/{new_id()}", {}).status == 404
    assert admin("GET", f"{path}/{new_id()}").status == 404


def test_pages_follow_one_another_though_rows_of_one_moment_come_in_between(
    as_role: AsRole, database: Database, company_id: UUID
) -> None:
    rows = [write(database, company_id, number, at=NOW - timedelta(seconds=number // 3)) for number in range(9)]
    call = as_role(audit_logs.handler, "admin")
    seen: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = call("GET", "/audit-logs", limit="2", resource="things", total="false", **cursor).json
        seen += [row["resource_id"] for row in page["data"]]
        if page["pagination"]["next_cursor"] is None:
            break
        cursor = {"cursor": page["pagination"]["next_cursor"]}
        write(database, company_id, 100 + len(seen), at=NOW + timedelta(seconds=1))

    assert sorted(seen) == sorted(str(row) for row in rows)
    assert call("GET", "/audit-logs", cursor="bm9wZQ").status == 422


def test_logs_are_filtered_by_action_row_actor_and_time(as_role: AsRole, database: Database, company_id: UUID) -> None:
    agent, person = new_id(), new_id()
    write(database, company_id, 1, at=NOW - timedelta(days=2))
    write(database, company_id, 2, at=NOW - timedelta(days=1))
    acting = Actor("agent", agent, on_behalf_of=person, request_id="task", client_request_id="pedido-42")
    write(database, company_id, 3, actor=acting)
    call = as_role(audit_logs.handler, "admin")

    def found(**query: str) -> list[int]:
        answer = call("GET", "/audit-logs", sort="created_at", resource="things", **query)
        assert answer.status == 200, answer.body
        return [UUID(row["resource_id"]).int for row in answer.json["data"]]

    assert found(action="update") == [1, 3]
    assert found(resource_id=str(UUID(int=2))) == [2]
    assert found(actor_kind="job") == [1, 2]
    assert found(actor_id=str(agent)) == found(on_behalf_of=str(person)) == [3]
    assert found(request_id="task") == found(client_request_id="pedido-42") == [3]
    assert found(start="2026-11-19T00:00:00Z", end="2026-11-20T00:00:00Z") == [2]
    assert call("GET", "/audit-logs", user_agent="x").status == 422
    assert call("GET", "/audit-logs", actor_kind="nobody").status == 422


def test_another_companys_rows_are_not_there(as_role: AsRole, database: Database, company_id: UUID) -> None:
    from falachefe.companies.models import Company

    other_company = new_id()
    with database.tenant(other_company) as session:
        session.add(Company(id=other_company, name="Outra"))
    write(database, other_company, 5)
    call = as_role(audit_logs.handler, "admin")

    assert call("GET", "/audit-logs", resource="things").json["data"] == []


def test_sign_ins_are_listed_without_whole_phones_and_addresses(
    as_role: AsRole, database: Database, company_id: UUID
) -> None:
    with database.tenant(company_id) as session:
        log_attempt(session, company_id, phone="+5511987654321", method="session", success=True)
        log_attempt(
            session,
            company_id,
            phone="+5511987654321",
            method="verification_code",
            success=False,
            error_code="wrong_code",
            origin=Origin("198.51.100.7", "curl/8"),
        )
    call = as_role(auth_logs.handler, "admin")
    failed = call("GET", "/auth-logs", success="false", method__in="verification_code,logout")

    (row,) = failed.json["data"]
    assert (row["phone"], row["address"], row["error_code"]) == ("+55******21", "198.51.100.0", "wrong_code")
    assert "98765" not in failed.body
    assert [one["method"] for one in call("GET", "/auth-logs", success="true").json["data"]] == ["session"]
    assert call("GET", "/auth-logs", success__lte="false").status == 422  # yes and no have no order
    assert call("GET", "/auth-logs", start="2020-01-01T00:00:00Z", end="2020-02-01T00:00:00Z").json["data"] == []
