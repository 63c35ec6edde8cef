"""What a person says of a row, read into its place, amount, day and words."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from falachefe.crews.tools.pointing.pointer import Pointer, has_word, read_pointer, words_of

TODAY = date(2026, 11, 29)  # a Sunday
YESTERDAY = date(2026, 11, 28)


def read(said: str) -> dict[str, Any]:
    """What was read, without what was not said."""
    found = read_pointer(said, TODAY)
    return {
        name: getattr(found, name)
        for name in Pointer.__slots__
        if name != "said" and getattr(found, name) not in (None, ())
    }


@pytest.mark.parametrize(
    "said", ["isso", "esse", "essa aí", "este lançamento", "o lançamento", "aquele que eu fiz", "ele"]
)
def test_a_pronoun_says_nothing_of_the_row(said: str) -> None:
    assert read(said) == {}


@pytest.mark.parametrize("said", ["o último", "a última", "o último lançamento", "O ULTIMO!", "o mais recente"])
def test_the_last_one(said: str) -> None:
    assert read(said) == {"last": 0}


def test_the_one_before_the_last() -> None:
    assert read("o penúltimo lançamento") == {"last": 1}


@pytest.mark.parametrize(
    "said", ["o 2", "a 2", "2", "o segundo", "número 2", "nº 2", "o dois", "opção 2", "o 2 da lista", "2."]
)
def test_a_place_in_a_list(said: str) -> None:
    assert read_pointer(said, TODAY).position == 2


@pytest.mark.parametrize("said", ["a de 2", "os 2 reais", "o 2 de gasolina", "o 0", "dia 2", "o 99"])
def test_what_is_no_place_in_a_list(said: str) -> None:
    assert read_pointer(said, TODAY).position is None


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("a de 150", {"amount": Decimal(150)}),
        ("a de cento e cinquenta", {"amount": Decimal(150)}),
        ("R$ 1.234,56", {"amount": Decimal("1234.56")}),
        ("o aluguel", {"words": ("aluguel",)}),
        ("a gasolina de ontem", {"words": ("gasolina",), "start": YESTERDAY, "end": YESTERDAY}),
        ("a do dia 5", {"start": date(2026, 11, 5), "end": date(2026, 11, 5)}),
        ("a última gasolina", {"last": 0, "words": ("gasolina",)}),
        ("o almoço de 32 reais", {"amount": Decimal(32), "words": ("almoco",)}),
        (
            "a compra de 60 do mercado de hoje",
            {"amount": Decimal(60), "words": ("compra", "mercado"), "start": TODAY, "end": TODAY},
        ),
    ],
)
def test_amount_day_and_words_are_told_apart(said: str, meant: dict[str, Any]) -> None:
    assert read(said) == meant


@given(st.text(max_size=80))
def test_anything_can_be_read(said: str) -> None:
    found = read_pointer(said, TODAY)

    assert found.position is None or found.position >= 1
    assert (found.start is None) == (found.end is None)


@given(st.integers(1, 5_000_000))
def test_an_amount_is_read_as_it_is_shown(cents: int) -> None:
    amount = Decimal(cents) / 100
    shown = f"{amount:,.2f}".replace(",", "_").replace(".", ",").replace("_", ".")

    assert read_pointer(f"a de R$ {shown}", TODAY).amount == amount


def test_a_word_is_found_at_the_beginning_of_a_word() -> None:
    assert has_word("cafe da manha", "cafes")
    assert has_word("gasolina da van", "gasol")
    assert not has_word("alcafe", "cafe")
    assert words_of("o Café da manhã do João") == ("cafe", "manha", "joao")
