import json
import random
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from falachefe.kernel.fingerprint import fingerprint

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def _shuffled(value: Any, order: random.Random) -> Any:
    if isinstance(value, dict):
        members = list(value.items())
        order.shuffle(members)
        return {key: _shuffled(member, order) for key, member in members}
    return [_shuffled(member, order) for member in value] if isinstance(value, list) else value


@given(VALUES, st.randoms(use_true_random=False), st.booleans(), st.sampled_from([None, 2]))
def test_the_notation_of_json_makes_no_difference(
    value: Any, order: random.Random, escaped: bool, indent: int | None
) -> None:
    written = json.dumps(_shuffled(value, order), ensure_ascii=escaped, indent=indent)

    assert fingerprint(json.loads(written)) == fingerprint(value)
    assert fingerprint(json.loads(written, parse_float=Decimal)) == fingerprint(value)


@given(VALUES, VALUES)
def test_different_values_have_different_fingerprints(one: Any, other: Any) -> None:
    def typed(value: Any) -> Any:
        """Python takes True for 1, and -0.0 is written with a sign; a JSON number has neither."""
        if isinstance(value, dict):
            return {key: typed(member) for key, member in value.items()}
        if isinstance(value, list):
            return [typed(member) for member in value]
        return value if isinstance(value, str) else (isinstance(value, bool), value)

    # Floats beyond 2**53 compare equal to integers that are written with other digits.
    if typed(one) != typed(other):
        assert fingerprint(one) != fingerprint(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("1", "1.0"), ("1", "1e0"), ("150", "1.50e2"), ("0", "-0.0"), ("0.1", "1e-1"), ("100", "1E+2")],
)
def test_a_number_is_its_value(one: str, other: str) -> None:
    assert fingerprint(json.loads(one)) == fingerprint(json.loads(other))
    assert fingerprint(json.loads(one)) == fingerprint(json.loads(other, parse_float=Decimal))


@pytest.mark.parametrize(
    ("one", "other"),
    [(1, "1"), (1, True), (0, False), (None, ""), ([1, 2], [2, 1]), ("a", "A"), ({"a": None}, {}), ({"": "1e0"}, 1)],
)
def test_values_of_different_meaning_differ(one: Any, other: Any) -> None:
    assert fingerprint(one) != fingerprint(other)


def test_lone_surrogates_have_a_fingerprint() -> None:
    assert fingerprint("\ud800") != fingerprint("\ud801")


@pytest.mark.parametrize("value", [float("nan"), float("inf"), Decimal("-inf"), Decimal("nan")])
def test_a_number_that_is_not_finite_has_none(value: Any) -> None:
    with pytest.raises(ValueError, match="finite"):
        fingerprint(value)


@pytest.mark.parametrize("value", [{1: 2}, {"a": {1}}, b"x", object()])
def test_types_that_json_lacks_are_refused(value: Any) -> None:
    with pytest.raises(TypeError):
        fingerprint(value)
