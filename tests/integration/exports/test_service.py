"""Requesting exports, and who may see them."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text, update

from falachefe.accounts.models import User
from falachefe.app.export_registry import EXPORTABLE, exportable
from falachefe.aws.clients import client
from falachefe.db.engine import Database
from functions.business import employees, suppliers, time_off
from functions.platform import exports as exports_handler
from tests.integration.callers import Caller
from tests.integration.exports.company import BUCKET, Exports

type AsRole = Callable[[Any, str], Caller]

ANA = {"name": "Ana Souza", "position": "Padeira", "hired_on": "2025-03-01", "salary": "2500.00"}


# ---- whose file it is


def test_fields_that_the_requester_may_not_see_are_empty(admin: Caller, exports: Exports, as_role: AsRole) -> None:
    boss, staff = admin.of(employees.handler), as_role(employees.handler, "user")
    boss("POST", "/employees", ANA)
    theirs, own = exports.request_export(boss, "employees"), exports.request_export(staff, "employees")
    exports.run()

    assert [one["salary"] for one in exports.rows(boss, theirs)] == ["2500.00"]
    assert [one["salary"] for one in exports.rows(staff, own)] == [""]
    assert staff("POST", "/employees/exports", {"format": "csv", "query": "salary__gte=1"}).status == 422


def test_rows_that_the_requester_may_not_see_are_left_out(admin: Caller, exports: Exports, as_role: AsRole) -> None:
    ana = admin.of(employees.handler)("POST", "/employees", ANA).json["id"]
    dates = {"start": "2026-12-01", "end": "2026-12-03"}
    assert admin.of(time_off.handler)("POST", "/time-off", dates | {"employee_id": ana}).status == 201
    staff = as_role(time_off.handler, "user")
    export_id = exports.request_export(staff, "time-off")
    exports.run()

    assert exports.rows(staff, export_id) == []


def test_an_export_needs_the_permission_to_read_the_list(exports: Exports, as_role: AsRole) -> None:
    staff = as_role(suppliers.handler, "user")

    assert staff("POST", "/suppliers/exports", {"format": "csv"}).status == 403
    assert exports.queue_messages() == []


def test_permissions_removed_meanwhile_limit_the_export(
    admin: Caller, exports: Exports, database: Database, company_id: UUID
) -> None:
    demoted, left = exports.request_export(admin, "transactions"), exports.request_export(admin, "transactions")
    first, second = sorted(
        exports.queue_messages(), key=lambda queue_message: [demoted, left].index(queue_message["export_id"])
    )
    for queue_message, values in ((first, {"role": "user"}), (second, {"role": "admin", "status": "inactive"})):
        with database.tenant(company_id) as session:
            session.execute(update(User).where(User.company_id == company_id).values(**values))
        assert exports.deliver(queue_message) == {"batchItemFailures": []}

    codes = {one["id"]: one["error_code"] for one in state(database, company_id)}
    assert codes == {demoted: "permission_denied", left: "requester_inactive"}
    assert "Contents" not in client("s3").list_objects_v2(Bucket=BUCKET)


def state(database: Database, company_id: UUID) -> list[dict[str, Any]]:
    with database.tenant(company_id) as session:
        rows = session.execute(text("select id::text, status, error_code from exports order by id")).mappings()
        return [dict(row) for row in rows]


def test_users_see_their_own_exports_and_admins_all(admin: Caller, exports: Exports, as_role: AsRole) -> None:
    staff = as_role(employees.handler, "user")
    theirs, own = exports.request_export(admin, "transactions"), exports.request_export(staff, "employees")
    exports.run()

    def listed(call: Caller) -> dict[str, bool]:
        data = call.of(exports_handler.handler)("GET", "/exports").json["data"]
        return {one["id"]: one["download_url"] is not None for one in data}

    assert listed(staff) == {own: True}
    assert listed(admin) == {theirs: True, own: False}  # a link is only for the user who requested it
    assert exports.look(staff, theirs).status == 404


def test_a_link_opens_one_file_for_fifteen_minutes(admin: Caller, exports: Exports) -> None:
    own = exports.request_export(admin, "transactions")
    assert exports.look(admin, own).json["download_url"] is None
    exports.run()
    seen = exports.look(admin, own).json

    assert "X-Amz-Algorithm=AWS4-HMAC-SHA256" in seen["download_url"]
    assert "X-Amz-Expires=900" in seen["download_url"]
    assert "transactions-2026-11-20.csv" in seen["download_url"]
    assert seen["expires_at"] == "2026-11-27T15:00:00Z"


# ---- asking


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"format": "xlsx"}, "format"),
        ({"format": "csv", "query": "company_id=1"}, "company_id"),
        ({"format": "csv", "query": "page=2"}, "query"),
        ({"format": "csv", "query": "limit=10&cursor=x"}, "query"),
        ({"format": "csv", "query": "kind=a&kind=b"}, "kind"),
        ({"format": "csv", "bucket": "mine"}, "bucket"),
    ],
)
def test_a_query_that_the_list_refuses_is_refused_at_once(
    admin: Caller, exports: Exports, body: dict[str, str], field: str
) -> None:
    answer = admin("POST", "/transactions/exports", body)

    assert (answer.status, [error["field"] for error in answer.json["errors"]]) == (422, [field])
    assert exports.queue_messages() == []


def test_a_repeated_idempotency_key_makes_one_export(admin: Caller, exports: Exports) -> None:
    once = {"Idempotency-Key": "k"}
    answers = [admin("POST", "/transactions/exports", {"format": "csv"}, once) for _ in range(2)]

    assert answers[0].json == answers[1].json
    assert answers[1].headers["Idempotency-Replayed"] == "true"
    assert len(exports.queue_messages()) == 1


def test_a_person_may_have_five_unfinished_exports(admin: Caller, exports: Exports) -> None:
    for _ in range(5):
        exports.request_export(admin, "transactions")

    answer = admin("POST", "/transactions/exports", {"format": "csv"})
    assert (answer.status, answer.json["code"]) == (429, "too_many_exports")


def test_export_requests_are_audited(admin: Caller, exports: Exports, database: Database, company_id: UUID) -> None:
    export_id = exports.request_export(admin, "transactions", "json", "search=Maria")

    asked = "select resource_id::text, actor_kind, changes::text as changes from audit_logs where resource = 'exports'"
    with database.tenant(company_id) as session:
        (row,) = session.execute(text(asked)).mappings()
    assert (row["resource_id"], row["actor_kind"]) == (export_id, "user")
    assert "transactions" in row["changes"]
    assert "Maria" not in row["changes"]


@pytest.mark.parametrize("name", sorted(EXPORTABLE))
def test_each_exportable_resource_is_found_by_its_name(name: str) -> None:
    resource = exportable(name)

    assert resource.name == name
    assert resource.parent is None
