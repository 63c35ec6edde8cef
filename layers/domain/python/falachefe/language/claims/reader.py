"""Reads a message into claims: spans, corrections, sums, then movements of money with modality and direction."""

from dataclasses import replace
from datetime import date
from typing import Final

from falachefe.language.claims.types import Claim, Reading
from falachefe.language.clauses.corrections import settle_corrections
from falachefe.language.clauses.direction import read_direction
from falachefe.language.clauses.modality import Clause, modality
from falachefe.language.clauses.segmentation import Marks, Movement, split_movements
from falachefe.language.spans.arithmetic import reckon
from falachefe.language.spans.reader import read_spans
from falachefe.language.spans.types import Reckoning
from falachefe.language.text.normalize import Text, rx
from falachefe.language.types import Facts
from falachefe.language.values.categories import category_in

# What nobody sells by the way: after `vendi 300`, `e 50 de gasolina` is an expense all the same.
_NEVER_SOLD: Final = frozenset(
    (
        "combustivel",
        "energia",
        "agua",
        "aluguel",
        "internet_telefone",
        "salarios",
        "impostos",
        "tarifas_bancarias",
        "transporte",
    )
)
_SENTENCE: Final = r"[.!?\n]"


def read_claims(text: Text, today: date, facts: Facts) -> Reading:
    plain = text.plain
    corrected = settle_corrections(plain, read_spans(text, today, facts))
    marks = Marks.of(plain, corrected, reckon(plain, corrected.spans))
    claims: list[Claim] = []
    for movement in split_movements(marks):
        claim = _claim(movement, marks, today)
        claims.append(_inherited(claim, claims[-1], marks) if claims else claim)
    return Reading(corrected.spans, _parts_paid(claims), corrected.replaced)


# Words of an agreement on a price, before or after what has been paid of it.
_AGREED: Final = (
    r"\b(?:fech(?:ei|amos|ou)|contrat(?:ei|amos|ou)|combin(?:ei|amos)|(?:servico|trabalho|total|obra|festa"
    r"|pedido) (?:e|fica|custa|vale))\b"
)
_ON_ACCOUNT: Final = r"\b(?:ja|sinal|entrada|adiantad\w+|adiantamento|metade|parte|por enquanto)\b"


def _parts_paid(claims: list[Claim]) -> tuple[Claim, ...]:
    """`fechei a festa por 2.000 e já me pagaram 800`: the smaller sum moved, the rest of the larger stays owed."""
    result: list[Claim] = []
    for claim in claims:
        joined = _part_paid(result[-1], claim) if result else None
        if joined is not None:
            result[-1] = joined
        else:
            result.append(claim)
    return tuple(result)


def _part_paid(one: Claim, other: Claim) -> Claim | None:
    if one.sum is None or other.sum is None or not one.sum.value or not other.sum.value:
        return None
    if one.modality != "happened" or other.modality != "happened" or one.sum.rest or other.sum.rest:
        return None
    paid, price = (one, other) if one.sum.value < other.sum.value else (other, one)
    # The price's words may stand at the end of the clause before it: `…, o serviço é 650`.
    led = price is other and rx(_AGREED + r"\W*$").search(one.said) is not None
    agreed = led or rx(_AGREED).search(price.said) is not None
    if not agreed or rx(_ON_ACCOUNT).search(paid.said) is None:
        return None
    smaller, larger = sorted((one.sum.value, other.sum.value))
    total = Reckoning(smaller, (*one.sum.used, *other.sum.used), rest=larger - smaller)
    return replace(paid, start=one.start, end=other.end, sum=total, said=one.said + other.said)


def _claim(movement: Movement, marks: Marks, today: date) -> Claim:
    clause = Clause(marks.plain[movement.start : movement.end], marks.plain, movement, marks, today)
    event, direction, subject = read_direction(clause)
    return Claim(
        movement.start,
        movement.end,
        modality(movement, marks, today),
        subject,
        clause.head,
        event,
        direction,
        marks.spans.within(movement.start, movement.end),
        movement.sum,
        clause.registers,
        marks.blanked[movement.start : movement.end],
    )


def _inherited(claim: Claim, before: Claim, marks: Marks) -> Claim:
    """A movement without a verb continues the one before it: `paguei luz 230, água 90`, `vou pagar 50 e 30`."""
    noun = any(claim.start <= n.start < claim.end for n in marks.nouns)
    if claim.verb is not None or noun or claim.registers or claim.modality != "happened":
        return claim
    if rx(_SENTENCE).search(marks.blanked[before.start : before.end].rstrip(" \n")[-1:] or " ") and claim.direction:
        return claim
    direction = before.direction or claim.direction
    if before.direction == "in" and claim.direction == "out":
        named = category_in(claim.said, "expense")
        direction = "out" if named and named[0] in _NEVER_SOLD else "in"
    event = before.event if direction == before.direction else claim.event
    return replace(claim, modality=before.modality, event=event, direction=direction, subject=before.subject)
