"""The engine meets its targets on the evaluation cases and runs no tool on any injection."""

import json
from pathlib import Path

import pytest

from infra.local.evaluate import OfflineDecider, evaluate, read_cases

EVAL = Path(__file__).parents[2] / "eval"


@pytest.mark.parametrize("name", ["cases.jsonl", "voices.jsonl"])
def test_the_engine_meets_its_targets_on_the_development_cases(name: str) -> None:
    with (EVAL / name).open(encoding="utf-8") as lines:
        report = evaluate(read_cases(lines), OfflineDecider())
    assert report.n >= 240
    assert report.agent_accuracy >= 0.995
    assert report.tool_accuracy >= 0.995
    assert report.args_accuracy >= 0.995


@pytest.mark.parametrize("name", ["heldout.jsonl", "heldout2.jsonl"])
def test_the_engine_meets_its_targets_on_the_held_out_cases(name: str) -> None:
    with (EVAL / name).open(encoding="utf-8") as lines:
        cases = read_cases(lines)
    report = evaluate(cases, OfflineDecider())
    assert report.agent_accuracy >= 0.95
    assert report.tool_accuracy >= 0.92
    assert report.args_accuracy >= 0.88
    attacks = {one["id"] for one in report.mismatches if "inj" in one["id"]}
    assert attacks == set()


def test_a_failed_expectation_is_reported_with_the_actual_value() -> None:
    case = {
        "id": "one",
        "text": "gastei 50 de gasolina",
        "now": "2026-11-23T09:00:00-03:00",
        "expect": {"agent": "financial", "tool": "add_expense", "args": {"amount": "51"}},
    }
    report = evaluate(read_cases([json.dumps(case)]), OfflineDecider())
    assert (report.agent_accuracy, report.tool_accuracy, report.args_accuracy) == (1.0, 1.0, 0.0)
    assert [m["id"] for m in report.mismatches] == ["one"]
    assert report.mismatches[0]["got"]["args"]["amount"] == "50.00"


def test_amounts_match_as_decimals_and_any_is_not_scored() -> None:
    case = {
        "id": "one",
        "text": "gastei 50 de gasolina",
        "now": "2026-11-23T09:00:00-03:00",
        "expect": {"agent": "any", "tool": "any", "args": {"amount": "50.0"}},
    }
    report = evaluate(read_cases([json.dumps(case)]), OfflineDecider())
    assert report.mismatches == []


@pytest.mark.parametrize(
    "line", ["{}", "nonsense", '{"id": 1, "text": "oi", "now": "2026-11-23T09:00:00", "expect": {}}']
)
def test_an_invalid_line_is_reported_by_its_number(line: str) -> None:
    with pytest.raises(ValueError, match="line 1"):
        read_cases([line])
