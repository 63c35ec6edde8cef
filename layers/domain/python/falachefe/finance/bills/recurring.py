"""Makes the next bill of a repeating series, once for each period."""

from datetime import date, datetime
from typing import Final
from uuid import UUID

from sqlalchemy import delete, exists, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from falachefe.db.outbox import Outbox
from falachefe.finance.bills import rules
from falachefe.finance.bills.models import Bill, BillPayment
from falachefe.finance.bills.recurrence import occurrence
from falachefe.finance.bills.service import event_of
from falachefe.kernel.ids import new_id

MOST_AT_ONCE: Final = 100
"""Bills that one run makes of a company; the next run makes the rest."""
_COPIED: Final = (
    *("direction", "amount", "description", "counterparty", "category"),
    *("repeats", "series_id", "series_start", "created_by", "source"),
)


def make_next(session: Session, last: Bill, now: datetime, outbox: Outbox | None) -> UUID | None:
    """Makes the bill of the period after `last`, with its texts and amount; None if the series ends or went on.

    The claim of `last` locks its row, so that of two transactions the second one finds that the series went on. The
    unique key of series and period would refuse a second bill in any case.
    """
    claimed = session.execute(
        update(Bill)
        .where(Bill.company_id == last.company_id, Bill.id == last.id, Bill.continues, Bill.deleted_at.is_(None))
        .values(continues=False, updated_at=Bill.updated_at)
        .returning(Bill.id)
        .execution_options(synchronize_session=False)
    ).first()
    if claimed is None:
        return None
    assert last.period is not None
    assert last.series_start is not None
    assert last.repeats is not None
    period = last.period + 1
    made = session.execute(
        insert(Bill)
        .values(
            {name: getattr(last, name) for name in _COPIED}
            | {"company_id": last.company_id, "id": new_id(), "period": period, "continues": True}
            | {"due": occurrence(last.series_start, last.repeats, period), "status": rules.OPEN, "paid": 0}
            | {"created_at": now, "updated_at": now}
        )
        .on_conflict_do_nothing(index_elements=["company_id", "series_id", "period"])
        .returning(Bill.id)
    ).scalar_one_or_none()
    if made is not None and outbox is not None:
        outbox.record(event_of("finance.bill_created", session.get_one(Bill, (last.company_id, made)), now))
    return made


def make_due(session: Session, company_id: UUID, *, today: date, now: datetime, outbox: Outbox | None) -> list[UUID]:
    """Makes what follows the repeating bills that are due, until each series has one that is due after `today`."""
    made: list[UUID] = []
    while len(made) < MOST_AT_ONCE and (ended := _due(session, company_id, today, MOST_AT_ONCE - len(made))):
        following = [make_next(session, one, now, outbox) for one in ended]
        made += [one for one in following if one is not None]
    return made


def _due(session: Session, company_id: UUID, today: date, most: int) -> list[Bill]:
    rows = session.execute(
        select(Bill)
        .where(
            Bill.company_id == company_id,
            Bill.continues,
            Bill.deleted_at.is_(None),
            Bill.due <= today,
        )
        .order_by(Bill.due, Bill.id)
        .limit(most)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    return list(rows.scalars())


def unmake_next(session: Session, row: Bill, today: date) -> bool:
    """Takes back the bill that follows `row` if settling `row` made it too early, and nobody has touched it.

    It stays if `row` is due, as it would be made at once again. Its row is removed and not marked as deleted: a deleted
    occurrence is one that a person does not want, and is never made again.
    """
    if row.series_id is None or row.period is None or row.repeats is None or row.due <= today:
        return False
    removed = session.execute(
        delete(Bill)
        .where(
            Bill.company_id == row.company_id,
            Bill.series_id == row.series_id,
            Bill.period == row.period + 1,
            Bill.continues,
            Bill.version == 1,
            Bill.deleted_at.is_(None),
            ~exists().where(BillPayment.company_id == row.company_id, BillPayment.bill_id == Bill.id),
        )
        .returning(Bill.id)
        .execution_options(synchronize_session=False)
    ).first()
    if removed is None:
        return False
    session.execute(
        update(Bill)
        .where(Bill.company_id == row.company_id, Bill.id == row.id)
        .values(continues=True, updated_at=Bill.updated_at)
        .execution_options(synchronize_session=False)
    )
    return True
