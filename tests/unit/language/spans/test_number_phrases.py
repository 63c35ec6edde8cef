"""Amounts are read exactly in every written and spoken form, or asked about; other numbers are no money."""

from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from falachefe.language.spans.money.lexemes import digits_value
from falachefe.language.spans.numbers import read_numbers
from falachefe.language.spans.types import Span
from falachefe.language.text.normalize import normalize
from tests.unit.language.spans.phrases import LEADS, TAILS, amounts, in_words, voiced


def read(message: str) -> list[tuple[Decimal | None, str | None]]:
    return [(money.value, money.flaw) for money in read_numbers(normalize(message).plain).money]


@given(amounts(), st.sampled_from(LEADS), st.sampled_from(TAILS), st.data())
def test_an_amount_is_read_back_from_every_phrase(
    amount: tuple[str, Decimal], lead: str, tail: str, data: st.DataObject
) -> None:
    phrase, value = amount
    message = data.draw(voiced(f"{lead} {phrase} {tail}".strip()))

    assert read(message) == [(value, None)]


@given(amounts(), st.data())
def test_an_amount_alone_is_read_back(amount: tuple[str, Decimal], data: st.DataObject) -> None:
    phrase, value = amount

    assert read(data.draw(voiced(phrase))) == [(value, None)]


@given(st.integers(2, 999), st.integers(2, 999))
def test_two_numbers_that_stand_together_are_never_one_certain_amount(one: int, two: int) -> None:
    for money in read_numbers(normalize(f"gastei {one} {two} no mercado").plain).money:
        assert money.flaw is not None or money.value == Decimal(f"{one}{two:03d}")


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
        ("4,7k", "4700"),
        ("cem reais", "100"),
        ("duzentos e cinquenta", "250"),
        ("mil e quinhentos", "1500"),
        ("2 mil e quinhentos", "2500"),
        ("50 conto", "50"),
        ("80 pila", "80"),
        ("um barão", "1000"),
        ("duas onças", "100"),
        ("vintão", "20"),
        ("45,9", "45.9"),
        ("15.30", "15.30"),
        ("R$50", "50"),
        ("50reais", "50"),
        ("R$ 1 500", "1500"),
        ("1 250 reais", "1250"),
        ("50 reais e 30 centavos", "50.30"),
        ("oitenta centavos", "0.80"),
        ("cento e vinte e três reais e quarenta e cinco centavos", "123.45"),
        ("cento e vinte e nove e noventa", "129.90"),
        ("oitenta e sete e cinquenta", "87.50"),
        ("dezenove noventa", "19.90"),
        ("três e duzentos", "3200"),
        ("dois e quinhentos", "2500"),
        ("doze vírgula cinquenta", "12.50"),
        ("15 vírgula 30", "15.30"),
        ("dois mil e meio", "2500"),
        ("trinta e dois reais e cinquenta", "32.50"),
        ("vinte e dois reais e quarenta", "22.40"),
        ("12 e 50", "12.50"),
        ("um milhão e duzentos mil", "1200000"),
        ("meio milhão", "500000"),
        ("999.999.999.999,99", "999999999999.99"),
    ],
)
def test_common_ways_to_say_an_amount(written: str, value: str) -> None:
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
        ("menos 80", "negative"),
        ("9999999999999", "too_big"),
        ("1,234", "ambiguous"),
        ("12.34.56", "malformed"),
        ("32 50", "malformed"),
        ("três e meio", "ambiguous"),
        ("cem e cinquenta", "ambiguous"),
        ("US$ 25", "foreign"),
        ("25 dólares", "foreign"),
        ("trinta euros", "foreign"),
        ("300 em euro", "foreign"),
        ("€ 40", "foreign"),
        ("500 pesos", "foreign"),
        ("0,02 bitcoin", "foreign"),
    ],
)
def test_an_amount_that_must_be_asked_about_has_a_flaw(written: str, flaw: str) -> None:
    lead = "lança despesa de" if written.startswith("-") else "gastei"
    assert [f for _, f in read(f"{lead} {written} na feira")] == [flaw]


@pytest.mark.parametrize(
    ("phrase", "readings"),
    [("três e meio", ("3.5", "3500")), ("cem e cinquenta", ("150", "100.5")), ("100 e 50", ("100.5", "150"))],
)
def test_an_ambiguous_phrase_has_both_readings(phrase: str, readings: tuple[str, ...]) -> None:
    [money] = read_numbers(normalize(f"paguei {phrase}").plain).money

    assert (money.value, money.readings) == (None, tuple(Decimal(r) for r in readings))


@pytest.mark.parametrize(
    "message",
    [
        "comprei 3 litros de óleo",
        "vendi 2 caixas de leite",
        "às 15h30 na loja",
        "chego às 14:30",
        "a reunião é às duas e meia",
        "meu telefone é (11) 98888-7777",
        "liga pro 11 98765-4321",
        "CPF 123.456.789-09",
        "CNPJ 12.345.678/0001-95",
        "CEP 01310-100",
        "desconto de 10%",
        "dez por cento de desconto",
        "meia dúzia de ovos",
        "placa ABC1D23",
        "nota 4532 emitida",
        "vendi 3 bolos",
        "pneu aro 15",
        "pneu 175/70 R13",
        "moro no número 30",
        "troquei meu iphone 13",
        "a 2ª via do boleto",
        "o 13º salário",
        "parcela 3 de 10",
        "uma chapa 15x20 cm",
        "hoje não entrou nenhum real",
    ],
)
def test_quantities_times_and_identifiers_are_not_money(message: str) -> None:
    assert read(message) == []


@pytest.mark.parametrize(
    ("message", "value"),
    [
        ("IPTU 2026 1.200", "1200"),
        ("paguei 2026 de aluguel", "2026"),
        ("a mesa 4 pagou 90", "90"),
        ("comprei mesa 350", "350"),
        ("rua das Flores, 123, frete 45", "45"),
        ("troquei o pneu aro 15 por 280", "280"),
        ("vendi o iphone 13 por 3.200", "3200"),
        ("paguei a Maria às 14h30 R$ 50", "50"),
        ("- gasolina 50", "50"),
        ("gasolina - 50", "50"),
        ("gasolina -50", "50"),
    ],
)
def test_what_a_number_is_follows_from_the_words_beside_it(message: str, value: str) -> None:
    assert read(message) == [(Decimal(value), None)]


@given(st.text(alphabet="0123456789.,", max_size=20))
def test_any_digits_are_parsed_or_refused_without_an_exception(written: str) -> None:
    value = digits_value(written)
    assert value is None or value >= 0


@given(st.text(alphabet="0123456789.,RSdezmilcemtrintaevirgulameio $%/-x\n", max_size=60))
def test_any_text_is_read_without_an_exception(text: str) -> None:
    plain = normalize(text).plain
    spans = read_numbers(plain)
    found: list[Span] = [*spans.money, *spans.quantities, *spans.instalments, *spans.percentages]
    for span in found:
        assert 0 <= span.start < span.end <= len(plain)


@given(st.integers(1, 999_999_999))
def test_number_words_are_parsed(number: int) -> None:
    # `um milhão e duzentos` may leave the thousands out: it is asked about.
    rest = number % 1_000_000
    assume(number < 1_000_000 or rest == 0 or rest > 1000 or rest % 100)

    assert read(f"gastei {in_words(number)} reais com isso") == [(Decimal(number), None)]
