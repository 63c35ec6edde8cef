"""Reads the spans of a message."""

from dataclasses import replace
from datetime import date
from typing import Final

from falachefe.language.spans.days import read_days
from falachefe.language.spans.numbers import read_numbers
from falachefe.language.spans.types import Spans
from falachefe.language.text.lexicon import MONTH_NAMES
from falachefe.language.text.normalize import Text, rx
from falachefe.language.types import Facts

_STREET_DAY: Final = rf"\b(?:[12]?\d|3[01])\s?[ºo°]? de (?:{'|'.join(MONTH_NAMES)})\b"


def read_spans(text: Text, today: date, facts: Facts) -> Spans:  # noqa: ARG001 - for `Spans.people`
    """All spans of the message; days are resolved against `today`, the day on which it was written."""
    days = read_days(text, today)
    # `na 25 de Março`: a day of a street's name is no day, and no amount either.
    streets = (m.span() for m in rx(_STREET_DAY).finditer(text.plain))
    numbers = read_numbers(text.plain, [*((d.start, d.end) for d in days), *streets])
    return replace(numbers, days=days)
