"""Cleans text before it is stored and folds it before it is compared."""

import unicodedata
from typing import Final

ACCENTED: Final = "áàâãäéèêëíìîïóòôõöúùûüçñ"
UNACCENTED: Final = "aaaaaeeeeiiiiooooouuuucn"
"""For `translate(lower(text), ACCENTED, UNACCENTED)` in SQL: `unaccent` is an extension and not immutable."""


def fold(text: str) -> str:
    """`text` without accents, in lower case, with single spaces: for comparison only."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(c for c in decomposed if not unicodedata.combining(c)).split())


def one_line(text: str) -> str:
    """`text` normalised (NFC) on one line, without control characters (Postgres refuses a null byte)."""
    return " ".join("".join(" " if _is_control(c) else c for c in unicodedata.normalize("NFC", text)).split())


def paragraphs(text: str) -> str:
    """`text` normalised (NFC) with its line breaks, without other control characters, stripped."""
    kept = (c for c in unicodedata.normalize("NFC", text.replace("\r\n", "\n")) if c == "\n" or not _is_control(c))
    return "".join(kept).strip()


def _is_control(character: str) -> bool:
    # Cs: lone surrogates, which JSON allows and UTF-8 does not.
    return unicodedata.category(character) in ("Cc", "Cs")
