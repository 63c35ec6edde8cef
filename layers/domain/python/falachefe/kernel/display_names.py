"""Validates names of people and companies: they appear in e-mails, so they may hold no links or hidden characters."""

import re
import unicodedata
from typing import Final

_DOTS: Final = str.maketrans({"。": ".", "．": ".", "｡": ".", "․": "."})
_LINK: Final = re.compile(
    r"://|\bwww\.|@|(?<!\w)(?:mailto|tel|javascript|data):"  # schemes and addresses
    r"|[\w-]\.[^\W\d_]{2,}"  # `site.com`; initials (`J.P.`, `S.A.`) have single letters, words a blank in between
    r"|[\w-]\.xn--"
    r"|\d\.\d+\.\d+\.\d",
    re.IGNORECASE,
)
_MAKES_LINKS: Final = frozenset(".:@/")
_JOINER: Final = "\u200d"
"""The zero-width joiner, which composes emoji of several parts."""
NO_LINK: Final = "O nome não pode ter endereços de sites nem de e-mail. Depois de um ponto, deixe um espaço."
NOTHING_HIDDEN: Final = "O nome tem caracteres invisíveis. Digite-o de novo."


def name_problem(name: str) -> str | None:
    """What is wrong with a name, as a pt-BR sentence; None for a valid one."""
    if any(_is_hidden(c) for c in name):
        return NOTHING_HIDDEN
    return NO_LINK if _LINK.search(_plain(name)) else None


def without_links(name: str, *, most: int = 120) -> str:
    """The name for use in an e-mail: also safe for names stored before names were validated."""
    shown = "".join(" " if _is_hidden(c) else c for c in name)
    if _LINK.search(_plain(shown)):
        shown = "".join(" " if _one(c) in _MAKES_LINKS else c for c in shown)
    return " ".join(shown.split())[:most].strip()


def _plain(text: str) -> str:
    """As e-mail clients interpret it: full-width letters and other full stops become the usual ones. Same length."""
    return "".join(_one(c) for c in text)


def _one(character: str) -> str:
    folded = unicodedata.normalize("NFKC", character.translate(_DOTS)).translate(_DOTS)
    return folded if len(folded) == 1 else character


def _is_hidden(character: str) -> bool:
    """Control, direction and other invisible characters, and private-use ones. Unassigned ones are allowed: a new emoji
    is unassigned until Python's Unicode data knows it."""
    return unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp") and character != _JOINER
