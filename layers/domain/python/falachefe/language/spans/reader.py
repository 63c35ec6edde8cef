"""Reads the spans of a message."""

from datetime import date
from typing import Final

from falachefe.language.spans.days import read_days
from falachefe.language.spans.types import Money, MoneyFlaw, Spans
from falachefe.language.text.normalize import Text
from falachefe.language.types import Facts
from falachefe.language.values.amounts import Flaw, find_amounts

_FLAWS: Final[dict[Flaw | None, MoneyFlaw | None]] = {
    None: None, "vague": "vague", "zero": "zero", "negative": "negative", "too_big": "too_big",
    "malformed": "malformed", "each": None, "instalments": "malformed",
}  # fmt: skip


def read_spans(text: Text, today: date, facts: Facts) -> Spans:  # noqa: ARG001 - names come next
    """All spans of the message; days are resolved against `today`, the day on which it was written."""
    days = read_days(text, today)
    money = (
        Money(
            a.start,
            a.end,
            a.value,
            role="unit" if a.flaw == "each" else "stated",
            certain=a.strong,
            flaw=_FLAWS[a.flaw],
        )
        for a in find_amounts(text.plain, [(d.start, d.end) for d in days])
    )
    return Spans(tuple(money), days=days)
