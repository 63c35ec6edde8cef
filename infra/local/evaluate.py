"""Runs cases through the production agents, or the offline engine, and prints their accuracy.

    python -m infra.local.evaluate tests/eval/cases.jsonl

The production agents decide, on the offline engine or on the model of `LLM_CONFIG` (a crew's `llm_config` as JSON,
with `OPENAI_API_KEY`, `OPENAI_BASE_URL`, `BEDROCK_REGION` where the provider needs them); their tools only record.
The format of the cases is in tests/eval/README.md. The last line printed is one JSON object with the figures and the
mismatches; figures by kind also go to the standard error as a table. Nothing is written anywhere.
"""

import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from infra.local.evaluation.cases import Case, read_cases
from infra.local.evaluation.deciders import AgentsDecider, Decider, Handled, OfflineDecider
from infra.local.evaluation.scoring import Report, evaluate

__all__ = ["AgentsDecider", "Case", "Decider", "Handled", "OfflineDecider", "Report", "evaluate", "read_cases"]

_COLUMNS = ("agent_accuracy", "tool_accuracy", "args_accuracy", "wrong_action_rate", "needless_question_rate")
_HEADINGS = ("agent", "tool", "args", "wrong", "asked")


def table(by_kind: Mapping[str, Mapping[str, Any]]) -> str:
    """Figures by kind in percent, one kind a line."""
    lines = [f"{'kind':<16}{'n':>5}" + "".join(f"{heading:>8}" for heading in _HEADINGS)]
    for kind, figures in by_kind.items():
        shares = "".join(f"{100 * figures[column]:>8.1f}" for column in _COLUMNS)
        lines.append(f"{kind:<16}{figures['n']:>5}{shares}")
    return "\n".join(lines)


def main(arguments: Sequence[str]) -> int:
    if len(arguments) != 1:
        print("usage: python -m infra.local.evaluate FILE", file=sys.stderr)
        return 2
    with Path(arguments[0]).open(encoding="utf-8") as lines:
        report = evaluate(read_cases(lines), AgentsDecider(os.environ))
    if report.by_kind:
        print(table(report.by_kind), file=sys.stderr)
    print(json.dumps(asdict(report), ensure_ascii=False))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
