from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from falachefe.flags.rules import Flag, bucket, is_on

names = st.text("abcdefghij_", min_size=1, max_size=12)


@given(names, st.uuids(), st.booleans(), st.integers(0, 100), st.booleans())
def test_override_takes_precedence(name: str, company: UUID, enabled: bool, percentage: int, override: bool) -> None:
    assert is_on(Flag(name, enabled, percentage), company, override) is override


@given(st.uuids(), st.booleans(), st.none() | st.booleans())
def test_missing_flag_has_the_caller_s_default(company: UUID, default: bool, override: bool | None) -> None:
    assert is_on(None, company, override, default=default) is default
    assert is_on(None, company) is False


@given(names, st.uuids(), st.integers(0, 100))
def test_enabled_flag_is_on_for_all_companies(name: str, company: UUID, percentage: int) -> None:
    assert is_on(Flag(name, True, percentage), company)


@given(names, st.uuids(), st.integers(0, 100), st.integers(0, 100))
def test_raising_the_percentage_only_adds_companies(name: str, company: UUID, one: int, other: int) -> None:
    lower, higher = sorted((one, other))
    if is_on(Flag(name, False, lower), company):
        assert is_on(Flag(name, False, higher), company)


@given(names, st.uuids())
def test_zero_percent_is_nobody_and_a_hundred_percent_everybody(name: str, company: UUID) -> None:
    assert not is_on(Flag(name, False, 0), company)
    assert is_on(Flag(name, False, 100), company)


@pytest.mark.parametrize("flag", ["clinic", "reports", "a"])
def test_percentage_selects_about_that_share_of_companies(flag: str) -> None:
    companies = [UUID(int=number << 64 | number) for number in range(5_000)]
    for percentage in (5, 25, 50, 90):
        share = sum(bucket(flag, company) < percentage for company in companies) / len(companies) * 100
        assert abs(share - percentage) < 3  # five standard deviations are 3.5 at 50 %; the hash is fixed


def test_flags_select_different_companies() -> None:
    companies = [UUID(int=number) for number in range(2_000)]
    first = {company for company in companies if bucket("clinic", company) < 20}
    second = {company for company in companies if bucket("reports", company) < 20}

    assert 0.1 < len(first & second) / len(first) < 0.3
