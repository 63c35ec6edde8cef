"""What was spent, or came in, between two dates: by category, by words, by person, against the period before."""

from calendar import monthrange
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from falachefe.finance import rules, service
from falachefe.finance.entries import EntryFilter, conditions, entries
from falachefe.finance.models import Transaction
from falachefe.finance.rules import BudgetView
from falachefe.finance.service import TransactionView
from falachefe.kernel.money import money

MOST_LARGEST = 3


@dataclass(frozen=True, slots=True)
class Period:
    """Both days are included."""

    start: date
    end: date


@dataclass(frozen=True, slots=True)
class Spending:
    """Amounts are in reais. `variation` is in per cent of what the period before had, None when that was zero."""

    kind: str
    period: Period
    total: Decimal
    count: int
    largest: list[TransactionView]
    before: Period
    total_before: Decimal
    variation: Decimal | None
    budget: BudgetView | None
    """The category's budget, when the period lies in one month that has one."""
    unknown: tuple[str, ...]
    """Words that no entry of any time has; they were left out."""


def spending(
    session: Session,
    company_id: UUID,
    wanted: EntryFilter,
    *,
    start: date,
    end: date,
    today: date,
) -> Spending:
    """The entries of `wanted.kind` (default: expenses) from `start` to `end` that `wanted` describes.

    A period that is not over is compared with as much of the one before. Raises `InvalidInput` for a period that ends
    before it starts or is longer than five years.
    """
    rules.period(start, end)
    wanted = replace(wanted, kind=rules.ledger_kind(wanted.kind or rules.EXPENSE), start=None, end=None)
    unknown = tuple(word for word in wanted.words if not _is_known(session, company_id, wanted, word))
    wanted = replace(wanted, words=tuple(word for word in wanted.words if word not in unknown))
    present = replace(wanted, start=start, end=end)
    total, count = _sums(session, company_id, present)
    before = period_before(start, end, today)
    total_before, _ = _sums(session, company_id, replace(wanted, start=before.start, end=before.end))
    return Spending(
        kind=wanted.kind or rules.EXPENSE,
        period=Period(start, end),
        total=total,
        count=count,
        largest=_largest(session, company_id, present) if count else [],
        before=before,
        total_before=total_before,
        variation=rules.variation(total_before, total),
        budget=_budget(session, company_id, wanted, start, end),
        unknown=unknown,
    )


def period_before(start: date, end: date, today: date) -> Period:
    """The period that a period is compared with: the same days of the month before, or as many days before it.

    Of a period that is not over, only the days up to `today` count.
    """
    last = min(end, today) if start <= today else end
    if start.day != 1 or (start.year, start.month) != (end.year, end.month):
        days = (last - start).days + 1
        return Period(start - timedelta(days=days), start - timedelta(days=1))
    first = rules.months_before(start, 1)
    length = monthrange(first.year, first.month)[1]
    whole = last.day == monthrange(start.year, start.month)[1]
    return Period(first, first.replace(day=length if whole else min(last.day, length)))


def _sums(session: Session, company_id: UUID, wanted: EntryFilter) -> tuple[Decimal, int]:
    total, count = session.execute(
        select(func.coalesce(func.sum(Transaction.amount), 0), func.count()).where(*conditions(company_id, wanted))
    ).one()
    return money(total), count


def _largest(session: Session, company_id: UUID, wanted: EntryFilter) -> list[TransactionView]:
    return entries(session, company_id, wanted, limit=MOST_LARGEST, order="amount")


def _is_known(session: Session, company_id: UUID, wanted: EntryFilter, word: str) -> bool:
    return bool(entries(session, company_id, EntryFilter(kind=wanted.kind, words=(word,)), limit=1))


def _budget(session: Session, company_id: UUID, wanted: EntryFilter, start: date, end: date) -> BudgetView | None:
    one_month = (start.year, start.month) == (end.year, end.month)
    if wanted.category is None or wanted.kind != rules.EXPENSE or not one_month:
        return None
    return service.budget_status(session, company_id, wanted.category, start)
