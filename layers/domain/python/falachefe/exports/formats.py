"""Encoding documents as CSV or JSON. Pure functions."""

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

type Format = Literal["csv", "json"]
type Documents = Sequence[Mapping[str, Any]]

CONTENT_TYPES: Final[Mapping[Format, str]] = {"csv": "text/csv; charset=utf-8", "json": "application/json"}
BOM: Final = b"\xef\xbb\xbf"
"""Without it Excel reads UTF-8 as the local encoding, and shows `PÃ£o` for `Pão`."""
_FORMULA_START: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_NUMBER: Final = re.compile(
    r"[+-]?[0-9]+(?:[.,][0-9]+)?|\+[0-9]{1,3} ?\([0-9]{2,3}\) ?[0-9]{4,5}-[0-9]{4}|\+[0-9][0-9 ]*"
)
"""An amount (-12.50), digits with spaces, and a phone with its area code in brackets (+55 (11) 98765-4321).

No spreadsheet evaluates them. `+55 11 98765-4321` and `+1 234-5678` could be evaluated as subtractions, so they get the
apostrophe."""
_DECIMAL: Final = re.compile(r"-?[0-9]+\.[0-9]+")
_FORMULA_INSIDE: Final = re.compile(r"(?<=[;\t\r\n])(?=[=+@＝＋＠－]|-(?! ))")
"""With semicolons as delimiters, as in Brazil, a new cell may begin inside a text."""


@dataclass(frozen=True, slots=True)
class CsvStyle:
    """`decimal` is the decimal sign in the fields `amounts`; a code such as 1.10 in a text stays unchanged."""

    delimiter: str = ","
    decimal: str = "."
    amounts: frozenset[str] = frozenset()


def encode(
    kind: Format, fields: Sequence[str], pages: Iterable[Documents], style: CsvStyle | None = None
) -> Iterator[bytes]:
    """A file's bytes, a page at a time: CSV (RFC 4180, with a header), or one JSON array."""
    return _csv(fields, pages, style or CsvStyle()) if kind == "csv" else _json(pages)


def _csv(fields: Sequence[str], pages: Iterable[Documents], style: CsvStyle) -> Iterator[bytes]:
    yield BOM + _lines([list(fields)], style)
    for page in pages:
        yield _lines(([_shown(document[name], name, style) for name in fields] for document in page), style)


def _lines(rows: Iterable[Sequence[str]], style: CsvStyle) -> bytes:
    buffer = io.StringIO(newline="")
    csv.writer(buffer, delimiter=style.delimiter, lineterminator="\r\n").writerows(rows)
    return buffer.getvalue().encode()


def _shown(value: Any, name: str, style: CsvStyle) -> str:
    if name in style.amounts and isinstance(value, str) and _DECIMAL.fullmatch(value):
        return value.replace(".", style.decimal)
    return _cell(value)


def _cell(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case str():
            return _escaped(value)
        case list() | dict():
            return _escaped(_compact(value))
    return str(value)


def _escaped(text: str) -> str:
    """Spreadsheets evaluate text that begins like a formula; after an apostrophe they show it."""
    if _NUMBER.fullmatch(text):
        return text
    begun = f"'{text}" if text.startswith(_FORMULA_START) else text
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
