"""A date in a filter on a time means the day in the company's time zone."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from falachefe.db.engine import Database
from falachefe.resources.specifications import OnDay, Operator
from functions.business import transactions
from tests.integration.callers import Caller

MOMENTS = {
    "10.00": "2026-11-20T02:59:59+00:00",
    "20.00": "2026-11-20T03:00:00+00:00",
    "30.00": "2026-11-21T02:59:59+00:00",
    "40.00": "2026-11-21T03:00:00+00:00",
}
"""Around the 20th of November in São Paulo; in Manaus days begin an hour later."""


@pytest.fixture
def call(as_role: Callable[[Any, str], Caller], database: Database, company_id: UUID) -> Caller:
    caller = as_role(transactions.handler, "admin")
    for amount, moment in MOMENTS.items():
        entry = {"kind": "expense", "amount": amount, "description": "x", "category": "outros", "date": "2026-11-20"}
        assert caller("POST", "/transactions", entry).status == 201
        with database.tenant(company_id) as session:
            session.execute(
                text("update transactions set created_at = :at where amount = :amount"),
                {"at": datetime.fromisoformat(moment), "amount": amount},
            )
    return caller


@pytest.mark.parametrize(
    ("zone", "query", "expected"),
    [
        ("America/Sao_Paulo", {"created_at__lte": "2026-11-20"}, [10, 20, 30]),
        ("America/Sao_Paulo", {"created_at__gte": "2026-11-20"}, [20, 30, 40]),
        ("America/Sao_Paulo", {"created_at": "2026-11-20"}, [20, 30]),
        ("America/Sao_Paulo", {"created_at__gte": "2026-11-20", "created_at__lte": "2026-11-20"}, [20, 30]),
        ("America/Sao_Paulo", {"created_at__lte": "2026-11-20T02:59:59Z"}, [10]),
        ("America/Manaus", {"created_at": "2026-11-20"}, [30, 40]),
        ("America/Manaus", {"created_at__lte": "2026-11-19"}, [10, 20]),
        ("UTC", {"created_at": "2026-11-20"}, [10, 20]),
    ],
)
def test_date_filter_means_the_company_s_day(
    call: Caller, database: Database, company_id: UUID, zone: str, query: dict[str, str], expected: list[int]
) -> None:
    with database.tenant(company_id) as session:
        session.execute(text("update companies set time_zone = :zone"), {"zone": zone})
    answer = call("GET", "/transactions", sort="amount", **query)
    assert answer.status == 200, answer.body
    assert [int(float(item["amount"])) for item in answer.json["data"]] == expected


@pytest.mark.parametrize("day", ["2026-02-30", "0000-01-01", "9999-12-31", "0001-01-01"])
def test_nonexistent_day_is_rejected(call: Caller, day: str) -> None:
    for suffix in ("", "__gte", "__lte"):
        refused = call("GET", "/transactions", **{f"created_at{suffix}": day})
        assert (refused.status, refused.json["errors"][0]["field"]) == (422, f"created_at{suffix}")


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)),
    st.sampled_from(["America/Sao_Paulo", "America/Noronha", "America/Rio_Branco"]),
    st.integers(-1, 1),
)
def test_a_moment_is_on_its_local_day_and_on_no_other(naive: datetime, zone: str, off: int) -> None:
    moment = naive.replace(tzinfo=UTC)
    own = moment.astimezone(ZoneInfo(zone)).date()
    day: date = own + timedelta(off)
    row = {"at": moment}
    assert OnDay("at", Operator.EQ, day, zone).holds(row) == (off == 0)
    assert OnDay("at", Operator.GE, day, zone).holds(row) == (off <= 0)
    assert OnDay("at", Operator.LE, day, zone).holds(row) == (off >= 0)
