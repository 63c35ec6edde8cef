"""A specification selects the same rows in memory and in Postgres."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import ColumnElement, Connection, Engine, Integer, Numeric, Text, column, select, text

from falachefe.resources import specifications as spec
from falachefe.resources.specifications import Operator, Specification, Where


@dataclass(frozen=True)
class Thing:
    number: int | None
    word: str | None
    price: Decimal | None


WORDS = st.text(st.sampled_from("aAbzé%_'\\ ç"), max_size=4)
PRICES = st.decimals("-10", "10", places=2)
VALUES: dict[str, st.SearchStrategy[Any]] = {"number": st.integers(-3, 3), "word": WORDS, "price": PRICES}
THINGS = st.lists(
    st.builds(
        Thing,
        number=st.none() | VALUES["number"],
        word=st.none() | WORDS,
        price=st.none() | PRICES,
    ),
    min_size=1,
    max_size=8,
)
COLUMNS: dict[str, ColumnElement[Any]] = {
    "number": column("number", Integer),
    "word": column("word", Text),
    "price": column("price", Numeric(14, 2)),
}
COMPARISONS = [Operator.EQ, Operator.NE, Operator.GT, Operator.GE, Operator.LT, Operator.LE]


def leaves(field: str) -> st.SearchStrategy[Specification]:
    one = VALUES[field]
    found: list[st.SearchStrategy[Specification]] = [
        st.builds(Where, st.just(field), st.sampled_from(COMPARISONS), one),
        st.builds(spec.one_of, st.just(field), st.lists(one, max_size=3)),
        st.sampled_from([spec.is_null(field), spec.is_not_null(field)]),
    ]
    if field == "word":
        found.append(st.builds(Where, st.just(field), st.sampled_from([Operator.CONTAINS, Operator.STARTS_WITH]), one))
    return st.one_of(found)


SPECIFICATIONS = st.recursive(
    st.sampled_from(sorted(VALUES)).flatmap(leaves),
    lambda inner: st.one_of(
        st.builds(lambda a, b: a & b, inner, inner),
        st.builds(lambda a, b: a | b, inner, inner),
        st.builds(lambda a: ~a, inner),
    ),
    max_leaves=6,
)


@pytest.fixture(scope="module")
def connection(superuser: Engine) -> Iterator[Connection]:
    """A connection with a table of its own that no other connection sees."""
    with superuser.connect() as made:
        made.execute(text("create temporary table things (place int, number int, word text, price numeric(14, 2))"))
        yield made
        made.rollback()


def chosen_in_postgres(connection: Connection, things: list[Thing], wanted: Specification) -> list[int]:
    connection.execute(text("truncate things"))
    connection.execute(
        text("insert into things values (:place, :number, :word, :price)"),
        [{"place": place, **asdict(thing)} for place, thing in enumerate(things)],
    )
    statement = select(column("place", Integer)).select_from(text("things")).where(wanted.to_sql(COLUMNS))
    return sorted(connection.execute(statement).scalars())


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(things=THINGS, wanted=SPECIFICATIONS)
def test_memory_and_postgres_select_the_same_rows(
    connection: Connection, things: list[Thing], wanted: Specification
) -> None:
    in_memory = [place for place, thing in enumerate(things) if wanted.holds(thing)]

    assert chosen_in_postgres(connection, things, wanted) == in_memory
