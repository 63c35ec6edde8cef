"""Masks personal data and secrets inside text by their form. Pure.

Field names cover most private values (`rules`), but people also write a phone into a description or a key into a
note. When in doubt, text is masked: the row itself still has the original.
"""

import re
from itertools import pairwise
from typing import Final

from falachefe.kernel.brazil import is_cnpj

MASK: Final = "***"
MAX_SCANNED_LENGTH: Final = 2_000
"""Characters: longer text is cut here before masking, and never shown beyond."""

_SEPARATORS: Final = r"[\s().+/\-–._]{0,3}"
_LETTER: Final = "[0-9A-Za-z]"
_FINDS: Final = re.compile(
    r"(?P<email>(?<!\S)\S*@\S*)"
    # Many digits, but neither a document nor a phone: a UUID, a date, a timestamp.
    r"|(?P<kept>(?<![\w-])[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}(?![\w-])"
    r"|(?<!\d)(?:19|20)\d\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])"
    r"(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?(?:Z|[+-]\d\d:?\d\d)?)?(?!\d))"
    r"|(?P<named>\b(?:fck_|fcr_|sk-|sk_|pk_|gh[opsu]_|github_pat_|xox[a-z]-|AKIA|eyJ)\S+|\b(?:[Bb]earer|[Bb]asic)\s+\S+)"
    rf"|(?P<digits>\d(?:{_SEPARATORS}\d){{9,}}|(?<!\d)(?:9\d{{4}}[\s.-]?\d{{4}}|\d{{4}}-\d{{4}})(?!\d))"
    r"|(?P<word>[A-Za-z0-9_\-+/=~.]{20,})"
)
_CNPJ: Final = re.compile(
    rf"(?<!{_LETTER})(?=({_LETTER}{{2}}[.\s]?{_LETTER}{{3}}[.\s]?{_LETTER}{{3}}[/\s]?{_LETTER}{{4}}[-\s]?\d{{2}})(?!\d))"
)
_RUN: Final = re.compile(rf"{_LETTER}{{20,}}")
_UNSTORABLE: Final = re.compile("[\0\ud800-\udfff]")


def masked_text(text: str) -> str:
    """`text` with `***` for e-mails, phones, CPFs, CNPJs and tokens, and without what Postgres cannot store."""
    if len(text) > MAX_SCANNED_LENGTH:  # cut at a space: half a phone number would not be recognised
        text = text[:MAX_SCANNED_LENGTH].rpartition(" ")[0] or text[:MAX_SCANNED_LENGTH]
    text = _UNSTORABLE.sub("", text)
    return _FINDS.sub(_shown, _without_cnpjs(text))


def _shown(found: re.Match[str]) -> str:
    text = found[0]
    if found.lastgroup == "kept":
        return text
    if found.lastgroup != "word" or _is_random(text):
        return MASK
    # Not a token as a whole; only phones and documents inside it are masked.
    return _DIGITS.sub(MASK, text)


_DIGITS: Final = re.compile(rf"\d(?:{_SEPARATORS}\d){{9,}}|(?<!\d)(?:9\d{{4}}[.-]?\d{{4}}|\d{{4}}-\d{{4}})(?!\d)")


def _without_cnpjs(text: str) -> str:
    """CNPJs may hold letters: a text of that form is masked if it has the slash or valid check digits."""
    for found in reversed(list(_CNPJ.finditer(text))):
        shape = found[1]
        if "/" in shape or is_cnpj(shape):
            text = text[: found.start()] + MASK + text[found.start() + len(shape) :]
    return text


def _is_random(word: str) -> bool:
    """Whether a long word looks random: it often switches between digits, upper and lower case."""
    run = _RUN.search(word)
    if run and not run[0].isalpha() and not run[0].isdigit():
        return True
    kinds = [_kind(character) for character in word if character.isalnum()]
    changes = sum(one != other for one, other in pairwise(kinds))
    return changes * 4 >= len(kinds)


def _kind(character: str) -> int:
    return 0 if character.isdigit() else 1 if character.isupper() else 2
