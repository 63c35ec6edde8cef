"""Which passwords may be chosen: long ones that are not among the first to be guessed. No rules of composition."""

import re
from collections.abc import Iterator
from itertools import product
from math import inf
from typing import Final

from falachefe.auth.common_passwords import COMMON
from falachefe.auth.passwords import LONGEST_PASSWORD
from falachefe.kernel.errors import FieldError, InvalidInput
from falachefe.kernel.text import fold

SHORTEST_PASSWORD: Final = 12
_FEWEST_CHARACTERS: Final = 5
_SHORTEST_NAME: Final = 4
_MOST_WORDS: Final = 3
_SWAPPED: Final = str.maketrans(
    {"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "@": "a", "$": "s", "!": "i"}
)
_RUNS: Final = ("01234567890123456789", "98765432109876543210", "abcdefghijklmnopqrstuvwxyz")
_CORE: Final = re.compile(r"[a-z](?:.*[a-z])?", re.DOTALL)
"""From the first letter to the last."""
_NO_LETTER: Final = re.compile(r"[^a-z]")
_EDGE_SWAPS: Final = 2


def check(password: str, *, name: str, email: str | None, field: str = "password") -> None:
    """Raises `InvalidInput` saying in `field`'s error what is wrong with the choice."""
    message = _objection(password, name=name, email=email or "")
    if message:
        raise InvalidInput(message, code="password_weak", errors=(FieldError(field, message),))


def _objection(password: str, *, name: str, email: str) -> str | None:
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        return f"A senha tem de {SHORTEST_PASSWORD} a {LONGEST_PASSWORD} caracteres."
    folded = fold(password)
    if len(set(folded)) < _FEWEST_CHARACTERS or _is_run(folded):
        return "Essa senha é uma repetição ou uma sequência. Escolha outra."
    if _is_common(folded):
        return "Essa senha é muito comum. Escolha outra, como uma frase só sua."
    if any(own in folded for own in _own_words(name, email)):
        return "A senha não pode conter seu nome nem seu e-mail."
    return None


def _is_run(folded: str) -> bool:
    """`123456789012`, `abcdefghijkl`, or one of those with a few signs around it."""
    core = "".join(c for c in folded if c.isalnum())
    return len(core) >= len(folded) - 2 and any(core in run * 2 for run in _RUNS)


def _is_common(folded: str) -> bool:
    """Up to three common words, said once or many times, with digits and signs before, between or after."""
    texts = {said for text in _readings(folded) if text for said in (text, _once(text))}
    return any(_common_words(text) <= _MOST_WORDS for text in texts)


def _readings(folded: str) -> Iterator[str]:
    """The letters as they stand, and with swapped ones put back: `s3nh4s3gur4 2026` → `senhasegura`.

    Digits at the edges are mostly added ones, but the last few next to the letters may be swapped letters.
    """
    yield _NO_LETTER.sub("", folded)
    core = _CORE.search(folded)
    if core is None:
        return
    for before, after in product(range(_EDGE_SWAPS + 1), repeat=2):
        inner = folded[max(0, core.start() - before) : core.end() + after]
        yield _NO_LETTER.sub("", inner.translate(_SWAPPED))


def _once(word: str) -> str:
    """`senhasenha` → `senha`."""
    length = (word + word).index(word, 1)
    return word[:length]


def _common_words(text: str) -> float:
    """The fewest common words that, side by side, are `text`; infinity when there are none such."""
    fewest = [0.0] + [inf] * len(text)
    for end in range(1, len(text) + 1):
        fewest[end] = min(
            (fewest[start] + 1 for start in range(end) if fewest[start] < inf and text[start:end] in COMMON),
            default=inf,
        )
    return fewest[-1]


def _own_words(name: str, email: str) -> set[str]:
    local = fold(email).partition("@")[0]
    parts = {*fold(name).split(), local, *re.split(r"[._+-]", local)}
    return {part for part in parts if len(part) >= _SHORTEST_NAME}
