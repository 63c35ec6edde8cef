"""Formatting of dates, numbers and user text in replies."""

from datetime import date
from decimal import Decimal

import pytest

from falachefe.crews.tools import formatting

TODAY = date(2026, 11, 10)


@pytest.mark.parametrize(
    ("when", "read"),
    [
        (date(2026, 11, 10), "hoje"),
        (date(2026, 11, 9), "ontem"),
        (date(2026, 11, 8), "anteontem"),
        (date(2026, 11, 11), "amanhã"),
        (date(2026, 11, 1), "01/11"),
        (date(2025, 11, 10), "10/11/2025"),
    ],
)
def test_a_day_is_formatted_relative_to_today(when: date, read: str) -> None:
    assert formatting.day(when, TODAY) == read


@pytest.mark.parametrize(
    ("start", "end", "read"),
    [
        (date(2026, 11, 1), date(2026, 11, 30), "novembro de 2026"),
        (date(2028, 2, 1), date(2028, 2, 29), "fevereiro de 2028"),
        (date(2026, 11, 1), date(2026, 11, 15), "01/11 a 15/11"),
        (date(2025, 12, 20), date(2026, 1, 5), "20/12/2025 a 05/01/2026"),
        (date(2026, 11, 9), date(2026, 11, 9), "ontem"),
        (date(9999, 12, 1), date(9999, 12, 31), "dezembro de 9999"),
    ],
)
def test_a_period_is_formatted_briefly(start: date, end: date, read: str) -> None:
    assert formatting.period(start, end, TODAY) == read


@pytest.mark.parametrize(
    ("change", "read"), [("12.5", "+12,5%"), ("-3", "-3%"), ("0", "+0%"), ("100.04", "+100%"), ("-99.9", "-99,9%")]
)
def test_a_percentage_change_has_its_sign(change: str, read: str) -> None:
    assert formatting.per_cent(Decimal(change)) == read


def test_formatting_characters_are_removed_from_names() -> None:
    assert formatting.plain("*Ana* _x_ ~y~ `z`") == "Ana x y z"
    assert formatting.first_name("  *Ana*  Souza") == "Ana"
    assert formatting.first_name("x" * 90) == "x" * 30
    assert formatting.first_name(None) == ""
    assert formatting.first_name("***") == ""
