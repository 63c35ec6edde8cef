"""Dates of repeating bills against a walk over the calendar, and what may be paid and changed."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from falachefe.finance.bills import rules
from falachefe.finance.bills.recurrence import months_later, occurrence
from falachefe.finance.rules import MAX_ENTRY_AMOUNT
from falachefe.kernel.errors import Conflict, InvalidInput

DAYS = st.dates(date(2000, 1, 1), date(2060, 12, 31))
CENTS = st.integers(1, 9_999_999_999).map(lambda cents: Decimal(cents) / 100)
TODAY = date(2026, 11, 29)


def walked(start: date, months: int) -> date:
    """Day by day: the start's day in the month that begins with the `months`-th first of a month, or its last day."""
    day, firsts = start, 0
    while firsts < months:
        day += timedelta(days=1)
        firsts += day.day == 1
    while day.day != start.day and (day + timedelta(days=1)).month == day.month:
        day += timedelta(days=1)
    return day


@given(DAYS, st.integers(0, 50))
def test_a_monthly_bill_falls_on_its_day_or_on_the_months_last(start: date, period: int) -> None:
    assert occurrence(start, "monthly", period) == walked(start, period)


@given(DAYS, st.integers(0, 8))
def test_a_yearly_bill_falls_on_its_day_or_on_28_february(start: date, period: int) -> None:
    assert occurrence(start, "yearly", period) == walked(start, 12 * period)


@given(DAYS, st.integers(0, 300))
def test_a_weekly_bill_keeps_its_weekday(start: date, period: int) -> None:
    found = occurrence(start, "weekly", period)

    assert found.weekday() == start.weekday()
    assert (found - start).days == 7 * period


@given(DAYS, st.sampled_from(["weekly", "monthly", "yearly"]), st.integers(0, 40))
def test_each_bill_of_a_series_is_due_after_the_one_before(start: date, repeats: str, period: int) -> None:
    assert occurrence(start, repeats, period) < occurrence(start, repeats, period + 1)


def test_the_31st_comes_back_after_a_short_month() -> None:
    dates = [occurrence(date(2027, 12, 31), "monthly", period) for period in range(5)]

    assert [f"{day:%d/%m}" for day in dates] == ["31/12", "31/01", "29/02", "31/03", "30/04"]


def test_the_leap_day_comes_back_every_four_years() -> None:
    dates = [occurrence(date(2028, 2, 29), "yearly", period) for period in (1, 3, 4)]

    assert dates == [date(2029, 2, 28), date(2031, 2, 28), date(2032, 2, 29)]


@given(DAYS, st.integers(-200, 200))
def test_months_later_goes_back_to_the_first_of_the_month(day: date, months: int) -> None:
    first = day.replace(day=1)

    assert months_later(months_later(first, months), -months) == first


@given(CENTS, CENTS, CENTS)
def test_a_payment_never_exceeds_what_is_left(amount: Decimal, paid: Decimal, wanted: Decimal) -> None:
    before = min(paid, amount)
    status = rules.status_of(amount, before)
    if before == amount:
        with pytest.raises(Conflict, match="quitada"):
            rules.payment_amount(status, amount, before, wanted)
    elif wanted > amount - before or wanted > MAX_ENTRY_AMOUNT:
        with pytest.raises(InvalidInput, match=r"faltam só|passa do máximo"):
            rules.payment_amount(status, amount, before, wanted)
    else:
        assert rules.payment_amount(status, amount, before, wanted) == wanted


def test_an_overpayment_is_refused_with_the_rest_named() -> None:
    with pytest.raises(InvalidInput, match=r"faltam só R\$ 30,00"):
        rules.payment_amount("partly_paid", Decimal(80), Decimal(50), Decimal(31))


def test_without_an_amount_the_rest_is_paid() -> None:
    assert rules.payment_amount("partly_paid", Decimal(80), Decimal(50), None) == Decimal(30)


def test_a_cancelled_bill_takes_no_payment() -> None:
    with pytest.raises(Conflict) as refused:
        rules.payment_amount("cancelled", Decimal(80), Decimal(0), None)

    assert refused.value.code == "bill_cancelled"


@pytest.mark.parametrize(("due", "late"), [(TODAY, False), (TODAY - timedelta(days=1), True)])
def test_a_bill_is_overdue_from_the_day_after(due: date, late: bool) -> None:
    assert rules.is_overdue("open", due, TODAY) is late
    assert rules.is_overdue("settled", due, TODAY) is False


def test_three_instalments_are_three_months() -> None:
    dates = rules.instalment_dates(date(2027, 1, 31), 3, None)

    assert dates == [date(2027, 1, 31), date(2027, 2, 28), date(2027, 3, 31)]


@pytest.mark.parametrize("instalments", [0, -1, rules.MAX_INSTALMENTS + 1])
def test_a_number_of_instalments_has_bounds(instalments: int) -> None:
    with pytest.raises(InvalidInput) as refused:
        rules.instalment_dates(TODAY, instalments, None)

    assert refused.value.code == "instalments_out_of_range"


def test_a_repeating_bill_does_not_begin_years_ago() -> None:
    assert rules.bill_due(date(2024, 1, 5), TODAY) == date(2024, 1, 5)
    with pytest.raises(InvalidInput) as refused:
        rules.bill_due(date(2024, 1, 5), TODAY, repeating=True)

    assert refused.value.code == "due_too_old"


def test_an_amount_does_not_fall_below_what_was_paid() -> None:
    assert rules.changed_amount("partly_paid", Decimal(50), Decimal(50)) == Decimal(50)
    with pytest.raises(InvalidInput, match=r"R\$ 50,00"):
        rules.changed_amount("partly_paid", Decimal(50), Decimal(49))


def test_the_entry_of_an_instalment_says_which_one_it_was() -> None:
    assert rules.entry_description("Geladeira", 2, 3) == "Geladeira (2/3)"
    assert len(rules.entry_description("x" * 200, 12, 120)) == 200
