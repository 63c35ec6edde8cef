"""Arguments of the financial agent's tools."""

from typing import Annotated, Final, Literal, Self

from pydantic import AfterValidator, Field, WithJsonSchema, model_validator

from falachefe.crews.tools.argument_types import (
    Amount,
    Arguments,
    Day,
    ExpenseCategory,
    IncomeCategory,
    LedgerCategory,
    LedgerKind,
    Line,
    Month,
    Period,
    RowInWords,
    apply_rule,
)
from falachefe.finance.bills.rules import MAX_INSTALMENTS
from falachefe.finance.references import valid_reference
from falachefe.finance.rules import MAX_MONTHS, months_back, period

MAX_LISTED: Final = 10
WHICH_ENTRY: Final = (
    'the entry in the words of the person: "o último", "a gasolina de ontem", "a de 150", "o 2" (of the list that was '
    'shown), "isso" (what the last reply was about)'
)

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


class ListEntries(Arguments):
    start: Day | None = None
    end: Day | None = None
    kind: LedgerKind | None = None
    category: LedgerCategory | None = None
    text: Line | None = Field(default=None, description="a word of the description")
    limit: int = Field(default=5, ge=1, le=MAX_LISTED)

    @model_validator(mode="after")
    def _check_order(self) -> Self:
        if self.start is not None and self.end is not None:
            apply_rule(period, self.start, self.end)
        return self


class SpendingReport(Period):
    kind: LedgerKind = Field(default="expense", description="income for what came in")
    category: LedgerCategory | None = None
    text: Line | None = Field(default=None, description="words of the description")
    person: Line | None = Field(default=None, description="who was paid, or who recorded it")


class CorrectEntry(Arguments):
    entry: RowInWords = Field(description=WHICH_ENTRY)
    amount: Amount | None = None
    date: Day | None = None
    category: LedgerCategory | None = None
    description: Line | None = None
    kind: LedgerKind | None = None


class DeleteEntry(Arguments):
    entry: RowInWords = Field(description=WHICH_ENTRY)
    confirmed: bool = False


class AddBill(Arguments):
    direction: Literal["payable", "receivable"] = Field(
        description="payable: the company owes it; receivable: somebody owes it to the company"
    )
    amount: Amount = Field(description="of one instalment, if there are instalments")
    description: Line = Field(description="what it is for: conta de luz, aluguel, fiado")
    due: Day = Field(description="the due date, of the first one if there are several")
    counterparty: Line | None = Field(default=None, description="who is paid, or who owes: Enel, seu Zé")
    repeats: Literal["weekly", "monthly", "yearly"] | None = Field(
        default=None, description="for a bill without an end, such as the rent"
    )
    instalments: int | None = Field(default=None, ge=1, le=MAX_INSTALMENTS, description="3 for `3x de 200`")
    reference: Reference | None = None


class SettleBill(Arguments):
    bill: Line = Field(description="the bill as the person named it: `a luz`, `seu Zé`, `a de 150`, `o 2`")
    amount: Amount | None = Field(default=None, description="what was paid; leave out for all that is left")
    date: Day | None = Field(default=None, description="the day of the payment; leave out for today")


class CancelBill(Arguments):
    bill: Line = Field(description="the bill as the person named it: `a conta da luz`, `o 2`")


class ListBills(Arguments):
    direction: Literal["payable", "receivable"] | None = None
    until: Day | None = Field(default=None, description="due until this day, included")
    counterparty: Line | None = None
    overdue: bool | None = Field(default=None, description="true: only those past their due date")
