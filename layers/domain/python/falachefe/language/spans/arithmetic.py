"""Arithmetic over the amounts of a message: which of several is the sum that moved."""

from decimal import Decimal

from falachefe.language.spans.types import Reckoning, Spans
from falachefe.language.text.normalize import rx


def reais(value: Decimal) -> str:
    """`R$ 1.234,50`."""
    return "R$ " + f"{value:,.2f}".translate(str.maketrans(",.", ".,"))


def reckon(plain: str, spans: Spans) -> tuple[Reckoning, ...]:
    """The sums of `plain` in order: one for each amount, or the total alone where one is named."""
    units = [m for m in spans.money if m.role == "unit"]
    others = [m for m in spans.money if m.role != "unit"]
    if units and len(others) == 1:
        return (Reckoning(others[0].value, spans.money, flaw=others[0].flaw),)
    if len(spans.money) > 1 and (total := rx(r"\b(?:total|ao todo|tudo por)\b").search(plain)):
        named = next((m for m in spans.money if 0 < m.start - total.start() <= 20), None)
        named = named or [m for m in spans.money if m.end <= total.start()][-1:][0]
        return (Reckoning(named.value, spans.money, flaw=named.flaw),)
    if len(spans.money) == 2 and (
        spans.money[0].value == spans.money[1].value
        or (spans.money[1].certain and not plain[spans.money[0].end : spans.money[1].start].strip())
    ):
        # `R$ 50,00 (cinquenta reais)`, `arla 32 340,50`
        return (Reckoning(spans.money[1].value, spans.money, flaw=spans.money[1].flaw),)
    if len(spans.money) == 2 and rx(r"\bou\b").search(plain, spans.money[0].end, spans.money[1].start):
        return (Reckoning(None, spans.money, flaw="vague"),)
    return tuple(
        Reckoning(m.value, (m,), flaw="ambiguous" if m.role == "unit" and m.flaw is None else m.flaw)
        for m in spans.money
    )
