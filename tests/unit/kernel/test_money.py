import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from falachefe.kernel.money import CENT, MAX_AMOUNT, format_brl, money

AMOUNTS = st.decimals(min_value=-MAX_AMOUNT, max_value=MAX_AMOUNT, places=2)


@given(st.decimals(min_value=-MAX_AMOUNT, max_value=MAX_AMOUNT, allow_nan=False))
def test_money_is_rounded_to_the_nearest_cent(value: Decimal) -> None:
    amount = money(value)

    assert amount.as_tuple().exponent == -2
    assert abs(amount - value) <= CENT / 2


@given(AMOUNTS)
def test_money_of_money_is_the_same(value: Decimal) -> None:
    assert money(money(value)) == money(str(value)) == value


@pytest.mark.parametrize(
    ("value", "cents"), [("0.005", "0.00"), ("0.015", "0.02"), ("0.025", "0.02"), ("2.675", "2.68")]
)
def test_half_a_cent_is_rounded_to_even(value: str, cents: str) -> None:
    assert money(value) == Decimal(cents)


@pytest.mark.parametrize("value", ["NaN", "sNaN", "Infinity", "-Infinity", "1e12", "1e999999", "", "cem", "1,50"])
def test_an_invalid_amount_raises(value: str) -> None:
    with pytest.raises(ValueError, match="amount"):
        money(value)


@given(AMOUNTS)
def test_formatted_amounts_can_be_parsed_back(amount: Decimal) -> None:
    written = format_brl(amount)

    assert re.fullmatch(r"-?R\$ \d{1,3}(\.\d{3})*,\d{2}", written)
    assert Decimal(written.replace("R$ ", "").replace(".", "").replace(",", ".")) == amount


@pytest.mark.parametrize(
    ("amount", "written"),
    [("0", "R$ 0,00"), ("1234.5", "R$ 1.234,50"), ("-0.01", "-R$ 0,01"), ("1000000", "R$ 1.000.000,00")],
)
def test_amounts_are_formatted_as_in_brazil(amount: str, written: str) -> None:
    assert format_brl(Decimal(amount)) == written


def test_a_negative_amount_below_half_a_cent_has_no_sign() -> None:
    assert format_brl(Decimal("-0.001")) == "R$ 0,00"
