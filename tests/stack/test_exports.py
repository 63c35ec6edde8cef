"""Exports on the deployed stack: request, queue, worker, bucket and download link."""

import csv
import io
from collections.abc import Mapping
from typing import Any

import pytest
from sqlalchemy import text

from tests.stack.clients import DemoCompany, http, until

ROWS = 20_000


@pytest.fixture(scope="module")
def admin(demo_company: DemoCompany) -> Mapping[str, str]:
    answer = http("POST", demo_company.url("/v1/auth/login"), dict(demo_company.demo["admin"]))
    assert answer.status == 200, answer.body
    return {"Authorization": f"Bearer {answer.json['tokens']['access_token']}"}


def exported(demo_company: DemoCompany, admin: Mapping[str, str], name: str, body: Mapping[str, str]) -> dict[str, Any]:
    asked = http("POST", demo_company.url(f"/v1/{name}/exports"), body, admin)
    assert asked.status == 202, asked.body
    place = demo_company.url(asked.headers["location"])

    def ended() -> bool:
        return http("GET", place, None, admin).json["status"] in ("done", "failed")

    until(ended, "the export to end")
    found: dict[str, Any] = http("GET", place, None, admin).json
    return found


def test_an_export_is_downloaded_with_its_link_alone(demo_company: DemoCompany, admin: Mapping[str, str]) -> None:
    done = exported(
        demo_company, admin, "business/employees", {"format": "csv", "query": "sort=name&fields=name,position"}
    )
    file = http("GET", done["download_url"])

    assert (done["status"], file.status, len(file.body)) == ("done", 200, done["byte_count"])
    assert file.headers["content-disposition"].startswith("attachment; filename=")
    listed = http("GET", demo_company.url("/v1/business/employees?sort=name&fields=name,position"), None, admin).json[
        "data"
    ]
    assert list(csv.DictReader(io.StringIO(file.body.decode("utf-8-sig"), newline=""))) == listed


def test_an_export_uploaded_in_several_parts_is_complete(demo_company: DemoCompany, admin: Mapping[str, str]) -> None:
    company = demo_company.demo["company_id"]
    with demo_company.engine.begin() as connection:
        connection.execute(
            text(
                """insert into transactions (company_id, id, kind, amount, description, category, occurred_on, source)
                select :company, gen_random_uuid(), 'income', n, 'Venda para exportar número ' || n, 'vendas',
                    date '2020-01-01', 'api' from generate_series(1, :rows) n"""
            ),
            {"company": company, "rows": ROWS},
        )
    try:
        query = "date=2020-01-01&sort=amount"
        done = exported(demo_company, admin, "business/transactions", {"format": "json", "query": query})
        file = http("GET", done["download_url"])
    finally:
        with demo_company.engine.begin() as connection:
            connection.execute(
                text("delete from transactions where company_id = :company and occurred_on = '2020-01-01'"),
                {"company": company},
            )

    assert (done["status"], done["row_count"]) == ("done", ROWS)
    assert done["byte_count"] > 5 * 1024 * 1024
    assert [float(one["amount"]) for one in file.json] == [float(number) for number in range(1, ROWS + 1)]


@pytest.mark.parametrize(
    "path",
    [
        *("crews/crews", "crews/agents", "crews/tasks", "crews/memories"),
        *("whatsapp/conversations", "whatsapp/contacts", "whatsapp/channels", "platform/exports"),
    ],
)
def test_lists_of_crews_and_channels_can_be_read(
    demo_company: DemoCompany, admin: Mapping[str, str], path: str
) -> None:
    answer = http("GET", demo_company.url(f"/v1/{path}?limit=2"), None, admin)

    assert answer.status == 200, answer.body
    assert answer.json["pagination"]["limit"] == 2
