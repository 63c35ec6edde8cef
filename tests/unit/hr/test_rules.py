from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from falachefe.hr import rules
from falachefe.kernel.errors import InvalidInput

TODAY = date(2026, 11, 20)
TEAM = ["João da Silva", "João Santos", "Maria Lima", "Márcia Alves", "José Maria Rocha"]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("João da Silva", ["João da Silva"]),
        ("joao silva", ["João da Silva"]),
        ("joão", ["João da Silva", "João Santos"]),
        ("o João Santos", ["João Santos"]),
        ("joao san", ["João Santos"]),
        ("a Márcia", ["Márcia Alves"]),
        ("dona marcia", ["Márcia Alves"]),
        ("maria", ["Maria Lima"]),  # the first name before a second one
        ("rocha", ["José Maria Rocha"]),
        ("jose rocha", ["José Maria Rocha"]),
        ("mar", ["Maria Lima", "Márcia Alves", "José Maria Rocha"]),
        ("silva joao", []),
        ("Pedro", []),
        ("", []),
        ("...", []),
    ],
)
def test_a_name_matches_the_intended_employees(wanted: str, found: list[str]) -> None:
    assert [TEAM[index] for index in rules.match_names(wanted, TEAM)] == found


@given(
    st.lists(st.from_regex(r"[A-ZÁÉÍÓÚ][a-zãõáéíóúç]{2,8}( [A-Z][a-z]{2,8})?", fullmatch=True), min_size=1, unique=True)
)
def test_a_full_name_always_matches_its_employee(names: list[str]) -> None:
    for index, name in enumerate(names):
        assert index in rules.match_names(name.upper(), names)


@given(st.text(max_size=30), st.lists(st.text(max_size=30), max_size=5))
def test_matching_names_raises_for_no_text(wanted: str, names: list[str]) -> None:
    assert set(rules.match_names(wanted, names)) <= set(range(len(names)))


@given(st.integers(0, 400), st.integers(0, rules.MAX_TIME_OFF_DAYS - 1))
def test_time_off_counts_both_ends(ahead: int, more: int) -> None:
    start = TODAY + timedelta(days=ahead)

    assert rules.time_off_dates(start, start + timedelta(days=more), TODAY) == more + 1


@pytest.mark.parametrize(
    ("start", "end", "code"),
    [
        (date(2026, 12, 5), date(2026, 12, 4), "dates_backwards"),
        (date(2026, 11, 19), date(2026, 11, 30), "dates_past"),
        (date(2029, 1, 1), date(2029, 1, 2), "dates_far"),
        (date(2026, 12, 1), date(2027, 5, 30), "dates_long"),
    ],
)
def test_invalid_time_off_is_refused(start: date, end: date, code: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        rules.time_off_dates(start, end, TODAY)

    assert refused.value.code == code


@pytest.mark.parametrize("days", [-366, -1, 0, 60])
def test_an_absence_is_within_the_last_year_or_soon(days: int) -> None:
    assert rules.absence_date(TODAY + timedelta(days=days), TODAY) == TODAY + timedelta(days=days)


@pytest.mark.parametrize("days", [-367, 61, 4000])
def test_an_absence_long_ago_or_far_ahead_is_refused(days: int) -> None:
    with pytest.raises(InvalidInput):
        rules.absence_date(TODAY + timedelta(days=days), TODAY)


@pytest.mark.parametrize(
    ("amount", "code"),
    [
        ("0", "salary_not_positive"),
        ("-1", "salary_not_positive"),
        ("1000000", "salary_too_large"),
        ("NaN", "salary_not_positive"),
    ],
)
def test_an_invalid_salary_is_refused(amount: str, code: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        rules.salary(Decimal(amount))

    assert refused.value.code == code


def test_a_salary_may_be_left_out() -> None:
    assert rules.salary(None) is None


@pytest.mark.parametrize("name", ["", " ", "7", "!!", "x" * 121, "\x00"])
def test_a_name_has_letters_and_a_maximum_length(name: str) -> None:
    with pytest.raises(InvalidInput):
        rules.person_name(name)


def test_a_reason_is_optional_and_has_a_maximum_length() -> None:
    assert rules.reason(None) is None
    assert rules.reason("  ") is None
    assert rules.reason(" médico\n") == "médico"
    with pytest.raises(InvalidInput):
        rules.reason("x" * 301)
