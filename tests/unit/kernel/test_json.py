"""Untrusted JSON: what is parsed and what is refused."""

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from falachefe.kernel.json import MAX_DEPTH, MAX_NUMBER_LENGTH, JsonRefused, parse


def nested(levels: int) -> str:
    return "[" * levels + "]" * levels


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "malformed_json"),
        ("{", "malformed_json"),
        ("\ufeff\ufeff{}", "malformed_json"),
        ("NaN", "malformed_json"),
        ('{"a": -Infinity}', "malformed_json"),
        ("nul", "malformed_json"),
        (b"\xff\xfe{", "malformed_json"),
        (b'"\xed\xa0\x80"', "malformed_json"),
        ("[" * 100_000, "malformed_json"),
        (nested(MAX_DEPTH + 1), "json_too_deep"),
        ('{"a":' * (MAX_DEPTH + 1) + "1" + "}" * (MAX_DEPTH + 1), "json_too_deep"),
        ("9" * 5_000, "number_too_large"),
        ("-" + "9" * 5_000, "number_too_large"),
        ("[1, {'a': 2}]".replace("'", '"').replace("2", "1" * (MAX_NUMBER_LENGTH + 1)), "number_too_large"),
        ("1e400", "number_too_large"),
        ("-1e400", "number_too_large"),
        ("0." + "3" * 5_000, "number_too_large"),
        ("1e" + "9" * 5_000, "number_too_large"),
        ("1.0E+99999999", "number_too_large"),
    ],
)
def test_invalid_json_is_refused_with_a_code(text: str | bytes, code: str) -> None:
    with pytest.raises(JsonRefused) as refused:
        parse(text)

    assert refused.value.code == code


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("\ufeff{}", {}),
        (b"\xef\xbb\xbf[1]", [1]),
        (b'"p\xc3\xa3o"', "pão"),
        ("9" * MAX_NUMBER_LENGTH, int("9" * MAX_NUMBER_LENGTH)),
        ("1e308", 1e308),
        ("1e-400", 0.0),
        ('"\\ud800"', "\ud800"),
        ('"\\u0000"', "\0"),
        (nested(MAX_DEPTH), json.loads(nested(MAX_DEPTH))),
        ('{"' + "k" * 100_000 + '": 1}', {"k" * 100_000: 1}),
    ],
)
def test_valid_json_is_parsed(text: str | bytes, value: Any) -> None:
    assert parse(text) == value


def test_the_caller_sets_the_maximum_depth() -> None:
    assert parse("[[[]]]", max_depth=3) == [[[]]]
    with pytest.raises(JsonRefused):
        parse("[[[]]]", max_depth=2)


@given(st.text() | st.binary())
def test_any_text_is_parsed_or_refused(text: str | bytes) -> None:
    with suppress(JsonRefused):
        parse(text)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
        max_leaves=10,
    )
)
def test_json_round_trips(value: Any) -> None:
    assert parse(json.dumps(value)) == value
