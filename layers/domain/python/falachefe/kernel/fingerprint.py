"""Fingerprints of JSON values, equal for the same value however it was written."""

import hashlib
import json
from decimal import Decimal
from typing import Any


def fingerprint(value: Any) -> str:
    """The SHA-256 (hex) of a JSON value in its canonical form.

    The order of members, white space, escapes and the notation of numbers (`1`, `1.0`, `1e0`) make no difference; the
    order in lists, letter case and the type (`1`, `"1"`, `true`) do. `value` is a parser's result; numbers may be
    `Decimal`. Raises `ValueError` for a number that is not finite and `TypeError` for a type that JSON does not have.
    """
    return hashlib.sha256(canonical(value).encode("utf-8", "surrogatepass")).hexdigest()


def canonical(value: Any) -> str:
    """The canonical JSON text of a value: members sorted, no white space, characters instead of escapes."""
    return json.dumps(_normal(value), ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def _normal(value: Any) -> Any:
    match value:
        case dict():
            return {_key(key): _normal(member) for key, member in value.items()}
        case list() | tuple():
            return [_normal(member) for member in value]
        case bool() | str() | None:
            return value
        case int() | float() | Decimal():
            return {"": _number(value)}
        case _:
            raise TypeError(f"not a JSON value: {type(value).__name__}")


def _key(key: Any) -> str:
    if not isinstance(key, str):
        raise TypeError("a JSON member has a name of text")
    # With a prefix, so that no object has the empty key, which marks a number.
    return f"_{key}"


def _number(value: int | float | Decimal) -> str:
    """Digits and exponent: `1.50` and `15e-1` are both `15e-1`. A `float` counts as its shortest decimal form."""
    exact = value if isinstance(value, Decimal) else Decimal(repr(value) if isinstance(value, float) else value)
    if not exact.is_finite():
        raise ValueError("a JSON number is finite")
    sign, digits, exponent = exact.as_tuple()
    assert isinstance(exponent, int)
    text = "".join(map(str, digits)).lstrip("0")
    shortest = text.rstrip("0")
    if not shortest:
        return "0"
    return f"{'-' if sign else ''}{shortest}e{exponent + len(text) - len(shortest)}"
