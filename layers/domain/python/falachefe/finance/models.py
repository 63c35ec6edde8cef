"""Models of the ledger: transactions, budgets and suppliers."""

from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from falachefe.db.base import (
    MONEY,
    TenantRow,
    belongs_to,
    of_company,
    one_of,
)


class Transaction(TenantRow):
    """A ledger entry: money received (`income`) or spent (`expense`); the amount is positive in both."""

    __tablename__ = "transactions"
    __table_args__ = (
        of_company(),
        belongs_to("users", "created_by"),
        one_of("kind", "expense", "income"),
        CheckConstraint("amount > 0", name="amount"),
        Index("ix_transactions_occurred_on", "company_id", "occurred_on"),
        Index(
            "uq_transactions_reference",
            "company_id",
            "reference",
            unique=True,
            postgresql_where=text("reference is not null and deleted_at is null"),
        ),
        Index("ix_transactions_category", "company_id", "kind", "category", "occurred_on"),
    )

    kind: Mapped[str]
    amount: Mapped[Decimal] = mapped_column(MONEY)
    description: Mapped[str]
    category: Mapped[str]
    occurred_on: Mapped[date]
    created_by: Mapped[UUID | None]
    source: Mapped[str] = mapped_column(default="api", server_default="api")
    """Origin of the entry: `api`, or `agent` on behalf of `created_by`."""
    reference: Mapped[str | None]
    """The document that it was made from (`boleto:…`, `recibo:…`, `nfe:…`), which no other entry has."""


class Budget(TenantRow):
    """The limit for expenses of a category in a month; `month` is its first day."""

    __tablename__ = "budgets"
    __table_args__ = (
        of_company(),
        CheckConstraint("amount > 0", name="amount"),
        CheckConstraint("extract(day from month) = 1", name="month"),
        Index(
            "uq_budgets_month",
            "company_id",
            "category",
            "month",
            unique=True,
            postgresql_where=text("deleted_at is null"),
        ),
    )

    category: Mapped[str]
    month: Mapped[date]
    amount: Mapped[Decimal] = mapped_column(MONEY)
    created_by: Mapped[UUID | None]


class Supplier(TenantRow):
    """A supplier of the company."""

    __tablename__ = "suppliers"
    __table_args__ = (
        of_company(),
        Index(
            "uq_suppliers_name",
            "company_id",
            text("lower(name)"),
            unique=True,
            postgresql_where=text("deleted_at is null"),
        ),
    )

    name: Mapped[str]
    cnpj: Mapped[str | None]
    """Without punctuation; may hold letters since July 2026."""
    phone: Mapped[str | None]
    notes: Mapped[str | None]
