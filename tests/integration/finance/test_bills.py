"""Bills over the API: what is added, listed, paid, changed and cancelled, and what the ledger then has."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from functions.business import bill_payments, bills, cash_flow, transactions
from tests.integration.callers import Answer, Caller

POWER = {"direction": "payable", "amount": "320.00", "description": "Conta de luz", "due": "2026-12-05"}
POWER |= {"counterparty": "Enel", "category": "energia"}
MISSING = "00000000-0000-7000-8000-000000000000"


@pytest.fixture
def call(as_role: Callable[[Any, str], Caller]) -> Caller:
    return as_role(bills.handler, "admin")


def added(call: Caller, **other: Any) -> Any:
    made = call("POST", "/bills", POWER | other)
    assert made.status == 201, made.body
    return made.json


def settle(call: Caller, bill: Any, body: Any = None, **headers: str) -> Answer:
    return call("POST", f"/bills/{bill['id']}/settle", body, headers)


def entries(call: Caller) -> list[Any]:
    found: list[Any] = call.of(transactions.handler)("GET", "/transactions").json["data"]
    return found


def now(call: Caller, bill: Any) -> Any:
    return call("GET", f"/bills/{bill['id']}").json


def test_a_bill_is_added_found_and_deleted(call: Caller) -> None:
    made = added(call)

    assert made.items() >= (POWER | {"paid": "0.00", "left": "320.00", "status": "open", "overdue": False}).items()
    assert call("GET", "/bills").json["data"] == [made]
    assert call("DELETE", f"/bills/{made['id']}").status == 204
    assert call("GET", "/bills").json["data"] == []


def test_settling_writes_the_entry_and_the_payment(call: Caller) -> None:
    bill = added(call)

    done = settle(call, bill)

    assert done.status == 200, done.body
    assert (done.json["status"], done.json["paid"], done.json["left"]) == ("settled", "320.00", "0.00")
    [entry] = entries(call)
    assert entry["id"] == done.json["payment"]["transaction_id"]
    assert (entry["kind"], entry["amount"], entry["category"]) == ("expense", "320.00", "energia")
    assert (entry["description"], entry["date"]) == ("Conta de luz", "2026-11-20")
    [payment] = call.of(bill_payments.handler)("GET", f"/bills/{bill['id']}/payments").json["data"]
    assert (payment["transaction_id"], payment["amount"]) == (entry["id"], "320.00")
    assert done.headers["ETag"] == f'"{now(call, bill)["version"]}"'


def test_a_receivable_becomes_income(call: Caller) -> None:
    bill = added(call, direction="receivable", description="Fiado do seu Zé", counterparty="Seu Zé", category=None)

    settle(call, bill, {"amount": "50.00", "date": "2026-11-19"})

    [entry] = entries(call)
    assert (entry["kind"], entry["category"], entry["amount"]) == ("income", "vendas", "50.00")
    assert entry["date"] == "2026-11-19"
    assert (now(call, bill)["status"], now(call, bill)["left"]) == ("partly_paid", "270.00")


def test_more_than_is_left_is_refused_with_the_rest_named(call: Caller) -> None:
    bill = added(call, amount="80.00")
    settle(call, bill, {"amount": "50"})

    refused = settle(call, bill, {"amount": "30.01"})

    assert (refused.status, refused.json["code"]) == (422, "bill_overpaid")
    assert "R$ 30,00" in refused.json["detail"]
    assert len(entries(call)) == 1


def test_a_settled_bill_is_not_settled_again(call: Caller) -> None:
    bill = added(call)
    settle(call, bill)

    again = settle(call, bill)

    assert (again.status, again.json["code"]) == (409, "bill_settled")
    assert len(entries(call)) == 1


def test_the_same_idempotency_key_pays_once(call: Caller) -> None:
    bill = added(call)
    first = settle(call, bill, {"amount": "100"}, **{"Idempotency-Key": "abc"})
    second = settle(call, bill, {"amount": "100"}, **{"Idempotency-Key": "abc"})

    assert second.json == first.json
    assert second.headers["Idempotency-Replayed"] == "true"
    assert now(call, bill)["paid"] == "100.00"


def test_a_payment_of_tomorrow_is_refused(call: Caller) -> None:
    refused = settle(call, added(call), {"date": "2026-11-21"})

    assert (refused.status, refused.json["code"]) == (422, "payment_in_future")


def test_a_bill_that_does_not_exist_is_not_settled(call: Caller) -> None:
    refused = settle(call, {"id": MISSING})

    assert (refused.status, refused.json["code"]) == (404, "bill_not_found")


def test_reports_count_a_bill_once_it_is_paid(call: Caller) -> None:
    bill = added(call, due="2026-11-10")
    report = call.of(cash_flow.handler)
    period = {"start": "2026-11-01", "end": "2026-11-30"}

    before = report("GET", "/cash-flow", **period).json["expense"]
    settle(call, bill, {"amount": "20"})

    assert (before, report("GET", "/cash-flow", **period).json["expense"]) == ("0.00", "20.00")


def test_deleting_the_entry_takes_the_payment_back_and_restoring_it_pays_again(call: Caller) -> None:
    bill = added(call)
    entry = settle(call, bill).json["payment"]["transaction_id"]
    ledger = call.of(transactions.handler)

    assert ledger("DELETE", f"/transactions/{entry}").status == 204
    assert (now(call, bill)["status"], now(call, bill)["paid"]) == ("open", "0.00")
    assert ledger("POST", f"/transactions/{entry}/restore").status == 200
    assert (now(call, bill)["status"], now(call, bill)["paid"]) == ("settled", "320.00")


def test_an_entry_is_not_restored_when_the_bill_was_paid_otherwise(call: Caller) -> None:
    bill = added(call)
    entry = settle(call, bill).json["payment"]["transaction_id"]
    ledger = call.of(transactions.handler)
    ledger("DELETE", f"/transactions/{entry}")
    settle(call, bill)

    refused = ledger("POST", f"/transactions/{entry}/restore")

    assert (refused.status, refused.json["code"]) == (409, "bill_settled")
    assert len(entries(call)) == 1


def test_correcting_the_entry_corrects_the_payment(call: Caller) -> None:
    bill = added(call)
    entry = settle(call, bill).json["payment"]["transaction_id"]
    ledger = call.of(transactions.handler)

    corrected = ledger("PATCH", f"/transactions/{entry}", {"amount": "300.00"}, {"If-Match": '"1"'})

    assert corrected.status == 200, corrected.body
    assert (now(call, bill)["status"], now(call, bill)["left"]) == ("partly_paid", "20.00")
    refused = ledger("PATCH", f"/transactions/{entry}", {"amount": "321.00"}, {"If-Match": '"2"'})
    assert (refused.status, refused.json["code"]) == (422, "bill_overpaid")
    other_kind = {"kind": "income", "category": "vendas"}
    refused = ledger("PATCH", f"/transactions/{entry}", other_kind, {"If-Match": '"2"'})
    assert (refused.status, refused.json["code"]) == (409, "entry_pays_bill")


def test_a_bill_with_payments_is_not_deleted(call: Caller) -> None:
    bill = added(call)
    settle(call, bill, {"amount": "1"})

    refused = call("DELETE", f"/bills/{bill['id']}")

    assert (refused.status, refused.json["code"]) == (409, "bill_has_payments")


def test_a_new_amount_moves_the_status(call: Caller) -> None:
    bill = added(call)
    settle(call, bill, {"amount": "100"})
    match = {"If-Match": f'"{now(call, bill)["version"]}"'}

    refused = call("PATCH", f"/bills/{bill['id']}", {"amount": "99"}, match)
    done = call("PATCH", f"/bills/{bill['id']}", {"amount": "100"}, match)

    assert (refused.status, refused.json["code"]) == (422, "amount_below_paid")
    assert (done.status, done.json["status"]) == (200, "settled")
    match = {"If-Match": f'"{done.json["version"]}"'}
    closed = call("PATCH", f"/bills/{bill['id']}", {"due": "2027-01-01"}, match)
    assert (closed.status, closed.json["code"]) == (409, "bill_closed")


def test_a_category_belongs_to_the_direction(call: Caller) -> None:
    refused = call("POST", "/bills", POWER | {"direction": "receivable"})

    assert (refused.status, refused.json["code"]) == (422, "category_unknown")


def test_three_instalments_make_three_bills_of_the_given_amount(call: Caller) -> None:
    first = added(call, amount="200.00", due="2027-01-31", instalments=3, description="Geladeira")

    found = call("GET", "/bills", series_id=first["series_id"]).json["data"]

    assert [(one["due"], one["instalment"], one["amount"]) for one in found] == [
        ("2027-01-31", 1, "200.00"),
        ("2027-02-28", 2, "200.00"),
        ("2027-03-31", 3, "200.00"),
    ]
    settle(call, found[1])
    assert entries(call)[0]["description"] == "Geladeira (2/3)"
    assert len(call("GET", "/bills").json["data"]) == 3


def test_settling_a_repeating_bill_makes_the_next_one(call: Caller) -> None:
    bill = added(call, due="2026-12-31", repeats="monthly")

    first = settle(call, bill)
    following = now(call, {"id": first.json["next_bill_id"]})
    second = settle(call, following)

    assert (following["due"], following["status"], following["period"]) == ("2027-01-31", "open", 1)
    assert following["amount"] == bill["amount"]
    assert now(call, {"id": second.json["next_bill_id"]})["due"] == "2027-02-28"


def test_the_entry_of_an_early_payment_deleted_takes_the_next_bill_back(call: Caller) -> None:
    bill = added(call, repeats="monthly")
    paid = settle(call, bill).json
    call.of(transactions.handler)("DELETE", f"/transactions/{paid['payment']['transaction_id']}")

    assert [one["id"] for one in call("GET", "/bills").json["data"]] == [bill["id"]]
    assert settle(call, bill).json["next_bill_id"] is not None


def test_cancelling_the_newest_bill_ends_the_series(call: Caller) -> None:
    bill = added(call, repeats="monthly")

    done = call("POST", f"/bills/{bill['id']}/cancel")

    assert (done.status, done.json["status"], done.json["left"]) == (200, "cancelled", "0.00")
    assert (done.json["ended_series"], done.json["next_bill_id"]) == (True, None)
    again = call("POST", f"/bills/{bill['id']}/cancel", {})
    assert (again.status, again.json["code"]) == (409, "bill_cancelled")
    assert settle(call, bill).json["code"] == "bill_cancelled"


def test_cancelling_only_one_bill_goes_on_with_the_next(call: Caller) -> None:
    bill = added(call, repeats="weekly")

    done = call("POST", f"/bills/{bill['id']}/cancel", {"only_this": True}).json

    assert done["ended_series"] is False
    assert now(call, {"id": done["next_bill_id"]})["due"] == "2026-12-12"


def test_bills_are_found_by_direction_status_day_person_and_lateness(call: Caller) -> None:
    late = added(call, due="2026-01-10")
    owed = added(call, direction="receivable", category=None, counterparty="Seu Zé", due="2028-01-10")
    paid = added(call, due="2026-02-10")
    settle(call, paid)

    def ids(**query: str) -> list[str]:
        return [one["id"] for one in call("GET", "/bills", **query).json["data"]]

    assert ids(direction="receivable") == [owed["id"]]
    assert ids(counterparty="seu zé") == [owed["id"]]
    assert ids(overdue="true") == [late["id"]]
    assert set(ids(overdue__in="true,false")) == {late["id"], paid["id"], owed["id"]}
    assert ids(overdue="false") == [paid["id"], owed["id"]]
    assert ids(status="settled") == [paid["id"]]
    assert ids(until="2026-01-31") == [late["id"]]
    assert ids(due__gte="2028-01-01") == [owed["id"]]
    assert ids(search="fiado") == []


def test_each_deed_is_in_the_audit_log(call: Caller, superuser: Any) -> None:
    bill = added(call, instalments=2)
    settle(call, bill)
    other = call("GET", "/bills", status="open").json["data"][0]
    call("POST", f"/bills/{other['id']}/cancel")

    with superuser.connect() as connection:
        found = connection.execute(
            text("select action from audit_logs where resource = 'bills' and resource_id in (:a, :b) order by id"),
            {"a": bill["id"], "b": other["id"]},
        ).scalars()
        assert sorted(found) == ["cancel", "create", "create", "settle"]


def test_staff_add_and_settle_but_see_nothing(as_role: Callable[[Any, str], Caller]) -> None:
    staff = as_role(bills.handler, "user")
    made = staff("POST", "/bills", POWER)

    assert staff("GET", "/bills").status == 403
    assert settle(staff, made.json).status == 200
    assert staff("POST", f"/bills/{made.json['id']}/cancel").status == 403


@pytest.mark.parametrize(
    ("sample", "status"), [("bills_create", 201), ("bills_list", 200), ("bills_settle", 404), ("bills_cancel", 404)]
)
def test_the_sample_events_are_understood(as_role: Callable[[Any, str], Caller], sample: str, status: int) -> None:
    event = json.loads(Path(f"events/business/{sample}.json").read_text())
    token = {"Authorization": f"Bearer {as_role(bills.handler, 'admin').token}"}
    event["headers"] |= token
    event["multiValueHeaders"] |= {name: [value] for name, value in token.items()}

    assert bills.handler(event, None)["statusCode"] == status
