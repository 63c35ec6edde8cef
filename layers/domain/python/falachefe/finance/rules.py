"""Rules for ledger entries and budgets, and the figures of reports. Pure: clock and facts are arguments."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any, Final
from uuid import UUID

from falachefe.kernel.errors import invalid_field
from falachefe.kernel.money import format_brl, money
from falachefe.kernel.text import one_line

EXPENSE: Final = "expense"
INCOME: Final = "income"
KIND_LABELS: Final[Mapping[str, str]] = {EXPENSE: "despesa", INCOME: "receita"}

EXPENSE_CATEGORIES: Final[Mapping[str, str]] = {
    "combustivel": "Combustível",
    "alimentacao": "Alimentação",
    "aluguel": "Aluguel",
    "energia": "Energia",
    "agua": "Água",
    "internet_telefone": "Internet e telefone",
    "salarios": "Salários",
    "impostos": "Impostos",
    "fornecedores": "Fornecedores",
    "marketing": "Marketing",
    "manutencao": "Manutenção",
    "transporte": "Transporte",
    "material_escritorio": "Material de escritório",
    "equipamentos": "Equipamentos",
    "servicos": "Serviços",
    "tarifas_bancarias": "Tarifas bancárias",
    "saude": "Saúde",
    "outros": "Outros",
}
INCOME_CATEGORIES: Final[Mapping[str, str]] = {"vendas": "Vendas", "servicos": "Serviços", "outros": "Outros"}
CATEGORIES: Final[Mapping[str, Mapping[str, str]]] = {EXPENSE: EXPENSE_CATEGORIES, INCOME: INCOME_CATEGORIES}
OTHER: Final = "outros"
"""The category of both kinds for what fits no other."""
LABELS: Final[Mapping[str, str]] = {**EXPENSE_CATEGORIES, **INCOME_CATEGORIES}
"""Of all categories; one that both kinds have is named alike."""

MAX_ENTRY_AMOUNT: Final = Decimal("99999999.99")
"""A larger amount is more likely a typo than an entry of a small company."""
MAX_DESCRIPTION_LENGTH: Final = 200
MIN_YEAR: Final = 2000
MAX_YEARS_AHEAD: Final = 5
MAX_PERIOD_DAYS: Final = 366 * 5
MAX_MONTHS: Final = 24


def category_label(kind: str, category: str) -> str:
    """The category's pt-BR name; an unlisted code is returned as it is."""
    return CATEGORIES[kind].get(category, category)


def ledger_amount(amount: Decimal) -> Decimal:
    """`amount` in reais with two decimal places. Raises `InvalidInput` when not positive, too large or too precise."""
    if not amount.is_finite() or amount <= 0:
        raise invalid_field("amount", "O valor precisa ser maior que zero.", "amount_not_positive")
    if amount > MAX_ENTRY_AMOUNT:
        raise invalid_field("amount", f"O valor passa do máximo de {format_brl(MAX_ENTRY_AMOUNT)}.", "amount_too_large")
    exact = money(amount)
    if exact != amount:
        raise invalid_field("amount", "O valor vai até os centavos: no máximo duas casas decimais.", "amount_precision")
    return exact


def ledger_description(description: str) -> str:
    text = one_line(description)
    if not text:
        raise invalid_field("description", "Diga em poucas palavras do que se trata o lançamento.", "description_empty")
    if len(text) > MAX_DESCRIPTION_LENGTH:
        raise invalid_field(
            "description",
            f"A descrição passa de {MAX_DESCRIPTION_LENGTH} caracteres. Resuma um pouco.",
            "description_long",
        )
    return text


def ledger_kind(kind: str) -> str:
    if kind not in CATEGORIES:
        raise invalid_field("kind", "O tipo do lançamento é despesa (expense) ou receita (income).", "kind_unknown")
    return kind


def ledger_category(kind: str, category: str) -> str:
    if category not in CATEGORIES[kind]:
        known = ", ".join(CATEGORIES[kind])
        raise invalid_field(
            "category", f"Categoria desconhecida para {KIND_LABELS[kind]}. Use: {known}.", "category_unknown"
        )
    return category


def known_category(category: str) -> str:
    """A category of either kind."""
    if category not in LABELS:
        known = ", ".join(LABELS)
        raise invalid_field("category", f"Categoria desconhecida. Use: {known}.", "category_unknown")
    return category


def ledger_date(day: date, today: date, field: str = "date") -> date:
    if day.year < MIN_YEAR or day.year > today.year + MAX_YEARS_AHEAD:
        raise invalid_field(
            field, f"A data {day:%d/%m}/{day.year:04d} não parece certa. Confira o ano, por favor.", "date_out_of_range"
        )
    return day


def changed_entry(entry: Mapping[str, Any], changes: Mapping[str, Any], today: date) -> dict[str, Any]:
    """The entry's values as changed. It is checked as a whole, because a new kind can make the category invalid."""
    values = {**entry, **changes}
    kind = ledger_kind(values["kind"])
    return {
        "kind": kind,
        "amount": ledger_amount(values["amount"]),
        "description": ledger_description(values["description"]),
        "category": ledger_category(kind, values["category"]),
        "occurred_on": ledger_date(values["occurred_on"], today),
    }


def period(start: date, end: date) -> tuple[date, date]:
    """The period as given. Raises `InvalidInput` when it ends before it starts or is longer than five years."""
    if end < start:
        raise invalid_field("end", "O fim do período vem antes do começo.", "period_backwards")
    if (end - start).days > MAX_PERIOD_DAYS:
        raise invalid_field("end", "O período passa de cinco anos. Escolha um menor.", "period_too_long")
    return start, end


def first_of_month(day: date) -> date:
    return day.replace(day=1)


def months_before(month: date, count: int) -> date:
    """The first day of the month `count` months before (after, when negative)."""
    years, index = divmod(month.year * 12 + month.month - 1 - count, 12)
    return date(years, index + 1, 1)


@dataclass(frozen=True, slots=True)
class CategoryTotal:
    kind: str
    category: str
    label: str
    total: Decimal
    count: int


@dataclass(frozen=True, slots=True)
class CashFlow:
    """Income and expenses between two dates, both included. `by_category` has the largest first."""

    start: date
    end: date
    income: Decimal
    expense: Decimal
    balance: Decimal
    by_category: list[CategoryTotal]
    count: int


def cash_flow_of(start: date, end: date, totals: Sequence[tuple[str, str, Decimal, int]]) -> CashFlow:
    """`totals` are rows of kind, category, sum and number of entries."""
    lines = [CategoryTotal(kind, c, category_label(kind, c), money(total), n) for kind, c, total, n in totals]
    lines.sort(key=lambda line: (-line.total, line.kind, line.category))
    income = sum((line.total for line in lines if line.kind == INCOME), money(0))
    expense = sum((line.total for line in lines if line.kind == EXPENSE), money(0))
    return CashFlow(start, end, income, expense, income - expense, lines, sum(line.count for line in lines))


@dataclass(frozen=True, slots=True)
class BudgetView:
    """A category's budget in a month with what was spent; `remaining` is negative when it is exceeded."""

    id: UUID
    category: str
    label: str
    month: date
    amount: Decimal
    spent: Decimal
    remaining: Decimal
    over: bool
    version: int = 1
    """Set where the budget has just been written, as is `previous`."""
    previous: Decimal | None = None
    """The amount that was replaced; None for the month's first budget."""


def budget_view(budget_id: UUID, category: str, month: date, amount: Decimal, spent: Decimal) -> BudgetView:
    remaining = money(amount) - money(spent)
    return BudgetView(
        id=budget_id,
        category=category,
        label=category_label(EXPENSE, category),
        month=month,
        amount=money(amount),
        spent=money(spent),
        remaining=remaining,
        over=remaining < 0,
    )


@dataclass(frozen=True, slots=True)
class MonthTrend:
    """One month's sums; a variation is in per cent of the month before, None when that was zero."""

    month: date
    income: Decimal
    expense: Decimal
    balance: Decimal
    income_variation: Decimal | None
    expense_variation: Decimal | None


def variation(before: Decimal, after: Decimal) -> Decimal | None:
    """The change in per cent with one decimal place; None when `before` is zero."""
    if before == 0:
        return None
    return ((after - before) * 100 / before).quantize(Decimal("0.1"), rounding=ROUND_HALF_EVEN)


def months_back(months: int) -> int:
    if not 1 <= months <= MAX_MONTHS:
        raise invalid_field("months", f"Escolha de 1 a {MAX_MONTHS} meses.", "months_out_of_range")
    return months


def trend_months(months: int, today: date) -> list[date]:
    """The first days of the last `months` months including the current one, oldest first."""
    present = first_of_month(today)
    return [months_before(present, back) for back in range(months_back(months) - 1, -1, -1)]


def trends_of(months: Sequence[date], sums: Mapping[tuple[date, str], Decimal]) -> list[MonthTrend]:
    """`sums` are by first day of the month and kind, and may include the month before the first for comparison."""
    return [_trend(month, sums) for month in months]


def _trend(month: date, sums: Mapping[tuple[date, str], Decimal]) -> MonthTrend:
    before = months_before(month, 1)
    income, expense = (money(sums.get((month, kind), Decimal(0))) for kind in (INCOME, EXPENSE))
    return MonthTrend(
        month=month,
        income=income,
        expense=expense,
        balance=income - expense,
        income_variation=variation(sums.get((before, INCOME), Decimal(0)), income),
        expense_variation=variation(sums.get((before, EXPENSE), Decimal(0)), expense),
    )
