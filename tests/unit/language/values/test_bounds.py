"""What the reader puts into a tool's arguments is what the tool takes, and what was cut is said."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from falachefe.crews.tools.arguments import AnalyzeTrends
from falachefe.finance.rules import MOST_MONTHS
from falachefe.language.intents.read import read

TODAY = date(2026, 11, 20)


@pytest.mark.parametrize(
    ("said", "months", "cut"),
    [
        ("últimos 6 meses", 6, False),
        ("últimos 24 meses", 24, False),
        ("últimos 25 meses", MOST_MONTHS, True),
        ("últimos 36 meses", MOST_MONTHS, True),
        ("últimos 99 meses", MOST_MONTHS, True),
        ("último ano", 12, False),
        ("últimos dois anos", 24, False),
        ("últimos 3 anos", MOST_MONTHS, True),
        ("últimos cinco anos", MOST_MONTHS, True),
    ],
)
def test_more_months_than_reports_reach_are_cut_with_a_word(said: str, months: int, cut: bool) -> None:
    reading = read(f"tendência dos gastos nos {said}", TODAY)
    [draft] = reading.drafts

    assert (reading.intent, draft.args["months"], f"{MOST_MONTHS} meses" in draft.note) == (
        "analyze_trends",
        months,
        cut,
    )


@given(st.integers(0, 99), st.sampled_from(["meses", "anos"]))
def test_months_that_are_read_are_months_that_the_tool_takes(count: int, unit: str) -> None:
    for draft in read(f"tendência dos gastos nos últimos {count} {unit}", TODAY).drafts:
        if draft.tool == "analyze_trends":
            AnalyzeTrends.model_validate(draft.args)
