"""What a message said and no tool call covers, in one sentence: nothing is dropped in silence.

Every amount and every line of a message is booked, asked about or named in the reply; this is the one place that checks
it, after the subject has made its drafts.
"""

from typing import Final

from falachefe.language.claims.types import Claim, Modality, Reading
from falachefe.language.clauses.modality import REGISTER
from falachefe.language.clauses.verbs import find_event_nouns, find_verbs
from falachefe.language.clauses.words import content
from falachefe.language.spans.money.steps import reais
from falachefe.language.spans.types import Money
from falachefe.language.text.normalize import Text, rx

_WHY: Final[dict[Modality, str]] = {
    "denied": "não aconteceu",
    "planned": "ainda não aconteceu",
    "conditional": "ainda não aconteceu",
    "cancelled": "foi cancelado",
    "ordered": "eu não faço pagamentos",
    "asked": "é uma pergunta",
    "reported": "é de outra pessoa",
}
_MOST_NAMED: Final = 5
_LONGEST: Final = 60


def left_out(text: Text, reading: Reading, used: list[Claim]) -> str:
    """The sentence that names what was not booked, or "" where everything was."""
    parts = [_named(text, c) for c in reading.claims if c.sum is not None and c not in used]
    parts += [_amount(text, m) for m in _loose(reading)]
    parts += [f"“{line}”" for line in _unread_lines(text, reading)]
    if not parts:
        return ""
    shown = parts[:_MOST_NAMED]
    more = f" e mais {len(parts) - _MOST_NAMED}" if len(parts) > _MOST_NAMED else ""
    return f"Não anotei {_joined(shown)}{more}."


def _joined(parts: list[str]) -> str:
    return " e ".join((", ".join(parts[:-1]), parts[-1])) if len(parts) > 1 else parts[0]


def _named(text: Text, claim: Claim) -> str:
    amount = (
        reais(claim.sum.value) if claim.sum and claim.sum.value is not None else text.original(claim.start, claim.end)
    )
    why = _WHY.get(claim.modality)
    return f"{amount} ({why})" if why else amount


def _amount(text: Text, found: Money) -> str:
    return reais(found.value) if found.value is not None else f"“{text.original(found.start, found.end)}”"


def _loose(reading: Reading) -> list[Money]:
    """Amounts that went into no sum and that no later word replaced."""
    used = {(s.start, s.end) for c in reading.claims if c.sum for s in c.sum.used}
    return [m for m in reading.spans.money if (m.start, m.end) not in used]


def _unread_lines(text: Text, reading: Reading) -> list[str]:
    """Lines without an amount in a list whose other lines have one; a title, a day or a greeting is none."""
    lines = list(rx(r"[^\n]+").finditer(text.plain))
    sums = [s.start for c in reading.claims if c.sum for s in c.sum.used]
    priced = [line for line in lines if any(line.start() <= at < line.end() for at in sums)]
    if len(priced) < 2:
        return []
    return [
        text.original(line.start(), line.end())[:_LONGEST]
        for line in lines
        if line not in priced and not line.group().rstrip().endswith(":") and _says_something(line.group())
    ]


def _says_something(line: str) -> bool:
    return bool(content(line)) and not find_verbs(line) and not find_event_nouns(line) and not rx(REGISTER).search(line)
