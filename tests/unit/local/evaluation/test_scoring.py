"""How a case is marked: several calls, accepted readings, wrong actions, needless questions, kinds."""

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pytest

from falachefe.language.types import ToolCall, Utterance
from infra.local.evaluation.cases import read_cases
from infra.local.evaluation.deciders import Handled
from infra.local.evaluation.scoring import Outcome, Report, evaluate, judge

NOW = "2026-11-23T09:00:00-03:00"
EXPENSE = {"tool": "add_expense", "args": {"amount": "50.00"}}


@dataclass
class Scripted:
    """Decides what the test says, whatever the message is."""

    answers: dict[str, Handled] = field(default_factory=dict)

    def handle(self, text: str, now: datetime, history: tuple[Utterance, ...]) -> Handled:
        return self.answers[text]


def judged(expect: dict[str, Any], *calls: ToolCall, accept: list[Any] | None = None) -> Outcome:
    line = json.dumps({"id": "one", "text": "oi", "now": NOW, "expect": expect, "accept": accept or []})
    (case,) = read_cases([line])
    return judge(case, Handled("financial", calls))


def expense(amount: str = "50.00", **more: str) -> ToolCall:
    return ToolCall("add_expense", {"amount": amount, **more})


def test_a_tool_with_another_amount_is_a_wrong_action() -> None:
    outcome = judged({"agent": "financial", **EXPENSE}, expense("51"))

    assert outcome.marks == {"agent": True, "tool": True, "args": False}
    assert (outcome.wrong_action, outcome.needless_question) == (True, False)


def test_no_tool_where_one_was_expected_is_a_needless_question() -> None:
    outcome = judged({"agent": "financial", **EXPENSE})

    assert (outcome.wrong_action, outcome.needless_question) == (False, True)


def test_any_tool_where_none_may_run_is_a_wrong_action() -> None:
    assert judged({"agent": "any", "tool": None}, expense()).wrong_action
    assert not judged({"agent": "any", "tool": None}).wrong_action


def test_calls_mean_exactly_these_in_any_order() -> None:
    expect = {"calls": [EXPENSE, {"tool": "add_expense", "args": {"amount": "8"}}]}

    assert all(judged(expect, expense("8.00"), expense("50")).marks.values())
    assert judged(expect, expense("50")).marks == {"tool": False, "args": False}
    assert judged(expect, expense("50"), expense("8"), expense("8")).marks["tool"] is False
    assert judged(expect, expense("50"), expense("50")).marks == {"tool": True, "args": False}


def test_a_tool_is_met_by_one_of_several_calls() -> None:
    assert all(judged(EXPENSE, expense("8"), expense("50")).marks.values())


def test_another_accepted_reading_is_as_right() -> None:
    expect, accept = {"agent": "any", "tool": None}, [{"calls": [EXPENSE]}]

    assert not judged(expect, expense(), accept=accept).wrong_action
    assert judged(expect, expense("51"), accept=accept).wrong_action


def test_an_accepted_question_is_not_needless() -> None:
    assert not judged(EXPENSE, accept=[{"tool": None}]).needless_question


@pytest.mark.parametrize(
    ("expected", "got", "same"),
    [
        ("2026-12-05", "2026-12-05T08:00:00-03:00", True),
        ("2026-12-05T08:00", "2026-12-05T11:00:00Z", True),
        ("2026-12-05T08:00", "2026-12-05T08:00", True),
        ("2026-12-05T08:00", "2026-12-05T08:30", False),
        ("2026-12-05", "2026-12-06T00:30:00-03:00", False),
        ("2026-12-05", "amanhã", False),
    ],
)
def test_a_moment_is_compared_as_far_as_it_is_given(expected: str, got: str, same: bool) -> None:
    outcome = judged({"tool": "remind", "args": {"at": expected}}, ToolCall("remind", {"at": got}))

    assert outcome.marks["args"] is same


def test_rates_count_all_cases_and_kinds_have_their_own_figures() -> None:
    def line(text: str, kind: str, expect: dict[str, Any]) -> str:
        return json.dumps({"id": text, "text": text, "now": NOW, "kind": kind, "expect": expect})

    cases = read_cases(
        [
            line("right", "voice", EXPENSE),
            line("wrong", "voice", EXPENSE),
            line("asked", "typos", EXPENSE),
            line("quiet", "typos", {"tool": None}),
        ]
    )
    answers = {
        "right": Handled("financial", (expense(),)),
        "wrong": Handled("financial", (expense("5"),)),
        "asked": Handled("financial"),
        "quiet": Handled("support"),
    }
    report = evaluate(cases, Scripted(answers))

    assert (report.n, report.wrong_action_rate, report.needless_question_rate) == (4, 0.25, 0.25)
    assert report.tool_accuracy == 0.75
    assert report.by_kind["voice"]["wrong_action_rate"] == 0.5
    assert report.by_kind["typos"]["needless_question_rate"] == 0.5
    assert [m["id"] for m in report.mismatches] == ["wrong", "asked"]


def test_sets_without_kinds_have_no_figures_by_kind() -> None:
    assert evaluate([], Scripted()) == Report()


def test_an_expectation_with_a_tool_and_calls_is_refused() -> None:
    line = json.dumps({"id": 1, "text": "oi", "now": NOW, "expect": {"tool": "greet", "calls": []}})

    with pytest.raises(ValueError, match="either a tool or calls"):
        read_cases([line])
