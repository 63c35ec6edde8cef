"""Tells messages that try to command the assistant itself from messages that ask it to work.

A message that trips the guard runs no tool at all: what a person writes is data, and data never changes the rules, the
tenant or the permissions. The permissions hold on the server whatever this module thinks.
"""

import base64
import binascii
import re
import unicodedata
from functools import lru_cache
from typing import Final

from falachefe.language.contract import TOOLS
from falachefe.language.guard.patterns import (
    ABOUT_RULES,
    BYPASS,
    CLAIMS,
    CONTROL,
    FOREIGN_HOUSE,
    HARMLESS,
    HURRY,
    LEET,
    NO_RULES,
    ORDER,
    PATTERNS,
    POWER,
    TITLE,
    UNDO,
    WRITE,
)
from falachefe.language.text.normalize import fold, rx, visible

# Far beyond what is ever read for meaning; the rest of a longer text is only ever data.
_SCAN_LIMIT: Final = 6000
# One invisible character inside a word may be a slip of a keyboard; two are concealment.
_HIDDEN_LIMIT: Final = 2
_TOOL_NAME: Final = r"\b(?:" + "|".join(name for name in TOOLS if "_" in name) + r")\b"
_BASE64: Final = re.compile("[A-Za-z0-9+/_-]{20,}={0,2}")


@lru_cache(maxsize=1)
def _whole() -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{p})" for p in (_TOOL_NAME, NO_RULES, *CLAIMS, *PATTERNS)))


def commands_the_assistant(message: str) -> bool:
    """True for a message that tries to give the assistant orders, other rights or another company."""
    scanned = message[:_SCAN_LIMIT]
    if _conceals(scanned):
        return True
    clean = visible(scanned)
    folded = rx(HARMLESS).sub("¦", fold(rx(TITLE).sub("¦", clean)))
    return (
        _commands(folded)
        or rx(FOREIGN_HOUSE).search(clean) is not None
        or _commands(_unmasked(folded))
        or _encoded(clean)
        or _spaced(clean)
    )


def _commands(folded: str) -> bool:
    if rx(ORDER).search(folded) and rx(ABOUT_RULES).search(folded):
        return True
    return _argues(folded) or _whole().search(folded) is not None


def _argues(folded: str) -> bool:
    """An order to write beside reasons why a control should not hold."""
    if not rx(WRITE).search(folded) and not rx(UNDO).search(folded):
        return rx(r"\bnao (?:peca|exija|pergunte|solicite)\b").search(folded) is not None
    control = rx(CONTROL).search(folded)
    if rx(BYPASS).search(folded) and (control or rx(POWER).search(folded)):
        return True
    return bool(control and rx(HURRY).search(folded)) or rx(UNDO).search(folded) is not None


def _unmasked(folded: str) -> str:
    """`1gn0r3 as r3gr4s` with its letters back; empty when no word hides any."""
    if not rx(r"[a-z][013457@$]+[a-z]|\b[013457][a-z]{2,}").search(folded):
        return ""
    return rx(r"\S*[a-z]\S*").sub(lambda m: m.group().translate(LEET), folded)


def _conceals(message: str) -> bool:
    """Direction overrides, tag characters, or zero-width characters inside words."""
    if message.isascii():
        return False
    if any(
        "\u202a" <= c <= "\u202e" or "\u2066" <= c <= "\u2069" or "\U000e0020" <= c <= "\U000e007e" for c in message
    ):
        return "🏴" not in message
    return len(rx(r"(?<=[^\W\d_])[\u200b\u200c\u2060\ufeff\u00ad](?=[^\W\d_])").findall(message)) >= _HIDDEN_LIMIT


def _encoded(clean: str) -> bool:
    """A word that is base64 or hexadecimal of readable text: nobody writes to a colleague like that."""
    if rx(r"\b(?:[0-9a-fA-F]{2}){16,}\b|(?:\b0x[0-9a-fA-F]{2}\W+){5,}").search(clean):
        return True
    for match in _BASE64.finditer(clean):
        word = match.group().rstrip("=").replace("-", "+").replace("_", "/")
        if word.isalpha() and (word.islower() or word.isupper() or word.istitle()):
            continue
        try:
            decoded = base64.b64decode(word + "=" * (-len(word) % 4), validate=True).decode("utf-8")
        except (binascii.Error, UnicodeDecodeError):
            continue
        if all(c.isprintable() or c in "\r\n\t" for c in decoded) and sum(
            c.isalpha() or c == " " for c in decoded
        ) > 0.7 * len(decoded):
            return True
    return False


def _spaced(clean: str) -> bool:
    """`i g n o r e  a s  r e g r a s`, `i-g-n-o-r-e`: letters pulled apart to slip by."""
    for match in rx(r"(?:\b\w[\s.\-_*]{1,2}){7,}\w\b").finditer(clean):
        joined = "".join(c for c in unicodedata.normalize("NFKD", match.group()) if c.isalpha()).lower()
        if any(
            word in joined
            for word in (
                "ignor",
                "esquec",
                "instruc",
                "system",
                "sistema",
                "admin",
                "desconsider",
                "regist",
                "apag",
                "prompt",
            )
        ):
            return True
    return False
