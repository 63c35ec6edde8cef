"""Spreadsheets and programs read files back unchanged, and evaluate nothing in them."""

import csv
import io
import json
import re
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from falachefe.exports.formats import (
    BOM,
    CsvStyle,
    Documents,
    encode,
)

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
PLAIN = TEXTS.filter(lambda text: not set(text) & set("=+-@\t\r\n;＝＋－＠"))
ROWS = st.lists(st.fixed_dictionaries({"id": PLAIN, "text": PLAIN}), max_size=5)


def csv_of(pages: list[Documents], fields: tuple[str, ...] = ("id", "text")) -> list[list[str]]:
    content = b"".join(encode("csv", fields, pages))
    assert content.startswith(BOM)
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True))


def cell(value: Any) -> str:
    [_, [_, shown]] = csv_of([[{"id": "1", "text": value}]])
    return shown


@given(st.lists(ROWS, max_size=4))
def test_a_csv_file_reads_back_as_its_rows(pages: list[Documents]) -> None:
    header, *rows = csv_of(pages)

    assert header == ["id", "text"]
    assert rows == [[one["id"], one["text"]] for page in pages for one in page]


@given(st.lists(ROWS, max_size=4))
def test_a_json_file_reads_back_as_its_rows(pages: list[Documents]) -> None:
    content = b"".join(encode("json", ("id", "text"), pages))

    assert json.loads(content) == [one for page in pages for one in page]


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, ""),
        (True, "true"),
        (12, "12"),
        ("150.00", "150.00"),
        ("-12.50", "-12.50"),
        ("+5511987654321", "+5511987654321"),
        ("+55 (11) 98765-4321", "+55 (11) 98765-4321"),
        ("(11) 98765-4321", "(11) 98765-4321"),
        ("2026-11-01", "2026-11-01"),
        ("2026-11-01T12:00:00Z", "2026-11-01T12:00:00Z"),
        ('diz "oi", e sai', 'diz "oi", e sai'),
        ("duas\nlinhas", "duas\nlinhas"),
        ("lista:\n- pão\n- leite", "lista:\n- pão\n- leite"),
        (["a", "ç"], '["a","ç"]'),
        ({"a": 1}, '{"a":1}'),
    ],
)
def test_values_are_written_in_their_usual_form(value: Any, shown: str) -> None:
    assert cell(value) == shown


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+1 234-5678 901",
        "+55 11 98765-4321",
        "+5511-98765-4321",
        "+1-2",
        "+12345678/12",
        "+(1)-(2)",
        "+1+cmd|' /C calc'!A0",
        "-2+3",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\n=1",
        "＝1+1",
        '=HYPERLINK("http://x","y")',
        "pão;=1+1",
        "pão;-1+1",
        "duas\n=1+1",
    ],
)
def test_no_cell_is_a_formula_with_any_delimiter(text: str) -> None:
    shown = cell(text)

    assert shown.replace("'", "") == text.replace("'", "")
    for part in (shown, *shown.replace("\r", "\n").replace("\t", "\n").replace(";", "\n").split("\n")):
        assert not part.startswith(("=", "+", "-", "@", "＝"))


def test_files_begin_with_a_bom_and_lines_end_as_in_rfc_4180() -> None:
    content = b"".join(encode("csv", ("id",), [[{"id": "pão"}]]))

    assert content == BOM + "id\r\npão\r\n".encode()


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@given(rows=ROWS)
def test_columns_are_separated_by_the_chosen_delimiter(delimiter: str, rows: Documents) -> None:
    content = b"".join(encode("csv", ("id", "text"), [rows], CsvStyle(delimiter)))
    [_, *read] = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=delimiter, strict=True)

    assert read == [[one["id"], one["text"]] for one in rows]


def test_amounts_have_the_chosen_decimal_sign_and_texts_stay_unchanged() -> None:
    row = {"amount": "-1234.50", "text": "1.10"}
    content = b"".join(encode("csv", ("amount", "text"), [[row]], CsvStyle(";", ",", frozenset({"amount"}))))

    assert content.decode("utf-8-sig").splitlines() == ["amount;text", "-1234,50;1.10"]


def could_be_evaluated(text: str) -> bool:
    """Whether a lenient spreadsheet could evaluate an expression of two or more values. Spaces do not separate values
    (`1 234` is one number), and a value next to a bracket without a sign between is no expression."""
    tokens = re.findall(r"[0-9]+(?:[.,][0-9]+)?|\S", re.sub(r"\s", "", text))
    values = [index for index, token in enumerate(tokens) if token[0].isdigit()]
    brackets = (["("], [")"], [")", "("])
    signless = any(tokens[first + 1 : second] in brackets for first, second in pairwise(values))
    return len(values) > 1 and not signless


@given(
    st.text("0123456789 +-().,/", min_size=2, max_size=22)
    | st.from_regex(r"[+-]\(?[0-9]{1,3}\)?[ -]?\(?[0-9]{1,4}\)?[ -][0-9]{1,5}([ -][0-9]{1,5})?", fullmatch=True)
)
@example("+1 234-5678 901")
@example("-2+3")
@example("+55 (11) 98765-4321")
def test_text_like_a_formula_has_no_apostrophe_only_if_it_cannot_be_evaluated(text: str) -> None:
    if text.startswith(("+", "-")) and could_be_evaluated(text):
        assert cell(text) == f"'{text}"


@given(
    st.from_regex(r"\+[1-9][0-9]{0,2} ?\([0-9]{2}\) ?[0-9]{4,5}-[0-9]{4}|\+[1-9][0-9]{9,14}", fullmatch=True)
    | st.decimals(-(10**9), 10**9, places=2).map(str)
)
def test_no_apostrophe_stands_before_phones_and_amounts(text: str) -> None:
    assert cell(text) == text
