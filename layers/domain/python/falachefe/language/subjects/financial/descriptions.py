"""What an entry was about: its ledger category and its description in the author's words."""

from itertools import pairwise
from typing import Final

from falachefe.language.claims.types import Claim
from falachefe.language.clauses.modality import REGISTER
from falachefe.language.clauses.verbs import find_verbs
from falachefe.language.clauses.words import EMPTY
from falachefe.language.text.blanking import masked
from falachefe.language.text.normalize import Text, rx
from falachefe.language.values.categories import category_in

_REPAIR: Final = r"\b(?:consert\w+|repar(?:o|ei|ar)|manutencao|arrum\w+|quebr\w+)\b"
_RESALE: Final = r"\b(?:pra|para) (?:a gente |nos |loja )?(?:re)?vend\w+|\brevenda\b|\bpr[ao] estoque\b"
_RESOLD: Final = ("alimentacao", "equipamentos", "saude", "material_escritorio", "servicos")
_SOLD: Final = r"\b(?:vend[aeiou]\w*|fatur\w+|encomenda|caixa|movimento)\b"
_LONGEST: Final = 120


def entry_category(claim: Claim, whole: str, kind: str) -> str:
    return _expense_category(claim) if kind == "expense" else _income_category(claim.said, whole)


def _expense_category(claim: Claim) -> str:
    own = claim.said
    after = own[claim.verb.start - claim.start :] if claim.verb else ""
    named = category_in(after, "expense") or category_in(own, "expense")
    if named and named[0] == "equipamentos" and rx(_REPAIR).search(own):
        return "manutencao"
    if rx(_RESALE).search(own) and (not named or named[0] in _RESOLD):
        return "fornecedores"
    return named[0] if named else "outros"


def _income_category(own: str, whole: str) -> str:
    named = category_in(own, "income")
    if named and rx(r"\bcategoria\b").search(own):
        return named[0]
    if rx(_SOLD).search(own):
        return "vendas"
    if named:
        return named[0]
    return "vendas" if rx(r"\bclientes?\b").search(whole) and not rx(r"\bservic").search(whole) else "outros"


def entry_description(text: Text, claim: Claim) -> str:
    """The author's words of the clause without verb, amount, day and empty words at its ends."""
    said = masked(claim.said, [(verb.start, verb.end) for verb in find_verbs(claim.said)])
    said = masked(said, [order.span() for order in rx(REGISTER).finditer(said)])
    words = list(rx(r"[^\s¦,;:!?.()\"]+").finditer(said))
    while words and words[0].group() in EMPTY:
        words.pop(0)
    while words and words[-1].group() in EMPTY:
        words.pop()
    # "farinha por 240 no mercado": the preposition before the amount is dropped with it.
    kept = [
        one for one, other in pairwise(words) if not (one.group() in EMPTY and said[one.end() : other.start()].strip())
    ]
    kept += words[-1:]
    written = [text.original(claim.start + m.start(), claim.start + m.end()) for m in kept]
    return " ".join(w for w in written if w)[:_LONGEST]
