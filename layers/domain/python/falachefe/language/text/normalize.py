"""Normalizes a chat message for pattern matching and maps matches back to the original characters.

The plain form has no accents or capitals, abbreviations expanded and common typos corrected. Every character of it
keeps the offset it came from, so that a name or a campaign's message is quoted as its author wrote it.
"""

import re
import unicodedata
from dataclasses import dataclass, field
from functools import cache, lru_cache

from falachefe.language.text.lexicon import ABBREVIATIONS, COMMON_WORDS, CORRECTABLE_WORDS

# Only the first characters of a message are parsed; the guard scans more, and quoted spans run on to the message's end.
READ_LIMIT = 800

_WORD = re.compile(r"[^\W_]+")
_INVISIBLE = {"Cf", "Cc", "Co", "Cs"}


@cache
def rx(pattern: str) -> re.Pattern[str]:
    """The compiled pattern, cached: patterns compile on first use to keep imports fast."""
    return re.compile(pattern)


class _Folding(dict[int, str]):
    """Maps one character to one character, so that offsets stay valid."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        bare = "".join(c for c in unicodedata.normalize("NFKD", char) if not unicodedata.combining(c)).lower()
        folded = bare if len(bare) == 1 else char.lower()
        if len(folded) != 1:
            folded = char
        if folded.isspace() and folded != "\n":
            folded = " "
        self[code] = folded
        return folded


_FOLDING = _Folding(
    {ord("“"): '"', ord("”"): '"', ord("‘"): "'", ord("’"): "'", ord("–"): "-", ord("—"): "-", ord("−"): "-"}
)


def fold_characters(text: str) -> str:
    """Lower case without accents, same length."""
    return text.translate(_FOLDING)


def visible(text: str) -> str:
    """The text as displayed: composed (NFC), without zero-width or control characters."""
    composed = unicodedata.normalize("NFC", text)
    if composed.isascii() and composed.isprintable():
        return composed
    kept = (
        c if c in "\n\u200d" or unicodedata.category(c) not in _INVISIBLE else (" " if c in "\t\r\x00" else "")
        for c in composed
    )
    return "".join(kept).replace("\u200d", "")


@dataclass(frozen=True, slots=True)
class Text:
    """A message in both forms: `raw` as written, `plain` normalized."""

    raw: str
    plain: str
    _starts: list[int] = field(repr=False)
    _ends: list[int] = field(repr=False)

    def original(self, start: int, end: int) -> str:
        """The characters of `raw` behind `plain[start:end]`, trimmed."""
        if start >= end:
            return ""
        # A span that reaches the end of `plain` runs on to the end of the message, beyond READ_LIMIT.
        last = len(self.raw) if end == len(self.plain) else self._ends[end - 1]
        return self.raw[self._starts[start] : last].strip()

    def has(self, pattern: str) -> bool:
        return rx(pattern).search(self.plain) is not None

    def find(self, pattern: str) -> re.Match[str] | None:
        return rx(pattern).search(self.plain)


@lru_cache(maxsize=256)
def normalize(message: str) -> Text:
    raw = visible(message).strip()
    folded = fold_characters(raw[:READ_LIMIT])
    clauses: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    offset = 0

    def copy(start: int, end: int) -> None:
        clauses.append(folded[start:end])
        starts.extend(range(start, end))
        ends.extend(range(start + 1, end + 1))

    for match in _WORD.finditer(folded):
        copy(offset, match.start())
        offset = match.end()
        word = match.group()
        known = correct_spelling(word)
        if known == word:
            copy(match.start(), offset)
            continue
        clauses.append(known)
        starts.extend([match.start()] * len(known))
        ends.extend([offset] * len(known))
    copy(offset, len(folded))
    return Text(raw, "".join(clauses), starts, ends)


def correct_spelling(word: str) -> str:
    """The dictionary form of a folded word: abbreviation expanded, repeated letters and typos corrected."""
    if len(set(word)) > 1 and word.isalpha():
        word = rx(r"([a-z])\1{2,}").sub(r"\1", word)
    if word in ABBREVIATIONS:
        return ABBREVIATIONS[word]
    if len(word) < 5 or len(word) > 16 or word in COMMON_WORDS or not word.isalpha():
        return word
    return _corrected(word)


@lru_cache(maxsize=4096)
def _corrected(word: str) -> str:
    vocabulary = _vocabulary()
    if word in vocabulary:
        return word
    if word[-1] == word[-2] and word[:-1] in vocabulary:
        return word[:-1]
    squeezed = rx(r"(.)\1{2,}").sub(r"\1", word)
    if squeezed in vocabulary:
        return squeezed
    found: set[str] = set()
    for shape in _deletions(word):
        found.update(_deletion_index().get(shape, ()))
    close = sorted(w for w in found if _is_single_typo(word, w))
    return close[0] if close else word


@cache
def _vocabulary() -> frozenset[str]:
    return frozenset(CORRECTABLE_WORDS)


@cache
def _deletion_index() -> dict[str, list[str]]:
    index: dict[str, list[str]] = {}
    for word in sorted(_vocabulary()):
        for shape in _deletions(word):
            index.setdefault(shape, []).append(word)
    return index


def _deletions(word: str) -> set[str]:
    return {word, *(word[:i] + word[i + 1 :] for i in range(len(word)))}


def _is_single_typo(written: str, meant: str) -> bool:
    """One letter missing, extra, changed or swapped with its neighbour, but not a mere inflection of another word."""
    if written[-1] != meant[-1] and written[:-1] == meant[:-1]:
        return False
    if abs(len(written) - len(meant)) == 1:
        longer, shorter = (written, meant) if len(written) > len(meant) else (meant, written)
        # An extra or missing final letter is usually an inflection (gasto, gastos), not a typo.
        return longer[:-1] != shorter and any(longer[:i] + longer[i + 1 :] == shorter for i in range(len(longer)))
    if len(written) != len(meant):
        return False
    wrong = [i for i in range(len(meant)) if written[i] != meant[i]]
    if len(wrong) == 1:
        return wrong[0] > 0
    return (
        len(wrong) == 2
        and wrong[1] == wrong[0] + 1
        and written[wrong[0]] == meant[wrong[1]]
        and written[wrong[1]] == meant[wrong[0]]
    )
