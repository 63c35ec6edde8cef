"""`python -m infra.local.evaluation.conversations FILE [--only TEXT] [--quiet]`: plays the conversations of a file.

The product runs in this process over a Postgres of its own. Failures are printed with their transcript; the last line
is one JSON object with the figures. `--quiet` prints figures only, for sets whose failures nobody should read.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from infra.local.evaluation.conversations.company import product
from infra.local.evaluation.conversations.play import Played, play
from infra.local.evaluation.conversations.script import read_conversations
from infra.local.evaluation.scoring import share


def main(arguments: Sequence[str]) -> int:
    options = _options(arguments)
    with options.file.open(encoding="utf-8") as lines:
        conversations = read_conversations(lines)
    chosen = [one for one in conversations if options.only is None or options.only in (one.id, one.kind)]
    played = []
    with product() as opened:
        for conversation in chosen:
            played.append(play(opened, conversation))
            if not options.quiet and (options.all or not played[-1].right):
                print(_shown(played[-1]), flush=True)
    print(table(played), file=sys.stderr)
    print(json.dumps(figures(played), ensure_ascii=False))
    return 0


def figures(played: Sequence[Played]) -> dict[str, Any]:
    kinds: dict[str, list[bool]] = {}
    for one in played:
        kinds.setdefault(one.conversation.kind, []).append(one.right)
    right = sum(one.right for one in played)
    return {
        "n": len(played),
        "right": right,
        "rate": share(right, len(played)),
        "by_kind": {kind: {"n": len(marks), "right": sum(marks)} for kind, marks in sorted(kinds.items())},
        "wrong": [one.conversation.id for one in played if not one.right],
    }


def table(played: Sequence[Played]) -> str:
    """Conversations that were right, by kind."""
    lines = [f"{'kind':<20}{'right':>7}"]
    for kind, counted in figures(played)["by_kind"].items():
        lines.append(f"{kind:<20}{counted['right']:>4}/{counted['n']}")
    return "\n".join(lines)


def _shown(played: Played) -> str:
    conversation = played.conversation
    title = f"== {conversation.id} ({conversation.kind}): {'right' if played.right else 'wrong'}"
    return "\n".join([title, *played.transcript, *(f"  ! {fault}" for fault in played.faults), ""])


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m infra.local.evaluation.conversations", description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--only", help="the id of one conversation, or a kind")
    parser.add_argument("--all", action="store_true", help="also print those that are right")
    parser.add_argument("--quiet", action="store_true", help="print figures only")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
