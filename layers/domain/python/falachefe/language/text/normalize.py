"""Normalizes a chat message for pattern matching and maps matches back to the original characters.

The plain form has no accents or capitals, and abbreviations are expanded. A slip in a verb of the past or in a word of
time is corrected at once; any other only in `mended`, which is read when the plain form says too little. A name is
never touched. Every character keeps the offset it came from, so that a name or a campaign's message is quoted as its
author wrote it.
"""

import re
import unicodedata
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Final

from falachefe.language.text.lexicon import ABBREVIATIONS
from falachefe.language.text.spelling import Place, corrected, may_mend, squeezed

# Only the first characters of a message are parsed; the guard scans more, and quoted spans run on to the message's end.
READ_LIMIT = 1600

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
    """A message in both forms: `raw` as written, `plain` normalized. `names` are words that are never changed."""

    raw: str
    plain: str
    _starts: list[int] = field(repr=False)
    _ends: list[int] = field(repr=False)
    names: frozenset[str] = field(default=frozenset(), repr=False)

    def original(self, start: int, end: int) -> str:
        """The characters of `raw` behind `plain[start:end]`, trimmed."""
        if start >= end:
            return ""
        # A span that reaches the end of `plain` runs on to the end of the message, beyond READ_LIMIT.
        last = len(self.raw) if end == len(self.plain) else self._ends[end - 1]
        return self.raw[self._starts[start] : last].strip()

    def part(self, start: int, end: int) -> "Text":
        """The text behind `plain[start:end]` as a message of its own."""
        return normalize(self.original(start, end), self.names)

    @property
    def mended(self) -> "Text | None":
        """The text with its other slips corrected, or None when there are none."""
        mended = _normalized(self.raw, self.names, every=True)
        return None if mended.plain == self.plain else mended

    def has(self, pattern: str) -> bool:
        return rx(pattern).search(self.plain) is not None

    def find(self, pattern: str) -> re.Match[str] | None:
        return rx(pattern).search(self.plain)


NO_NAMES: Final[frozenset[str]] = frozenset()


def normalize(message: str, names: frozenset[str] = NO_NAMES) -> Text:
    """`names` are folded words of names that the company knows: neither expanded nor corrected."""
    return _normalized(rx(r" {2,}").sub(" ", visible(message).strip()), names, every=False)


@lru_cache(maxsize=512)
def _normalized(raw: str, names: frozenset[str], *, every: bool) -> Text:
    folded = fold_characters(raw[:READ_LIMIT])
    plain: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    offset = 0

    def copy(start: int, end: int) -> None:
        plain.append(folded[start:end])
        starts.extend(range(start, end))
        ends.extend(range(start + 1, end + 1))

    for match in _WORD.finditer(folded):
        copy(offset, match.start())
        offset = match.end()
        word = match.group()
        known = word if word in names else _meant(word, _Written(raw, folded, match.start(), offset), every=every)
        if known == word:
            copy(match.start(), offset)
            continue
        plain.append(known)
        starts.extend([match.start()] * len(known))
        ends.extend([offset] * len(known))
    copy(offset, len(folded))
    return Text(raw, "".join(plain), starts, ends, names)


@dataclass(frozen=True, slots=True)
class _Written:
    """Where a word stands, for the rules that protect names."""

    raw: str
    folded: str
    start: int
    end: int

    @property
    def place(self) -> Place:
        before = self.folded[max(0, self.start - 16) : self.start].rstrip(" ")
        opens = not before or before[-1] in ".!?:\n"
        capital = self.raw[self.start].isupper()
        shouted = self.raw.isupper() or (self.end - self.start > 1 and self.raw[self.start : self.end].isupper())
        if capital and not opens and not shouted:
            return "name"
        led = rx(r"(?:^|\W)(o|a|os|as|pro|pra|para|do|da|com|seu|dona|dr|dra|sr|sra|ao)$").search(before)
        return "behind article" if led else "opening" if opens else "inside"


def _meant(word: str, written: _Written, *, every: bool) -> str:
    """The word that is meant: an abbreviation expanded, letters said long shortened, a slip corrected."""
    short = squeezed(word)
    if short in ABBREVIATIONS:
        return ABBREVIATIONS[short]
    meant = corrected(short)
    if meant == short or not may_mend(meant, written.place, every=every):
        return short
    return meant
