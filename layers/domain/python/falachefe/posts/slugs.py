"""A post's slug, the readable part of its URL, made from its title. Pure functions."""

import re
from collections.abc import Collection
from typing import Final

from falachefe.kernel.text import fold

LONGEST: Final = 80
PATTERN: Final = r"^[a-z0-9]+(-[a-z0-9]+)*$"
_WITHOUT: Final = "post"
"""For a title without letters and digits."""
_WORDS: Final = {
    "&": " e ",
    "+": " mais ",
    "%": " por cento ",
    "@": " arroba ",
    "ß": "ss",
    "æ": "ae",
    "œ": "oe",
    "ø": "o",
}


def slug_of(title: str, longest: int = LONGEST) -> str:
    """`Ação & Promoção: 50% off!` as `acao-e-promocao-50-por-cento-off`, cut between words where it is too long."""
    spelt = "".join(_WORDS.get(character, character) for character in title.casefold())
    words = re.findall(r"[a-z0-9]+", fold(spelt))
    kept = ""
    for word in words:
        longer = f"{kept}-{word}" if kept else word[:longest]
        if len(longer) > longest:
            break
        kept = longer
    return kept or _WITHOUT


def free_slug(wanted: str, taken: Collection[str]) -> str:
    """`wanted`, or with the first number from 2 that makes it unique."""
    if wanted not in taken:
        return wanted
    number = 2
    while (numbered := _numbered(wanted, number)) in taken:
        number += 1
    return numbered


def _numbered(wanted: str, number: int) -> str:
    ending = f"-{number}"
    return wanted[: LONGEST - len(ending)].rstrip("-") + ending
