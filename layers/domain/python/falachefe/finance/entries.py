"""Reading, correcting and deleting single entries of the ledger, in the caller's transaction.

An entry may be the payment of a bill: the bill then changes with it (`bills/payments.py`), after the entry's row, which
the change has locked. `today` is the company's date.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final, Literal
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from falachefe.db.outbox import Outbox
from falachefe.db.row_versions import write_version
from falachefe.finance import references, rules
from falachefe.finance.bills import payments
from falachefe.finance.bills.service import BillView
from falachefe.finance.models import Transaction
from falachefe.finance.service import TransactionView
from falachefe.kernel.errors import NotFound
from falachefe.kernel.events import DomainEvent, Json
from falachefe.kernel.text import ACCENTED, UNACCENTED, fold

type Order = Literal["date", "written", "amount"]

CHANGEABLE: Final = ("kind", "amount", "description", "category", "occurred_on")
_READ: Final = (*CHANGEABLE, "id", "source", "created_by", "created_at", "version", "reference")


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryFilter:
    """Which entries are meant; what is None does not count. Both ends of the period are included."""

    start: date | None = None
    end: date | None = None
    kind: str | None = None
    category: str | None = None
    words: tuple[str, ...] = ()
    """Each of them is in the description or in the category's name; accents and case do not count."""
    any_word: bool = False
    """One of the words is enough."""
    categories: tuple[str, ...] = ()
    """Entries of these count as if they had a word."""
    amount: Decimal | None = None
    created_by: UUID | None = None
    people: tuple[UUID, ...] = ()
    """Entries that one of these users wrote count as if they had all words."""


@dataclass(frozen=True, slots=True)
class Deleted:
    """A deletion. `version` is the row's after it, `bill` the one that the entry had paid."""

    version: int
    bill: BillView | None


def entries(
    session: Session,
    company_id: UUID,
    wanted: EntryFilter,
    *,
    limit: int,
    order: Order = "date",
) -> list[TransactionView]:
    """The entries: the latest day, the one written last, or the largest amount first."""
    first = {"date": (Transaction.occurred_on.desc(),), "written": (), "amount": (Transaction.amount.desc(),)}[order]
    found = _select().where(*conditions(company_id, wanted)).order_by(*first, Transaction.id.desc())
    return [_view(dict(row._mapping)) for row in session.execute(found.limit(limit))]


def entries_by_id(session: Session, company_id: UUID, ids: Sequence[UUID]) -> list[TransactionView]:
    """Those of the entries that are there, in the order of `ids`."""
    if not ids:
        return []
    rows = session.execute(
        _select().where(Transaction.company_id == company_id, Transaction.id.in_(ids), Transaction.deleted_at.is_(None))
    )
    found = {row.id: _view(dict(row._mapping)) for row in rows}
    return [found[one] for one in ids if one in found]


def conditions(company_id: UUID, wanted: EntryFilter) -> list[ColumnElement[bool]]:
    """The conditions of a query for the entries that are meant."""
    names = ("kind", "category", "amount", "created_by")
    exact = {name: getattr(wanted, name) for name in names}
    found = [Transaction.company_id == company_id, Transaction.deleted_at.is_(None)]
    found += [getattr(Transaction, name) == value for name, value in exact.items() if value is not None]
    if wanted.start is not None:
        found.append(Transaction.occurred_on >= wanted.start)
    if wanted.end is not None:
        found.append(Transaction.occurred_on <= wanted.end)
    named = [_has_word(word) for word in wanted.words]
    if wanted.categories:
        named.append(Transaction.category.in_(wanted.categories))
    if not named:
        return found
    described = or_(*named) if wanted.any_word else and_(*named)
    return [*found, or_(described, Transaction.created_by.in_(wanted.people)) if wanted.people else described]


def _has_word(word: str) -> ColumnElement[bool]:
    """The word begins a word of the description, or of the name of the entry's category."""
    plain = fold(word)
    folded = func.translate(func.lower(Transaction.description), ACCENTED, UNACCENTED)
    named = [code for code, label in rules.LABELS.items() if f" {plain}" in f" {fold(label)}"]
    starts = (folded.startswith(plain, autoescape=True), folded.contains(f" {plain}", autoescape=True))
    return or_(*starts, Transaction.category.in_(named)) if named else or_(*starts)


def change_entry(
    session: Session,
    company_id: UUID,
    entry: TransactionView,
    changes: Mapping[str, Any],
    *,
    today: date,
    now: datetime,
    outbox: Outbox | None = None,
) -> TransactionView:
    """The entry with `changes` (by column), written if it still has the version of `entry`.

    Raises `InvalidInput` for values that the ledger refuses, and `Conflict` (`changed_meanwhile`) for another version.
    """
    values = rules.changed_entry({name: getattr(entry, name) for name in CHANGEABLE}, changes, now.date())
    version = write_version(session, Transaction, company_id, entry.id, version=entry.version, values=values, now=now)
    paid = {name: values[name] for name in ("kind", "amount", "occurred_on")}
    payments.entry_changed(session, company_id, entry.id, **paid, today=today, now=now, outbox=outbox)
    _record(outbox, "updated", entry.id, version, now)
    rest = {name: getattr(entry, name) for name in _READ if name not in CHANGEABLE and name != "version"}
    return _view({**rest, **values, "version": version})


def delete_entry(
    session: Session,
    company_id: UUID,
    entry_id: UUID,
    *,
    version: int,
    today: date,
    now: datetime,
    outbox: Outbox | None = None,
) -> Deleted:
    """Marks the entry as deleted if it still has this version. `restore_entry` takes it back."""
    deleted = {"deleted_at": now}
    written = write_version(session, Transaction, company_id, entry_id, version=version, values=deleted, now=now)
    bill = payments.entry_deleted(session, company_id, entry_id, today=today, now=now, outbox=outbox)
    _record(outbox, "deleted", entry_id, written, now)
    return Deleted(written, bill)


def restore_entry(
    session: Session,
    company_id: UUID,
    entry_id: UUID,
    *,
    version: int,
    today: date,
    now: datetime,
    outbox: Outbox | None = None,
) -> TransactionView:
    """Takes a deletion back, if nothing happened to the entry since and its document was not booked again."""
    reference = session.scalar(
        select(Transaction.reference).where(Transaction.company_id == company_id, Transaction.id == entry_id)
    )
    if reference is not None:
        paying = payments.payment_of_entry(session, company_id, entry_id)
        references.claim(session, company_id, reference, of_bill=None if paying is None else paying.bill_id)
    there = {"deleted_at": None}
    written = write_version(session, Transaction, company_id, entry_id, version=version, values=there, now=now)
    payments.entry_restored(session, company_id, entry_id, today=today, now=now, outbox=outbox)
    _record(outbox, "restored", entry_id, written, now)
    return entry(session, company_id, entry_id)


def entry(session: Session, company_id: UUID, entry_id: UUID) -> TransactionView:
    """The entry. Raises `NotFound` when there is none, or when it was deleted."""
    found = entries_by_id(session, company_id, [entry_id])
    if not found:
        raise NotFound("Esse lançamento não existe mais.", code="entry_not_found")
    return found[0]


def _select() -> Any:
    return select(*(getattr(Transaction, name) for name in _READ))


def _view(values: Mapping[str, Any]) -> TransactionView:
    return TransactionView(**values, category_label=rules.category_label(values["kind"], values["category"]))


def _record(outbox: Outbox | None, done: str, entry_id: UUID, version: int, now: datetime) -> None:
    if outbox is not None:
        data: dict[str, Json] = {"transaction_id": str(entry_id), "version": version}
        outbox.record(DomainEvent(f"finance.transaction_{done}", outbox.company_id, now, data))
