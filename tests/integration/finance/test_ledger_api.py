"""The ledger through its handlers, as API Gateway calls them."""

import json
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from falachefe.app import runtime
from falachefe.aws.clients import client
from falachefe.companies.service import create_company
from falachefe.db.engine import Database
from falachefe.kernel.ids import new_id
from functions.business import cash_flow, transactions
from tests.integration.callers import token_for

ENTRY = {
    "kind": "expense",
    "amount": "150.00",
    "description": "Gasolina",
    "category": "combustivel",
    "date": "2026-11-20",
}

pytestmark = pytest.mark.usefixtures("aws")


@pytest.fixture
def admin(database: Database, company_id: UUID) -> str:
    return token_for(database, company_id, "admin")


def call(handler: Any, sample: str, token: str | None, **changes: Any) -> tuple[int, dict[str, Any]]:
    event = json.loads(Path(f"events/business/{sample}.json").read_text()) | changes
    event["headers"] = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    event["multiValueHeaders"] = {name: [value] for name, value in event["headers"].items()}
    answer = handler(event, None)
    return answer["statusCode"], json.loads(answer["body"])


def record(token: str | None, document: Any = ENTRY) -> tuple[int, dict[str, Any]]:
    body = document if isinstance(document, str) else json.dumps(document)
    return call(transactions.handler, "transactions_record", token, body=body)


def listed(token: str | None, **query: str) -> tuple[int, dict[str, Any]]:
    many = {name: [value] for name, value in query.items()}
    changes = {"queryStringParameters": query or None, "multiValueQueryStringParameters": many or None}
    return call(transactions.handler, "transactions_list", token, **changes)


def flow(token: str | None, **query: str) -> tuple[int, dict[str, Any]]:
    many = {name: [value] for name, value in query.items()}
    changes = {"queryStringParameters": query, "multiValueQueryStringParameters": many}
    return call(cash_flow.handler, "cash_flow", token, **changes)


def test_an_entry_is_recorded_listed_and_summed(admin: str) -> None:
    status, written = record(admin)
    _, page = listed(admin)
    _, summed = flow(admin, start="2026-11-01", end="2026-11-30")

    assert (status, written["amount"], written["category_label"], written["source"]) == (
        201,
        "150.00",
        "Combustível",
        "api",
    )
    assert page == {
        "data": [written],
        "pagination": {
            "page": 1,
            "limit": 50,
            "total": 1,
            "pages": 1,
            "has_next": False,
            "has_prev": False,
            "next_cursor": None,
        },
    }
    assert (summed["expense"], summed["income"], summed["balance"], summed["count"]) == ("150.00", "0.00", "-150.00", 1)


def test_a_recorded_entry_publishes_its_event_and_empties_the_outbox(
    admin: str, database: Database, company_id: UUID
) -> None:
    queue = client("sqs")
    queue_url = queue.create_queue(QueueName="seen")["QueueUrl"]
    client("events").put_rule(Name="all", EventPattern='{"source": [{"prefix": "falachefe"}]}')
    target = queue.get_queue_attributes(QueueUrl=queue_url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    client("events").put_targets(Rule="all", Targets=[{"Id": "seen", "Arn": target}])

    _, written = record(admin)

    (message,) = queue.receive_message(QueueUrl=queue_url)["Messages"]
    event = json.loads(message["Body"])
    assert (event["source"], event["detail-type"]) == ("falachefe.finance", "finance.transaction_recorded")
    assert event["detail"]["data"]["transaction_id"] == written["id"]
    with database.tenant(company_id) as session:
        assert session.execute(text("select count(*) from outbox")).scalar_one() == 0


def test_staff_may_record_but_not_read_the_company_s_figures(database: Database, company_id: UUID) -> None:
    staff = token_for(database, company_id, "user")

    assert record(staff)[0] == 201
    assert [listed(staff)[0], flow(staff, start="2026-11-01", end="2026-11-30")[0]] == [403, 403]


def test_a_request_without_a_token_is_refused(admin: str) -> None:
    assert [record(None)[0], listed(None)[0], flow(None)[0]] == [401, 401, 401]


def test_a_company_never_sees_another_companys_entries(admin: str, database: Database) -> None:
    record(admin)
    other = new_id()
    with database.tenant(other) as session:
        create_company(session, other, name="Oficina do Zé")
    other_token = token_for(database, other, "admin")

    assert listed(other_token)[1]["data"] == []
    assert flow(other_token, start="2026-11-01", end="2026-11-30")[1]["count"] == 0


def test_pages_lead_through_all_entries(admin: str) -> None:
    ids = [record(admin, ENTRY | {"date": f"2026-11-{day:02d}"})[1]["id"] for day in (1, 2, 3, 4, 5)]
    seen, cursor = [], None
    while True:
        _, page = listed(admin, limit="2", **({"cursor": cursor} if cursor else {}))
        seen += [item["id"] for item in page["data"]]
        cursor = page["pagination"]["next_cursor"]
        if cursor is None:
            break

    assert seen == ids[::-1]


def test_filters_select_matching_entries(admin: str) -> None:
    record(admin)
    record(admin, ENTRY | {"kind": "income", "category": "vendas", "date": "2026-10-01"})

    assert [item["kind"] for item in listed(admin, kind="income")[1]["data"]] == ["income"]
    assert [item["date"] for item in listed(admin, start="2026-11-01", end="2026-11-30")[1]["data"]] == ["2026-11-20"]
    assert listed(admin, category="aluguel")[1]["data"] == []


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"amount": "0"}, "amount_not_positive", "amount"),
        ({"amount": "-5"}, "amount_not_positive", "amount"),
        ({"amount": "1e30"}, "amount_too_large", "amount"),
        ({"amount": "10.005"}, "amount_precision", "amount"),
        ({"amount": "NaN"}, "invalid_input", "amount"),
        ({"amount": True}, "invalid_input", "amount"),
        ({"amount": "cem reais"}, "invalid_input", "amount"),
        ({"description": " \n\x00 "}, "description_empty", "description"),
        ({"description": "x" * 201}, "description_long", "description"),
        ({"category": "vendas"}, "category_unknown", "category"),
        ({"kind": "loan"}, "invalid_input", "kind"),
        ({"date": "1999-12-31"}, "date_out_of_range", "date"),
        ({"date": "2032-01-01"}, "date_out_of_range", "date"),
        ({"date": 1763596800}, "invalid_input", "date"),
        ({"date": "1763596800"}, "invalid_input", "date"),
        ({"date": "2026-02-30"}, "invalid_input", "date"),
        ({"company_id": str(new_id())}, "invalid_input", "company_id"),
    ],
)
def test_an_invalid_entry_is_refused_and_not_written(admin: str, change: dict[str, Any], code: str, field: str) -> None:
    status, problem = record(admin, ENTRY | change)

    assert (status, problem["code"]) == (422, code)
    assert [error["field"] for error in problem["errors"]] == [field]
    assert listed(admin)[1]["data"] == []


@pytest.mark.parametrize(
    "query",
    [{"limit": "0"}, {"limit": "101"}, {"start": "ontem"}, {"kind": "loan"}, {"cursor": "x"}, {"cursor": "é" * 10}],
)
def test_an_invalid_query_is_refused(admin: str, query: dict[str, str]) -> None:
    assert listed(admin, **query)[0] == 422


def test_a_period_is_required_and_must_end_after_it_starts(admin: str) -> None:
    assert flow(admin, start="2026-11-01")[0] == 422
    assert flow(admin, start="2026-11-30", end="2026-11-01")[1]["code"] == "period_backwards"
    assert flow(admin, start="2000-01-01", end="2026-11-01")[1]["code"] == "period_too_long"


def test_an_expense_over_budget_says_so(admin: str, database: Database, company_id: UUID) -> None:
    from decimal import Decimal

    from falachefe.finance.service import set_budget

    with database.tenant(company_id) as session:
        set_budget(
            session,
            company_id,
            category="combustivel",
            month=date(2026, 11, 1),
            amount=Decimal(100),
            created_by=None,
            now=runtime.clock().now(),
        )

    budget = record(admin)[1]["budget"]

    assert (budget["over"], budget["remaining"], budget["month"]) == (True, "-50.00", "2026-11")
