"""Detects prompt injection: messages that try to change the assistant's rules, rights or company.

Such a message runs no tool. This is an additional filter only: permissions and tenancy are enforced on the server
whatever this module decides.
"""

import base64
import binascii
import re
import unicodedata
from functools import lru_cache
from typing import Final

from falachefe.language.guard.patterns import (
    ABOUT_RULES,
    AUTHORITY_FIGURE,
    BYPASS,
    CLAIMS,
    CONTROL,
    HARMLESS,
    HURRY,
    LEET,
    NO_RULES,
    ORDER,
    OTHER_COMPANY,
    PATTERNS,
    TITLE,
    UNDO,
    WRITE,
)
from falachefe.language.text.normalize import fold_characters, rx, visible
from falachefe.language.types import TOOLS

# More than what is ever parsed (`READ_LIMIT`); the rest of a longer text is only quoted as data.
_SCAN_LIMIT: Final = 6000
# One invisible character inside a word may be a typo; two count as concealment.
_HIDDEN_LIMIT: Final = 2
_TOOL_NAME: Final = r"\b(?:" + "|".join(name for name in TOOLS if "_" in name) + r")\b"
_BASE64: Final = re.compile("[A-Za-z0-9+/_-]{20,}={0,2}")


@lru_cache(maxsize=1)
def _combined_pattern() -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{p})" for p in (_TOOL_NAME, NO_RULES, *CLAIMS, *PATTERNS)))


def is_prompt_injection(message: str) -> bool:
    """True for a message that tries to give the assistant instructions, other rights or another company's data."""
    scanned = message[:_SCAN_LIMIT]
    if _hides_characters(scanned):
        return True
    clean = visible(scanned)
    folded = rx(HARMLESS).sub("¦", fold_characters(rx(TITLE).sub("¦", clean)))
    return (
        _matches_pattern(folded)
        or rx(OTHER_COMPANY).search(clean) is not None
        or _matches_pattern(_without_leetspeak(folded))
        or _has_encoded_text(clean)
        or _has_spaced_out_words(clean)
    )


def _matches_pattern(folded: str) -> bool:
    if rx(ORDER).search(folded) and rx(ABOUT_RULES).search(folded):
        return True
    return _argues_against_controls(folded) or _combined_pattern().search(folded) is not None


def _argues_against_controls(folded: str) -> bool:
    """An order to record something together with arguments why a control should not apply."""
    if not rx(WRITE).search(folded) and not rx(UNDO).search(folded):
        return rx(r"\bnao (?:peca|exija|pergunte|solicite)\b").search(folded) is not None
    control = rx(CONTROL).search(folded)
    if rx(BYPASS).search(folded) and (control or rx(AUTHORITY_FIGURE).search(folded)):
        return True
    return bool(control and rx(HURRY).search(folded)) or rx(UNDO).search(folded) is not None


def _without_leetspeak(folded: str) -> str:
    """`1gn0r3 as r3gr4s` with its digits turned into letters; empty when no word mixes them."""
    if not rx(r"[a-z][013457@$]+[a-z]|\b[013457][a-z]{2,}").search(folded):
        return ""
    return rx(r"\S*[a-z]\S*").sub(lambda m: m.group().translate(LEET), folded)


def _hides_characters(message: str) -> bool:
    """Direction overrides, tag characters, or zero-width characters inside words.

    Tag characters also encode the flags of regions, so a message with a black flag emoji passes.
    """
    if message.isascii():
        return False
    if any(
        "\u202a" <= c <= "\u202e" or "\u2066" <= c <= "\u2069" or "\U000e0020" <= c <= "\U000e007e" for c in message
    ):
        return "🏴" not in message
    return len(rx(r"(?<=[^\W\d_])[\u200b\u200c\u2060\ufeff\u00ad](?=[^\W\d_])").findall(message)) >= _HIDDEN_LIMIT


def _has_encoded_text(clean: str) -> bool:
    """A word that is readable text in base64, or a long run of hexadecimal."""
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


def _has_spaced_out_words(clean: str) -> bool:
    """`i g n o r e  a s  r e g r a s`, `i-g-n-o-r-e`: letters separated to evade the patterns."""
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
