"""Parses untrusted JSON, with limits on depth and number length."""

import json
import math
from typing import Any, Final, NoReturn

MAX_DEPTH: Final = 32
"""Default for the maximum nesting of objects and lists."""
MAX_NUMBER_LENGTH: Final = 100
"""Characters. Python refuses integers of more than 4,300 digits, and no database column holds one of 100."""


class JsonRefused(ValueError):
    """`code` is `malformed_json`, `json_too_deep` or `number_too_large`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def parse(document: str | bytes, *, max_depth: int = MAX_DEPTH) -> Any:
    """The value of a JSON text; a leading byte order mark is ignored.

    Numbers are `int` and finite `float`. Strings may hold lone surrogates and `\\u0000`, which are valid JSON; fields
    must check them. Raises `JsonRefused`.
    """
    try:
        text = document.decode("utf-8") if isinstance(document, bytes) else document
        value = json.loads(
            text.removeprefix("\ufeff"), parse_int=_integer, parse_float=_real, parse_constant=_no_constant
        )
    except JsonRefused:
        raise
    except (ValueError, RecursionError):  # json's and the codec's errors are ValueErrors
        raise JsonRefused("malformed_json") from None
    if _is_deeper_than(value, max_depth):
        raise JsonRefused("json_too_deep")
    return value


def _integer(digits: str) -> int:
    if len(digits) > MAX_NUMBER_LENGTH:
        raise JsonRefused("number_too_large")
    return int(digits)


def _real(digits: str) -> float:
    if len(digits) > MAX_NUMBER_LENGTH or not math.isfinite(value := float(digits)):
        raise JsonRefused("number_too_large")
    return value


def _no_constant(_: str) -> NoReturn:
    raise JsonRefused("malformed_json")  # NaN and Infinity are accepted by Python's parser but are not JSON


def _is_deeper_than(value: Any, max_depth: int) -> bool:
    level = [value]
    for _ in range(max_depth):
        level = [
            child
            for node in level
            if isinstance(node, dict | list)
            for child in (node.values() if isinstance(node, dict) else node)
        ]
        if not level:
            return False
    return any(isinstance(node, dict | list) for node in level)
