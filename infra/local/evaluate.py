"""Runs cases through the production agents, or the offline engine, and prints their accuracy.

    python -m infra.local.evaluate tests/eval/cases.jsonl
    python -m infra.local.evaluate tests/eval/fresh.jsonl --model gpt-5-mini --base-url https://… --max-cost 0.50

The production agents decide; their tools only record. They run on the offline engine, on `--model` of a server that
speaks OpenAI's chat completions (the key is `API_KEY` or `OPENAI_API_KEY` of the environment), or on the model of
`LLM_CONFIG` (a crew's `llm_config` as JSON, with `OPENAI_API_KEY`, `OPENAI_BASE_URL`, `BEDROCK_REGION` where the
provider needs them). tests/eval/README.md describes cases and figures. The last line printed is one JSON object;
tables go to the standard error. Nothing is written anywhere. The exit code is 3 when the run stopped at its limit.
"""

import argparse
import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from decimal import Decimal
from pathlib import Path
from typing import Any

from infra.local.evaluation.cases import Case, read_cases
from infra.local.evaluation.deciders import AgentsDecider, Decider, Handled, OfflineDecider
from infra.local.evaluation.hosted import HostedModel, NotPossible, sentence, usage
from infra.local.evaluation.scoring import Report, evaluate, report, run

__all__ = ["AgentsDecider", "Case", "Decider", "Handled", "OfflineDecider", "Report", "evaluate", "read_cases"]

_COLUMNS = ("agent_accuracy", "tool_accuracy", "args_accuracy", "wrong_action_rate", "needless_question_rate")
_HEADINGS = ("agent", "tool", "args", "wrong", "asked")
_STOPPED = 3


def table(by_kind: Mapping[str, Mapping[str, Any]]) -> str:
    """Figures by kind in percent, one kind a line."""
    lines = [f"{'kind':<16}{'n':>5}" + "".join(f"{heading:>8}" for heading in _HEADINGS)]
    for kind, figures in by_kind.items():
        shares = "".join(f"{100 * figures[column]:>8.1f}" for column in _COLUMNS)
        lines.append(f"{kind:<16}{figures['n']:>5}{shares}")
    return "\n".join(lines)


def main(arguments: Sequence[str], environ: Mapping[str, str] = os.environ) -> int:
    options = _options(arguments)
    with options.file.open(encoding="utf-8") as lines:
        cases = read_cases(lines)[: options.limit]
    try:
        decider = _decider(options, environ)
    except NotPossible as problem:
        print(problem, file=sys.stderr)
        return 2
    try:
        outcomes = run(cases, decider)
    finally:
        decider.close()
    measured = report(outcomes)
    printed = asdict(measured)
    if measured.by_kind:
        print(table(measured.by_kind), file=sys.stderr)
    if options.model:
        printed = {"model": options.model, "usage": usage(outcomes, decider), **printed}
        print(sentence(printed["usage"]), file=sys.stderr)
    print(json.dumps(printed, ensure_ascii=False))
    return _STOPPED if decider.spending is not None and decider.spending.refused else 0


def _decider(options: argparse.Namespace, environ: Mapping[str, str]) -> AgentsDecider:
    if not options.model:
        return AgentsDecider(environ, json.loads(environ.get("LLM_CONFIG", "{}")))
    return HostedModel(
        name=options.model,
        base_url=options.base_url or environ.get("OPENAI_BASE_URL", ""),
        api_key=environ.get("API_KEY") or environ.get("OPENAI_API_KEY", ""),
        max_cost=options.max_cost,
        input_price=options.price_in,
        output_price=options.price_out,
    ).decider()


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m infra.local.evaluate", description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--limit", type=int, help="only the first cases")
    parser.add_argument("--model", help="a model of the server, instead of the offline engine")
    parser.add_argument("--base-url", help="the server's address up to /v1; OpenAI's own without it")
    parser.add_argument("--max-cost", type=Decimal, help="the most that the run may cost, in US dollars")
    parser.add_argument("--price-in", type=Decimal, help="US dollars per million tokens sent")
    parser.add_argument("--price-out", type=Decimal, help="US dollars per million tokens received")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
