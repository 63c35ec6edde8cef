"""Lists: filters, search, order, pages and cursors over declared columns, and nothing else."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from functions.business import transactions
from tests.integration.callers import Caller

ENTRIES = [
    ("expense", "10.00", "Gasolina do caminhão", "combustivel", "2026-11-01"),
    ("expense", "20.00", "Energia elétrica", "energia", "2026-11-02"),
    ("income", "30.00", "Venda de PÃO 100%", "vendas", "2026-11-02"),
    ("expense", "40.00", "Açúcar e farinha", "fornecedores", "2026-11-03"),
    ("income", "50.00", "Bolo_de_cenoura", "vendas", "2026-11-04"),
]


@pytest.fixture
def call(as_role: Callable[[Any, str], Caller]) -> Caller:
    caller = as_role(transactions.handler, "admin")
    for kind, amount, description, category, day in ENTRIES:
        entry = {"kind": kind, "amount": amount, "description": description, "category": category, "date": day}
        assert caller("POST", "/transactions", entry).status == 201
    return caller


def amounts(caller: Caller, **query: str) -> list[int]:
    answer = caller("GET", "/transactions", **query)
    assert answer.status == 200, answer.body
    return [int(float(item["amount"])) for item in answer.json["data"]]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, [50, 40, 30, 20, 10]),
        ({"kind": "income"}, [50, 30]),
        ({"amount__gte": "30"}, [50, 40, 30]),
        ({"amount__gte": "20", "amount__lte": "40.00"}, [40, 30, 20]),
        ({"date": "2026-11-02"}, [30, 20]),
        ({"start": "2026-11-03"}, [50, 40]),
        ({"category__in": "energia,vendas"}, [50, 30, 20]),
        ({"description__like": "acucar"}, [40]),
        ({"description__like": "e%a"}, [20]),
        ({"description__like": "o_d"}, [50]),
        ({"description__like": "gas%"}, [10]),
        ({"created_by__isnull": "true"}, []),
        ({"search": "pao"}, [30]),
        ({"search": "ELETRICA energia"}, [20]),
        ({"search": "100%"}, [30]),
        ({"sort": "amount"}, [10, 20, 30, 40, 50]),
        ({"sort": "-date,amount"}, [50, 40, 20, 30, 10]),
    ],
)
def test_a_list_shows_what_was_asked_for_in_the_order_asked_for(
    call: Caller, query: dict[str, str], expected: list[int]
) -> None:
    found = amounts(call, **query)

    if "sort" in query:
        assert found == expected
    else:
        assert sorted(found) == sorted(expected)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"company_id": "x"}, "company_id"),
        ({"version": "1"}, "version"),
        ({"amount__gt": "1"}, "amount__gt"),
        ({"amount__like": "1"}, "amount__like"),
        ({"amount": "muito"}, "amount"),
        ({"amount": "NaN"}, "amount"),
        ({"kind": "loan"}, "kind"),
        ({"created_by": "null"}, "created_by"),
        ({"date": "1763596800"}, "date"),
        ({"sort": "description"}, "sort"),
        ({"sort": ""}, "sort"),
        ({"fields": "amount,company_id"}, "fields"),
        ({"page": "0"}, "page"),
        ({"page": "²"}, "page"),
        ({"limit": "101"}, "limit"),
        ({"cursor": "bm90IG91cnM"}, "cursor"),
        ({"cursor": "é"}, "cursor"),
        ({"page": "1", "cursor": "x"}, "cursor"),
        ({"total": "maybe"}, "total"),
        ({"description": "a\x00b"}, "description"),
        ({"search": "x" * 201}, "search"),
    ],
)
def test_what_is_not_declared_is_refused_by_its_name(call: Caller, query: dict[str, str], field: str) -> None:
    answer = call("GET", "/transactions", **query)

    assert (answer.status, [error["field"] for error in answer.json["errors"]]) == (422, [field])


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_a_moment_beyond_the_calendar_is_refused(call: Caller, moment: str) -> None:
    refused = call("GET", "/transactions", created_at__gte=moment)

    assert (refused.status, refused.json["code"]) == (422, "date_out_of_range")
    assert call("GET", "/transactions").status == 200  # on the same connection


def test_pages_tell_where_one_is(call: Caller) -> None:
    answer = call("GET", "/transactions", page="2", limit="2", sort="amount").json

    assert [item["amount"] for item in answer["data"]] == ["30.00", "40.00"]
    pagination = answer["pagination"]
    assert pagination.pop("next_cursor")
    assert pagination == {"page": 2, "limit": 2, "total": 5, "pages": 3, "has_next": True, "has_prev": True}


def test_a_page_beyond_the_last_is_empty_and_still_knows_the_total(call: Caller) -> None:
    answer = call("GET", "/transactions", page="9").json

    assert (answer["data"], answer["pagination"]["total"], answer["pagination"]["has_next"]) == ([], 5, False)


def test_the_total_can_be_left_out(call: Caller) -> None:
    pagination = call("GET", "/transactions", total="false").json["pagination"]

    assert (pagination["total"], pagination["pages"]) == (None, None)


def test_only_the_fields_asked_for_are_shown(call: Caller) -> None:
    (first, *_) = call("GET", "/transactions", fields="amount,kind").json["data"]

    assert set(first) == {"id", "amount", "kind"}


def walk(caller: Caller, **query: str) -> Iterator[str]:
    cursor: str | None = None
    while True:
        page = caller("GET", "/transactions", **query, **({"cursor": cursor} if cursor else {})).json
        yield from (item["id"] for item in page["data"])
        cursor = page["pagination"]["next_cursor"]
        if cursor is None:
            return


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    order=st.lists(
        st.sampled_from(["date", "-date", "amount", "category", "-category"]),
        min_size=1,
        max_size=3,
        unique_by=lambda name: name.removeprefix("-"),
    ),
    limit=st.integers(1, 4),
)
def test_cursors_lead_through_every_row_once_in_the_same_order(call: Caller, order: list[str], limit: int) -> None:
    sort = ",".join(order)
    whole = [item["id"] for item in call("GET", "/transactions", sort=sort).json["data"]]

    assert list(walk(call, sort=sort, limit=str(limit))) == whole


def test_a_cursor_belongs_to_its_order(call: Caller) -> None:
    cursor = call("GET", "/transactions", limit="2", sort="amount").json["pagination"]["next_cursor"]

    assert call("GET", "/transactions", limit="2", sort="-amount", cursor=cursor).status == 422


def test_rows_written_meanwhile_neither_repeat_nor_hide_others(call: Caller) -> None:
    known = [item["id"] for item in call("GET", "/transactions").json["data"]]
    seen: list[str] = []
    for identifier in walk(call, limit="2"):
        seen.append(identifier)
        entry = {"kind": "income", "amount": "1", "description": "Venda", "category": "vendas", "date": "2026-11-19"}
        call("POST", "/transactions", entry)

    assert seen == known
