"""Names of people and companies: they stand in e-mails to strangers, so they carry no link and nothing invisible."""

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
"""Holds an emoji of several parts together."""
NO_LINK: Final = "O nome não pode ter endereços de sites nem de e-mail. Depois de um ponto, deixe um espaço."
NOTHING_HIDDEN: Final = "O nome tem caracteres invisíveis. Digite-o de novo."


def name_objection(name: str) -> str | None:
    """What is wrong with a name, in a sentence for whoever gave it; None for one that may stand anywhere."""
    if any(_is_hidden(c) for c in name):
        return NOTHING_HIDDEN
    return NO_LINK if _LINK.search(_plain(name)) else None


def unlinked(name: str, *, most: int = 120) -> str:
    """The name as an e-mail shows it: of one from before names were checked no reader makes a link either."""
    shown = "".join(" " if _is_hidden(c) else c for c in name)
    if _LINK.search(_plain(shown)):
        shown = "".join(" " if _one(c) in _MAKES_LINKS else c for c in shown)
    return " ".join(shown.split())[:most].strip()


def _plain(text: str) -> str:
    """As readers of e-mails take it: wide letters and other full stops are the usual ones. Keeps the places."""
    return "".join(_one(c) for c in text)


def _one(character: str) -> str:
    folded = unicodedata.normalize("NFKC", character.translate(_DOTS)).translate(_DOTS)
    return folded if len(folded) == 1 else character


def _is_hidden(character: str) -> bool:
    """Controls, marks of direction and others that nobody sees; private ones. Unassigned ones may stand: a new emoji is
    one, until Python learns of it."""
    return unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp") and character != _JOINER
