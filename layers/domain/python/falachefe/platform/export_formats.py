"""Documents as the lines of a file. Pure: text in, bytes out."""

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, Literal

type Format = Literal["csv", "json"]
type Documents = Sequence[Mapping[str, Any]]

CONTENT_TYPES: Final[Mapping[Format, str]] = {"csv": "text/csv; charset=utf-8", "json": "application/json"}
BOM: Final = b"\xef\xbb\xbf"
"""Without it Excel takes UTF-8 for the machine's own encoding, and `Pão` for `PÃ£o`."""
_STARTS_A_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_NUMBER: Final = re.compile(r"[+-]?[0-9]+(?:[.,][0-9]+)?")
"""A phone (+5511987654321) and an amount (-12.50) are no formulas."""
_FORMULA_INSIDE: Final = re.compile(r"(?<=[;\t\r\n])(?=[=+@＝＋＠－]|-(?! ))")
"""Where columns are told apart by semicolons, as in Brazil, a cell begins in the middle of our text."""


def encoded(kind: Format, fields: Sequence[str], pages: Iterable[Documents]) -> Iterator[bytes]:
    """A file's bytes, a page at a time: CSV (RFC 4180, with a header), or one JSON array."""
    return _csv(fields, pages) if kind == "csv" else _json(pages)


def _csv(fields: Sequence[str], pages: Iterable[Documents]) -> Iterator[bytes]:
    yield BOM + _lines([list(fields)])
    for page in pages:
        yield _lines([_cell(document[name]) for name in fields] for document in page)


def _lines(rows: Iterable[Sequence[str]]) -> bytes:
    buffer = io.StringIO(newline="")
    csv.writer(buffer, lineterminator="\r\n").writerows(rows)
    return buffer.getvalue().encode()


def _cell(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case str():
            return _harmless(value)
        case list() | dict():
            return _harmless(_compact(value))
    return str(value)


def _harmless(text: str) -> str:
    """Spreadsheets run what begins like a formula; behind an apostrophe they show it."""
    if _NUMBER.fullmatch(text):
        return text
    begun = f"'{text}" if text.startswith(_STARTS_A_FORMULA) else text
    return _FORMULA_INSIDE.sub("'", begun)


def _json(pages: Iterable[Documents]) -> Iterator[bytes]:
    between = "[\n"
    for page in pages:
        if page:
            yield (between + ",\n".join(_compact(document) for document in page)).encode()
            between = ",\n"
    yield b"[]\n" if between == "[\n" else b"\n]\n"


def _compact(document: Any) -> str:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))
