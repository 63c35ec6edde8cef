"""Declares bills and their payments as REST resources."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Boolean, ColumnElement, false, func, literal_column, select

from falachefe.audit import service as audit
from falachefe.companies.service import company_clock
from falachefe.finance import rules as ledger
from falachefe.finance.bills import rules, service
from falachefe.finance.bills.models import Bill, BillPayment
from falachefe.finance.bills.schemas import BillChange, BillIn, BillOut, BillPaymentOut
from falachefe.http.unit_of_work import RequestUnitOfWork
from falachefe.kernel.errors import NotFound
from falachefe.resources.declaration import Created, Hooks, Parent, Resource, Values
from falachefe.resources.schemas import Input, partial_of

OVERDUE: Final[ColumnElement[bool]] = func.coalesce(
    literal_column(
        """(bills.status in ('open', 'partly_paid') and bills.due <
        (select (now() at time zone c.time_zone)::date from companies c where c.id = bills.company_id))""",
        Boolean,
    ),
    false(),
)
"""For filters; by the database's clock, and the company's time zone."""


def _create_bill(work: RequestUnitOfWork, wanted: BillIn) -> Created:
    first, *others = service.add_bill(
        work.session,
        work.company_id,
        direction=wanted.direction,
        amount=wanted.amount,
        description=wanted.description,
        due=wanted.due,
        counterparty=wanted.counterparty,
        category=wanted.category,
        repeats=wanted.repeats,
        instalments=wanted.instalments,
        today=company_clock(work.session, work.company_id, work.now).today,
        now=work.now,
        created_by=work.who.author_id,
        outbox=work.outbox,
    )
    for other in others:
        changes = {"instalment": {"old": None, "new": other.instalment}, "due": {"old": None, "new": f"{other.due}"}}
        audit.note(work, action="create", resource="bills", resource_id=other.id, changes=changes)
    return Created(first.id)


def _update_bill(work: RequestUnitOfWork, row: Bill, changes: Values) -> Values:
    checked = dict(changes)
    if changes.get("amount", row.amount) != row.amount:
        checked["amount"] = rules.changed_amount(row.status, row.paid, changes["amount"])
        checked["status"] = rules.status_of(checked["amount"], row.paid)
    if changes.get("due", row.due) != row.due:
        rules.refuse_closed(row.status)
        rules.bill_due(changes["due"], company_clock(work.session, work.company_id, work.now).today)
    if "description" in changes:
        checked["description"] = ledger.ledger_description(changes["description"])
    if "counterparty" in changes:
        checked["counterparty"] = rules.bill_counterparty(changes["counterparty"])
    if "category" in changes:
        checked["category"] = rules.bill_category(row.direction, changes["category"])
    return checked


def _extras(work: RequestUnitOfWork, rows: Sequence[Bill]) -> list[Mapping[str, Any]]:
    today = company_clock(work.session, work.company_id, work.now).today
    views = [service.view_of(row, today) for row in rows]
    return [{"left": one.left, "overdue": one.overdue, "category_label": one.category_label} for one in views]


BILLS: Final = Resource[Bill, BillIn, BillOut](
    name="bills",
    singular="bill",
    context="finance",
    model=Bill,
    read=BillOut,
    create=BillIn,
    update=partial_of(BillChange),
    lookups={"overdue": OVERDUE},
    filter_by=(
        *("direction", "status", "due", "counterparty", "overdue", "amount", "category", "description"),
        *("repeats", "series_id", "source", "created_by", "created_at"),
    ),
    sort_by=("due", "amount", "counterparty", "status", "created_at"),
    search_in=("description", "counterparty"),
    default_sort="due",
    aliases={"until": "due__lte"},
    case_insensitive=frozenset({"counterparty"}),
    masked=frozenset({"counterparty"}),
    composed=True,  # `overdue` changes with the day
    hooks=Hooks(
        create=_create_bill,
        before_update=_update_bill,
        before_delete=lambda _, row: rules.refuse_deleting(row.paid),
        extras=_extras,
    ),
)


def _known_bill(work: RequestUnitOfWork, bill_id: UUID) -> None:
    known = select(Bill.id).where(Bill.company_id == work.company_id, Bill.id == bill_id, Bill.deleted_at.is_(None))
    if work.session.scalar(known) is None:
        raise NotFound("Essa conta não existe.", code="bill_not_found")


BILL_PAYMENTS: Final = Resource[BillPayment, Input, BillPaymentOut](
    name="payments",
    singular="payment",
    context="finance",
    model=BillPayment,
    read=BillPaymentOut,
    parent=Parent("bills", "bill_id", _known_bill),
    filter_by=("paid_on", "amount", "created_at"),
    sort_by=("paid_on", "created_at"),
    default_sort="paid_on,created_at",
    actions=frozenset({"read"}),
)
