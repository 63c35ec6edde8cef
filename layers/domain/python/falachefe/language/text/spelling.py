"""Corrects one slip of the finger in a word that the engine knows, by the word alone; names are protected by place."""

import re
from functools import cache, lru_cache
from typing import Final, Literal

from falachefe.language.text.lexicon import COMMON_WORDS, CORRECTABLE_WORDS, FIRST_NAMES, SURNAMES, words

type Place = Literal["opening", "inside", "behind article", "name"]
"""Where a word stands: `name` is a capital inside a sentence, and never corrected."""

_TIME_WORDS: Final = words(
    """
    hoje ontem anteontem amanha segunda terca quarta quinta sexta sabado domingo semana janeiro fevereiro marco abril
    maio junho julho agosto setembro outubro novembro dezembro passada passado
    """
)
_ORDERS: Final = words(
    """
    registra registrar registre lanca lancar lance anota anotar anote adiciona adicionar cadastra cadastrar cadastre
    contratar analisar analisa disparar dispara divulgar sugere sugira cancela cancelar
    """
)
_SAID_LONG: Final = re.compile(r"([a-z])\1{2,}")
_PAST_ENDINGS: Final = ("ei", "ou", "amos", "emos", "eu", "iu", "aram", "eram", "endi")


def squeezed(word: str) -> str:
    """A word said long, `gasteiii`, with its letters once."""
    if len(set(word)) > 1 and word.isalpha():
        return _SAID_LONG.sub(r"\1", word)
    return word


def may_mend(meant: str, place: Place, *, every: bool) -> bool:
    """Whether the word of the vocabulary may stand for a word written in that place.

    Verbs of the past and words of time at once: without them a message means something else, and names are seldom one
    slip away from them. All others only with `every`. Behind an article stands a name or a thing, never a verb.
    """
    if place == "name":
        return False
    past = meant.endswith(_PAST_ENDINGS)
    if place == "behind article":
        return every and not past and meant not in _ORDERS
    return every or past or meant in _TIME_WORDS


@lru_cache(maxsize=4096)
def corrected(word: str) -> str:
    """The word of the vocabulary that is one slip away from a folded word, or the word itself."""
    if len(word) < 5 or len(word) > 16 or not word.isalpha():
        return word
    if word in COMMON_WORDS or word in FIRST_NAMES or word in SURNAMES or word in CORRECTABLE_WORDS:
        return word
    if word[-1] == word[-2] and word[:-1] in CORRECTABLE_WORDS:
        return word[:-1]
    found: set[str] = set()
    for shape in _deletions(word):
        found.update(_deletion_index().get(shape, ()))
    close = sorted(w for w in found if _is_single_typo(word, w))
    return close[0] if close else word


@cache
def _deletion_index() -> dict[str, list[str]]:
    index: dict[str, list[str]] = {}
    for word in sorted(CORRECTABLE_WORDS):
        for shape in _deletions(word):
            index.setdefault(shape, []).append(word)
    return index


def _deletions(word: str) -> set[str]:
    return {word, *(word[:i] + word[i + 1 :] for i in range(len(word)))}


def _is_single_typo(written: str, meant: str) -> bool:
    """One letter missing, extra, changed or swapped with its neighbour, but not a mere inflection of another word."""
    if written[-1] != meant[-1] and written[:-1] == meant[:-1]:
        return False
    if abs(len(written) - len(meant)) == 1:
        longer, shorter = (written, meant) if len(written) > len(meant) else (meant, written)
        # An extra or missing final letter is usually an inflection (gasto, gastos), not a typo.
        return longer[:-1] != shorter and any(longer[:i] + longer[i + 1 :] == shorter for i in range(len(longer)))
    if len(written) != len(meant):
        return False
    wrong = [i for i in range(len(meant)) if written[i] != meant[i]]
    if len(wrong) == 1:
        return wrong[0] > 0
    return (
        len(wrong) == 2
        and wrong[1] == wrong[0] + 1
        and written[wrong[0]] == meant[wrong[1]]
        and written[wrong[1]] == meant[wrong[0]]
    )
