"""Exports as they are asked for, and whose they are."""

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


def test_fields_that_one_may_not_see_are_empty(admin: Caller, exports: Exports, as_role: AsRole) -> None:
    boss, staff = admin.of(employees.handler), as_role(employees.handler, "user")
    boss("POST", "/employees", ANA)
    theirs, own = exports.ask(boss, "employees"), exports.ask(staff, "employees")
    exports.run()

    assert [one["salary"] for one in exports.rows(boss, theirs)] == ["2500.00"]
    assert [one["salary"] for one in exports.rows(staff, own)] == [""]
    assert staff("POST", "/employees/exports", {"format": "csv", "query": "salary__gte=1"}).status == 422


def test_rows_that_one_may_not_see_are_left_out(admin: Caller, exports: Exports, as_role: AsRole) -> None:
    ana = admin.of(employees.handler)("POST", "/employees", ANA).json["id"]
    dates = {"start": "2026-12-01", "end": "2026-12-03"}
    assert admin.of(time_off.handler)("POST", "/time-off", dates | {"employee_id": ana}).status == 201
    staff = as_role(time_off.handler, "user")
    export_id = exports.ask(staff, "time-off")
    exports.run()

    assert exports.rows(staff, export_id) == []


def test_an_export_needs_the_permission_to_read_the_list(exports: Exports, as_role: AsRole) -> None:
    staff = as_role(suppliers.handler, "user")

    assert staff("POST", "/suppliers/exports", {"format": "csv"}).status == 403
    assert exports.queue_messages() == []


def test_what_was_taken_away_meanwhile_is_not_exported(
    admin: Caller, exports: Exports, database: Database, company_id: UUID
) -> None:
    demoted, left = exports.ask(admin, "transactions"), exports.ask(admin, "transactions")
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


def test_everybody_sees_their_own_exports_and_admins_those_of_all(
    admin: Caller, exports: Exports, as_role: AsRole
) -> None:
    staff = as_role(employees.handler, "user")
    theirs, own = exports.ask(admin, "transactions"), exports.ask(staff, "employees")
    exports.run()

    def listed(call: Caller) -> dict[str, bool]:
        data = call.of(exports_handler.handler)("GET", "/exports").json["data"]
        return {one["id"]: one["download_url"] is not None for one in data}

    assert listed(staff) == {own: True}
    assert listed(admin) == {theirs: True, own: False}  # a link is for whoever asked
    assert exports.look(staff, theirs).status == 404


def test_a_link_opens_one_file_for_a_quarter_of_an_hour(admin: Caller, exports: Exports) -> None:
    own = exports.ask(admin, "transactions")
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
def test_a_wish_that_the_list_would_refuse_is_refused_at_once(
    admin: Caller, exports: Exports, body: dict[str, str], field: str
) -> None:
    answer = admin("POST", "/transactions/exports", body)

    assert (answer.status, [error["field"] for error in answer.json["errors"]]) == (422, [field])
    assert exports.queue_messages() == []


def test_the_same_wish_under_one_key_is_one_export(admin: Caller, exports: Exports) -> None:
    once = {"Idempotency-Key": "k"}
    answers = [admin("POST", "/transactions/exports", {"format": "csv"}, once) for _ in range(2)]

    assert answers[0].json == answers[1].json
    assert answers[1].headers["Idempotency-Replayed"] == "true"
    assert len(exports.queue_messages()) == 1


def test_one_person_waits_for_five_exports_at_most(admin: Caller, exports: Exports) -> None:
    for _ in range(5):
        exports.ask(admin, "transactions")

    answer = admin("POST", "/transactions/exports", {"format": "csv"})
    assert (answer.status, answer.json["code"]) == (429, "too_many_exports")


def test_who_exported_what_is_audited(admin: Caller, exports: Exports, database: Database, company_id: UUID) -> None:
    export_id = exports.ask(admin, "transactions", "json", "search=Maria")

    asked = "select resource_id::text, actor_kind, changes::text as changes from audit_logs where resource = 'exports'"
    with database.tenant(company_id) as session:
        (row,) = session.execute(text(asked)).mappings()
    assert (row["resource_id"], row["actor_kind"]) == (export_id, "user")
    assert "transactions" in row["changes"]
    assert "Maria" not in row["changes"]


@pytest.mark.parametrize("name", sorted(EXPORTABLE))
def test_what_can_be_exported_is_declared_under_that_name(name: str) -> None:
    resource = exportable(name)

    assert resource.name == name
    assert resource.parent is None
