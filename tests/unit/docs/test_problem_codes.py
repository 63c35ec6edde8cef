"""docs/problem-codes.md names every problem code below each of its statuses, and none that is not answered."""

from collections import Counter

from infra.local.paths import ROOT
from tests.unit.docs.problem_codes import answered, documented

TEXT = (ROOT / "docs" / "problem-codes.md").read_text()


def test_every_problem_code_is_described() -> None:
    assert sorted(answered() - set(documented(TEXT))) == []


def test_no_code_is_described_that_is_not_answered() -> None:
    assert sorted(set(documented(TEXT)) - answered()) == []


def test_no_code_is_described_twice() -> None:
    assert [row for row, times in Counter(documented(TEXT)).items() if times > 1] == []


def test_the_codes_are_read_from_many_files() -> None:
    """A walk that finds nothing would agree with an empty table."""
    assert len(answered()) > 150
