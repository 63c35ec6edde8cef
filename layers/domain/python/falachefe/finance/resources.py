"""Declares transactions and budgets as REST resources that apply the ledger's rules."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from falachefe.companies.service import company_clock
from falachefe.finance import rules, service
from falachefe.finance.bills import payments
from falachefe.finance.models import Budget, Transaction
from falachefe.finance.schemas import BudgetIn, BudgetOut, TransactionIn, TransactionOut, budget_document
from falachefe.http.unit_of_work import RequestUnitOfWork
from falachefe.resources.declaration import Created, Hooks, Resource, Values
from falachefe.resources.schemas import partial_of


def _create_transaction(work: RequestUnitOfWork, entry: TransactionIn) -> Created:
    written = service.record_transaction(
        work.session,
        work.company_id,
        kind=entry.kind,
        amount=entry.amount,
        description=entry.description,
        category=entry.category,
        occurred_on=entry.date,
        created_by=work.who.author_id,
        source="api",
        now=work.now,
        outbox=work.outbox,
        reference=entry.reference,
    )
    return Created(written.id, {"budget": budget_document(written.budget)} if written.budget else {})


def _update_transaction(work: RequestUnitOfWork, row: Transaction, changes: Values) -> Values:
    entry = {name: getattr(row, name) for name in ("kind", "amount", "description", "category", "occurred_on")}
    checked = rules.changed_entry(entry, changes, work.now.date())
    paid = {name: checked[name] for name in ("kind", "amount", "occurred_on")}
    payments.entry_changed(work.session, work.company_id, row.id, **paid, **_moment(work))
    return checked


def _delete_transaction(work: RequestUnitOfWork, row: Transaction) -> None:
    payments.entry_deleted(work.session, work.company_id, row.id, **_moment(work))


def _restore_transaction(work: RequestUnitOfWork, row: Transaction) -> None:
    payments.entry_restored(work.session, work.company_id, row.id, **_moment(work))


def _moment(work: RequestUnitOfWork) -> dict[str, Any]:
    today = company_clock(work.session, work.company_id, work.now).today
    return {"today": today, "now": work.now, "outbox": work.outbox}


def _add_labels(_: RequestUnitOfWork, rows: Sequence[Transaction]) -> list[Mapping[str, Any]]:
    return [{"category_label": rules.category_label(row.kind, row.category)} for row in rows]


TRANSACTIONS: Final = Resource[Transaction, TransactionIn, TransactionOut](
    name="transactions",
    singular="transaction",
    context="finance",
    model=Transaction,
    read=TransactionOut,
    create=TransactionIn,
    update=partial_of(TransactionIn, without=("reference",)),
    columns={"date": "occurred_on"},
    filter_by=("kind", "category", "date", "amount", "description", "source", "created_by", "reference", "created_at"),
    sort_by=("date", "amount", "category", "created_at"),
    search_in=("description",),
    default_sort="-date",
    aliases={"start": "date__gte", "end": "date__lte"},
    hooks=Hooks(
        create=_create_transaction,
        before_update=_update_transaction,
        before_delete=_delete_transaction,
        before_restore=_restore_transaction,
        extras=_add_labels,
    ),
)


def _budget_rules(work: RequestUnitOfWork, values: Values) -> Values:
    checked = dict(values)
    if "category" in checked:
        rules.ledger_category(rules.EXPENSE, checked["category"])
    if "month" in checked:
        checked["month"] = rules.first_of_month(rules.ledger_date(checked["month"], work.now.date(), "month"))
    if "amount" in checked:
        checked["amount"] = rules.ledger_amount(checked["amount"])
    return checked


def _add_spent(work: RequestUnitOfWork, rows: Sequence[Budget]) -> list[Mapping[str, Any]]:
    views = service.budgets_by_id(work.session, work.company_id, [row.id for row in rows])
    found = [views[row.id] for row in rows]
    return [{"category_label": v.label, "spent": v.spent, "remaining": v.remaining, "over": v.over} for v in found]


BUDGETS: Final = Resource[Budget, BudgetIn, BudgetOut](
    name="budgets",
    singular="budget",
    context="finance",
    model=Budget,
    read=BudgetOut,
    create=BudgetIn,
    update=partial_of(BudgetIn),
    filter_by=("category", "month", "amount", "created_at"),
    sort_by=("month", "category", "amount", "created_at"),
    default_sort="-month,category",
    composed=True,
    hooks=Hooks(
        before_create=_budget_rules,
        before_update=lambda work, _, changes: _budget_rules(work, changes),
        extras=_add_spent,
    ),
)
