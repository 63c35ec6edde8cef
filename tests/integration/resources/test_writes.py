"""Create, update, delete and restore: permissions, locking, audit entries and events in one transaction."""

import json
from collections.abc import Callable
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from falachefe.app import runtime
from falachefe.app.rest import rest_api
from falachefe.db.engine import Database
from falachefe.finance.schemas import SupplierIn
from falachefe.finance.suppliers import SUPPLIERS
from falachefe.http.principal import Principal
from falachefe.http.unit_of_work import request_unit_of_work
from falachefe.kernel.clock import FixedClock
from falachefe.kernel.errors import Conflict, Unavailable
from falachefe.kernel.ids import new_id
from falachefe.resources import crud
from falachefe.resources.idempotency import CLAIM_S, RETENTION_S, Answer, Request, once
from functions.business import budgets, transactions
from tests.integration.callers import Caller

ENTRY = {
    "kind": "expense",
    "amount": "150.00",
    "description": "Gasolina",
    "category": "combustivel",
    "date": "2026-11-20",
}
BUDGET = {"category": "combustivel", "month": "2026-11", "amount": "800.00"}


@pytest.fixture
def call(as_role: Callable[[Any, str], Caller]) -> Caller:
    return as_role(transactions.handler, "admin")


@pytest.fixture
def entry(call: Caller) -> str:
    return f"/transactions/{call('POST', '/transactions', ENTRY).json['id']}"


def audited(database: Database, company_id: UUID) -> list[Any]:
    with database.tenant(company_id) as session:
        return list(session.execute(text("select * from audit_logs order by id")))


# ---- reading


def test_created_row_has_location_and_etag(call: Caller) -> None:
    made = call("POST", "/transactions", ENTRY)
    read = call("GET", f"/transactions/{made.json['id']}")

    assert (made.status, made.headers["ETag"]) == (201, '"1"')
    assert made.headers["Location"] == f"/v1/business/transactions/{made.json['id']}"
    assert (read.status, read.headers["ETag"], read.json) == (200, '"1"', made.json)


def test_known_version_gets_304(call: Caller, entry: str) -> None:
    assert call("GET", entry, headers={"If-None-Match": 'W/"1"'}).status == 304
    assert call("GET", entry, headers={"If-None-Match": '"2"'}).status == 200


def test_composed_document_never_gets_304(call: Caller) -> None:
    plan = call.of(budgets.handler)
    made = plan("POST", "/budgets", BUDGET)
    path, tag = f"/budgets/{made.json['id']}", {"If-None-Match": made.headers["ETag"]}
    call("POST", "/transactions", ENTRY)
    spent = plan("GET", path, headers=tag)

    assert (spent.status, spent.json["version"]) == (200, 1)
    assert spent.json["spent"] != made.json["spent"]


def test_what_does_not_exist_is_404_and_what_is_no_id_is_422(call: Caller) -> None:
    assert call("GET", f"/transactions/{new_id()}").status == 404
    assert call("GET", "/transactions/nada").status == 422


def test_another_company_s_row_does_not_exist(
    call: Caller, entry: str, database: Database, as_role: Callable[[Any, str], Caller]
) -> None:
    from falachefe.companies.service import create_company
    from tests.integration.callers import token_for

    other = new_id()
    with database.tenant(other) as session:
        create_company(session, other, name="Oficina do Zé")
    other_admin = Caller(transactions.handler, token_for(database, other, "admin"))
    match = {"If-Match": "*"}

    assert [
        other_admin("GET", entry).status,
        other_admin("PATCH", entry, {"amount": "1"}, match).status,
        other_admin("DELETE", entry, None, match).status,
        other_admin("POST", f"{entry}/restore").status,
    ] == [404, 404, 404, 404]
    assert call("GET", entry).json["version"] == 1


# ---- changing


def test_a_patch_changes_what_it_names_and_raises_the_version(call: Caller, entry: str) -> None:
    headers = {"If-Match": '"1"', "Content-Type": "application/merge-patch+json"}
    answer = call("PATCH", entry, {"amount": "99.90"}, headers)

    assert (answer.status, answer.headers["ETag"], answer.json["amount"]) == (200, '"2"', "99.90")
    assert answer.json["description"] == "Gasolina"


@pytest.mark.parametrize(
    ("if_match", "status"),
    [(None, 428), ("", 428), ('"2"', 412), ('W/"1"', 412), ("1", 412), ('"1"', 200), ('"7", "1"', 200), ("*", 200)],
)
def test_a_change_needs_the_version_that_was_read(call: Caller, entry: str, if_match: str | None, status: int) -> None:
    headers = {} if if_match is None else {"If-Match": if_match}

    assert call("PATCH", entry, {"amount": "1"}, headers).status == status


def test_second_change_to_a_version_is_refused(call: Caller, entry: str) -> None:
    match = {"If-Match": '"1"'}

    assert [call("PATCH", entry, {"amount": a}, match).status for a in ("1", "2")] == [200, 412]
    assert call("GET", entry).json["amount"] == "1.00"


def test_a_patch_that_changes_nothing_keeps_the_version(
    call: Caller, entry: str, database: Database, company_id: UUID
) -> None:
    answer = call("PATCH", entry, {"amount": "150"}, {"If-Match": '"1"'})

    assert (answer.status, answer.json["version"]) == (200, 1)
    assert len(audited(database, company_id)) == 1


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"amount": "0"}, "amount_not_positive", "amount"),
        ({"kind": "income"}, "category_unknown", "category"),
        ({"amount": None}, "invalid_input", "amount"),
        ({"version": 7}, "invalid_input", "version"),
        ({"company_id": str(new_id())}, "invalid_input", "company_id"),
        ({"created_by": str(new_id())}, "invalid_input", "created_by"),
        ({"source": "agent"}, "invalid_input", "source"),
    ],
)
def test_the_ledger_s_rules_hold_for_a_change_too(
    call: Caller, entry: str, change: dict[str, Any], code: str, field: str
) -> None:
    answer = call("PATCH", entry, change, {"If-Match": '"1"'})

    assert (answer.status, answer.json["code"]) == (422, code)
    assert [error["field"] for error in answer.json["errors"]] == [field]
    assert call("GET", entry).json["version"] == 1


# ---- deleting


def test_a_deleted_row_is_gone_until_it_is_restored(call: Caller, entry: str) -> None:
    assert call("DELETE", entry, None, {"If-Match": '"9"'}).status == 412
    deleted = call("DELETE", entry, None, {"If-Match": '"1"'})
    assert (deleted.status, deleted.body) == (204, "")
    assert [call("GET", entry).status, call("DELETE", entry).status] == [404, 404]
    assert call("GET", "/transactions").json["data"] == []
    (shown,) = call("GET", "/transactions", include_deleted="true").json["data"]
    assert shown["deleted_at"] is not None

    restored = call("POST", f"{entry}/restore")

    assert (restored.status, restored.json["deleted_at"], restored.json["version"]) == (200, None, 3)
    assert call("POST", f"{entry}/restore").json["code"] == "not_deleted"


# ---- permissions


def test_staff_may_create_and_nothing_else(entry: str, as_role: Callable[[Any, str], Caller]) -> None:
    staff = as_role(transactions.handler, "user")
    match = {"If-Match": "*"}

    assert staff("POST", "/transactions", ENTRY).status == 201
    assert [
        staff("GET", "/transactions").status,
        staff("GET", entry).status,
        staff("PATCH", entry, {"amount": "1"}, match).status,
        staff("DELETE", entry, None, match).status,
        staff("POST", f"{entry}/restore").status,
    ] == [403, 403, 403, 403, 403]


# ---- audit entries and events


def test_every_write_is_audited_with_its_changes(
    call: Caller, entry: str, database: Database, company_id: UUID
) -> None:
    call("PATCH", entry, {"amount": "1", "category": "agua"}, {"If-Match": '"1"'})
    call("DELETE", entry)
    call("POST", f"{entry}/restore")

    made, changed, *rest = audited(database, company_id)
    assert [row.action for row in (made, changed, *rest)] == ["create", "update", "delete", "restore"]
    assert {str(row.resource_id) for row in (made, changed, *rest)} == {entry.rpartition("/")[2]}
    assert made.changes["amount"] == {"old": None, "new": "150.00"}
    assert changed.changes == {
        "amount": {"old": "150.00", "new": "1.00"},
        "category": {"old": "combustivel", "new": "agua"},
    }
    assert (changed.actor_kind, changed.resource, changed.address) == ("user", "transactions", "203.0.113.0")
    assert changed.user_agent == "tests"
    assert changed.request_id


def test_every_write_publishes_an_event(
    call: Caller, database: Database, company_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Down:
        def publish(self, queue_messages: Any) -> list[UUID]:
            return []

    monkeypatch.setattr(runtime, "publisher", Down)
    path = f"/transactions/{call('POST', '/transactions', ENTRY).json['id']}"
    call("PATCH", path, {"amount": "1"}, {"If-Match": '"1"'})
    call("DELETE", path)
    call("POST", f"{path}/restore")

    with database.tenant(company_id) as session:
        names = list(session.execute(text("select payload ->> 'name' from outbox order by id")).scalars())
    assert names == [
        "finance.transaction_recorded",
        "finance.transaction_updated",
        "finance.transaction_deleted",
        "finance.transaction_restored",
    ]


def test_refused_write_leaves_no_audit_entry_or_event(call: Caller, database: Database, company_id: UUID) -> None:
    assert call("POST", "/transactions", ENTRY | {"category": "nada"}).status == 422

    assert audited(database, company_id) == []
    assert call("GET", "/transactions").json["data"] == []


# ---- idempotency


def test_repeated_request_is_carried_out_once(call: Caller) -> None:
    key = {"Idempotency-Key": "a" * 255}
    first, second = (call("POST", "/transactions", ENTRY, key) for _ in range(2))

    assert (second.status, second.body, second.headers["ETag"]) == (201, first.body, first.headers["ETag"])
    assert second.headers["Idempotency-Replayed"] == "true"
    assert len(call("GET", "/transactions").json["data"]) == 1


def test_a_key_is_for_one_body_one_person_and_one_route(call: Caller, as_role: Callable[[Any, str], Caller]) -> None:
    key = {"Idempotency-Key": "k"}
    call("POST", "/transactions", ENTRY, key)

    assert call("POST", "/transactions", ENTRY | {"amount": "1"}, key).json["code"] == "idempotency_key_reused"
    assert call.of(budgets.handler)("POST", "/budgets", BUDGET, key).status == 201
    assert as_role(transactions.handler, "user")("POST", "/transactions", ENTRY, key).status == 201
    assert call("POST", "/transactions", ENTRY, {"Idempotency-Key": "x" * 256}).status == 422


def test_refused_request_releases_the_key(call: Caller) -> None:
    key = {"Idempotency-Key": "k"}

    assert call("POST", "/transactions", ENTRY | {"amount": "0"}, key).status == 422
    assert call("POST", "/transactions", ENTRY, key).status == 201


def test_request_in_progress_is_not_started_again(
    call: Caller, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = {"Idempotency-Key": "k"}
    with monkeypatch.context() as broken:
        broken.setattr(runtime.database(), "tenant", commits_without_an_answer(runtime.database()))
        assert call("POST", "/transactions", ENTRY, key).status == 503

    again = call("POST", "/transactions", ENTRY, key)
    assert (again.status, again.json["code"]) == (409, "request_in_flight")
    clock.at += timedelta(seconds=CLAIM_S)
    assert call("POST", "/transactions", ENTRY, key).json["code"] == "outcome_unknown"


def commits_without_an_answer(database: Database) -> Any:
    """The connection is lost while Postgres commits: the row is there, and the client got no answer."""
    own = database.tenant

    @contextmanager
    def lost(company_id: UUID) -> Any:
        with own(company_id) as session:
            yield session
        raise Unavailable("O banco de dados não respondeu.")

    return lost


def refuses(state: str, database: Database) -> Any:
    """Postgres ends the transaction at its last statement, with this state."""
    own = database.tenant

    @contextmanager
    def refused(company_id: UUID) -> Any:
        with own(company_id) as session:
            yield session
            statement = f"do $$ begin raise exception 'no' using errcode = '{state}'; end $$"
            session.connection().exec_driver_sql(statement)

    return refused


def unreachable(_: Database) -> Any:
    def gone(_: UUID) -> Any:
        raise Unavailable("O banco de dados não respondeu.")

    return gone


def refuses_a_statement(database: Database) -> Any:
    own = database.tenant

    @contextmanager
    def broken(company_id: UUID) -> Any:
        with own(company_id) as session:
            session.connection().exec_driver_sql("set transaction read only")
            yield session

    return broken


@pytest.mark.parametrize(
    ("how", "status"),
    [
        (unreachable, 503),
        (refuses_a_statement, 503),
        *[(partial(refuses, state), 503) for state in ("57014", "55P03", "40001", "40P01")],
    ],
)
def test_failure_that_undid_everything_releases_the_key(
    call: Caller, monkeypatch: pytest.MonkeyPatch, how: Any, status: int
) -> None:
    key = {"Idempotency-Key": "k"}
    with monkeypatch.context() as broken:
        broken.setattr(runtime.database(), "tenant", how(runtime.database()))
        assert call("POST", "/transactions", ENTRY, key).status == status

    assert call("POST", "/transactions", ENTRY, key).status == 201
    assert call("GET", "/transactions").json["pagination"]["total"] == 1


@pytest.mark.parametrize("state", ["57014", "55P03", "40001", "40P01"])
def test_what_postgres_gives_up_is_503_with_the_time_to_wait(
    call: Caller, monkeypatch: pytest.MonkeyPatch, state: str
) -> None:
    monkeypatch.setattr(runtime.database(), "tenant", refuses(state, runtime.database()))
    answer = call("POST", "/transactions", ENTRY)

    assert (answer.status, answer.json["code"]) == (503, "unavailable")
    assert int(answer.headers["Retry-After"]) > 0


def test_a_body_that_means_the_same_is_the_same_request(call: Caller) -> None:
    key = {"Idempotency-Key": "k"}
    first = call("POST", "/transactions", json.dumps(ENTRY), key)
    other_way = json.dumps(dict(reversed(ENTRY.items())), indent=3).replace("combustivel", "combust\\u0069vel")
    again = call("POST", "/transactions", other_way, key)

    assert (again.status, again.body, again.headers["Idempotency-Replayed"]) == (201, first.body, "true")
    assert call("POST", "/transactions", ENTRY | {"date": "2026-11-19"}, key).json["code"] == "idempotency_key_reused"


def test_an_answer_of_accents_is_kept_as_long_as_it_is(call: Caller) -> None:
    who, accents = Principal(new_id(), new_id(), "admin", frozenset(), "s"), "é" * 140_000
    request, table = Request(who, "POST /x", "k", "{}"), runtime.table("LIMITS_TABLE")
    for _ in range(2):
        kept = once(lambda: table, request, runtime.clock().now(), lambda: Answer(201, accents, {}))

    assert (kept.replayed, kept.body) == (True, accents)


def test_a_refusal_is_told_though_its_key_cannot_be_given_back(call: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    def lost(*_: str) -> None:
        raise ConnectionError("DynamoDB is down")

    monkeypatch.setattr(runtime.table("LIMITS_TABLE"), "delete", lost)
    refused = call("POST", "/transactions", ENTRY | {"category": "nada"}, {"Idempotency-Key": "k"})

    assert (refused.status, refused.json["code"]) == (422, "category_unknown")


def test_a_refusal_after_a_committed_transaction_leaves_the_key_claimed(call: Caller) -> None:
    """An endpoint with two transactions whose second one is refused: a repetition would do the first one twice."""
    made: list[UUID] = []
    api = rest_api("business")

    @api.post("/pairs", permission="transactions.create")
    def pair() -> Any:
        def action() -> Answer:
            with request_unit_of_work(api) as work:
                made.append(UUID(crud.create(work, SUPPLIERS, SupplierIn(name=f"Atacado {new_id()}"))["id"]))
            with request_unit_of_work(api):
                raise Conflict("Não.", code="refused")

        request = Request(api.principal(), "POST /pairs", "k", "{}")
        once(
            lambda: runtime.table("LIMITS_TABLE"),
            request,
            runtime.clock().now(),
            action,
            committed=lambda: api.committed,
        )

    on_pairs = call.of(api.handler())
    codes = [on_pairs("POST", "/pairs").json["code"] for _ in range(2)]

    assert codes == ["refused", "request_in_flight"]
    assert len(made) == 1


def test_key_expires_after_a_day(call: Caller) -> None:
    now = runtime.clock().now()
    who = Principal(new_id(), new_id(), "admin", frozenset(), "s")
    request = Request(who, "POST /x", "k", "{}")
    done: list[int] = []

    def action() -> Answer:
        done.append(1)
        return Answer(201, "{}", {})

    for moment in (0, RETENTION_S - 1, RETENTION_S):
        once(lambda: runtime.table("LIMITS_TABLE"), request, now + timedelta(seconds=moment), action)

    assert len(done) == 2


# ---- budgets


def test_a_budget_shows_what_was_spent_of_it(call: Caller) -> None:
    on_budgets = call.of(budgets.handler)
    call("POST", "/transactions", ENTRY)
    made = on_budgets("POST", "/budgets", BUDGET)

    assert (made.status, made.json["month"], made.json["spent"], made.json["remaining"], made.json["over"]) == (
        201,
        "2026-11",
        "150.00",
        "650.00",
        False,
    )
    path = f"/budgets/{made.json['id']}"
    lowered = on_budgets("PATCH", path, {"amount": "100"}, {"If-Match": '"1"'})
    assert (lowered.json["remaining"], lowered.json["over"]) == ("-50.00", True)
    assert on_budgets("GET", "/budgets", month="2026-11").json["pagination"]["total"] == 1
    assert on_budgets("GET", "/budgets", month="2026-13").status == 422


def test_a_month_s_category_has_one_budget(call: Caller) -> None:
    on_budgets = call.of(budgets.handler)
    first = on_budgets("POST", "/budgets", BUDGET).json
    second = on_budgets("POST", "/budgets", BUDGET)
    assert (second.status, second.json["code"]) == (409, "already_exists")

    on_budgets("DELETE", f"/budgets/{first['id']}")
    assert on_budgets("POST", "/budgets", BUDGET).status == 201
    assert on_budgets("POST", f"/budgets/{first['id']}/restore").json["code"] == "already_exists"


def test_what_does_not_fit_the_database_is_refused_not_an_error(call: Caller) -> None:
    on_budgets = call.of(budgets.handler)

    assert on_budgets("POST", "/budgets", BUDGET | {"category": "vendas"}).json["code"] == "category_unknown"
    assert on_budgets("GET", "/budgets", amount="1" + "0" * 100).json["code"] == "number_too_large"
    assert on_budgets("POST", "/budgets", BUDGET | {"category": "a\ud800"}).status == 422
