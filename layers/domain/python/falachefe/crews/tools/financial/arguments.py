"""Arguments of the financial agent's tools."""

from typing import Annotated

from pydantic import AfterValidator, WithJsonSchema

from falachefe.crews.tools.argument_types import (
    Amount,
    Arguments,
    Day,
    ExpenseCategory,
    IncomeCategory,
    Line,
    Month,
    Period,
    apply_rule,
)
from falachefe.finance.references import valid_reference
from falachefe.finance.rules import MAX_MONTHS, months_back

Reference = Annotated[
    str,
    AfterValidator(lambda value: apply_rule(valid_reference, value)),
    WithJsonSchema(
        {"type": "string", "description": "the document's own id, as it was read from it; never make one up"}
    ),
]


class AddExpense(Arguments):
    amount: Amount
    description: Line
    category: ExpenseCategory
    date: Day
    reference: Reference | None = None


class AddIncome(Arguments):
    amount: Amount
    description: Line
    category: IncomeCategory
    date: Day
    reference: Reference | None = None


class CashFlowReport(Period):
    pass


class CreateBudget(Arguments):
    category: ExpenseCategory
    amount: Amount
    month: Month


class AnalyzeTrends(Arguments):
    months: Annotated[
        int,
        AfterValidator(lambda value: apply_rule(months_back, value)),
        WithJsonSchema(
            {
                "type": "integer",
                "minimum": 1,
                "maximum": MAX_MONTHS,
                "description": "how many months back, this one included",
            }
        ),
    ]
