"""REST schemas of bills. Amounts are decimal strings in BRL, dates are ISO."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from falachefe.finance.bills.rules import MAX_INSTALMENTS
from falachefe.resources.schemas import Amount, Document, Input, IsoDate

Direction = Literal["payable", "receivable"]
Status = Literal["open", "partly_paid", "settled", "cancelled"]
Interval = Literal["weekly", "monthly", "yearly"]
Instalments = Annotated[int, Field(ge=1, le=MAX_INSTALMENTS, examples=[3])]


class BillIn(Input):
    """`amount` is that of one instalment where there are `instalments`. Without a `category` it is `outros` for a
    payable and `vendas` for a receivable. `repeats` is the interval of the instalments, if there are any (monthly
    without it), else that in which further bills follow."""

    direction: Direction
    amount: Amount = Field(examples=["320.00"])
    description: str = Field(examples=["Conta de luz"])
    due: IsoDate
    counterparty: str | None = Field(default=None, examples=["Enel"])
    category: str | None = Field(default=None, examples=["energia"])
    repeats: Interval | None = None
    instalments: Instalments | None = None


class BillChange(Input):
    """Concerns this bill only; later ones of a repeating series are made with its new amount and texts."""

    amount: Amount = Field(examples=["320.00"])
    description: str = Field(examples=["Conta de luz"])
    due: IsoDate
    counterparty: str | None = Field(examples=["Enel"])
    category: str = Field(examples=["energia"])


class BillOut(Document):
    """`left` is what is still to be paid. A bill is `overdue` from the day after its due date, in the company's time
    zone. `instalment` counts from 1. `series_id` is shared by repetitions and by instalments; `period` counts them
    from 0."""

    direction: Direction
    amount: Amount
    paid: Amount
    left: Amount
    description: str
    due: IsoDate
    counterparty: str | None
    category: str
    category_label: str
    status: Status
    overdue: bool
    repeats: Interval | None
    instalment: int | None
    instalments: int | None
    series_id: UUID | None
    period: int | None
    source: str
    created_by: UUID | None


class BillPaymentOut(Document):
    """`transaction_id` is the ledger entry, which counts in reports. `deleted_at` is set when it was taken back."""

    bill_id: UUID
    transaction_id: UUID
    amount: Amount
    paid_on: IsoDate
    created_by: UUID | None


class SettleIn(Input):
    """Without an `amount` all that is left is paid; without a `date`, today in the company's time zone."""

    amount: Amount | None = Field(default=None, examples=["50.00"])
    date: IsoDate | None = None


class CancelIn(Input):
    """Cancelling the newest bill of a repeating series ends the series, unless it is `only_this` one."""

    only_this: bool = False


class PaymentShown(BaseModel):
    id: UUID
    transaction_id: UUID
    amount: Amount
    paid_on: IsoDate


class SettledBill(BillOut):
    """The bill after the payment. `next_bill_id`: the following bill of a repeating series, if the payment made it."""

    payment: PaymentShown
    next_bill_id: UUID | None


class CancelledBill(BillOut):
    """`ended_series`: no further bill of its series will follow. `next_bill_id`: the one that does."""

    ended_series: bool
    next_bill_id: UUID | None
