"""Which passwords may be chosen: long ones that are not among the first to be guessed. No rules of composition.

How many guesses a password takes is zxcvbn's estimate. It is imported where a password is set, not at start.
"""

import re
from collections.abc import Iterator
from itertools import product
from typing import TYPE_CHECKING, Final

from zxcvbn_rs_py import Warning as Kind
from zxcvbn_rs_py import zxcvbn

from falachefe.accounts.passwords.hashing import LONGEST_PASSWORD
from falachefe.accounts.passwords.portuguese_words import PORTUGUESE_WORDS
from falachefe.kernel.errors import invalid_field
from falachefe.kernel.text import fold

if TYPE_CHECKING:
    from zxcvbn_rs_py import Entropy

SHORTEST_PASSWORD: Final = 12
_FEWEST_GUESSES: Final = 10.0
"""As a power of ten. From here on zxcvbn gives its best score."""
_LONGEST_ESTIMATED: Final = 72
"""Signs that may be letters make an estimate's time grow with the square of the length: at 72 up to 0.25 s."""
_FEWEST_CHARACTERS: Final = 5
_SHORTEST_NAME: Final = 4
_WORDS_GUESSES: Final = 8.0
_WORDS_GUESSES_PER_LETTER: Final = 0.65
"""Random letters take one power of ten each by zxcvbn's count, words less."""
_SWAPPED: Final = str.maketrans(
    {"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "@": "a", "$": "s", "!": "i"}
)
_CORE: Final = re.compile(r"[a-z](?:.*[a-z])?", re.DOTALL)
"""From the first letter to the last."""
_NO_LETTER: Final = re.compile(r"[^a-z]")
_EDGE_SWAPS: Final = 2
_PATTERN: Final = "Essa senha é uma repetição ou uma sequência. Escolha outra."
_COMMON: Final = "Essa senha é muito comum. Escolha outra, como uma frase só sua."


def check(password: str, *, name: str, email: str | None, field: str = "password") -> None:
    """Raises `InvalidInput` saying in `field`'s error what is wrong with the choice."""
    message = _objection(password, name=name, email=email or "")
    if message:
        raise invalid_field(field, message, "password_weak")


def _objection(password: str, *, name: str, email: str) -> str | None:
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        return f"A senha tem de {SHORTEST_PASSWORD} a {LONGEST_PASSWORD} caracteres."
    folded = fold(password)
    if len(set(folded)) < _FEWEST_CHARACTERS:
        return _PATTERN
    own = _own_words(name, email)
    if any(word in folded for word in own):
        return "A senha não pode conter seu nome nem seu e-mail."
    estimate = _estimate(folded, own)
    if estimate.guesses_log10 < _FEWEST_GUESSES:
        return _PATTERN if _is_pattern(estimate) else _COMMON
    return _COMMON if any(_is_words(letters, own) for letters in set(_readings(folded))) else None


def _estimate(folded: str, own: set[str]) -> "Entropy":
    return zxcvbn(folded[:_LONGEST_ESTIMATED], [*sorted(own), *PORTUGUESE_WORDS])


def _is_pattern(estimate: "Entropy") -> bool:
    patterns = (
        Kind.RepeatsLikeAaaAreEasyToGuess,
        Kind.RepeatsLikeAbcAbcAreOnlySlightlyHarderToGuess,
        Kind.SequencesLikeAbcAreEasyToGuess,
        Kind.StraightRowsOfKeysAreEasyToGuess,
        Kind.ShortKeyboardPatternsAreEasyToGuess,
    )
    return estimate.feedback is not None and estimate.feedback.warning in patterns


def _is_words(letters: str, own: set[str]) -> bool:
    """Whether the letters are a common word or two. zxcvbn counts digits and signs around them for what random ones
    are worth, but whoever guesses appends them to words first."""
    most = min(_WORDS_GUESSES, _WORDS_GUESSES_PER_LETTER * len(letters))
    return letters != "" and _estimate(letters, own).guesses_log10 < most


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


def _own_words(name: str, email: str) -> set[str]:
    local = fold(email).partition("@")[0]
    parts = {*fold(name).split(), local, *re.split(r"[._+-]", local)}
    return {part for part in parts if len(part) >= _SHORTEST_NAME}
