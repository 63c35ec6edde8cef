"""Parsed values lie within what the tools accept, and a value that was cut has a note."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from falachefe.crews.tools.financial.arguments import AnalyzeTrends
from falachefe.finance.rules import MAX_MONTHS
from falachefe.language.intents.interpreter import interpret

TODAY = date(2026, 11, 20)


@pytest.mark.parametrize(
    ("phrase", "months", "cut"),
    [
        ("últimos 6 meses", 6, False),
        ("últimos 24 meses", 24, False),
        ("últimos 25 meses", MAX_MONTHS, True),
        ("últimos 36 meses", MAX_MONTHS, True),
        ("últimos 99 meses", MAX_MONTHS, True),
        ("último ano", 12, False),
        ("últimos dois anos", 24, False),
        ("últimos 3 anos", MAX_MONTHS, True),
        ("últimos cinco anos", MAX_MONTHS, True),
    ],
)
def test_more_months_than_a_report_covers_are_cut_with_a_note(phrase: str, months: int, cut: bool) -> None:
    interpretation = interpret(f"tendência dos gastos nos {phrase}", TODAY)
    [draft] = interpretation.drafts

    assert (interpretation.intent, draft.args["months"], f"{MAX_MONTHS} meses" in draft.note) == (
        "analyze_trends",
        months,
        cut,
    )


@given(st.integers(0, 99), st.sampled_from(["meses", "anos"]))
def test_parsed_months_are_accepted_by_the_tool(count: int, unit: str) -> None:
    for draft in interpret(f"tendência dos gastos nos últimos {count} {unit}", TODAY).drafts:
        if draft.tool == "analyze_trends":
            AnalyzeTrends.model_validate(draft.args)
