"""Use cases of the ledger. Every function runs in the caller's transaction of one company."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from typing import cast as cast_type
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    DateTime,
    Insert,
    Interval,
    Select,
    Table,
    and_,
    bindparam,
    cast,
    func,
    insert,
    literal_column,
    select,
)
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from falachefe.db.advisory_locks import take_advisory_lock
from falachefe.db.outbox import Outbox
from falachefe.db.row_versions import write_version
from falachefe.db.statements import (
    Query,
    fetch,
    prepared,
    run,
)
from falachefe.finance import references, rules
from falachefe.finance.models import Budget, Transaction
from falachefe.finance.rules import BudgetView, CashFlow, MonthTrend
from falachefe.kernel.events import DomainEvent
from falachefe.kernel.ids import new_id


@dataclass(frozen=True, slots=True)
class TransactionView:
    """A ledger entry. After an expense, `budget` is the category's budget of the month, if there is one."""

    id: UUID
    kind: str
    amount: Decimal
    description: str
    category: str
    category_label: str
    occurred_on: date
    source: str
    created_by: UUID | None
    created_at: datetime
    version: int = 1
    reference: str | None = None
    budget: BudgetView | None = None

    @property
    def over_budget(self) -> bool:
        return self.budget is not None and self.budget.over


def record_transaction(
    session: Session,
    company_id: UUID,
    *,
    kind: str,
    amount: Decimal,
    description: str,
    category: str,
    occurred_on: date,
    created_by: UUID | None,
    source: str,
    now: datetime,
    outbox: Outbox | None = None,
    reference: str | None = None,
    of_bill: UUID | None = None,
) -> TransactionView:
    """Writes one entry. An expense is returned with its budget, so that the caller can say that it is exceeded.

    `reference` is the document that it is made from; a document is booked once. `of_bill` is the bill that it pays.
    Raises `InvalidInput` for an invalid kind, amount, description, category or date, `Conflict` for a document that
    is booked already.
    """
    entry = TransactionView(
        id=new_id(),
        kind=rules.ledger_kind(kind),
        amount=rules.ledger_amount(amount),
        description=rules.ledger_description(description),
        category=rules.ledger_category(kind, category),
        category_label=rules.category_label(kind, category),
        occurred_on=rules.ledger_date(occurred_on, now.date()),
        source=source,
        created_by=created_by,
        created_at=now,
        reference=None if reference is None else references.claim(session, company_id, reference, of_bill=of_bill),
    )
    values = {name: getattr(entry, name) for name in _COLUMNS}
    written = _insert(company_id=company_id, updated_at=now, **values)
    if kind == rules.EXPENSE:
        budget = _budget_query(company_id, category, occurred_on)
        run(session, written, budget)
        view = replace(entry, budget=budget.result)
    else:
        run(session, written)
        view = entry
    if outbox is not None:
        outbox.record(_recorded(view, company_id, now))
    return view


_COLUMNS = (
    "id",
    "kind",
    "amount",
    "description",
    "category",
    "occurred_on",
    "source",
    "created_by",
    "created_at",
    "reference",
)


@prepared
def _insert() -> Insert:
    columns = ("company_id", *_COLUMNS, "updated_at")
    return insert(cast_type(Table, Transaction.__table__)).values({name: bindparam(name) for name in columns})


def _recorded(view: TransactionView, company_id: UUID, now: datetime) -> DomainEvent:
    return DomainEvent(
        name="finance.transaction_recorded",
        company_id=company_id,
        occurred_at=now,
        data={
            "transaction_id": str(view.id),
            "kind": view.kind,
            "amount": str(view.amount),
            "category": view.category,
            "occurred_on": view.occurred_on.isoformat(),
            "source": view.source,
            "over_budget": view.over_budget,
        },
    )


def cash_flow(session: Session, company_id: UUID, start: date, end: date) -> CashFlow:
    """Income, expense and balance between two dates, both included, with the sum of each category.

    Raises `InvalidInput` for a period that ends before it starts or is longer than five years.
    """
    rules.period(start, end)
    totals = session.execute(
        select(Transaction.kind, Transaction.category, func.sum(Transaction.amount), func.count())
        .where(
            Transaction.company_id == company_id,
            Transaction.deleted_at.is_(None),
            Transaction.occurred_on.between(start, end),
        )
        .group_by(Transaction.kind, Transaction.category)
    )
    return rules.cash_flow_of(start, end, [(k, c, total, n) for k, c, total, n in totals])


def set_budget(
    session: Session,
    company_id: UUID,
    *,
    category: str,
    month: date,
    amount: Decimal,
    created_by: UUID | None,
    now: datetime,
    outbox: Outbox | None = None,
) -> BudgetView:
    """Sets the budget of a category in the month of `month`. The view has the amount that it replaces in `previous`."""
    rules.ledger_category(rules.EXPENSE, category)
    first = rules.first_of_month(rules.ledger_date(month, now.date(), "month"))
    limit = rules.ledger_amount(amount)
    take_advisory_lock(session, f"budgets:{company_id}")  # nobody else sets it between reading the old one and writing
    of_month = (Budget.company_id == company_id, Budget.category == category, Budget.month == first)
    previous = session.execute(select(Budget.amount).where(*of_month, Budget.deleted_at.is_(None))).scalar()
    statement = upsert(Budget).values(
        company_id=company_id,
        id=new_id(),
        category=category,
        month=first,
        amount=limit,
        created_by=created_by,
        created_at=now,
        updated_at=now,
    )
    version = session.execute(
        statement.on_conflict_do_update(
            index_elements=[Budget.company_id, Budget.category, Budget.month],
            index_where=Budget.deleted_at.is_(None),
            set_={"amount": limit, "created_by": created_by, "updated_at": now, "version": Budget.version + 1},
        ).returning(Budget.version)
    ).scalar_one()
    view = budget_status(session, company_id, category, first)
    assert view is not None  # written in this transaction
    view = replace(view, previous=previous, version=version)
    if outbox is not None:
        data = {"budget_id": str(view.id), "category": category, "month": f"{first:%Y-%m}", "amount": str(limit)}
        outbox.record(DomainEvent("finance.budget_set", company_id, now, data))
    return view


def unset_budget(
    session: Session,
    company_id: UUID,
    budget_id: UUID,
    *,
    version: int,
    previous: Decimal | None,
    now: datetime,
    outbox: Outbox | None = None,
) -> None:
    """Gives a budget that still has this version the amount of before, or deletes it when there was none."""
    values: dict[str, Any] = {"deleted_at": now} if previous is None else {"amount": previous}
    written = write_version(session, Budget, company_id, budget_id, version=version, values=values, now=now)
    if outbox is not None:
        name = f"finance.budget_{'deleted' if previous is None else 'updated'}"
        outbox.record(DomainEvent(name, company_id, now, {"budget_id": str(budget_id), "version": written}))


def budget_status(session: Session, company_id: UUID, category: str, month: date) -> BudgetView | None:
    """The category's budget in the month of `month` with what was spent, or None."""
    return fetch(session, _budget_query(company_id, category, month))


def budgets_by_id(session: Session, company_id: UUID, ids: Sequence[UUID]) -> dict[UUID, BudgetView]:
    """The budgets with what was spent, of any month and including deleted ones."""
    views = _budgets(session, company_id, Budget.id.in_(ids), deleted=True)
    return {view.id: view for view in views}


def _budget_query(company_id: UUID, category: str, month: date) -> Query[BudgetView | None]:
    return _of_category.read(_view_if_any, company_id=company_id, category=category, month=rules.first_of_month(month))


def _view_if_any(rows: list[Any]) -> BudgetView | None:
    return rules.budget_view(*rows[0]) if rows else None


@prepared
def _of_category() -> Select[Any]:
    wanted = Budget.month == bindparam("month"), Budget.category == bindparam("category")
    return _with_spent(bindparam("company_id"), *wanted, Budget.deleted_at.is_(None))


def _budgets(
    session: Session, company_id: UUID, *conditions: ColumnElement[bool], deleted: bool = False
) -> list[BudgetView]:
    kept = [] if deleted else [Budget.deleted_at.is_(None)]
    return [rules.budget_view(*row) for row in session.execute(_with_spent(company_id, *conditions, *kept))]


def _with_spent(company_id: Any, *conditions: ColumnElement[bool]) -> Select[Any]:
    """Budgets with what was spent from each."""
    spent_on = and_(
        Transaction.company_id == company_id,
        Transaction.kind == rules.EXPENSE,
        Transaction.category == Budget.category,
        Transaction.deleted_at.is_(None),
        Transaction.occurred_on >= Budget.month,
        Transaction.occurred_on < Budget.month + cast("1 month", Interval),
    )
    spent = select(func.coalesce(func.sum(Transaction.amount), 0)).where(spent_on).scalar_subquery()
    columns: tuple[Any, ...] = (Budget.id, Budget.category, Budget.month, Budget.amount, spent.label("spent"))
    return select(*columns).where(Budget.company_id == company_id, *conditions).order_by(Budget.category)


def trends(session: Session, company_id: UUID, *, months: int, today: date) -> list[MonthTrend]:
    """Sums of the last `months` months with their change against the month before, oldest first.

    The current month is included as a whole, with entries dated after `today`.
    """
    wanted = rules.trend_months(months, today)
    # A literal, not a parameter: Postgres must see the same expression in SELECT and GROUP BY.
    month = func.date_trunc(literal_column("'month'"), cast(Transaction.occurred_on, DateTime))
    rows = session.execute(
        select(month, Transaction.kind, func.sum(Transaction.amount))
        .where(
            Transaction.company_id == company_id,
            Transaction.deleted_at.is_(None),
            Transaction.occurred_on >= rules.months_before(wanted[0], 1),
            Transaction.occurred_on < rules.months_before(wanted[-1], -1),
        )
        .group_by(month, Transaction.kind)
    )
    return rules.trends_of(wanted, {(first.date(), kind): total for first, kind, total in rows})
