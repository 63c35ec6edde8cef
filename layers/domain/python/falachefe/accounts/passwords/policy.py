"""Password policy: a minimum length and a minimum number of guesses, estimated by zxcvbn. No composition rules."""

import re
from collections.abc import Iterator
from itertools import product
from typing import TYPE_CHECKING, Final

from zxcvbn_rs_py import Warning as Kind
from zxcvbn_rs_py import zxcvbn

from falachefe.accounts.passwords.hashing import MAX_PASSWORD_LENGTH
from falachefe.accounts.passwords.portuguese_words import PORTUGUESE_WORDS
from falachefe.kernel.errors import invalid_field
from falachefe.kernel.text import fold

if TYPE_CHECKING:
    from zxcvbn_rs_py import Entropy

MIN_PASSWORD_LENGTH: Final = 12
_MIN_GUESSES_LOG10: Final = 10.0
"""Exponent of ten: the threshold of zxcvbn's best score."""
_MAX_ESTIMATED_LENGTH: Final = 72
"""Characters that zxcvbn may read as letters (`4` as `a`) make its time grow with the square of the length."""
_MIN_DISTINCT_CHARACTERS: Final = 5
_MIN_NAME_LENGTH: Final = 4
_MAX_WORD_GUESSES_LOG10: Final = 8.0
_MAX_WORD_GUESSES_PER_LETTER: Final = 0.65
"""zxcvbn counts a factor of ten for each random letter, less for words."""
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
    """Raises `InvalidInput` with an error of `field` when the password may not be chosen."""
    message = _problem(password, name=name, email=email or "")
    if message:
        raise invalid_field(field, message, "password_weak")


def _problem(password: str, *, name: str, email: str) -> str | None:
    if not MIN_PASSWORD_LENGTH <= len(password) <= MAX_PASSWORD_LENGTH:
        return f"A senha tem de {MIN_PASSWORD_LENGTH} a {MAX_PASSWORD_LENGTH} caracteres."
    folded = fold(password)
    if len(set(folded)) < _MIN_DISTINCT_CHARACTERS:
        return _PATTERN
    own = _own_words(name, email)
    if any(word in folded for word in own):
        return "A senha não pode conter seu nome nem seu e-mail."
    estimate = _estimate(folded, own)
    if estimate.guesses_log10 < _MIN_GUESSES_LOG10:
        return _PATTERN if _is_pattern(estimate) else _COMMON
    return _COMMON if any(_is_words(letters, own) for letters in set(_readings(folded))) else None


def _estimate(folded: str, own: set[str]) -> "Entropy":
    return zxcvbn(folded[:_MAX_ESTIMATED_LENGTH], [*sorted(own), *PORTUGUESE_WORDS])


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
    """Whether the letters are one or two common words. zxcvbn counts digits and punctuation around them as random, but
    attackers try words with such affixes first."""
    most = min(_MAX_WORD_GUESSES_LOG10, _MAX_WORD_GUESSES_PER_LETTER * len(letters))
    return letters != "" and _estimate(letters, own).guesses_log10 < most


def _readings(folded: str) -> Iterator[str]:
    """The letters of a password, plain and with substitutions undone: `s3nh4s3gur4 2026` → `senhasegura`.

    Digits before and after the letters are mostly affixes, but the up to two nearest ones may be substitutions.
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
    return {part for part in parts if len(part) >= _MIN_NAME_LENGTH}
