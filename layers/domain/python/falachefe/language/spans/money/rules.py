"""The order and the patterns of the steps of arithmetic.

A message is a line in which each span is one letter and the words stay (`comprei Q de farinha a U cada`):

| letter | span | letter | span |
| --- | --- | --- | --- |
| M | a plain amount | Q | a count |
| U | the price of one | P | a percentage |
| T | a total | I | instalments |
| G, C | handed over, change | F | an amount with a flaw |
| D, O | a deposit, what is owed | X | a product, or an amount with its parts |
| B, L | a discount, a limit | S | a sum of products |
"""

from collections.abc import Callable
from re import Match
from typing import Final

from falachefe.language.spans.money import steps
from falachefe.language.spans.money.steps import Node

type Step = Callable[[Match[str], list[Node]], Node | None]

LETTERS: Final = {
    "stated": "M", "price": "M", "base": "M", "paid": "M", "unit": "U", "total": "T", "change": "C", "tendered": "G",
    "deposit": "D", "due": "O", "limit": "L", "discount": "B",
}  # fmt: skip
LETTER: Final = "[MUTCGDOLBFQIPXS]"

_EACH: Final = r"(?: (?:cada(?: uma?)?|[ao] [a-z]+|por [a-z]+))?"
_AT: Final = r"(?:a|de|por|custando|saiu|saindo|no valor de|valendo)"
_LESS: Final = (
    r"(?: [a-z]+){0,6}?,? (?:com|menos|teve|tive|tinha|ganhei|e|deu|deram|dando|tirando|-)?"
    r"(?: (?:um|uns|mais|de|desconto|deu|deram|me))* ?"
)
_OFF: Final = r" (?:em cima |sobre )?(?:de|em|dos|nos|no|do|da|na)(?: [a-z]+){0,3}? [MXST]"
_CAME_TO: Final = (
    r"(?:,| e| -| =|:)? ?(?:(?:entao|dai|no fim|tudo|isso|que) )?(?:deu|da|dando|ficou|fechou|foi|total|totalizando|"
    r"somou|=)(?: (?:em|por|de|no total|tudo))? "
)
# Words without another amount, within a line.
_NEAR: Final = r"[^MUTCGDOLBFQIPXS\n]"

RULES: Final[tuple[tuple[str, str, Step], ...]] = (
    # letters that the line must have, pattern, step
    ("", r"[MT] ?\([MT]\)", steps.restated),
    ("QU", rf"Q(?: [a-z]+){{0,5}}?,? {_AT}(?: r\$)? U{_EACH}", steps.product),
    ("QU", rf"Q(?: [a-z]+){{0,5}}?[,:]? ?(?:cada )?(?:uma? )?(?:a |por |de |deu |foi )?U{_EACH}", steps.product),
    ("QM", r"Q(?: [a-z]+){0,3}? (?:a|de) M(?! (?:de|do|da) (?:entrada|sinal)| (?:kg|cada) )", steps.product),
    ("QU", rf"U{_EACH}(?:,| e|:)?(?: (?:foram|comprei|vendi|eram|levei|peguei|vezes|x|levou))* Q", steps.product),
    ("QM", r"Q por M", steps.for_all),
    ("X", r"X(?:(?:,| e| mais| \+|, e|;)(?: (?:mais|tambem|foram|com))* X)+", steps.add),
    ("P", rf"[MXST]{_LESS}P", steps.less_percent),
    ("P", rf"P (?:de |do )?(?:desconto|abatimento|taxa|juros|multa){_OFF}", steps.less_percent),
    ("B", rf"[MXST]{_LESS}B", steps.less),
    ("B", rf"B (?:de |do )?(?:desconto|abatimento){_OFF}", steps.less),
    ("M", rf"[XS](?: de desconto| de multa| de juros| de taxa)?{_CAME_TO}M", steps.restated),
    ("MB", rf"M{_NEAR}{{0,40}}?B (?:d[aeo]s?|em|sobre|em cima de|de um total de)(?: [a-z]+)? M", steps.cut_explained),
    ("F", rf"F{_NEAR}{{0,30}}? M", steps.made_exact),
    ("U", rf"[MX]{_NEAR}{{0,20}}?U{_EACH}", steps.priced_apart),
    ("M", r"\bde M(?: [a-z]+){0,2} por [MX]", steps.reduced),
    ("M", r"[MX] (?:mais|\+|e) M de (?:multa|juros|gorjeta|taxa|entrega|acrescimo|iof|mora)\b", steps.plus),
    ("C", rf"[GMX]{_NEAR}{{0,40}}?[GMX]{_NEAR}{{0,30}}?C", steps.change),
    ("MC", rf"[MX]{_NEAR}{{0,30}}?[MX]{_NEAR}{{0,30}}?C", steps.change_explained),
    ("GC", rf"[GC]{_NEAR}{{0,40}}?[GC]", steps.change),
    ("G", rf"[MX]{_NEAR}{{0,30}}?G|G{_NEAR}{{0,30}}?[MX]", steps.change),
    ("MC", rf"\b(?:dei|entreguei|com|passei|deu|mandou|mandei) (?:uma |a )?M{_NEAR}{{0,30}}?C", steps.change_of_stated),
    ("D", rf"D{_NEAR}{{0,70}}?[MXOT]|[MXT]{_NEAR}{{0,70}}?D(?:{_NEAR}{{0,40}}?O)?", steps.deposit),
    (
        "M",
        r"\b[MX] (?:adiantad[oa] )?(?:d[eoa]s?|de um total de|do total de|dos) [MT](?! (?:d[aeo]|com)\b)",
        steps.part_of,
    ),
    (
        "M",
        (
            r"\b(?:fechei|fechamos|combinei|combinamos|cobrei|cobramos|orcei|contratou|contratei|acertei|acertamos)\b"
            rf"{_NEAR}{{0,40}}?M,? (?:e |mas )?(?:ja )?(?:me |nos )?"
            r"(?:pagaram|pagou|deram|deu|adiantaram|adiantou|paguei|recebi|dei) M"
        ),
        steps.paid_of,
    ),
    ("O", rf"[MX]{_NEAR}{{0,40}}?O(?! d[aeo] )|O{_NEAR}{{0,40}}?[MX]", steps.with_due),
    (
        "",
        r"\bmetade (?:de|dos|do|da)(?: (?:servico|valor|total|conta|trabalho|orcamento|obra|dos|de|do|da))* [MXT]",
        steps.half,
    ),
    ("I", rf"[MTXS]{_NEAR}{{0,35}}?I|I{_NEAR}{{0,20}}?[MTXS]", steps.instalments_of),
    (
        "T",
        r"[MXSUQ](?:[^\n;]*?[MXSUQ])*[^\n;]*?T(?![^\n;]*T)|T[^GTDOFIC\n]*[MXSU](?:[^GTDOFIC\n]*[MXSU])*",
        steps.totalled,
    ),
)
