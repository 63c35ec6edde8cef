"""Types that the arguments of tools are made of; each agent's arguments are in its package.

The field names of arguments are a contract: evaluation sets and API clients rely on them.

A model's call is validated against these before the tool runs; errors go back to the model as sentences. Where the
domain has a rule for a value, that rule is called, so that users and models read the domain's message.
"""

import re
from collections.abc import Callable, Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Final, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema, model_validator

from falachefe.finance.rules import (
    EXPENSE_CATEGORIES,
    INCOME_CATEGORIES,
    LABELS,
    known_category,
    ledger_amount,
    ledger_category,
    period,
)
from falachefe.kernel.errors import DomainError, InvalidValue
from falachefe.kernel.text import one_line, paragraphs

MAX_LINE_LENGTH: Final = 200
MAX_TEXT_LENGTH: Final = 4000
_ISO_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
_ISO_MOMENT: Final = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2})?(Z|[+-]\d{2}:\d{2})?")
_MONTH: Final = re.compile(r"20\d{2}-(0[1-9]|1[0-2])")
_DIRECTIONS: Final = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def clean_text(value: Any) -> Any:
    """Text without control and text-direction characters; line breaks stay."""
    return paragraphs(_DIRECTIONS.sub("", value)) if isinstance(value, str) else value


def clean_line(value: Any) -> Any:
    """The same on one line."""
    return one_line(_DIRECTIONS.sub("", value)) if isinstance(value, str) else value


def _shortened(value: str) -> str:
    return value if len(value) <= MAX_LINE_LENGTH else value[: MAX_LINE_LENGTH - 1].rstrip() + "…"


def _iso_date(value: Any) -> Any:
    if isinstance(value, date) or (isinstance(value, str) and _ISO_DATE.fullmatch(value)):
        return value
    raise InvalidValue("Use uma data que existe, como 2026-11-22.")


def _iso_moment(value: Any) -> Any:
    if isinstance(value, datetime) or (isinstance(value, str) and _ISO_MOMENT.fullmatch(value)):
        return value
    raise InvalidValue("Use uma data com hora que existe, como 2026-11-22T09:00.")


def apply_rule[**P, Value](rule: Callable[P, Value], *args: P.args, **kwargs: P.kwargs) -> Value:
    """The value that the domain's rule returns; its `DomainError` becomes a validation error."""
    try:
        return rule(*args, **kwargs)
    except DomainError as error:
        raise InvalidValue(error.detail) from None


def _category(kind: str) -> AfterValidator:
    return AfterValidator(lambda value: apply_rule(ledger_category, kind, value))


def _amount(value: Decimal) -> Decimal:
    apply_rule(ledger_amount, value)
    return value  # as written: 150 and not 150.00


def _month(value: str) -> str:
    if not _MONTH.fullmatch(value):
        raise InvalidValue("Use um mês que existe, como 2026-11.")
    return value


def _listed(values: Iterable[str]) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "enum": list(values)})


Line = Annotated[str, Field(min_length=1), BeforeValidator(clean_line), AfterValidator(_shortened)]
"""A short text on one line; longer text is cut with an ellipsis, because it is only a description."""
Text = Annotated[str, Field(min_length=1, max_length=MAX_TEXT_LENGTH), BeforeValidator(clean_text)]
"""A longer text that is sent or stored verbatim: too long is refused, not cut."""
Amount = Annotated[
    Decimal,
    AfterValidator(_amount),
    WithJsonSchema({"type": "string", "description": "reais with a decimal point and no sign: 1234.56"}),
]
Day = Annotated[
    date, BeforeValidator(_iso_date), WithJsonSchema({"type": "string", "format": "date", "description": "YYYY-MM-DD"})
]
Moment = Annotated[
    datetime,
    BeforeValidator(_iso_moment),
    WithJsonSchema(
        {
            "type": "string",
            "format": "date-time",
            "description": "by the company's clock, without an offset: 2026-12-05T09:00",
        }
    ),
]
"""A date with time; without an offset by the company's clock (`ToolContext.moment`)."""
Month = Annotated[
    str, AfterValidator(_month), WithJsonSchema({"type": "string", "pattern": r"^20\d{2}-(0[1-9]|1[0-2])$"})
]
ExpenseCategory = Annotated[str, _category("expense"), _listed(EXPENSE_CATEGORIES)]
IncomeCategory = Annotated[str, _category("income"), _listed(INCOME_CATEGORIES)]
LedgerCategory = Annotated[
    str,
    AfterValidator(lambda value: apply_rule(known_category, value)),
    _listed(LABELS),
]
"""Of an expense or of an income."""
LedgerKind = Literal["expense", "income"]
RowInWords = Annotated[str, Field(min_length=1), BeforeValidator(clean_line), AfterValidator(_shortened)]
"""Which row is meant, in the words of the person: "o último", "a de 150", "o 2", "isso" (`pointing/references.py`)."""
Segment = Literal["all", "active", "inactive", "new"]


class Arguments(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Nothing(Arguments):
    """No arguments."""


class Period(Arguments):
    """Two days, both included."""

    start: Day
    end: Day

    @model_validator(mode="after")
    def _check_order(self) -> Self:
        if self.end < self.start:  # the maximum length depends on the tool
            apply_rule(period, self.start, self.end)
        return self
