"""Cancelling bills and taking that back, and removing bills that were added by mistake."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from falachefe.db.outbox import Outbox
from falachefe.finance.bills import recurring, rules
from falachefe.finance.bills.models import Bill
from falachefe.finance.bills.service import BillView, event_of, locked, view_of
from falachefe.kernel.errors import Conflict, NotFound


@dataclass(frozen=True, slots=True)
class Cancellation:
    """A cancelled bill. `ended_series`: no further bill of its series will follow. `next_bill`: the one that does."""

    bill: BillView
    ended_series: bool
    next_bill: BillView | None


def cancel(
    session: Session,
    company_id: UUID,
    bill_id: UUID,
    *,
    today: date,
    now: datetime,
    only_this: bool = False,
    outbox: Outbox | None = None,
) -> Cancellation:
    """Cancels what is left of a bill; what was paid stays in the ledger.

    The newest bill of a repeating series ends the series, unless it is `only_this` one: then the next one is made.
    Raises `NotFound`, and `Conflict` for a bill that is settled or cancelled.
    """
    row = locked(session, company_id, bill_id)
    rules.refuse_cancelling(row.status)
    row.status, row.updated_at = rules.CANCELLED, now
    continued = row.continues
    row.continues = continued and only_this
    session.flush()
    following = recurring.make_next(session, row, now, outbox) if row.continues else None
    if outbox is not None:
        outbox.record(event_of("finance.bill_cancelled", row, now, ended_series=continued and not only_this))
    next_bill = None if following is None else view_of(session.get_one(Bill, (company_id, following)), today)
    return Cancellation(view_of(row, today), continued and not only_this, next_bill)


def reopen(
    session: Session,
    company_id: UUID,
    bill_id: UUID,
    *,
    today: date,
    now: datetime,
    version: int | None = None,
    continues: bool = False,
    outbox: Outbox | None = None,
) -> BillView:
    """Takes a cancellation back. `continues`: the cancellation had ended the series, which goes on now.

    Raises `NotFound`, and `Conflict` for a bill that is not cancelled or whose version is not `version` any more.
    """
    row = locked(session, company_id, bill_id)
    if version is not None and row.version != version:
        raise Conflict("Essa conta mudou depois disso.", code="bill_changed")
    if row.status != rules.CANCELLED:
        raise Conflict("Essa conta não está cancelada.", code="bill_not_cancelled")
    row.status, row.updated_at = rules.status_of(row.amount, row.paid), now
    row.continues = continues and row.repeats is not None
    session.flush()
    if outbox is not None:
        outbox.record(event_of("finance.bill_reopened", row, now))
    return view_of(row, today)


def remove(
    session: Session, company_id: UUID, bill_id: UUID, *, now: datetime, outbox: Outbox | None = None
) -> Sequence[UUID]:
    """Takes `service.add_bill` back: deletes the bill with all others of its series. Returns their ids.

    Raises `NotFound`, and `Conflict` when one of them was changed, paid or cancelled since it was made.
    """
    rows = list(
        session.execute(
            select(Bill)
            .where(Bill.company_id == company_id, or_(Bill.id == bill_id, Bill.series_id == bill_id))
            .where(Bill.deleted_at.is_(None))
            .order_by(Bill.id)
            .with_for_update(key_share=True)
            .execution_options(populate_existing=True)
        ).scalars()
    )
    if not any(row.id == bill_id for row in rows):
        raise NotFound("Essa conta não existe.", code="bill_not_found")
    if any(row.version != 1 for row in rows):
        raise Conflict("Essa conta mudou depois de anotada.", code="bill_changed")
    for row in rows:
        row.deleted_at, row.updated_at = now, now
    session.flush()
    if outbox is not None:
        for row in rows:
            outbox.record(event_of("finance.bill_deleted", row, now))
    return [row.id for row in rows]
