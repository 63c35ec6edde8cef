"""Runs cases through the production agents, or the offline engine, and prints their accuracy.

    python -m infra.local.evaluate tests/eval/cases.jsonl

The production agents decide, on the offline engine or on the model of `LLM_CONFIG` (a crew's `llm_config` as JSON,
with `OPENAI_API_KEY`, `OPENAI_BASE_URL`, `BEDROCK_REGION` where the provider needs them); their tools only record.
Each line is a case: `{"id", "text", "now", "history"?, "expect": {"agent", "tool", "args"}}`. The last line printed is
one JSON object:
`{"n", "agent_accuracy", "tool_accuracy", "args_accuracy", "mismatches"}`. Nothing is written anywhere.
"""

import json
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, Final, Protocol

_DOMAIN = Path(__file__).resolve().parents[2] / "layers" / "domain" / "python"
if str(_DOMAIN) not in sys.path:
    sys.path.insert(0, str(_DOMAIN))

from falachefe.crews.turns.rules import MAX_HOPS
from falachefe.language import (
    Ask,
    CallTools,
    Handoff,
    JsonValue,
    Role,
    Situation,
    ToolCall,
    Utterance,
    analyze,
    decide,
)

ANY: Final = "any"


@dataclass(frozen=True, slots=True)
class Case:
    id: str
    text: str
    now: datetime
    history: tuple[Utterance, ...]
    agent: str
    tool: str | None
    args: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Handled:
    """Whose tools would have run first, or who ended up with the message when none would; and the tools."""

    agent: str
    calls: tuple[ToolCall, ...] = ()


class Decider(Protocol):
    """Whatever takes a message to its end: the engine alone, or the production agents with recording tools."""

    def handle(self, text: str, now: datetime, history: tuple[Utterance, ...]) -> Handled: ...


@dataclass(slots=True)
class Report:
    n: int = 0
    agent_accuracy: float = 1.0
    tool_accuracy: float = 1.0
    args_accuracy: float = 1.0
    mismatches: list[dict[str, Any]] = field(default_factory=list)


class OfflineDecider:
    """Routes, decides and hands off as a turn does; the conversation's agent comes from replaying its history."""

    def handle(self, text: str, now: datetime, history: tuple[Utterance, ...]) -> Handled:
        current = self._current_role(now, history)
        situation = Situation(now=now, history=history, current_role=current)
        role = analyze(text, situation).role
        done = Handled("")
        for _ in range(MAX_HOPS + 1):
            decision = decide(role, text, situation)
            if isinstance(decision, CallTools):
                done = Handled(done.agent or role, (*done.calls, *decision.calls))
            after = decision.then if isinstance(decision, CallTools | Ask) else decision
            if not isinstance(after, Handoff):
                return done if done.calls else Handled(role)
            role = after.to
        return done if done.calls else Handled("support")

    @staticmethod
    def _current_role(now: datetime, history: tuple[Utterance, ...]) -> Role | None:
        current: Role | None = None
        for i, said in enumerate(history):
            if said.speaker == "user":
                current = analyze(said.text, Situation(now=now, history=history[:i], current_role=current)).role
        return current


class AgentsDecider:
    """The production agents, their prompts and their tools' argument checks, with tools that only record."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        from falachefe.crews.agents.model_chain import ModelChain, Providers, ProviderSettings, llm_config

        # A deployed function reads these from a secret; an evaluation takes them from the environment.
        secret = {name.lower(): environ.get(name, "") for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL")}
        settings = ProviderSettings.from_env({**environ, "MODEL_SECRET_ARN": "environment"})
        providers = Providers(settings, lambda _arn: secret)
        self._models = ModelChain.of(llm_config(json.loads(environ.get("LLM_CONFIG", "{}"))), providers)

    def handle(self, text: str, now: datetime, history: tuple[Utterance, ...]) -> Handled:
        from falachefe.crews.agents import evaluation

        handled = evaluation.handle(text, now, history, self._models)
        return Handled(handled.agent, handled.calls)


def read_cases(lines: Iterable[str]) -> list[Case]:
    """Cases of a JSON-lines file; blank lines are skipped, a bad line is named by its number."""
    cases: list[Case] = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            cases.append(_case(json.loads(line)))
        except (KeyError, TypeError, ValueError) as problem:
            raise ValueError(f"line {number} is not a case: {problem!r}") from problem
    return cases


def _case(data: dict[str, Any]) -> Case:
    now = datetime.fromisoformat(data["now"])
    if now.tzinfo is None:
        raise ValueError("now needs an offset")
    history = tuple(Utterance("user" if h["from"] == "user" else "agent", h["text"]) for h in data.get("history") or ())
    expect = data["expect"]
    return Case(
        str(data["id"]),
        data["text"],
        now,
        history,
        expect.get("agent", ANY),
        expect.get("tool", ANY),
        expect.get("args") or {},
    )


def evaluate(cases: Sequence[Case], decider: Decider | None = None) -> Report:
    """Three accuracies between 0 and 1.

    Cases marked `any` are left out of that count; arguments count where the case gives some.
    """
    chosen = decider or OfflineDecider()
    marks: dict[str, list[bool]] = {"agent": [], "tool": [], "args": []}
    report = Report(n=len(cases))
    for case in cases:
        handled = chosen.handle(case.text, case.now, case.history)
        call = _relevant(case, handled.calls)
        got = {"agent": handled.agent, "tool": call.tool if call else None, "args": call.args if call else {}}
        verdict = _verdict(case, handled, call)
        for mark, right in verdict.items():
            marks[mark].append(right)
        if not all(verdict.values()):
            expect = {"agent": case.agent, "tool": case.tool, "args": case.args}
            report.mismatches.append({"id": case.id, "got": got, "expect": expect})
    report.agent_accuracy, report.tool_accuracy, report.args_accuracy = (
        _share(marks[m]) for m in ("agent", "tool", "args")
    )
    return report


def _verdict(case: Case, handled: Handled, call: ToolCall | None) -> dict[str, bool]:
    verdict: dict[str, bool] = {}
    if case.agent != ANY:
        verdict["agent"] = handled.agent == case.agent
    if case.tool != ANY:
        verdict["tool"] = (call.tool if call else None) == case.tool
    if case.args and case.tool is not None:
        verdict["args"] = call is not None and _args_match(case.args, call.args)
    return verdict


def _relevant(case: Case, calls: tuple[ToolCall, ...]) -> ToolCall | None:
    """The call that satisfies the case when several ran, else the first."""
    matching = [c for c in calls if c.tool == case.tool and _args_match(case.args, c.args)]
    return next(iter(matching or calls), None)


def _args_match(expected: dict[str, Any], got: dict[str, JsonValue]) -> bool:
    return all(name in got and _same(name, value, got[name]) for name, value in expected.items())


def _same(name: str, expected: Any, got: JsonValue) -> bool:
    if name in ("amount", "salary", "months"):
        try:
            return Decimal(str(expected)) == Decimal(str(got))
        except InvalidOperation:
            return False
    return bool(expected == got)


def _share(marks: list[bool]) -> float:
    return round(sum(marks) / len(marks), 4) if marks else 1.0


def main(arguments: Sequence[str]) -> int:
    if len(arguments) != 1:
        print("usage: python -m infra.local.evaluate FILE", file=sys.stderr)
        return 2
    with Path(arguments[0]).open(encoding="utf-8") as lines:
        report = evaluate(read_cases(lines), AgentsDecider(os.environ))
    print(json.dumps(asdict(report), ensure_ascii=False))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
