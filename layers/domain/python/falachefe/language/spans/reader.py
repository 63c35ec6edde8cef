"""Reads the spans of a message."""

from dataclasses import replace
from datetime import date

from falachefe.language.spans.days import read_days
from falachefe.language.spans.numbers import read_numbers
from falachefe.language.spans.types import Spans
from falachefe.language.text.normalize import Text
from falachefe.language.types import Facts


def read_spans(text: Text, today: date, facts: Facts) -> Spans:  # noqa: ARG001 - names come next
    """All spans of the message; days are resolved against `today`, the day on which it was written."""
    days = read_days(text, today)
    numbers = read_numbers(text.plain, [(d.start, d.end) for d in days])
    return replace(numbers, days=days)
