"""Adding, reading and cancelling bills. Every function runs in the caller's transaction of one company."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from falachefe.db.outbox import Outbox
from falachefe.finance import references
from falachefe.finance import rules as ledger
from falachefe.finance.bills import rules
from falachefe.finance.bills.models import Bill
from falachefe.kernel.errors import NotFound
from falachefe.kernel.events import DomainEvent, Json
from falachefe.kernel.ids import new_id
from falachefe.kernel.money import money
from falachefe.kernel.text import fold

MOST_LISTED: Final = 1000


@dataclass(frozen=True, slots=True)
class BillView:
    """A bill as of a day. `left` is what is still to be paid, zero for a cancelled bill; amounts are in reais."""

    id: UUID
    direction: str
    amount: Decimal
    paid: Decimal
    left: Decimal
    description: str
    due: date
    counterparty: str | None
    category: str
    category_label: str
    status: str
    overdue: bool
    repeats: str | None
    instalment: int | None
    instalments: int | None
    series_id: UUID | None
    version: int


@dataclass(frozen=True, slots=True)
class Owed:
    """What is left of the unpaid bills with one counterparty (None: of those without one)."""

    counterparty: str | None
    total: Decimal
    count: int
    earliest_due: date
    overdue: Decimal
    """The part of `total` that is past its due date."""


def view_of(row: Bill, today: date) -> BillView:
    kind = rules.KIND_OF[row.direction]
    return BillView(
        id=row.id,
        direction=row.direction,
        amount=money(row.amount),
        paid=money(row.paid),
        left=left_of(row),
        description=row.description,
        due=row.due,
        counterparty=row.counterparty,
        category=row.category,
        category_label=ledger.category_label(kind, row.category),
        status=row.status,
        overdue=rules.is_overdue(row.status, row.due, today),
        repeats=row.repeats,
        instalment=row.instalment,
        instalments=row.instalments,
        series_id=row.series_id,
        version=row.version,
    )


def left_of(row: Bill) -> Decimal:
    return money(0) if row.status == rules.CANCELLED else money(row.amount) - money(row.paid)


def add_bill(
    session: Session,
    company_id: UUID,
    *,
    direction: str,
    amount: Decimal,
    description: str,
    due: date,
    today: date,
    now: datetime,
    counterparty: str | None = None,
    category: str | None = None,
    repeats: str | None = None,
    instalments: int | None = None,
    created_by: UUID | None = None,
    source: str = "api",
    outbox: Outbox | None = None,
    reference: str | None = None,
) -> list[BillView]:
    """Adds a bill, or one for each of the `instalments`, of `amount` each and a month (or `repeats`) apart.

    A bill that `repeats` and has no instalments begins a series: the next one is made when it is settled
    (`recurring.py`). Without a category, it is the direction's default. `today` is the company's date.
    `reference` is the document that the (first) bill is made from; a document is booked once.
    Raises `InvalidInput` for an invalid direction, amount, description, category, date or number of instalments,
    `Conflict` for a document that is booked already.
    """
    rules.bill_direction(direction)
    wanted = None if instalments == 1 else instalments
    repeating = repeats is not None and wanted is None
    first = rules.bill_due(due, today, repeating=repeating)
    dates = rules.instalment_dates(first, wanted, repeats)
    series_id = new_id()
    document = None if reference is None else references.claim(session, company_id, reference)
    rows = [
        Bill(
            company_id=company_id,
            id=series_id if period == 0 else new_id(),
            direction=direction,
            amount=ledger.ledger_amount(amount),
            paid=Decimal(0),
            description=ledger.ledger_description(description),
            due=day,
            counterparty=rules.bill_counterparty(counterparty),
            category=rules.bill_category(direction, category),
            status=rules.OPEN,
            repeats=repeats if repeating else None,
            instalment=None if wanted is None else period + 1,
            instalments=wanted,
            series_id=series_id if repeating or wanted else None,
            period=period if repeating or wanted else None,
            series_start=first if repeating else None,
            continues=repeating,
            created_by=created_by,
            source=source,
            reference=document if period == 0 else None,
            created_at=now,
            updated_at=now,
        )
        for period, day in enumerate(dates)
    ]
    session.add_all(rows)
    session.flush()
    if outbox is not None:
        for row in rows:
            outbox.record(event_of("finance.bill_created", row, now))
    return [view_of(row, today) for row in rows]


def event_of(name: str, row: Bill, now: datetime, **more: Json) -> DomainEvent:
    """An event with the figures of a bill and none of its texts."""
    data: dict[str, Json] = {
        "bill_id": str(row.id),
        "direction": row.direction,
        "amount": str(money(row.amount)),
        "paid": str(money(row.paid)),
        "due": row.due.isoformat(),
        "status": row.status,
        "version": row.version,
    }
    return DomainEvent(name, row.company_id, now, data | more)


def locked(session: Session, company_id: UUID, bill_id: UUID) -> Bill:
    """The bill, locked until the transaction ends and as it is now. Raises `NotFound` without one."""
    row = session.execute(
        select(Bill)
        .where(Bill.company_id == company_id, Bill.id == bill_id, Bill.deleted_at.is_(None))
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).scalar_one_or_none()
    if row is None:
        raise NotFound("Essa conta não existe.", code="bill_not_found")
    return row


def bill(session: Session, company_id: UUID, bill_id: UUID, today: date) -> BillView:
    """Raises `NotFound` for a bill that does not exist or was deleted."""
    row = session.execute(_bills(company_id).where(Bill.id == bill_id)).scalar_one_or_none()
    if row is None:
        raise NotFound("Essa conta não existe.", code="bill_not_found")
    return view_of(row, today)


def open_bills(session: Session, company_id: UUID, *, today: date, limit: int = 200) -> list[BillView]:
    """The bills that are not fully paid, those due first first."""
    return list_bills(session, company_id, today=today, limit=limit)


def list_bills(
    session: Session,
    company_id: UUID,
    *,
    today: date,
    direction: str | None = None,
    until: date | None = None,
    counterparty: str | None = None,
    overdue: bool | None = None,
    limit: int = 200,
) -> list[BillView]:
    """The bills that are not fully paid and match, those due first first, at most `MOST_LISTED`.

    `until` includes that day. A `counterparty` matches without case and accents, also as a part of the name.
    """
    wanted = _unpaid(today, direction, until, overdue)
    rows = session.execute(_bills(company_id).where(*wanted).order_by(Bill.due, Bill.id).limit(MOST_LISTED)).scalars()
    name = fold(counterparty or "")
    found = [row for row in rows if not name or name in fold(row.counterparty or "")]
    return [view_of(row, today) for row in found[: min(limit, MOST_LISTED)]]


def owed(session: Session, company_id: UUID, *, today: date, direction: str, until: date | None = None) -> list[Owed]:
    """What is left to pay or to receive by counterparty, the largest first; names that differ in case or accents only
    are one."""
    return owed_of(list_bills(session, company_id, today=today, direction=direction, until=until, limit=MOST_LISTED))


def owed_of(bills: Sequence[BillView]) -> list[Owed]:
    """The bills summed by counterparty, the largest first."""
    by_name: dict[str, list[BillView]] = {}
    for one in bills:
        by_name.setdefault(fold(one.counterparty or ""), []).append(one)
    sums = [_owed_of(same) for same in by_name.values()]
    return sorted(sums, key=lambda line: (-line.total, line.counterparty or ""))


def _owed_of(bills: Sequence[BillView]) -> Owed:
    return Owed(
        counterparty=bills[0].counterparty,
        total=sum((one.left for one in bills), money(0)),
        count=len(bills),
        earliest_due=min(one.due for one in bills),
        overdue=sum((one.left for one in bills if one.overdue), money(0)),
    )


def _bills(company_id: UUID) -> Select[Bill]:
    return select(Bill).where(Bill.company_id == company_id, Bill.deleted_at.is_(None))


def _unpaid(today: date, direction: str | None, until: date | None, overdue: bool | None) -> list[ColumnElement[bool]]:
    wanted: list[ColumnElement[bool]] = [Bill.status.in_(rules.UNPAID)]
    if direction is not None:
        wanted.append(Bill.direction == rules.bill_direction(direction))
    if until is not None:
        wanted.append(Bill.due <= until)
    if overdue is not None:
        wanted.append(Bill.due < today if overdue else Bill.due >= today)
    return wanted


def totals(session: Session, company_id: UUID, *, until: date | None = None) -> dict[str, Decimal]:
    """What is left of all unpaid bills, by direction."""
    rows = session.execute(
        select(Bill.direction, func.sum(Bill.amount - Bill.paid))
        .where(Bill.company_id == company_id, Bill.deleted_at.is_(None), Bill.status.in_(rules.UNPAID))
        .where(*([] if until is None else [Bill.due <= until]))
        .group_by(Bill.direction)
    )
    return {rules.PAYABLE: money(0), rules.RECEIVABLE: money(0)} | {name: money(left) for name, left in rows}
