"""The REST actions on a bill: settling and cancelling it, with their audit entries."""

from typing import Any
from uuid import UUID

from falachefe.audit import service as audit
from falachefe.audit.rules import changed_fields
from falachefe.companies.service import company_clock
from falachefe.finance.bills import closing, payments
from falachefe.finance.bills.resources import BILLS
from falachefe.finance.bills.schemas import CancelIn, SettleIn
from falachefe.http.unit_of_work import RequestUnitOfWork
from falachefe.resources import crud


def settle(work: RequestUnitOfWork, bill_id: UUID, wanted: SettleIn) -> dict[str, Any]:
    """The bill's document after the payment, with `payment` and, if one follows it now, `next_bill_id`."""
    done = payments.settle(
        work.session,
        work.company_id,
        bill_id,
        amount=wanted.amount,
        paid_on=wanted.date,
        today=company_clock(work.session, work.company_id, work.now).today,
        now=work.now,
        created_by=work.who.author_id,
        outbox=work.outbox,
    )
    before = {"paid": str(done.bill.paid - done.amount)}
    after = {"paid": str(done.bill.paid), "status": done.bill.status, "transaction_id": str(done.entry.id)}
    audit.note(work, action="settle", resource="bills", resource_id=bill_id, changes=changed_fields(before, after))
    payment = {
        "id": str(done.payment_id),
        "transaction_id": str(done.entry.id),
        "amount": str(done.amount),
        "paid_on": done.paid_on.isoformat(),
    }
    following = None if done.next_bill is None else str(done.next_bill.id)
    return crud.get(work, BILLS, bill_id) | {"payment": payment, "next_bill_id": following}


def cancel(work: RequestUnitOfWork, bill_id: UUID, wanted: CancelIn) -> dict[str, Any]:
    """The bill's document, with `ended_series` and, if one follows it now, `next_bill_id`."""
    done = closing.cancel(
        work.session,
        work.company_id,
        bill_id,
        only_this=wanted.only_this,
        today=company_clock(work.session, work.company_id, work.now).today,
        now=work.now,
        outbox=work.outbox,
    )
    changes = changed_fields({}, {"status": done.bill.status, "ended_series": done.ended_series})
    audit.note(work, action="cancel", resource="bills", resource_id=bill_id, changes=changes)
    following = None if done.next_bill is None else str(done.next_bill.id)
    return crud.get(work, BILLS, bill_id) | {"ended_series": done.ended_series, "next_bill_id": following}
