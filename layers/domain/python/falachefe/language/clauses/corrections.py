"""Corrections inside one message: `gastei 70, digo, 17` says 17, `era 50, não 500` says 50."""

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

from falachefe.language.spans.types import Money, Spans, When
from falachefe.language.text.normalize import rx

_CUE: Final = (
    r"\b(?:digo|minto|menti|perdao|desculpa|corrigindo|correcao|corrijo|alias|ops|opa|epa|eita|errei"
    r"|me enganei|engano|quer dizer|quis dizer|na verdade|na vdd|retificando|melhor dizendo|nao pera|pera"
    r"|perai|"
    r"espera|foi mal|falei errado|errado|ou melhor|isto e|nao,? nao)\b"
)
_NOT: Final = r"\bnao\b"
# What may stand between the cue and the value that it brings.
_FILL: Final = (
    r"^(?:[\s,.;:!\-¦]|\b(?:e|foi|foram|era|eram|e que|nao|o certo|certo|sao|de|por|deu|minto|digo|desculpa|pera"
    r"|errei|na verdade|alias|so|a|o|valor|que|gastei|paguei|eu|ta|em|no dia|dia)\b)*$"
)


@dataclass(frozen=True, slots=True)
class Corrected:
    """The spans without the values that the message takes back, those amounts, and the stretches from one to the other.

    A stretch is one statement: it is not split, and the value and words that it takes back are no part of its text.
    """

    spans: Spans
    replaced: tuple[Money, ...] = ()
    stretches: tuple[tuple[int, int], ...] = ()
    hidden: tuple[tuple[int, int], ...] = ()


def settle_corrections(plain: str, spans: Spans) -> Corrected:
    dropped: list[Money] = []
    stretches: list[tuple[int, int]] = []
    hidden: list[tuple[int, int]] = []
    money = list(spans.money)
    i = 0
    while i + 1 < len(money):
        wrong = _wrong(plain, money[i], money[i + 1])
        if wrong is None:
            i += 1
            continue
        bad = money[i + wrong]
        good = money[i + 1 - wrong]
        dropped.append(bad)
        stretches.append((money[i].start, money[i + 1].end))
        cue = rx(f"{_CUE}|{_NOT}").search(plain, money[i].end, money[i + 1].start)
        hidden.extend(((bad.start, bad.end), (cue.start(), money[i + 1].start)) if cue else ())
        money.remove(bad)
        if good.role != bad.role and good.role == "stated":
            money[money.index(good)] = replace(good, role=bad.role)
        i = max(0, i - 1)
    kept = replace(spans, money=tuple(money), days=_days(plain, spans.days))
    return Corrected(kept, tuple(dropped), tuple(stretches), tuple(hidden))


def _wrong(plain: str, one: Money, other: Money) -> int | None:
    """Which of two neighbouring amounts is taken back: 0 the first, 1 the second, None neither."""
    between = plain[one.end : other.start]
    cue = rx(_CUE).search(between)
    if cue is not None:
        return 0 if rx(_FILL).match(between[cue.end() :]) else None
    denied = rx(_NOT).search(between)
    if denied is None or not rx(_FILL).match(between[denied.end() :]):
        return None
    return _contrast(plain, one, between, denied.start(), denied.end())


def _contrast(plain: str, one: Money, between: str, start: int, end: int) -> int | None:
    """`60 de gás, não, 66` takes back the 60; `era 50, não 500` and `50, não foi 500` take back the 500."""
    after, before = between[end:], between[:start]
    if rx(r"^\s*[,.;:!\-]").match(after):
        return 0
    said = rx(r"\b(?:era|eram|e|sao|certo|correto)\s+(?:de |so |r\$ ?)*$").search(
        plain[max(0, one.start - 20) : one.start]
    )
    paused = rx(r"[,;.]\s*(?:e )?$").search(before)
    if rx(r"^\s*(?:foi|era|foram|eram)\b").match(after):
        return 1 if paused else 0
    adjacent = paused and rx(r"^\s*(?:reais)?\W*(?:e )?$").match(before)
    if said or adjacent:
        return 1
    return 0 if paused else None


def _days(plain: str, days: tuple[When, ...]) -> tuple[When, ...]:
    """`ontem, digo, anteontem`: the first day is dropped."""
    kept = list(days)
    for one, other in pairwise(days):
        between = plain[one.end : other.start]
        cue = rx(_CUE + r"|\bnao\s*,").search(between)
        if cue and rx(_FILL).match(between[cue.end() :]) and rx(r"^[\s,.;\-]*$").match(between[: cue.start()]):
            kept.remove(one)
    return tuple(kept)
