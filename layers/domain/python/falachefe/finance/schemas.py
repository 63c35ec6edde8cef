"""The ledger as the REST API shows it. Amounts are decimal strings in BRL, dates are ISO."""

import base64
import re
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict

from falachefe.finance.rules import BudgetView, CashFlow
from falachefe.finance.service import Position, TransactionPage, TransactionView
from falachefe.kernel.errors import FieldError, InvalidInput


def _iso_date(value: object) -> object:
    """Pydantic would read a number as seconds since 1970: a date is written as a date."""
    if isinstance(value, str) and not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        raise ValueError("use a date as YYYY-MM-DD")
    if not isinstance(value, str | date):
        raise ValueError("use a date as YYYY-MM-DD")  # noqa: TRY004  # pydantic turns ValueError into a field's error
    return value


def _plain_amount(value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        raise ValueError("use a decimal number")  # noqa: TRY004
    return value


IsoDate = Annotated[date, BeforeValidator(_iso_date)]
Kind = Literal["expense", "income"]


class TransactionIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    kind: Kind
    amount: Annotated[Decimal, BeforeValidator(_plain_amount)]
    description: str
    category: str
    date: IsoDate


def transaction_document(view: TransactionView) -> dict[str, Any]:
    document: dict[str, Any] = {
        "id": str(view.id),
        "kind": view.kind,
        "amount": str(view.amount),
        "description": view.description,
        "category": view.category,
        "category_label": view.category_label,
        "date": view.occurred_on.isoformat(),
        "source": view.source,
        "created_by": str(view.created_by) if view.created_by else None,
        "created_at": view.created_at.isoformat(),
    }
    if view.budget is not None:
        document["budget"] = budget_document(view.budget)
    return document


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


def page_document(page: TransactionPage, limit: int) -> dict[str, Any]:
    cursor = cursor_of(page.last)
    return {
        "data": [transaction_document(item) for item in page.items],
        "pagination": {"limit": limit, "has_next": cursor is not None, "next_cursor": cursor},
    }


def cash_flow_document(flow: CashFlow) -> dict[str, Any]:
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


def cursor_of(position: Position | None) -> str | None:
    if position is None:
        return None
    return base64.urlsafe_b64encode(f"{position[0].isoformat()}~{position[1]}".encode()).decode().rstrip("=")


def position_of(cursor: str | None) -> Position | None:
    """Raises `InvalidInput` for a cursor that we did not give."""
    if cursor is None:
        return None
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        day, _, identifier = base64.urlsafe_b64decode(padded.encode()).decode().partition("~")
        return date.fromisoformat(day), UUID(identifier)
    except ValueError as error:
        message = "Este cursor não existe. Comece pela primeira página."
        raise InvalidInput(message, code="cursor_invalid", errors=(FieldError("cursor", message),)) from error
