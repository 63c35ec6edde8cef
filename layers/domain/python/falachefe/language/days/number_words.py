"""Small numbers in words, as days and counts use them."""

from typing import Final

_UNITS: Final = ("um", "dois", "tres", "quatro", "cinco", "seis", "sete", "oito", "nove")
_TEENS: Final = (
    "dez", "onze", "doze", "treze", "quatorze", "quinze", "dezesseis", "dezessete", "dezoito", "dezenove",
)  # fmt: skip

COUNTS: Final[dict[str, int]] = {
    **{word: number for number, word in enumerate((*_UNITS, *_TEENS), 1)},
    "uma": 1, "duas": 2, "meia duzia de": 6, "catorze": 14, "vinte": 20, "trinta": 30, "quarenta": 40,
    "quarenta e cinco": 45, "cinquenta": 50, "sessenta": 60, "noventa": 90,
    "vinte e um": 21, "vinte e cinco": 25, "vinte e oito": 28, "trinta e cinco": 35,
}  # fmt: skip
"""Counts of days, weeks and months."""

DAY_NUMBERS: Final[dict[str, int]] = {
    "primeiro": 1,
    "catorze": 14,
    **{word: number for number, word in enumerate((*_UNITS, *_TEENS), 1)},
    "vinte": 20,
    **{f"vinte e {word}": 20 + number for number, word in enumerate(_UNITS, 1)},
    "trinta": 30,
    "trinta e um": 31,
}
"""The days of a month in words."""

ORDINALS: Final[dict[str, int]] = {
    "primeiro": 1, "segundo": 2, "terceiro": 3, "quarto": 4, "quinto": 5, "sexto": 6, "setimo": 7, "oitavo": 8,
    "nono": 9, "decimo": 10,
}  # fmt: skip


def longest_first(words: dict[str, int]) -> str:
    """The words as alternatives of a pattern, the longest first so that `vinte e um` is not read as `vinte`."""
    return "|".join(sorted(words, key=len, reverse=True))


def count(word: str) -> int:
    return COUNTS[word] if word in COUNTS else int(word)


def day_number(word: str) -> int:
    return DAY_NUMBERS[word] if word in DAY_NUMBERS else int(word)
