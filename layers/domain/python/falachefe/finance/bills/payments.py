"""Paying bills: the payment, its ledger entry and the bill change together, in the caller's transaction."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from falachefe.db.outbox import Outbox
from falachefe.finance import service as ledger
from falachefe.finance.bills import recurring, rules
from falachefe.finance.bills.models import Bill, BillPayment
from falachefe.finance.bills.service import BillView, event_of, locked, view_of
from falachefe.finance.models import Transaction
from falachefe.finance.service import TransactionView
from falachefe.kernel.errors import Conflict, NotFound
from falachefe.kernel.ids import new_id
from falachefe.kernel.money import money


@dataclass(frozen=True, slots=True)
class Settlement:
    """A payment with the bill after it. `next_bill` is the following bill of a series, if the payment made it."""

    payment_id: UUID
    amount: Decimal
    paid_on: date
    entry: TransactionView
    bill: BillView
    next_bill: BillView | None


def settle(
    session: Session,
    company_id: UUID,
    bill_id: UUID,
    *,
    today: date,
    now: datetime,
    amount: Decimal | None = None,
    paid_on: date | None = None,
    created_by: UUID | None = None,
    source: str = "api",
    outbox: Outbox | None = None,
    reference: str | None = None,
) -> Settlement:
    """Pays a bill, or `amount` of it, on `paid_on` (default: `today`, the company's date).

    `reference` is the document that proves the payment, which is booked once.
    The bill's row is locked first: of two who pay the rest at the same time, the second one gets `bill_settled`.
    Raises `NotFound`, `Conflict` for a bill that is settled or cancelled, and `InvalidInput` for more than is left.
    """
    row = locked(session, company_id, bill_id)
    paid = rules.payment_amount(row.status, row.amount, row.paid, amount)
    day = rules.payment_date(paid_on or today, today)
    entry = ledger.record_transaction(
        session,
        company_id,
        kind=rules.KIND_OF[row.direction],
        amount=paid,
        description=rules.entry_description(row.description, row.instalment, row.instalments),
        category=row.category,
        occurred_on=day,
        created_by=created_by,
        source=source,
        now=now,
        outbox=outbox,
        reference=reference,
        of_bill=row.id,
    )
    return settle_by_entry(session, row, entry, today=today, now=now, created_by=created_by, outbox=outbox)


def settle_by_entry(
    session: Session,
    row: Bill,
    entry: TransactionView,
    *,
    today: date,
    now: datetime,
    created_by: UUID | None = None,
    outbox: Outbox | None = None,
) -> Settlement:
    """Makes a ledger entry that is already written the payment of a locked bill. Raises as `settle` does."""
    paid = rules.payment_amount(row.status, row.amount, row.paid, entry.amount)
    payment = BillPayment(
        company_id=row.company_id,
        id=new_id(),
        bill_id=row.id,
        transaction_id=entry.id,
        amount=paid,
        paid_on=entry.occurred_on,
        created_by=created_by,
        created_at=now,
        updated_at=now,
    )
    session.add(payment)
    _set_paid(row, row.paid + paid, now)
    session.flush()
    following = recurring.make_next(session, row, now, outbox) if row.status == rules.SETTLED else None
    if following is not None:
        session.refresh(row, ["continues"])
    if outbox is not None:
        name = "finance.bill_settled" if row.status == rules.SETTLED else "finance.bill_partly_paid"
        more = {"payment_id": str(payment.id), "transaction_id": str(entry.id)}
        outbox.record(event_of(name, row, now, **more))
    next_bill = None if following is None else session.get_one(Bill, (row.company_id, following))
    return Settlement(
        payment.id,
        paid,
        entry.occurred_on,
        entry,
        view_of(row, today),
        None if next_bill is None else view_of(next_bill, today),
    )


def take_back(
    session: Session,
    company_id: UUID,
    payment_id: UUID,
    *,
    today: date,
    now: datetime,
    version: int | None = None,
    outbox: Outbox | None = None,
) -> BillView:
    """Takes a payment back: its ledger entry is deleted and the bill owes the amount again.

    The following bill of a series is deleted too if the payment settled the bill and nobody has touched that one.
    Raises `NotFound` for a payment that does not exist or was taken back, and `Conflict` when the bill's version is
    not `version` any more.
    """
    payment = _payment(session, company_id, payment_id)
    # The entry before the bill, in the order of a change of the entry, so that both cannot wait for each other.
    entry = session.get_one(Transaction, (company_id, payment.transaction_id), with_for_update={"key_share": True})
    row = locked(session, company_id, payment.bill_id)
    session.refresh(payment)
    if payment.deleted_at is not None:
        raise NotFound("Esse pagamento já foi desfeito.", code="payment_not_found")
    if version is not None and row.version != version:
        raise Conflict("Essa conta mudou depois do pagamento.", code="bill_changed")
    if entry.deleted_at is None:
        entry.deleted_at, entry.updated_at = now, now
    return _without(session, row, payment, today=today, now=now, outbox=outbox)


def entry_deleted(
    session: Session, company_id: UUID, entry_id: UUID, *, today: date, now: datetime, outbox: Outbox | None
) -> BillView | None:
    """For the deletion of an entry that the caller has locked: takes its payment back. None if it pays no bill."""
    payment = payment_of_entry(session, company_id, entry_id)
    if payment is None or payment.deleted_at is not None:
        return None
    row = locked(session, company_id, payment.bill_id)
    return _without(session, row, payment, today=today, now=now, outbox=outbox)


def entry_restored(
    session: Session, company_id: UUID, entry_id: UUID, *, today: date, now: datetime, outbox: Outbox | None
) -> BillView | None:
    """For the restoration of a ledger entry that the caller has locked: its payment counts again. None if it pays no
    bill.

    Raises `Conflict` or `InvalidInput` if the bill cannot take the payment any more.
    """
    payment = payment_of_entry(session, company_id, entry_id)
    if payment is None or payment.deleted_at is None:
        return None
    row = locked(session, company_id, payment.bill_id)
    paid = rules.payment_amount(row.status, row.amount, row.paid, payment.amount)
    payment.deleted_at, payment.updated_at = None, now
    _set_paid(row, row.paid + paid, now)
    session.flush()
    if row.status == rules.SETTLED:
        recurring.make_next(session, row, now, outbox)
    return _told(session, row, "finance.bill_payment_restored", payment, today=today, now=now, outbox=outbox)


def entry_changed(
    session: Session,
    company_id: UUID,
    entry_id: UUID,
    *,
    kind: str,
    amount: Decimal,
    occurred_on: date,
    today: date,
    now: datetime,
    outbox: Outbox | None,
) -> BillView | None:
    """For the change of a ledger entry that the caller has locked: its payment gets the new amount and date. None if it
    pays no bill.

    Raises `Conflict` for another kind, and `InvalidInput` for more than the bill has left.
    """
    payment = payment_of_entry(session, company_id, entry_id)
    if payment is None or payment.deleted_at is not None:
        return None
    row = locked(session, company_id, payment.bill_id)
    if kind != rules.KIND_OF[row.direction]:
        message = "Este lançamento é o pagamento de uma conta: o tipo não muda. Exclua o lançamento e faça outro."
        raise Conflict(message, code="entry_pays_bill")
    if (payment.amount, payment.paid_on) == (amount, occurred_on):
        return view_of(row, today)
    without = row.paid - payment.amount
    paid = rules.payment_amount(rules.status_of(row.amount, without), row.amount, without, amount)
    payment.amount, payment.paid_on, payment.updated_at = paid, occurred_on, now
    if row.status == rules.CANCELLED:
        row.paid, row.updated_at = without + paid, now
    else:
        _set_paid(row, without + paid, now)
    session.flush()
    if row.status == rules.SETTLED:
        recurring.make_next(session, row, now, outbox)
    return _told(session, row, "finance.bill_payment_changed", payment, today=today, now=now, outbox=outbox)


def payment_of_entry(session: Session, company_id: UUID, entry_id: UUID) -> BillPayment | None:
    """The payment, also one that was taken back, that a ledger entry makes."""
    return session.execute(
        select(BillPayment)
        .where(BillPayment.company_id == company_id, BillPayment.transaction_id == entry_id)
        .execution_options(populate_existing=True)
    ).scalar_one_or_none()


def _payment(session: Session, company_id: UUID, payment_id: UUID) -> BillPayment:
    payment = session.get(BillPayment, (company_id, payment_id))
    if payment is None or payment.deleted_at is not None:
        raise NotFound("Esse pagamento não existe, ou já foi desfeito.", code="payment_not_found")
    return payment


def _set_paid(row: Bill, paid: Decimal, now: datetime) -> None:
    row.paid = money(paid)
    row.status = rules.status_of(row.amount, paid)
    row.updated_at = now


def _without(
    session: Session, row: Bill, payment: BillPayment, *, today: date, now: datetime, outbox: Outbox | None
) -> BillView:
    was_settled = row.status == rules.SETTLED
    payment.deleted_at, payment.updated_at = now, now
    if row.status == rules.CANCELLED:
        row.paid, row.updated_at = row.paid - payment.amount, now
    else:
        _set_paid(row, row.paid - payment.amount, now)
    session.flush()
    if was_settled:
        recurring.unmake_next(session, row, today)
    return _told(session, row, "finance.bill_payment_undone", payment, today=today, now=now, outbox=outbox)


def _told(
    session: Session,
    row: Bill,
    event: str,
    payment: BillPayment,
    *,
    today: date,
    now: datetime,
    outbox: Outbox | None,
) -> BillView:
    session.flush()
    if outbox is not None:
        more = {"payment_id": str(payment.id), "transaction_id": str(payment.transaction_id)}
        outbox.record(event_of(event, row, now, **more))
    return view_of(row, today)
