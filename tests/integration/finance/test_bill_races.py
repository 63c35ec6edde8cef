"""Several people and workers at once, in threads on a real Postgres: one outcome."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from threading import Barrier
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from falachefe.db.engine import Database
from falachefe.finance.bills import closing, payments, recurring, service
from falachefe.finance.bills.models import Bill, BillPayment
from falachefe.finance.bills.recurrence import occurrence
from falachefe.finance.models import Transaction
from falachefe.kernel.errors import DomainError

NOW = datetime(2026, 11, 25, 15, 0, tzinfo=UTC)
TODAY = date(2026, 11, 25)
PEOPLE = 4


def added(database: Database, company_id: UUID, **other: Any) -> UUID:
    values: dict[str, Any] = {"direction": "payable", "amount": Decimal(80), "description": "Luz", "due": TODAY}
    with database.tenant(company_id) as session:
        return service.add_bill(session, company_id, **values | other, today=TODAY, now=NOW)[0].id


def at_once(acts: list[Callable[[], Any]]) -> list[Any]:
    """The results; a refusal's is its code."""
    barrier = Barrier(len(acts))

    def act(one: Callable[[], Any]) -> Any:
        barrier.wait()
        try:
            return one()
        except DomainError as error:
            return error.code

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(act, acts))


def settling(database: Database, company_id: UUID, bill: UUID, amount: str | None = None) -> Callable[[], Any]:
    def act() -> str:
        with database.tenant(company_id) as session:
            wanted = None if amount is None else Decimal(amount)
            done = payments.settle(session, company_id, bill, amount=wanted, today=TODAY, now=NOW)
        return done.bill.status

    return act


def making(database: Database, company_id: UUID, today: date) -> Callable[[], Any]:
    def act() -> int:
        with database.tenant(company_id) as session:
            return len(recurring.make_due(session, company_id, today=today, now=NOW, outbox=None))

    return act


def rows(database: Database, company_id: UUID) -> list[tuple[Any, ...]]:
    with database.tenant(company_id) as session:
        found = session.execute(select(Bill.due, Bill.status, Bill.paid).order_by(Bill.due, Bill.period))
        return [tuple(row) for row in found]


def ledger(database: Database, company_id: UUID) -> tuple[Decimal, int, int]:
    with database.tenant(company_id) as session:
        total, entries = session.execute(
            select(func.coalesce(func.sum(Transaction.amount), 0), func.count()).where(Transaction.deleted_at.is_(None))
        ).one()
        paid = session.execute(select(func.count()).where(BillPayment.deleted_at.is_(None))).scalar_one()
        return total, entries, paid


def test_of_several_who_settle_at_once_one_does(database: Database, company_id: UUID) -> None:
    bill = added(database, company_id)

    results = at_once([settling(database, company_id, bill) for _ in range(PEOPLE)])

    assert sorted(results) == ["bill_settled"] * (PEOPLE - 1) + ["settled"]
    assert ledger(database, company_id) == (Decimal(80), 1, 1)


def test_parts_paid_at_once_never_exceed_the_bill(database: Database, company_id: UUID) -> None:
    bill = added(database, company_id)

    results = at_once([settling(database, company_id, bill, "30") for _ in range(PEOPLE)])

    assert sorted(results) == ["bill_overpaid"] * (PEOPLE - 2) + ["partly_paid"] * 2
    assert ledger(database, company_id) == (Decimal(60), 2, 2)


def test_settling_and_two_workers_make_one_next_bill(database: Database, company_id: UUID) -> None:
    bill = added(database, company_id, repeats="monthly")

    at_once([settling(database, company_id, bill), *[making(database, company_id, TODAY)] * 3])

    assert [due for due, _, _ in rows(database, company_id)] == [TODAY, date(2026, 12, 25)]


def test_several_workers_after_a_long_outage_make_each_bill_once(database: Database, company_id: UUID) -> None:
    start = date(2026, 8, 31)
    added(database, company_id, repeats="monthly", due=start)

    made = at_once([making(database, company_id, date(2027, 3, 1))] * PEOPLE)

    assert sum(made) == 7
    assert [due for due, _, _ in rows(database, company_id)] == [occurrence(start, "monthly", n) for n in range(8)]


def test_cancelling_and_settling_at_once_have_one_outcome(database: Database, company_id: UUID) -> None:
    bill = added(database, company_id, repeats="monthly")

    def cancel() -> str:
        with database.tenant(company_id) as session:
            return closing.cancel(session, company_id, bill, today=TODAY, now=NOW).bill.status

    results = at_once([settling(database, company_id, bill), cancel])

    assert sorted(results) in (["bill_cancelled", "cancelled"], ["bill_settled", "settled"])
    first, *others = rows(database, company_id)
    assert (first[1] == "settled") == (len(others) == 1) == (ledger(database, company_id)[1] == 1)


def test_a_payment_is_taken_back_once(database: Database, company_id: UUID) -> None:
    bill = added(database, company_id, repeats="weekly", due=TODAY + timedelta(days=3))
    with database.tenant(company_id) as session:
        payment = payments.settle(session, company_id, bill, today=TODAY, now=NOW).payment_id

    def take_back() -> str:
        with database.tenant(company_id) as session:
            return payments.take_back(session, company_id, payment, today=TODAY, now=NOW).status

    results = at_once([take_back] * PEOPLE)

    assert sorted(results) == ["open"] + ["payment_not_found"] * (PEOPLE - 1)
    assert ledger(database, company_id) == (Decimal(0), 0, 0)
    assert len(rows(database, company_id)) == 1


def test_deleting_the_entry_and_taking_the_payment_back_do_not_wait_for_each_other(
    database: Database, company_id: UUID
) -> None:
    bill = added(database, company_id)
    with database.tenant(company_id) as session:
        done = payments.settle(session, company_id, bill, today=TODAY, now=NOW)

    def delete() -> str:
        with database.tenant(company_id) as session:
            entry = session.get_one(Transaction, (company_id, done.entry.id), with_for_update={"key_share": True})
            if entry.deleted_at is not None:
                return "gone"
            payments.entry_deleted(session, company_id, entry.id, today=TODAY, now=NOW, outbox=None)
            entry.deleted_at = NOW
        return "deleted"

    def take_back() -> str:
        with database.tenant(company_id) as session:
            return payments.take_back(session, company_id, done.payment_id, today=TODAY, now=NOW).status

    results = at_once([delete, take_back])

    assert sorted(results) in (["deleted", "payment_not_found"], ["gone", "open"])
    assert rows(database, company_id) == [(TODAY, "open", Decimal(0))]


def test_a_deleted_occurrence_is_not_made_again(database: Database, company_id: UUID) -> None:
    bill = added(database, company_id, repeats="monthly")
    making(database, company_id, TODAY)()
    with database.tenant(company_id) as session:
        following = session.execute(select(Bill).where(Bill.id != bill)).scalar_one()
        following.deleted_at = NOW

    assert making(database, company_id, date(2027, 6, 1))() == 0


@pytest.mark.parametrize("repeats", ["weekly", "monthly", "yearly"])
@given(start=st.dates(date(2025, 12, 1), date(2026, 12, 31)), steps=st.lists(st.integers(1, 90), max_size=4))
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whenever_the_worker_runs_each_period_until_then_has_one_bill(
    database: Database, company_id: UUID, repeats: str, start: date, steps: list[int]
) -> None:
    with database.tenant(company_id) as session:
        session.query(Bill).delete()
    added(database, company_id, repeats=repeats, due=start)
    today = TODAY
    for days in steps:
        today += timedelta(days=days)
        while making(database, company_id, today)():
            pass

    found = [due for due, _, _ in rows(database, company_id)]
    until = max(start, today if steps else start)
    wanted = [occurrence(start, repeats, period) for period in range(200)]
    past = [day for day in wanted if day <= until]
    expected = wanted[: len(past) + 1] if steps and start <= today else wanted[:1]
    assert found == expected
