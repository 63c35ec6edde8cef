"""Documents that are booked once: the reference of a boleto, receipt or invoice belongs to one entry and one bill."""

import re
from datetime import date
from decimal import Decimal
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from falachefe.finance.rules import KIND_LABELS
from falachefe.kernel.errors import Conflict, invalid_field
from falachefe.kernel.money import format_brl

MAX_REFERENCE_LENGTH: Final = 120
_VISIBLE: Final = re.compile(r"[!-~]{1,120}")
_NAMES: Final = {
    "boleto": "este boleto",
    "recibo": "este comprovante",
    "nfe": "esta nota",
    "pix": "este Pix",
}
_LOCK: Final = text("select pg_advisory_xact_lock(hashtextextended(:key, 0))")
# By table name: the package of bills stands on this one.
_ENTRY: Final = text(
    "select kind, amount, description, occurred_on from transactions"
    " where company_id = :company_id and reference = :reference and deleted_at is null"
)
_BILL: Final = text(
    "select id, amount, description, due, status from bills"
    " where company_id = :company_id and reference = :reference and deleted_at is null and status <> 'cancelled'"
)


def valid_reference(reference: str) -> str:
    """The reference as given. Raises `InvalidInput` for one that is empty, too long or has more than visible ASCII."""
    if not _VISIBLE.fullmatch(reference):
        message = f"A referência tem de 1 a {MAX_REFERENCE_LENGTH} caracteres simples, sem espaços."
        raise invalid_field("reference", message, "reference_invalid")
    return reference


def claim(session: Session, company_id: UUID, reference: str, *, of_bill: UUID | None = None) -> str:
    """The valid reference, which no entry and no bill has. It stays locked for others until the transaction ends.

    `of_bill` is the bill that the new entry pays: it may have the reference. Raises `Conflict` with
    `document_already_recorded`, naming the day of the entry or bill that has it.
    """
    valid_reference(reference)
    wanted = {"company_id": company_id, "reference": reference}
    session.execute(_LOCK, {"key": f"{company_id}:{reference}"})
    entry = session.execute(_ENTRY, wanted).first()
    if entry is not None:
        what = f"{KIND_LABELS[entry.kind]} de {format_brl(entry.amount)}, {entry.description}"
        raise _already(reference, f"em {_day(entry.occurred_on)}: {what}")
    bill = session.execute(_BILL, wanted).first()
    if bill is not None and bill.id != of_bill:
        raise _already(reference, f"nas contas: {_bill(bill.amount, bill.description, bill.due)}")
    return reference


def unpaid_bill(session: Session, company_id: UUID, reference: str) -> UUID | None:
    """The bill with this reference that is not fully paid."""
    bill = session.execute(_BILL, {"company_id": company_id, "reference": reference}).first()
    return bill.id if bill is not None and bill.status in ("open", "partly_paid") else None


def _bill(amount: Decimal, description: str, due: date) -> str:
    return f"{format_brl(amount)}, {description}, com vencimento em {_day(due)}"


def _already(reference: str, where: str) -> Conflict:
    name = _NAMES.get(reference.partition(":")[0], "este documento")
    return Conflict(f"Já anotei {name} {where}.", code="document_already_recorded")


def _day(day: date) -> str:
    return f"{day:%d/%m/%Y}"
