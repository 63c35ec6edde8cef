"""Changes of a message that must not change what is done about it, tried on the cases of a set.

    python -m infra.local.evaluation.metamorphic tests/eval/fresh.jsonl

Each case is decided as written and again after each change; what differs is counted, whether the case was right or not.
The last line printed is one JSON object. Names and amounts are exchanged in the text and in the calls alike.
"""

import argparse
import json
import re
import sys
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from falachefe.language.types import ToolCall
from infra.local.evaluation.cases import Case, read_cases
from infra.local.evaluation.deciders import Decider, OfflineDecider
from infra.local.evaluation.scoring import share

_FREE: Final = ("description", "text", "message", "reason", "name", "subject", "question", "topic", "entry", "bill")
"""Arguments that repeat the person's words, which the change itself alters."""
_NAMES: Final = {"Marcos": "Tadeu", "João": "Fábio", "Júlia": "Renata", "Beto": "Caio", "Carla": "Sílvia"}
_MARK_MATTERS: Final = re.compile(r":|\b(não|nao|nem|digo|minto|aliás|ops|opa|ih|ué|errei|melhor)\b", re.IGNORECASE)
_NUMBER: Final = re.compile(r"\d[\d.,]*")

type Change = Callable[[str], str]


def _without_accents(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))


def _other_names(text: str) -> str:
    return re.sub(r"\b(" + "|".join(_NAMES) + r")\b", lambda match: _NAMES[match[1]], text)


def _voice(text: str) -> str:
    """Without capitals and marks, as speech is transcribed; a message in which a mark has a meaning stays as it is."""
    if _MARK_MATTERS.search(text):
        return text
    return re.sub(r"[,.;!?…]+(?=\s|$)", "", text.lower())


_COMMON_NAME: Final = {_without_accents(a).casefold(): _without_accents(b).casefold() for a, b in _NAMES.items()}

CHANGES: Final[Mapping[str, Change]] = {
    "courtesy_before": lambda text: f"oi, tudo bem? {text}",
    "courtesy_after": lambda text: f"{text.rstrip()}{'' if text.rstrip()[-1:] in '.!?' else ','} por favor",
    "no_accents": _without_accents,
    "upper_case": str.upper,
    "lower_case": str.lower,
    "spaces": lambda text: "  " + text.replace(" ", "  ") + " ",
    "voice": _voice,
    "no_final_mark": lambda text: text.rstrip(" .!"),
    "other_names": _other_names,
}
AMOUNTS: Final = "other_amounts"


@dataclass(frozen=True, slots=True)
class Difference:
    id: str
    change: str
    text: str
    before: list[str]
    after: list[str]


def differences(cases: Sequence[Case], decider: Decider) -> tuple[dict[str, int], list[Difference]]:
    """How often each change was tried, and where it changed the decision. Messages that a change leaves as they are,
    and those with several lines or a code, are not tried."""
    tried = dict.fromkeys((*CHANGES, AMOUNTS), 0)
    found: list[Difference] = []
    for case in cases:
        if "\n" in case.text or re.search(r"\d{12}", re.sub(r"[\s.-]", "", case.text)):
            continue
        before = decider.handle(case.text, case.now, case.history).calls
        versions = [(name, change(case.text), before) for name, change in CHANGES.items()]
        for name, text, calls in [*versions, *_other_amount(case.text, before)]:
            if text == case.text:
                continue
            tried[name] += 1
            after = decider.handle(text, case.now, case.history).calls
            wanted, got = _decision(calls), _decision(after)
            if wanted != got:
                found.append(Difference(case.id, name, text, wanted, got))
    return tried, found


def _other_amount(text: str, calls: Sequence[ToolCall]) -> list[tuple[str, str, tuple[ToolCall, ...]]]:
    """The message and its calls with ten reais more, if its only number was read as the amount."""
    numbers = _NUMBER.findall(text)
    written = numbers[0].rstrip(".,") if len(numbers) == 1 else ""
    whole, _, cents = written.partition(",")
    if not (whole.isdigit() and 2 <= len(whole) <= 3) or not any(
        _amount(call) == _reais(whole, cents) for call in calls
    ):
        return []
    raised = f"{int(whole) + 10}{',' if cents else ''}{cents}"
    moved = tuple(
        ToolCall(call.tool, {**call.args, "amount": str(_reais(whole, cents) + 10)})
        if _amount(call) == _reais(whole, cents)
        else call
        for call in calls
    )
    return [(AMOUNTS, text.replace(written, raised), moved)]


def _reais(whole: str, cents: str) -> Decimal:
    return Decimal(f"{whole}.{cents or '0'}").quantize(Decimal("0.01"))


def _amount(call: ToolCall) -> Decimal | None:
    value = call.args.get("amount")
    return None if value is None else Decimal(str(value)).quantize(Decimal("0.01"))


def _decision(calls: Sequence[ToolCall]) -> list[str]:
    """The calls in a form in which equal decisions are equal."""
    return sorted(map(_shown, calls))


def _shown(call: ToolCall) -> str:
    args = {name: _plain(value) for name, value in call.args.items() if name not in _FREE}
    return f"{call.tool} {json.dumps(args, sort_keys=True, ensure_ascii=False)}"


def _plain(value: Any) -> Any:
    """Without accents and case, and with the same name for both of an exchanged pair."""
    if not isinstance(value, str):
        return value
    words = _without_accents(value).casefold().split(" ")
    return " ".join(_COMMON_NAME.get(word, word) for word in words)


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m infra.local.evaluation.metamorphic", description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--show", type=int, default=20, help="how many differences to print")
    options = parser.parse_args(arguments)
    with options.file.open(encoding="utf-8") as lines:
        tried, found = differences(read_cases(lines), OfflineDecider())
    for one in found[: options.show]:
        print(f"{one.id} {one.change}: {one.text}\n   {one.before}\n   {one.after}")
    changed = {name: sum(one.change == name for one in found) for name in tried}
    total = sum(tried.values())
    print(json.dumps({"n": total, "changed": changed, "tried": tried, "rate": share(len(found), total, nothing=0.0)}))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
