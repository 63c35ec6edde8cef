"""Finds the documents of a message: which characters belong to one, and what it says."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import Final

from falachefe.documents.boleto import LENGTHS, read_boleto
from falachefe.documents.invoice import KEY, SAT, URL, looks_like_key, read_key, read_sat, read_url
from falachefe.documents.pix_code import STARTS, read_pix
from falachefe.documents.receipt import read_receipt
from falachefe.documents.types import Document, PixCode, Unreadable
from falachefe.kernel.text import fold

MAX_LENGTH: Final = 20_000
"""Characters of a message that are searched."""
MAX_FOUND: Final = 20
_SHORTEST: Final = 40
"""A text with fewer characters holds no document."""
_GROUP: Final = re.compile(r"(?<![^\W\d_])\d+(?![^\W\d_])")
_BETWEEN: Final = re.compile(r"[\s.\-–—|\u200b]{1,4}")
_LETTERED_KEY: Final = re.compile(
    r"(?<![0-9A-Za-z])(?:[0-9A-Z]{44}|[0-9A-Z]{4}(?:[ .-][0-9A-Z]{4}){10})(?![0-9A-Za-z])"
)
_MOST_GROUPS: Final = 14
_LAYOUTS: Final = {
    (44,), (4,) * 11,
    (47,), (5, 5, 5, 6, 5, 6, 1, 14), (10, 11, 11, 1, 14),
    (48,), (12,) * 4, (11, 1) * 4,
}  # fmt: skip
"""How codes are grouped in print: what is grouped like that and cannot be read is a code with a mistake."""
_NAMED: Final = re.compile(r"\b(?:boleto|codigo de barras?|linha digitavel|nota fiscal|nfc?-?e|chave)\b")


def find_documents(text: str, today: date) -> list[Document | Unreadable]:
    """The documents in `text` in their order, each with its `start` and `end`. `today` is the company's date.

    A receipt is found only where no other document is: its span is the whole text.
    """
    if len(text) < _SHORTEST:
        return []
    searched = text[:MAX_LENGTH]
    found: list[Document | Unreadable] = []
    for search in (_addresses, _pix_codes, _lettered_keys, _digits):
        hidden = _without(searched, found)
        for document in search(hidden, today):
            found.append(document)
            if len(found) == MAX_FOUND:
                break
    receipt = read_receipt(searched) if not found else None
    return [receipt] if receipt else sorted(found, key=lambda document: document.start)[:MAX_FOUND]


def _without(text: str, found: Sequence[Document | Unreadable]) -> str:
    """`text` of the same length with what was found covered, so that nothing is read twice."""
    for document in found:
        text = text[: document.start] + "_" * (document.end - document.start) + text[document.end :]
    return text


def _addresses(text: str, today: date) -> Iterator[Document | Unreadable]:
    for match in URL.finditer(text):
        read = read_url(match[0], today)
        if read:
            yield replace(read, start=match.start(), end=match.end())
    for match in SAT.finditer(text):
        yield replace(read_sat(match, today), start=match.start(), end=match.end())


def _pix_codes(text: str, _: date) -> Iterator[Document | Unreadable]:
    at = 0
    while start := STARTS.search(text, at):
        read, length = read_pix(text[start.start() :])
        if isinstance(read, Unreadable):
            read, length = _joined(text, start.start()) or (read, length)
        at = start.start() + max(length, 1)
        if length >= _SHORTEST:
            yield replace(read, start=start.start(), end=at)


def _joined(text: str, start: int) -> tuple[PixCode, int] | None:
    """A code that was broken into lines on its way, read without the breaks."""
    places = [at for at in range(start, min(len(text), start + 1100)) if text[at] not in "\r\n"]
    read, length = read_pix("".join(text[at] for at in places))
    return None if isinstance(read, Unreadable) or not length else (read, places[length - 1] + 1 - start)


def _lettered_keys(text: str, today: date) -> Iterator[Document | Unreadable]:
    for match in _LETTERED_KEY.finditer(text):
        key = re.sub(r"[ .-]", "", match[0])
        if not key.isdecimal() and KEY.fullmatch(key) and looks_like_key(key):
            yield replace(read_key(key, today), start=match.start(), end=match.end())


def _digits(text: str, today: date) -> Iterator[Document | Unreadable]:
    named = _NAMED.search(fold(text)) is not None
    for run in _runs(text):
        at, any_found = 0, False
        while at < len(run):
            read, taken = _at(run[at : at + _MOST_GROUPS], today, named=named and len(run) <= _MOST_GROUPS)
            if read:
                any_found = True
                yield replace(read, start=run[at].start(), end=run[at + taken - 1].end())
            at += taken
        if not any_found and (wrong := _of_wrong_length(run, named=named)):
            yield wrong


def _runs(text: str) -> Iterator[list[re.Match[str]]]:
    """Groups of digits with only spaces, dots, dashes or line breaks between them."""
    run: list[re.Match[str]] = []
    for group in _GROUP.finditer(text):
        if run and not _BETWEEN.fullmatch(text, run[-1].end(), group.start()):
            yield run
            run = []
        run.append(group)
    if run:
        yield run


def _at(groups: Sequence[re.Match[str]], today: date, *, named: bool) -> tuple[Document | Unreadable | None, int]:
    """The document at the start of `groups` and how many groups it takes: 1 where there is none."""
    digits = ""
    refused: tuple[Unreadable | None, int] = (None, 1)
    for count, group in enumerate(groups, 1):
        digits += group[0]
        if len(digits) > max(LENGTHS):
            break
        if len(digits) not in LENGTHS:
            continue
        printed = tuple(len(g[0]) for g in groups[:count]) in _LAYOUTS
        if len(digits) == 44 and not printed:
            continue  # one check digit alone would take any row of numbers for a code
        read = _read(digits, today)
        if not isinstance(read, Unreadable):
            return read, count
        if printed or (named and count == len(groups)):
            refused = read, count
    return refused


def _read(digits: str, today: date) -> Document | Unreadable:
    if len(digits) == 44 and looks_like_key(digits):
        return read_key(digits, today)
    return read_boleto(digits, today)


def _of_wrong_length(groups: Sequence[re.Match[str]], *, named: bool) -> Unreadable | None:
    total = sum(len(group[0]) for group in groups)
    if not 40 <= total <= 52 or total in LENGTHS or not (len(groups) == 1 or named):
        return None
    why = f"ele tem {total} dígitos, e um boleto tem 47 ou 48 (uma chave de nota, 44)"
    reason = f"Não consegui ler esse código: {why}. Pode copiar de novo e me mandar?"
    return Unreadable("boleto", reason, groups[0].start(), groups[-1].end())
