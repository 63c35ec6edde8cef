"""Parsed values lie within what the tools accept, and a value that was cut has a note."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from falachefe.crews.tools.financial.arguments import AnalyzeTrends
from falachefe.finance.rules import MAX_MONTHS
from falachefe.language.dialogue.interpreter import interpret

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


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
    interpretation = interpret(f"tendência dos gastos nos {phrase}", NOW)
    [draft] = interpretation.drafts

    assert (interpretation.intent, draft.args["months"], f"{MAX_MONTHS} meses" in draft.note) == (
        "analyze_trends",
        months,
        cut,
    )


@given(st.integers(0, 99), st.sampled_from(["meses", "anos"]))
def test_parsed_months_are_accepted_by_the_tool(count: int, unit: str) -> None:
    for draft in interpret(f"tendência dos gastos nos últimos {count} {unit}", NOW).drafts:
        if draft.tool == "analyze_trends":
            AnalyzeTrends.model_validate(draft.args)
