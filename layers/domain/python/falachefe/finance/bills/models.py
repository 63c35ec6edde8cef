"""Models of bills and of their payments."""

from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import Boolean, CheckConstraint, Index, Integer, text
from sqlalchemy.orm import Mapped, mapped_column

from falachefe.db.base import MONEY, TenantRow, belongs_to, of_company, one_of

UNPAID = text("deleted_at is null and status in ('open', 'partly_paid')")
PAID_FITS_STATUS = (
    "case status when 'open' then paid = 0 when 'partly_paid' then paid > 0 and paid < amount"
    " when 'settled' then paid = amount else paid >= 0 and paid < amount end"
)


class Bill(TenantRow):
    """An amount that is due on a day: `payable` by the company, or `receivable` by it."""

    __tablename__ = "bills"
    __table_args__ = (
        of_company(),
        belongs_to("users", "created_by"),
        one_of("direction", "payable", "receivable"),
        one_of("status", "open", "partly_paid", "settled", "cancelled"),
        one_of("repeats", "weekly", "monthly", "yearly"),
        CheckConstraint("amount > 0", name="amount"),
        CheckConstraint(PAID_FITS_STATUS, name="paid"),
        CheckConstraint("instalment between 1 and instalments", name="instalment"),
        CheckConstraint("(series_id is null) = (period is null)", name="period"),
        CheckConstraint("not continues or (repeats is not null and series_start is not null)", name="continues"),
        # Deleted occurrences count: one that was deleted is not made again.
        Index("uq_bills_period", "company_id", "series_id", "period", unique=True),
        Index(
            "uq_bills_reference",
            "company_id",
            "reference",
            unique=True,
            postgresql_where=text("reference is not null and deleted_at is null and status <> 'cancelled'"),
        ),
        Index("ix_bills_due", "company_id", "due"),
        Index("ix_bills_unpaid", "due", "company_id", postgresql_where=UNPAID),
        Index("ix_bills_continuing", "due", postgresql_where=text("continues and deleted_at is null")),
    )

    direction: Mapped[str]
    amount: Mapped[Decimal] = mapped_column(MONEY)
    paid: Mapped[Decimal] = mapped_column(MONEY, default=Decimal(0), server_default="0")
    """The sum of the payments."""
    description: Mapped[str]
    due: Mapped[date]
    counterparty: Mapped[str | None]
    """Who is paid, or who pays."""
    category: Mapped[str]
    """The category of the ledger entries that its payments make."""
    status: Mapped[str] = mapped_column(default="open", server_default="open")
    repeats: Mapped[str | None]
    instalment: Mapped[int | None] = mapped_column(Integer)
    """Which of the `instalments` it is, from 1."""
    instalments: Mapped[int | None] = mapped_column(Integer)
    series_id: Mapped[UUID | None]
    """The id of the first bill of a series (repeating, or in instalments)."""
    period: Mapped[int | None] = mapped_column(Integer)
    """The bill's place in its series, from 0. Unique in it, so that a period never gets two bills."""
    series_start: Mapped[date | None]
    """The first due date of a repeating series, from which every other one is counted."""
    continues: Mapped[bool] = mapped_column(Boolean, default=False, server_default="false")
    """Of the newest bill of a repeating series: whether another one follows."""
    created_by: Mapped[UUID | None]
    source: Mapped[str] = mapped_column(default="api", server_default="api")
    """Origin of the bill: `api`, or `agent` on behalf of `created_by`."""
    reference: Mapped[str | None]
    """The document that it was made from (`boleto:…`), which no other bill has."""


class BillPayment(TenantRow):
    """A payment of a bill with its ledger entry; deleted when it was taken back."""

    __tablename__ = "bill_payments"
    __table_args__ = (
        of_company(),
        belongs_to("bills", "bill_id"),
        belongs_to("transactions", "transaction_id"),
        belongs_to("users", "created_by"),
        CheckConstraint("amount > 0", name="amount"),
        Index("uq_bill_payments_transaction", "company_id", "transaction_id", unique=True),
        Index("ix_bill_payments_bill", "company_id", "bill_id"),
    )

    bill_id: Mapped[UUID]
    transaction_id: Mapped[UUID]
    amount: Mapped[Decimal] = mapped_column(MONEY)
    paid_on: Mapped[date]
    created_by: Mapped[UUID | None]
