"""Money as `Decimal` in BRL with two decimal places, rounded half-even, as in the ledger's `numeric(14, 2)`."""

from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation

CENT = Decimal("0.01")
MAX_AMOUNT = Decimal("999999999999.99")


def money(value: Decimal | str | int) -> Decimal:
    """`value` in reais with two decimal places.

    Raises `ValueError` when it is not a finite number or does not fit `numeric(14, 2)`.
    """
    try:
        amount = Decimal(value)
    except InvalidOperation as error:
        raise ValueError(f"not an amount of money: {value!r}") from error
    if not amount.is_finite() or abs(amount) > MAX_AMOUNT:
        raise ValueError("an amount of money must be finite and below a trillion")
    return amount.quantize(CENT, rounding=ROUND_HALF_EVEN)


def format_brl(amount: Decimal) -> str:
    """`Decimal("1234.5")` as `R$ 1.234,50`; a negative amount as `-R$ 1.234,50`."""
    cents = money(amount)
    digits = f"{abs(cents):,.2f}".translate(str.maketrans(",.", ".,"))
    sign = "-" if cents < 0 else ""
    return f"{sign}R$ {digits}"
