"""Runs cases and counts what was right, what was done wrongly and what was asked needlessly."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

from falachefe.language.types import ToolCall
from infra.local.evaluation.cases import ANY, Case, Expectation
from infra.local.evaluation.deciders import Decider, Handled, OfflineDecider, OutOfBudget
from infra.local.evaluation.matching import relevant, verdict


@dataclass(slots=True)
class Tally:
    """Marks of some cases. Accuracies are over the cases that score the part, rates over all cases."""

    n: int = 0
    wrong_actions: int = 0
    needless_questions: int = 0
    marks: dict[str, list[bool]] = field(default_factory=lambda: {"agent": [], "tool": [], "args": []})

    def figures(self) -> dict[str, Any]:
        accuracies = {f"{part}_accuracy": share(sum(right), len(right)) for part, right in self.marks.items()}
        return {
            "n": self.n,
            **accuracies,
            "wrong_action_rate": share(self.wrong_actions, self.n, nothing=0.0),
            "needless_question_rate": share(self.needless_questions, self.n, nothing=0.0),
        }


@dataclass(slots=True)
class Report:
    n: int = 0
    agent_accuracy: float = 1.0
    tool_accuracy: float = 1.0
    args_accuracy: float = 1.0
    wrong_action_rate: float = 0.0
    needless_question_rate: float = 0.0
    mismatches: list[dict[str, Any]] = field(default_factory=list)
    by_kind: dict[str, dict[str, Any]] = field(default_factory=dict)
    """The same figures for the cases of each kind, for sets whose cases carry one."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one case."""

    case: Case
    handled: Handled
    seconds: float
    marks: dict[str, bool]
    wrong_action: bool
    needless_question: bool


def judge(case: Case, handled: Handled, seconds: float = 0.0) -> Outcome:
    """Marks a case by its expectation, or as right where an accepted reading is met in full.

    Wrong action: a tool ran, and tool or scored arguments differ. Needless question: a tool was expected, none ran.
    """
    marks = verdict(case, case.expect, handled.agent, handled.calls)
    others = (verdict(case, other, handled.agent, handled.calls) for other in case.accept)
    if not all(marks.values()) and any(all(other.values()) for other in others):
        marks = dict.fromkeys(marks, True)
    acted_right = marks.get("tool", True) and marks.get("args", True)
    return Outcome(
        case,
        handled,
        seconds,
        marks,
        wrong_action=bool(handled.calls) and not acted_right,
        needless_question=case.expect.wants_tool and not handled.calls and not marks.get("tool", True),
    )


def run(cases: Sequence[Case], decider: Decider) -> list[Outcome]:
    """The outcomes in the order of the cases; of fewer if the decider runs out of budget."""
    outcomes: list[Outcome] = []
    for case in cases:
        started = perf_counter()
        try:
            handled = decider.handle(case.text, case.now, case.history)
        except OutOfBudget:
            break
        outcomes.append(judge(case, handled, perf_counter() - started))
    return outcomes


def evaluate(cases: Sequence[Case], decider: Decider | None = None) -> Report:
    """Accuracies and rates between 0 and 1. Cases marked `any` are left out of that accuracy; arguments count where
    the case gives some."""
    return report(run(cases, decider or OfflineDecider()))


def report(outcomes: Sequence[Outcome]) -> Report:
    whole, kinds = Tally(), dict[str, Tally]()
    mismatches: list[dict[str, Any]] = []
    for outcome in outcomes:
        kind = outcome.case.kind
        tallies = [whole] if kind is None else [whole, kinds.setdefault(kind, Tally())]
        for tally in tallies:
            _count(tally, outcome)
        if not all(outcome.marks.values()):
            mismatches.append(_mismatch(outcome))
    return Report(
        **whole.figures(), mismatches=mismatches, by_kind={kind: kinds[kind].figures() for kind in sorted(kinds)}
    )


def _count(tally: Tally, outcome: Outcome) -> None:
    tally.n += 1
    tally.wrong_actions += outcome.wrong_action
    tally.needless_questions += outcome.needless_question
    for part, right in outcome.marks.items():
        tally.marks[part].append(right)


def _mismatch(outcome: Outcome) -> dict[str, Any]:
    case, handled = outcome.case, outcome.handled
    shown: dict[str, Any] = {"id": case.id, "got": _got(case, handled), "expect": case.expect.as_json()}
    if case.kind is not None:
        shown["kind"] = case.kind
        shown["text"] = case.text
    return shown


def _got(case: Case, handled: Handled) -> dict[str, Any]:
    if case.expect.calls is not None or _several(case.expect, handled.calls):
        calls = [{"tool": call.tool, "args": call.args} for call in handled.calls]
        return {"agent": handled.agent, "calls": calls}
    call = relevant(case, case.expect, handled.calls)
    return {"agent": handled.agent, "tool": call.tool if call else None, "args": call.args if call else {}}


def _several(expected: Expectation, calls: Sequence[ToolCall]) -> bool:
    return expected.tool in (None, ANY) and len(calls) > 1


def share(part: float, whole: int, *, nothing: float = 1.0) -> float:
    return round(part / whole, 4) if whole else nothing
