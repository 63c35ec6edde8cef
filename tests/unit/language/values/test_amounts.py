"""Amounts are read exactly in every written form, or not at all."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from falachefe.language.text.normalize import normalize
from falachefe.language.values.amounts import digits_value, find_amounts

UNITS = [
    "zero",
    "um",
    "dois",
    "três",
    "quatro",
    "cinco",
    "seis",
    "sete",
    "oito",
    "nove",
    "dez",
    "onze",
    "doze",
    "treze",
    "quatorze",
    "quinze",
    "dezesseis",
    "dezessete",
    "dezoito",
    "dezenove",
]
TENS = ["vinte", "trinta", "quarenta", "cinquenta", "sessenta", "setenta", "oitenta", "noventa"]
HUNDREDS = [
    "cento",
    "duzentos",
    "trezentos",
    "quatrocentos",
    "quinhentos",
    "seiscentos",
    "setecentos",
    "oitocentos",
    "novecentos",
]


def read(message: str) -> list[tuple[Decimal, str | None]]:
    return [(amount.value, amount.flaw) for amount in find_amounts(normalize(message).plain)]


def in_words(number: int) -> str:
    """Portuguese number words from 1 to 999,999."""
    if number >= 1000:
        thousands, rest = divmod(number, 1000)
        head = "mil" if thousands == 1 else f"{in_words(thousands)} mil"
        joint = " e " if rest < 100 or rest % 100 == 0 else " "
        return f"{head}{joint}{in_words(rest)}" if rest else head
    if number == 100:
        return "cem"
    if number > 100:
        hundreds, rest = divmod(number, 100)
        return HUNDREDS[hundreds - 1] + (f" e {in_words(rest)}" if rest else "")
    if number >= 20:
        tens, unit = divmod(number, 10)
        return TENS[tens - 2] + (f" e {UNITS[unit]}" if unit else "")
    return UNITS[number]


def brazilian(cents: int, *, grouped: bool) -> str:
    whole, rest = divmod(cents, 100)
    shown = f"{whole:,}".replace(",", ".") if grouped else str(whole)
    return f"{shown},{rest:02d}"


@given(st.integers(1, 999_999_999_999_99), st.booleans())
def test_a_formatted_amount_is_parsed_to_its_value(cents: int, grouped: bool) -> None:
    assert read(f"gastei R$ {brazilian(cents, grouped=grouped)} com isso") == [(Decimal(cents) / 100, None)]


@given(st.integers(1, 999_999))
def test_number_words_up_to_a_million_are_parsed(number: int) -> None:
    assert read(f"gastei {in_words(number)} reais com isso") == [(Decimal(number), None)]


@given(st.integers(1, 999), st.sampled_from(["mil", "k", " k", " mil"]))
def test_thousands_may_be_abbreviated(number: int, scale: str) -> None:
    assert read(f"gastei {number}{scale if scale != 'mil' else ' mil'} com isso") == [(Decimal(number * 1000), None)]


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("150", "150"),
        ("R$ 1.234,56", "1234.56"),
        ("1234.56", "1234.56"),
        ("1.234", "1234"),
        ("1,234.56", "1234.56"),
        ("2 mil", "2000"),
        ("1,5k", "1500"),
        ("2k", "2000"),
        ("cem reais", "100"),
        ("duzentos e cinquenta", "250"),
        ("mil e quinhentos", "1500"),
        ("2 mil e quinhentos", "2500"),
        ("50 conto", "50"),
        ("30 pila", "30"),
        ("20 pratas", "20"),
        ("45,9", "45.9"),
        ("R$50", "50"),
        ("50reais", "50"),
        ("R$ 1 500", "1500"),
        ("50 reais e 30 centavos", "50.30"),
        ("cento e vinte e três reais e quarenta e cinco centavos", "123.45"),
        ("um milhão e duzentos mil", "1200000"),
        ("999.999.999.999,99", "999999999999.99"),
    ],
)
def test_common_ways_to_write_an_amount(written: str, value: str) -> None:
    assert read(f"gastei {written} no almoço") == [(Decimal(value), None)]


@pytest.mark.parametrize(
    ("written", "flaw"),
    [
        ("uns 100", "vague"),
        ("quase 200", "vague"),
        ("cinquenta e poucos", "vague"),
        ("entre 100 e 150", "vague"),
        ("50 ou 60", "vague"),
        ("mais ou menos 80", "vague"),
        ("0 reais", "zero"),
        ("-80 reais", "negative"),
        ("9999999999999", "too_big"),
        ("1,234", "malformed"),
        ("vinte e cinco e cinquenta", "malformed"),
        ("3x de 50", "instalments"),
        ("50 cada", "each"),
    ],
)
def test_an_ambiguous_amount_has_a_flaw(written: str, flaw: str) -> None:
    assert [f for _, f in read(f"gastei {written} na feira")] == [flaw]


@pytest.mark.parametrize(
    "message",
    [
        "comprei 3 litros de óleo",
        "vendi 2 caixas de leite",
        "às 15h30 na loja",
        "meu telefone é (11) 98888-7777",
        "CPF 123.456.789-09",
        "CNPJ 12.345.678/0001-95",
        "desconto de 10%",
        "meia dúzia de ovos",
        "placa ABC1D23",
        "nota 4532 emitida",
        "vendi 3 bolos",
    ],
)
def test_quantities_times_and_identifiers_are_not_money(message: str) -> None:
    assert read(message) == []


@given(st.text(alphabet="0123456789.,", max_size=20))
def test_any_digits_are_parsed_or_refused_without_an_exception(written: str) -> None:
    value = digits_value(written)
    assert value is None or value >= 0
