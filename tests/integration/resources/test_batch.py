"""Batches: atomic, or each operation on its own."""

from collections.abc import Callable
from typing import Any

import pytest

from functions.business import transactions
from tests.integration.callers import Answer, Caller
from tests.integration.resources.test_writes import ENTRY

BAD = ENTRY | {"category": "nada"}


@pytest.fixture
def call(as_role: Callable[[Any, str], Caller]) -> Caller:
    return as_role(transactions.handler, "admin")


def send(caller: Caller, mode: str, *operations: dict[str, Any], **headers: str) -> Answer:
    body = {"mode": mode, "operations": list(operations)}
    return caller(
        "POST", "/transactions/batch", body, {name.replace("_", "-"): value for name, value in headers.items()}
    )


def count(caller: Caller) -> int:
    total: int = caller("GET", "/transactions").json["pagination"]["total"]
    return total


def test_all_kinds_of_changes_go_together(call: Caller) -> None:
    first, second = (call("POST", "/transactions", ENTRY).json["id"] for _ in range(2))
    answer = send(
        call,
        "all",
        {"op": "create", "data": ENTRY},
        {"op": "update", "id": first, "version": 1, "data": {"amount": "1"}},
        {"op": "delete", "id": second},
        {"op": "restore", "id": second},
    )

    assert answer.status == 200, answer.body
    assert [result["status"] for result in answer.json["results"]] == [201, 200, 204, 200]
    assert answer.json["results"][1]["data"]["amount"] == "1.00"
    assert count(call) == 3


def test_atomic_batch_writes_nothing_when_one_operation_fails(call: Caller) -> None:
    answer = send(call, "all", {"op": "create", "data": ENTRY}, {"op": "create", "data": BAD})

    assert (answer.status, answer.json["code"]) == (422, "category_unknown")
    assert [error["field"] for error in answer.json["errors"]] == ["operations.1.category"]
    assert count(call) == 0


def test_independent_batch_writes_what_it_can_and_reports_each(call: Caller) -> None:
    known = call("POST", "/transactions", ENTRY).json["id"]
    answer = send(
        call,
        "each",
        {"op": "create", "data": ENTRY},
        {"op": "create", "data": BAD},
        {"op": "create", "data": ENTRY | {"more": 1}},
        {"op": "update", "id": known, "version": 9, "data": {"amount": "1"}},
        {"op": "update", "id": known, "data": {"amount": "1"}},
        {"op": "delete"},
        {"op": "create", "data": ENTRY},
    )

    results = answer.json["results"]
    assert [result["status"] for result in results] == [201, 422, 422, 412, 428, 422, 201]
    assert [error["field"] for error in results[2]["problem"]["errors"]] == ["data.more"]
    assert count(call) == 3


@pytest.mark.parametrize("size", [0, 101])
def test_a_batch_has_one_to_a_hundred_operations(call: Caller, size: int) -> None:
    assert send(call, "all", *[{"op": "create", "data": ENTRY}] * size).status == 422


def test_a_hundred_go_through(call: Caller) -> None:
    assert send(call, "all", *[{"op": "create", "data": ENTRY}] * 100).status == 200
    assert count(call) == 100


def test_every_operation_needs_its_own_permission(call: Caller, as_role: Callable[[Any, str], Caller]) -> None:
    known = call("POST", "/transactions", ENTRY).json["id"]
    staff = as_role(transactions.handler, "user")
    answer = send(staff, "each", {"op": "create", "data": ENTRY}, {"op": "delete", "id": known})

    assert [result["status"] for result in answer.json["results"]] == [201, 403]
    assert send(staff, "all", {"op": "delete", "id": known}).status == 403


def test_repeated_batch_is_carried_out_once(call: Caller) -> None:
    first, second = (send(call, "all", {"op": "create", "data": ENTRY}, Idempotency_Key="k") for _ in range(2))

    assert first.body == second.body
    assert count(call) == 1
