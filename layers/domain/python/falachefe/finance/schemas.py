"""REST schemas of the ledger. Amounts are decimal strings in BRL, dates are ISO."""

import re
from typing import Annotated, Any, Literal, TypedDict
from uuid import UUID

from pydantic import AfterValidator, Field

from falachefe.finance.rules import BudgetView, CashFlow
from falachefe.http.schemas import Day, Money
from falachefe.kernel.brazil import is_cnpj
from falachefe.kernel.errors import InvalidValue
from falachefe.resources.schemas import Amount, Document, Input, IsoDate, Line, Month, Prose

__all__ = ["BudgetIn", "BudgetOut", "IsoDate", "SupplierIn", "SupplierOut", "TransactionIn", "TransactionOut"]


Kind = Literal["expense", "income"]


class TransactionIn(Input):
    kind: Kind
    amount: Amount = Field(examples=["150.00"])
    description: str = Field(examples=["Gasolina"])
    category: str = Field(examples=["combustivel"])
    date: IsoDate
    reference: str | None = Field(default=None, max_length=120, examples=["recibo:E1823612020261112131500000000001"])


class TransactionOut(Document):
    kind: Kind
    amount: Amount
    description: str
    category: str
    category_label: str
    date: IsoDate
    source: str
    created_by: UUID | None
    reference: str | None


class BudgetIn(Input):
    category: str = Field(examples=["combustivel"])
    month: Month
    amount: Amount = Field(examples=["800.00"])


class BudgetOut(Document):
    """`spent` and `remaining` are current values; `remaining` is negative when the budget is exceeded."""

    category: str
    category_label: str
    month: Month
    amount: Amount
    spent: Amount
    remaining: Amount
    over: bool


def _cnpj(value: str) -> str:
    if not is_cnpj(value):
        raise InvalidValue("Use um CNPJ com os dígitos verificadores certos.")
    return re.sub(r"[./\-\s]", "", value).upper()


class SupplierIn(Input):
    name: Line = Field(examples=["Atacado São Jorge"])
    cnpj: Annotated[Line, AfterValidator(_cnpj)] | None = Field(default=None, examples=["11.222.333/0001-81"])
    phone: Line | None = Field(default=None, examples=["(11) 3333-4444"])
    notes: Prose | None = None


class SupplierOut(Document):
    name: str
    cnpj: str | None
    phone: str | None
    notes: str | None


def budget_document(view: BudgetView) -> dict[str, Any]:
    return {
        "id": str(view.id),
        "category": view.category,
        "category_label": view.label,
        "month": f"{view.month:%Y-%m}",
        "amount": str(view.amount),
        "spent": str(view.spent),
        "remaining": str(view.remaining),
        "over": view.over,
    }


class CategorySum(TypedDict):
    kind: str
    category: Annotated[str, Field(examples=["combustivel"])]
    category_label: Annotated[str, Field(examples=["Combustível"])]
    total: Money
    count: int


class CashFlowOut(TypedDict):
    """`start` and `end` are included; categories are sorted by total, the largest first."""

    start: Day
    end: Day
    income: Money
    expense: Money
    balance: Money
    count: int
    by_category: list[CategorySum]


def cash_flow_document(flow: CashFlow) -> CashFlowOut:
    return {
        "start": flow.start.isoformat(),
        "end": flow.end.isoformat(),
        "income": str(flow.income),
        "expense": str(flow.expense),
        "balance": str(flow.balance),
        "count": flow.count,
        "by_category": [
            {
                "kind": line.kind,
                "category": line.category,
                "category_label": line.label,
                "total": str(line.total),
                "count": line.count,
            }
            for line in flow.by_category
        ],
    }
