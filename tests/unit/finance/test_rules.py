from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from falachefe.finance import rules
from falachefe.kernel.errors import InvalidInput

TODAY = date(2026, 11, 20)
BUDGET = UUID(int=1)
AMOUNTS = st.decimals(min_value="0.01", max_value=rules.MAX_ENTRY_AMOUNT, places=2)
MONTHS = st.dates(date(2001, 1, 1), date(2090, 12, 31)).map(rules.first_of_month)


def code_of(refused: pytest.ExceptionInfo[InvalidInput]) -> str:
    return refused.value.code


@given(AMOUNTS)
def test_every_amount_in_whole_cents_up_to_the_limit_is_accepted(amount: Decimal) -> None:
    assert rules.ledger_amount(amount) == amount


@pytest.mark.parametrize(
    ("amount", "code"),
    [
        ("0", "amount_not_positive"),
        ("-0.01", "amount_not_positive"),
        ("NaN", "amount_not_positive"),
        ("Infinity", "amount_not_positive"),
        ("100000000", "amount_too_large"),
        ("1e30", "amount_too_large"),
        ("0.001", "amount_precision"),
        ("10.999", "amount_precision"),
    ],
)
def test_an_invalid_amount_is_refused_with_its_field(amount: str, code: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        rules.ledger_amount(Decimal(amount))

    assert code_of(refused) == code
    assert [error.field for error in refused.value.errors] == ["amount"]


@pytest.mark.parametrize(
    ("written", "kept"), [("  pão \n francês ", "pão francês"), ("a\x00b", "a b"), ("x" * 200, "x" * 200)]
)
def test_a_description_is_kept_on_one_line(written: str, kept: str) -> None:
    assert rules.ledger_description(written) == kept


@pytest.mark.parametrize(
    ("written", "code"), [("", "description_empty"), ("\x00\n", "description_empty"), ("x" * 201, "description_long")]
)
def test_a_description_is_neither_empty_nor_too_long(written: str, code: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        rules.ledger_description(written)

    assert code_of(refused) == code


@pytest.mark.parametrize("day", [date(2000, 1, 1), TODAY, date(2031, 12, 31)])
def test_dates_from_2000_to_five_years_ahead_are_accepted(day: date) -> None:
    assert rules.ledger_date(day, TODAY) == day


@pytest.mark.parametrize("day", [date(1999, 12, 31), date(2032, 1, 1), date.min, date.max])
def test_dates_out_of_range_are_refused(day: date) -> None:
    with pytest.raises(InvalidInput, match=f"{day.year:04d}") as refused:
        rules.ledger_date(day, TODAY)

    assert code_of(refused) == "date_out_of_range"


def test_the_category_codes_do_not_change() -> None:
    listed = (
        "combustivel alimentacao aluguel energia agua internet_telefone salarios impostos fornecedores marketing "
        "manutencao transporte material_escritorio equipamentos servicos tarifas_bancarias saude outros"
    )
    assert " ".join(rules.EXPENSE_CATEGORIES) == listed
    assert set(rules.INCOME_CATEGORIES) == {"vendas", "servicos", "outros"}


@pytest.mark.parametrize(
    ("kind", "category"), [("expense", "vendas"), ("income", "aluguel"), ("expense", ""), ("income", "Vendas")]
)
def test_a_category_belongs_to_its_kind(kind: str, category: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        rules.ledger_category(kind, category)

    assert code_of(refused) == "category_unknown"


@given(MONTHS, st.integers(-240, 240))
def test_months_before_and_after_cancel_out(month: date, count: int) -> None:
    there = rules.months_before(month, count)

    assert there.day == 1
    assert rules.months_before(there, -count) == month


@given(MONTHS)
def test_the_month_before_ends_the_day_before_this_one_begins(month: date) -> None:
    assert rules.first_of_month(month - timedelta(days=1)) == rules.months_before(month, 1)


@given(st.integers(1, rules.MAX_MONTHS), st.dates(date(2010, 1, 1), date(2080, 12, 31)))
def test_trends_cover_the_requested_months_up_to_the_current_one(months: int, today: date) -> None:
    wanted = rules.trend_months(months, today)

    assert (len(wanted), wanted[-1]) == (months, rules.first_of_month(today))
    assert all(rules.months_before(later, 1) == earlier for earlier, later in pairwise(wanted))


@pytest.mark.parametrize("months", [0, -1, 25])
def test_trends_cover_from_one_to_twenty_four_months(months: int) -> None:
    with pytest.raises(InvalidInput):
        rules.trend_months(months, TODAY)


@pytest.mark.parametrize(
    ("before", "after", "change"),
    [
        ("100", "150", "50.0"),
        ("100", "0", "-100.0"),
        ("3", "4", "33.3"),
        ("0", "10", None),
        ("0", "0", None),
        ("7", "7", "0"),
    ],
)
def test_a_variation_is_in_per_cent_of_the_earlier_value(before: str, after: str, change: str | None) -> None:
    assert rules.variation(Decimal(before), Decimal(after)) == (None if change is None else Decimal(change))


@given(AMOUNTS, st.decimals(min_value=0, max_value=rules.MAX_ENTRY_AMOUNT, places=2))
def test_a_budget_is_exceeded_when_more_was_spent(amount: Decimal, spent: Decimal) -> None:
    view = rules.budget_view(BUDGET, "energia", date(2026, 11, 1), amount, spent)

    assert view.spent + view.remaining == view.amount == amount
    assert view.over == (spent > amount)


LINES = st.lists(
    st.tuples(
        st.sampled_from(["expense", "income"]), st.sampled_from(["outros", "servicos"]), AMOUNTS, st.integers(1, 9)
    ),
    max_size=4,
    unique_by=lambda line: line[:2],
)


@given(LINES)
def test_a_cash_flow_adds_up_and_shows_the_largest_first(lines: list[tuple[str, str, Decimal, int]]) -> None:
    flow = rules.cash_flow_of(TODAY, TODAY, lines)

    assert flow.balance == flow.income - flow.expense
    assert flow.income + flow.expense == sum((total for _, _, total, _ in lines), Decimal(0))
    assert flow.count == sum(count for *_, count in lines)
    totals = [line.total for line in flow.by_category]
    assert totals == sorted(totals, reverse=True)


@pytest.mark.parametrize(
    ("start", "end", "code"),
    [(TODAY, date(2026, 11, 19), "period_backwards"), (date(2000, 1, 1), TODAY, "period_too_long")],
)
def test_a_period_ends_after_it_starts_and_within_five_years(start: date, end: date, code: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        rules.period(start, end)

    assert code_of(refused) == code


def test_a_period_may_be_one_day() -> None:
    assert rules.period(TODAY, TODAY) == (TODAY, TODAY)
