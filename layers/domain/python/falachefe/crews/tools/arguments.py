"""The arguments of every tool, as types. The names are a contract: evaluation sets and API clients rely on them.

A model's call is checked against these before anything runs; what does not fit goes back to the model as a sentence.
"""

import re
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Final, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema, model_validator

from falachefe.finance.rules import EXPENSE_CATEGORIES, INCOME_CATEGORIES, LARGEST_ENTRY, MOST_MONTHS
from falachefe.kernel.text import one_line, paragraphs

LONGEST_LINE: Final = 200
LONGEST_TEXT: Final = 4000
_ISO_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
_DIRECTIONS: Final = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def clean_text(value: Any) -> Any:
    """Text without control characters and without those that turn the reading direction; line breaks stay."""
    return paragraphs(_DIRECTIONS.sub("", value)) if isinstance(value, str) else value


def clean_line(value: Any) -> Any:
    """The same on one line."""
    return one_line(_DIRECTIONS.sub("", value)) if isinstance(value, str) else value


def _shortened(value: str) -> str:
    return value if len(value) <= LONGEST_LINE else value[: LONGEST_LINE - 1].rstrip() + "…"


def _iso_date(value: Any) -> Any:
    if isinstance(value, date) or (isinstance(value, str) and _ISO_DATE.fullmatch(value)):
        return value
    raise ValueError("a date is YYYY-MM-DD")


def _one_of(values: Iterable[str]) -> AfterValidator:
    known = tuple(values)

    def check(value: str) -> str:
        if value not in known:
            raise ValueError(f"use one of: {', '.join(known)}")
        return value

    return AfterValidator(check)


def _listed(values: Iterable[str]) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "enum": list(values)})


Line = Annotated[str, BeforeValidator(clean_line), Field(min_length=1), AfterValidator(_shortened)]
"""A short text on one line; what is longer is cut with an ellipsis, because it only describes."""
Text = Annotated[str, BeforeValidator(clean_text), Field(min_length=1, max_length=LONGEST_TEXT)]
"""A longer text that is sent or kept word by word: too long is refused, never cut."""
Amount = Annotated[
    Decimal,
    Field(gt=0, le=LARGEST_ENTRY, decimal_places=2),
    WithJsonSchema({"type": "string", "description": "reais with a decimal point and no sign: 1234.56"}),
]
Day = Annotated[
    date, BeforeValidator(_iso_date), WithJsonSchema({"type": "string", "format": "date", "description": "YYYY-MM-DD"})
]
Month = Annotated[str, Field(pattern=r"^20\d{2}-(0[1-9]|1[0-2])$", description="YYYY-MM")]
ExpenseCategory = Annotated[str, _one_of(EXPENSE_CATEGORIES), _listed(EXPENSE_CATEGORIES)]
IncomeCategory = Annotated[str, _one_of(INCOME_CATEGORIES), _listed(INCOME_CATEGORIES)]
Segment = Literal["all", "active", "inactive", "new"]


class Arguments(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Nothing(Arguments):
    """No arguments."""


class AddExpense(Arguments):
    amount: Amount
    description: Line
    category: ExpenseCategory
    date: Day


class AddIncome(Arguments):
    amount: Amount
    description: Line
    category: IncomeCategory
    date: Day


class _Period(Arguments):
    start: Day
    end: Day

    @model_validator(mode="after")
    def _forwards(self) -> Self:
        if self.end < self.start:
            raise ValueError("end is before start")
        return self


class CashFlowReport(_Period):
    pass


class CreateBudget(Arguments):
    category: ExpenseCategory
    amount: Amount
    month: Month


class AnalyzeTrends(Arguments):
    months: Annotated[int, Field(ge=1, le=MOST_MONTHS, description="how many months back, this one included")]


class CreateCampaign(Arguments):
    name: Line
    message: Text
    segment: Segment


class CampaignResults(Arguments):
    name: Line


class SuggestPost(Arguments):
    topic: Line


class AddEmployee(Arguments):
    name: Line
    position: Line
    salary: Amount | None = None


class RequestTimeOff(_Period):
    employee: Line | None = Field(default=None, description="leave out when the sender asks for their own days")


class RegisterAbsence(Arguments):
    employee: Line
    date: Day
    reason: Line | None = None


class AnswerQuestion(Arguments):
    question: Line


class OpenTicket(Arguments):
    subject: Line
    description: Text


class TalkToHuman(Arguments):
    reason: Line | None = None
