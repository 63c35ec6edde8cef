"""Reads a message into claims: spans, then corrections, then sums, then deeds with their modality and direction."""

from dataclasses import replace
from datetime import date
from typing import Final

from falachefe.language.claims.types import Claim, Reading
from falachefe.language.clauses.corrections import settle_corrections
from falachefe.language.clauses.direction import movement
from falachefe.language.clauses.modality import Clause, modality
from falachefe.language.clauses.segmentation import Deed, Marks, split_deeds
from falachefe.language.spans.arithmetic import reckon
from falachefe.language.spans.reader import read_spans
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
    for deed in split_deeds(marks):
        claim = _claim(deed, marks, today)
        claims.append(_inherited(claim, claims[-1], marks) if claims else claim)
    return Reading(corrected.spans, tuple(claims), corrected.replaced)


def _claim(deed: Deed, marks: Marks, today: date) -> Claim:
    clause = Clause(marks.plain[deed.start : deed.end], marks.plain, deed, marks, today)
    event, direction, subject = movement(clause)
    return Claim(
        deed.start,
        deed.end,
        modality(deed, marks, today),
        subject,
        clause.head,
        event,
        direction,
        marks.spans.within(deed.start, deed.end),
        deed.sum,
        clause.registers,
        marks.blanked[deed.start : deed.end],
    )


def _inherited(claim: Claim, before: Claim, marks: Marks) -> Claim:
    """A deed without a verb continues the one before it: `paguei luz 230, água 90`, `vou pagar 50 e 30`."""
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
