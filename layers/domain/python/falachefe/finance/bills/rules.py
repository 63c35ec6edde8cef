"""Rules of bills: what may be added, paid, changed and cancelled. Pure: the facts are arguments."""

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from falachefe.finance import rules as ledger
from falachefe.finance.bills.recurrence import occurrence
from falachefe.kernel.errors import Conflict, invalid_field
from falachefe.kernel.money import format_brl, money
from falachefe.kernel.text import one_line

PAYABLE: Final = "payable"
RECEIVABLE: Final = "receivable"
OPEN: Final = "open"
PARTLY_PAID: Final = "partly_paid"
SETTLED: Final = "settled"
CANCELLED: Final = "cancelled"
UNPAID: Final = (OPEN, PARTLY_PAID)

KIND_OF: Final[Mapping[str, str]] = {PAYABLE: ledger.EXPENSE, RECEIVABLE: ledger.INCOME}
"""The kind of the ledger entry that a payment makes."""
DEFAULT_CATEGORY: Final[Mapping[str, str]] = {PAYABLE: "outros", RECEIVABLE: "vendas"}
DIRECTION_LABELS: Final[Mapping[str, str]] = {PAYABLE: "a pagar", RECEIVABLE: "a receber"}
STATUS_LABELS: Final[Mapping[str, str]] = {
    OPEN: "em aberto",
    PARTLY_PAID: "paga em parte",
    SETTLED: "quitada",
    CANCELLED: "cancelada",
}

MAX_INSTALMENTS: Final = 120
MAX_COUNTERPARTY_LENGTH: Final = 120
MAX_DAYS_LATE: Final = 366
"""How long ago a repeating bill may begin: each period since then gets a bill."""


def bill_direction(direction: str) -> str:
    if direction not in KIND_OF:
        raise invalid_field("direction", "A conta é a pagar (payable) ou a receber (receivable).", "direction_unknown")
    return direction


def bill_category(direction: str, category: str | None) -> str:
    """The category as given, or the direction's default. Raises `InvalidInput` for one of the other kind."""
    return ledger.ledger_category(KIND_OF[direction], category or DEFAULT_CATEGORY[direction])


def bill_counterparty(counterparty: str | None) -> str | None:
    name = one_line(counterparty or "")
    if len(name) > MAX_COUNTERPARTY_LENGTH:
        message = f"O nome passa de {MAX_COUNTERPARTY_LENGTH} caracteres. Resuma um pouco."
        raise invalid_field("counterparty", message, "counterparty_long")
    return name or None


def bill_due(due: date, today: date, *, repeating: bool = False) -> date:
    """The due date as given; a repeating bill begins at most a year ago."""
    ledger.ledger_date(due, today, "due")
    if repeating and due < today - timedelta(days=MAX_DAYS_LATE):
        message = "Uma conta que se repete começa no máximo há um ano. Confira o vencimento, por favor."
        raise invalid_field("due", message, "due_too_old")
    return due


def instalment_dates(first: date, instalments: int | None, repeats: str | None) -> list[date]:
    """The due dates of the bills to add: one, or as many as there are instalments, a month (or `repeats`) apart."""
    if instalments is None:
        return [first]
    if not 1 <= instalments <= MAX_INSTALMENTS:
        raise invalid_field("instalments", f"Use de 1 a {MAX_INSTALMENTS} parcelas.", "instalments_out_of_range")
    return [occurrence(first, repeats or "monthly", period) for period in range(instalments)]


def status_of(amount: Decimal, paid: Decimal) -> str:
    if paid <= 0:
        return OPEN
    return SETTLED if paid >= amount else PARTLY_PAID


def is_overdue(status: str, due: date, today: date) -> bool:
    """Whether it is not fully paid after its due date. It is not overdue on the date itself."""
    return status in UNPAID and due < today


def payment_amount(status: str, amount: Decimal, paid: Decimal, wanted: Decimal | None) -> Decimal:
    """What a payment pays: `wanted`, or all that is left.

    Raises `Conflict` for a bill that is settled or cancelled, `InvalidInput` for more than what is left.
    """
    if status == SETTLED:
        raise Conflict("Essa conta já foi quitada.", code="bill_settled")
    if status == CANCELLED:
        raise Conflict("Essa conta foi cancelada.", code="bill_cancelled")
    left = money(amount) - money(paid)
    if wanted is None:
        return left
    exact = ledger.ledger_amount(wanted)
    if exact > left:
        raise invalid_field("amount", f"Dessa conta faltam só {format_brl(left)}.", "bill_overpaid")
    return exact


def payment_date(day: date, today: date) -> date:
    if day > today:
        raise invalid_field("date", "A data do pagamento ainda não chegou.", "payment_in_future")
    return ledger.ledger_date(day, today)


def changed_amount(status: str, paid: Decimal, amount: Decimal) -> Decimal:
    """The new amount of a bill. Raises `Conflict` for one that is closed, `InvalidInput` for less than was paid."""
    refuse_closed(status)
    exact = ledger.ledger_amount(amount)
    if exact < paid:
        message = f"Já foram pagos {format_brl(paid)} dessa conta: o valor não pode ser menor."
        raise invalid_field("amount", message, "amount_below_paid")
    return exact


def refuse_closed(status: str) -> None:
    if status not in UNPAID:
        message = f"Essa conta está {STATUS_LABELS[status]}: o valor e o vencimento não mudam mais."
        raise Conflict(message, code="bill_closed")


def refuse_cancelling(status: str) -> None:
    if status == SETTLED:
        raise Conflict("Essa conta já foi quitada.", code="bill_settled")
    if status == CANCELLED:
        raise Conflict("Essa conta já estava cancelada.", code="bill_cancelled")


def refuse_deleting(paid: Decimal) -> None:
    if paid > 0:
        message = f"Já foram pagos {format_brl(paid)} dessa conta. Desfaça o pagamento, ou cancele o que falta."
        raise Conflict(message, code="bill_has_payments")


def entry_description(description: str, instalment: int | None, instalments: int | None) -> str:
    """The description of a payment's ledger entry: `Geladeira (2/3)`."""
    place = f" ({instalment}/{instalments})" if instalment is not None else ""
    return f"{description[: ledger.MAX_DESCRIPTION_LENGTH - len(place)]}{place}"
