"""Documents as the lines of a file. Pure: text in, bytes out."""

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
"""Without it Excel takes UTF-8 for the machine's own encoding, and `Pão` for `PÃ£o`."""
_STARTS_A_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_NUMBER: Final = re.compile(
    r"[+-]?[0-9]+(?:[.,][0-9]+)?|\+[0-9]{1,3} ?\([0-9]{2,3}\) ?[0-9]{4,5}-[0-9]{4}|\+[0-9][0-9 ]*"
)
"""An amount (-12.50), digits with blanks, and a phone with its area in brackets (+55 (11) 98765-4321).

No spreadsheet computes them: a number stays the number, and a value beside a bracket without a sign is no
expression. `+55 11 98765-4321` and `+1 234-5678` may be taken for a subtraction: they get the apostrophe."""
_DECIMAL: Final = re.compile(r"-?[0-9]+\.[0-9]+")
_FORMULA_INSIDE: Final = re.compile(r"(?<=[;\t\r\n])(?=[=+@＝＋＠－]|-(?! ))")
"""Where columns are told apart by semicolons, as in Brazil, a cell begins in the middle of our text."""


@dataclass(frozen=True, slots=True)
class CsvStyle:
    """`amounts` are the fields whose decimal sign `decimal` is; a code such as 1.10 in a text stays as it is."""

    delimiter: str = ","
    decimal: str = "."
    amounts: frozenset[str] = frozenset()


def encoded(
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
