"""The eleven operators on objects, and the laws of joining them."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from falachefe.resources import specifications as spec
from falachefe.resources.specifications import AllOf, AnyOf, Operator, Specification, Where

NUMBERS = st.none() | st.integers(-2, 2)
CONDITIONS = st.builds(
    Where, st.just("n"), st.sampled_from([Operator.EQ, Operator.NE, Operator.GT, Operator.LE]), st.integers(-2, 2)
)


@pytest.mark.parametrize(
    ("condition", "holds", "fails"),
    [
        (spec.equals("x", 2), 2, 3),
        (spec.differs("x", 2), 3, 2),
        (spec.greater_than("x", 2), 3, 2),
        (spec.at_least("x", 2), 2, 1),
        (spec.less_than("x", 2), 1, 2),
        (spec.at_most("x", 2), 2, 3),
        (spec.contains("x", "%b"), "a%bc", "axbc"),
        (spec.starts_with("x", "ab"), "abc", "cab"),
        (spec.one_of("x", [1, 2]), 2, 3),
        (spec.is_null("x"), None, 0),
        (spec.is_not_null("x"), 0, None),
    ],
)
def test_an_operator_holds_and_fails(condition: Specification, holds: Any, fails: Any) -> None:
    assert condition.holds({"x": holds})
    assert not condition.holds({"x": fails})


def test_there_are_the_eleven_operators() -> None:
    assert len(Operator) == 11


def test_nothing_compares_with_nothing() -> None:
    assert spec.equals("x", 1).truth({"x": None}) is None
    assert (~spec.equals("x", 1)).truth({"x": None}) is None
    with pytest.raises(ValueError, match="IS_NULL"):
        spec.equals("x", None)


def test_of_no_conditions_all_hold_and_none_does() -> None:
    assert AllOf(()).holds({})
    assert not AnyOf(()).holds({})


@given(CONDITIONS, CONDITIONS, NUMBERS)
def test_joining_is_commutative(a: Specification, b: Specification, n: int | None) -> None:
    assert (a & b).truth({"n": n}) == (b & a).truth({"n": n})
    assert (a | b).truth({"n": n}) == (b | a).truth({"n": n})


@given(CONDITIONS, CONDITIONS, NUMBERS)
def test_de_morgan_holds_with_three_values(a: Specification, b: Specification, n: int | None) -> None:
    assert (~(a & b)).truth({"n": n}) == (~a | ~b).truth({"n": n})
    assert (~~a).truth({"n": n}) == a.truth({"n": n})
