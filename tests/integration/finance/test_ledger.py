from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from falachefe.companies.service import create_company
from falachefe.db.engine import Database
from falachefe.db.outbox import Outbox
from falachefe.finance import rules, service
from falachefe.finance.models import Budget, Transaction
from falachefe.finance.service import TransactionView
from falachefe.kernel.errors import InvalidInput
from falachefe.kernel.ids import new_id

NOW = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
TODAY = date(2026, 11, 20)


@pytest.fixture
def session(database: Database, company_id: UUID) -> Iterator[Session]:
    with database.tenant(company_id) as opened:
        yield opened


def spend(
    session: Session, company_id: UUID, amount: str, category: str = "combustivel", on: date = TODAY
) -> TransactionView:
    return record(session, company_id, "expense", amount, category, on)


def record(session: Session, company_id: UUID, kind: str, amount: str, category: str, on: date) -> TransactionView:
    return service.record_transaction(
        session,
        company_id,
        kind=kind,
        amount=Decimal(amount),
        description="Gasolina da entrega",
        category=category,
        occurred_on=on,
        created_by=None,
        source="api",
        now=NOW,
    )


def test_an_entry_is_read_back_as_it_was_recorded(session: Session, company_id: UUID) -> None:
    written = spend(session, company_id, "150.5")

    row = session.execute(select(Transaction)).scalar_one()

    assert (row.id, row.kind, row.amount, row.category) == (written.id, "expense", Decimal("150.50"), "combustivel")
    assert (row.occurred_on, row.created_at) == (written.occurred_on, written.created_at)
    assert (written.amount, written.category_label) == (Decimal("150.50"), "Combustível")


def test_an_invalid_amount_writes_nothing(session: Session, company_id: UUID) -> None:
    with pytest.raises(InvalidInput) as refused:
        spend(session, company_id, "0")

    assert refused.value.code == "amount_not_positive"
    assert session.execute(select(Transaction)).all() == []


def test_the_event_of_an_entry_has_its_figures_but_not_its_text(session: Session, company_id: UUID) -> None:
    outbox = Outbox(company_id)

    service.record_transaction(
        session,
        company_id,
        kind="income",
        amount=Decimal("80"),
        description="Bolo da Márcia",
        category="vendas",
        occurred_on=TODAY,
        created_by=None,
        source="agent",
        now=NOW,
        outbox=outbox,
    )

    (queue_message,) = outbox.queue_messages
    assert queue_message.payload["name"] == "finance.transaction_recorded"
    assert queue_message.payload["data"]["amount"] == "80.00"
    assert "Márcia" not in str(queue_message.payload)


def test_an_expense_is_returned_with_the_remaining_budget(session: Session, company_id: UUID) -> None:
    service.set_budget(
        session,
        company_id,
        category="combustivel",
        month=date(2026, 11, 17),
        amount=Decimal("200"),
        created_by=None,
        now=NOW,
    )
    spend(session, company_id, "999", on=date(2026, 10, 31))
    spend(session, company_id, "999", category="aluguel")
    record(session, company_id, "income", "999", "outros", TODAY)

    first, second = spend(session, company_id, "150"), spend(session, company_id, "50.01")

    assert first.budget is not None
    assert (first.budget.spent, first.budget.remaining, first.over_budget) == (Decimal("150"), Decimal("50"), False)
    assert second.budget is not None
    assert (second.budget.remaining, second.over_budget) == (Decimal("-0.01"), True)


def test_an_expense_without_a_budget_is_never_over_budget(session: Session, company_id: UUID) -> None:
    assert spend(session, company_id, "5000").budget is None
    assert not spend(session, company_id, "5000").over_budget


def test_a_second_budget_for_the_month_replaces_the_first(session: Session, company_id: UUID) -> None:
    for amount in ("100", "300"):
        service.set_budget(
            session, company_id, category="energia", month=TODAY, amount=Decimal(amount), created_by=None, now=NOW
        )

    (budget,) = service.budgets_by_id(session, company_id, session.scalars(select(Budget.id)).all()).values()

    assert (budget.amount, budget.month, budget.label) == (Decimal("300"), date(2026, 11, 1), "Energia")
    assert service.budget_status(session, company_id, "energia", date(2026, 12, 1)) is None


def test_the_cash_flow_counts_both_ends_of_the_period(session: Session, company_id: UUID) -> None:
    for day in (date(2026, 10, 31), date(2026, 11, 1), date(2026, 11, 30), date(2026, 12, 1)):
        record(session, company_id, "income", "100", "vendas", day)
    spend(session, company_id, "30")

    flow = service.cash_flow(session, company_id, date(2026, 11, 1), date(2026, 11, 30))

    assert (flow.income, flow.expense, flow.balance, flow.count) == (Decimal(200), Decimal(30), Decimal(170), 3)
    assert [(line.label, line.total, line.count) for line in flow.by_category] == [
        ("Vendas", Decimal(200), 2),
        ("Combustível", Decimal(30), 1),
    ]


def test_a_period_without_entries_has_a_cash_flow_of_zero(session: Session, company_id: UUID) -> None:
    flow = service.cash_flow(session, company_id, TODAY, TODAY)

    assert (flow.income, flow.expense, flow.balance, flow.by_category) == (Decimal(0), Decimal(0), Decimal(0), [])


def test_trends_compare_each_month_with_the_one_before(session: Session, company_id: UUID) -> None:
    record(session, company_id, "income", "100", "vendas", date(2026, 8, 31))
    record(session, company_id, "income", "150", "vendas", date(2026, 9, 1))
    record(session, company_id, "income", "75", "vendas", date(2026, 11, 30))
    spend(session, company_id, "20", on=date(2026, 10, 1))

    september, october, november = service.trends(session, company_id, months=3, today=TODAY)

    assert (september.month, september.income, september.income_variation) == (
        date(2026, 9, 1),
        Decimal(150),
        Decimal("50.0"),
    )
    assert (october.income, october.expense, october.balance) == (Decimal(0), Decimal(20), Decimal(-20))
    assert (october.income_variation, october.expense_variation) == (Decimal("-100.0"), None)
    assert (november.income, november.income_variation) == (Decimal(75), None)


ENTRIES = st.lists(
    st.tuples(
        st.sampled_from([(kind, c) for kind, known in rules.CATEGORIES.items() for c in known]),
        st.decimals(min_value="0.01", max_value="99999999.99", places=2),
        st.dates(date(2026, 9, 1), date(2026, 12, 31)),
    ),
    max_size=12,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ENTRIES, st.tuples(st.dates(date(2026, 9, 1), date(2026, 12, 31)), st.integers(0, 60)))
def test_the_cash_flow_is_the_sum_of_the_entries(
    database: Database,
    entries: list[tuple[tuple[str, str], Decimal, date]],
    period: tuple[date, int],
) -> None:
    company_id, start, end = new_id(), period[0], period[0] + timedelta(days=period[1])
    with database.tenant(company_id) as session:
        create_company(session, company_id, name="Oficina do Zé")
        for (kind, category), amount, day in entries:
            record(session, company_id, kind, str(amount), category, day)
        flow = service.cash_flow(session, company_id, start, end)

    inside = [(kind, category, amount) for (kind, category), amount, day in entries if start <= day <= end]
    income = sum((a for kind, _, a in inside if kind == "income"), Decimal(0))
    expense = sum((a for kind, _, a in inside if kind == "expense"), Decimal(0))
    assert (flow.income, flow.expense, flow.balance) == (income, expense, income - expense)
    assert flow.count == len(inside) == sum(line.count for line in flow.by_category)
    assert {(line.kind, line.category) for line in flow.by_category} == {(k, c) for k, c, _ in inside}
