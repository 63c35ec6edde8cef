"""What moved is reckoned from prices, counts, discounts, change, deposits, instalments and totals, or asked about."""

from datetime import date
from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from falachefe.language.claims.reader import read_claims
from falachefe.language.spans.arithmetic import reckon
from falachefe.language.spans.numbers import read_numbers
from falachefe.language.spans.types import Reckoning
from falachefe.language.text.normalize import normalize
from falachefe.language.types import NO_FACTS
from tests.unit.language.spans.phrases import amounts, brazilian, in_words, plain_price, voiced

CENT = Decimal("0.01")
ITEMS = st.sampled_from(("sacos de farinha", "pizzas", "bolos", "caixas de leite", "metros de tecido", "marmitas"))


def sums(message: str) -> tuple[Reckoning, ...]:
    plain = normalize(message).plain
    return reckon(plain, read_numbers(plain))


def only(message: str) -> Reckoning:
    [found] = sums(message)
    return found


def count_phrase(draw: st.DrawFn, most: int = 60) -> tuple[str, int]:
    count = draw(st.integers(2, most))
    return (in_words(count) if count < 20 and draw(st.booleans()) else str(count)), count


@st.composite
def priced_items(draw: st.DrawFn) -> tuple[str, Decimal]:
    """A count of things with the price of one: the phrase and what they come to."""
    said, count = count_phrase(draw)
    price, value = plain_price(draw)
    item = draw(ITEMS)
    shape = draw(
        st.sampled_from(
            (
                "{n} {item} a {p} cada",
                "{n} {item} de {p}",
                "{n} {item} a R$ {p}",
                "{n} {item}, cada um {p}",
                "{n} {item} por {p} cada um",
                "{n} {item} a {p} reais a unidade",
            )
        )
    )
    return shape.format(n=said, item=item, p=price), count * value


@given(priced_items(), st.sampled_from(("comprei", "vendi", "hoje comprei", "paguei")), st.data())
def test_a_count_times_the_price_of_one_is_what_moved(
    items: tuple[str, Decimal], verb: str, data: st.DataObject
) -> None:
    phrase, total = items
    found = only(data.draw(voiced(f"{verb} {phrase} no mercado")))

    assert (found.value, found.flaw) == (total, None)
    assert found.shown.endswith(f"= R$ {brazilian(total)}")


@given(priced_items(), priced_items(), st.sampled_from((" e ", ", ", " mais ")), st.data())
def test_several_of_them_are_summed(
    one: tuple[str, Decimal], other: tuple[str, Decimal], joint: str, data: st.DataObject
) -> None:
    found = sums(data.draw(voiced(f"comprei {one[0]}{joint}{other[0]}")))

    assert [r.flaw for r in found] in ([None], [None, None])
    assert sum(r.value or 0 for r in found) == one[1] + other[1]


@given(st.data(), st.integers(1, 90))
def test_a_price_with_a_percentage_off(data: st.DataObject, percent: int) -> None:
    price, value = data.draw(st.composite(plain_price)())
    shape = data.draw(st.sampled_from(("com {}% de desconto", "com desconto de {}%", "menos {}%")))
    found = only(data.draw(voiced(f"comprei uma mesa de {price} {shape.format(percent)}")))

    cut = (value * percent / 100).quantize(CENT, ROUND_HALF_UP)
    assert (found.value, found.flaw) == (value - cut, None)


@given(st.integers(2, 5000), st.integers(1, 4999))
def test_a_price_with_an_amount_off(price: int, off: int) -> None:
    assume(off < price)
    found = only(f"comprei uma cadeira de {price} com {off} reais de desconto")

    assert (found.value, found.flaw) == (Decimal(price - off), None)


@given(st.sampled_from((10, 20, 50, 100, 200)), st.integers(1, 199), st.data())
def test_what_was_handed_over_less_the_change_is_the_price(note: int, price: int, data: st.DataObject) -> None:
    assume(price < note)
    shape = data.draw(
        st.sampled_from(
            (
                "nota de {g} no almoço de {p}, sobrou {c}",
                "almoço de {p}, dei uma nota de {g} e voltou {c} de troco",
                "paguei o almoço com uma nota de {g}, troco de {c}",
                "paguei com nota de {g} e o troco foi {c}",
            )
        )
    )
    found = only(data.draw(voiced(shape.format(g=note, p=price, c=note - price))))

    assert (found.value, found.flaw) == (Decimal(price), None)


@given(st.integers(1, 900), st.integers(1, 9000))
def test_a_deposit_moves_and_the_rest_stays_owed(paid: int, price: int) -> None:
    assume(paid < price)
    for message in (
        f"dei {paid} de entrada numa máquina de {price}",
        f"deixou {paid} de sinal do serviço de {price}",
        f"paguei {paid} de sinal, falta {price - paid}",
    ):
        found = only(message)
        assert (found.value, found.rest, found.flaw) == (Decimal(paid), Decimal(price - paid), None)


@given(st.integers(2, 24), st.data())
def test_instalments_have_their_count_and_the_value_of_one(count: int, data: st.DataObject) -> None:
    price, value = data.draw(st.composite(plain_price)())
    shape = data.draw(st.sampled_from(("em {}x de {}", "em {} vezes de {}", "em {} parcelas de R$ {}")))
    found = only(data.draw(voiced(f"comprei um freezer {shape.format(count, price)}")))

    assert (found.value, found.instalments, found.flaw) == (value, count, None)


@given(st.integers(1, 24), st.integers(2, 24), st.data())
def test_one_instalment_of_many_is_a_payment(number: int, count: int, data: st.DataObject) -> None:
    assume(number <= count)
    price, value = data.draw(st.composite(plain_price)())
    shape = data.draw(st.sampled_from(("parcela {} de {} de {}", "parcela {}/{} de {}", "parcela {} de {}, {}")))
    found = only(f"paguei a {shape.format(number, count, price)}")

    assert (found.value, found.instalments, found.flaw) == (value, None, None)


CUES = ("digo", "quer dizer", "ou melhor", "aliás", "não, minto", "errei, foi", "na verdade foi", "perdão")


@given(amounts(), amounts(), st.sampled_from(CUES), st.data())
def test_the_later_amount_counts_after_a_correction(
    wrong: tuple[str, Decimal], right: tuple[str, Decimal], cue: str, data: st.DataObject
) -> None:
    text = normalize(data.draw(voiced(f"gastei {wrong[0]}, {cue}, {right[0]}, no correio")))
    found = [c.sum for c in read_claims(text, date(2026, 11, 25), NO_FACTS).claims if c.sum]

    assert [(r.value, r.flaw) for r in found] == [(right[1], None)]


@given(st.integers(1, 900), st.integers(1, 900), st.integers(1, 900))
def test_a_total_that_is_the_sum_of_the_others_is_booked_once(one: int, two: int, three: int) -> None:
    found = only(f"arroz {one}, feijão {two}, óleo {three}, total {one + two + three}")

    assert (found.value, found.flaw) == (Decimal(one + two + three), None)


@given(st.integers(1, 900), st.integers(1, 900), st.integers(1, 2000))
def test_a_total_that_does_not_fit_is_asked_about(one: int, two: int, total: int) -> None:
    assume(one + two != total)
    found = only(f"arroz {one} e feijão {two}, total {total}")

    assert (found.value, found.flaw, set(found.readings)) == (None, "ambiguous", {Decimal(total), Decimal(one + two)})


@pytest.mark.parametrize(
    ("message", "value", "shown"),
    [
        ("comprei 4 sacos de farinha a 27,50 cada", "110", "4 × R$ 27,50 = R$ 110,00"),
        ("comprei 2 bolos de 45 e 3 sucos de 8", "114", "2 × R$ 45,00 + 3 × R$ 8,00 = R$ 114,00"),
        ("comprei 2,5 kg de carne a 39,90 o quilo", "99.75", "2,5 × R$ 39,90 = R$ 99,75"),
        ("comprei 3 por 10", "10", ""),
        ("vendi 3 bolos por 150", "150", ""),
        ("vendi 2 bolo 60", "60", ""),
        ("vendi por 60, 20 cada", "60", ""),
        ("dois kits por 99,90 cada, deu 199,80", "199.80", "2 × R$ 99,90 = R$ 199,80"),
        ("três dúzias de ovos a 12", "36", "3 × R$ 12,00 = R$ 36,00"),
        ("meia dúzia de pão por 5", "5", ""),
        ("de 200 por 180", "180", ""),
        ("boleto de 200 mais 10 de multa", "210", "R$ 200,00 + R$ 10,00 = R$ 210,00"),
        ("a peça era 240 mas com 10% de desconto ficou 216", "216", "R$ 240,00 − 10% = R$ 216,00"),
        ("paguei 95 no conserto, o cara abateu 15 dos 110", "95", "R$ 110,00 − R$ 15,00 = R$ 95,00"),
        ("R$ 50,00 (cinquenta reais)", "50", ""),
        ("145 e uns quebrados, 145,80", "145.80", ""),
        ("metade do serviço de 400", "200", "R$ 400,00 ÷ 2 = R$ 200,00"),
    ],
)
def test_what_is_booked_is_shown_as_it_was_reckoned(message: str, value: str, shown: str) -> None:
    found = only(message)

    assert (found.value, found.flaw, found.shown) == (Decimal(value), None, shown)


@pytest.mark.parametrize(
    ("message", "readings"),
    [
        ("banana a 5 o quilo", ()),
        ("cada um 15", ()),
        ("meia dúzia de coxinhas a 4", ("24", "4")),
        ("paguei 180 com 10% de desconto", ("162", "180")),
        ("nota de 50 no almoço de 32, sobrou 10", ("32", "40")),
        ("600 em 3x de 250", ("600", "750")),
    ],
)
def test_what_cannot_be_reckoned_is_asked_about(message: str, readings: tuple[str, ...]) -> None:
    found = only(message)

    assert (found.value, found.flaw, found.readings) == (None, "ambiguous", tuple(Decimal(r) for r in readings))


@given(st.lists(st.sampled_from(
    ("gastei 50", "3 bolos", "a 12 cada", "10%", "de desconto", "em 3x", "total 90", "sobrou 8", "nota de 20", ",", "e",
     "falta 30", "de 40", "por 25", "de entrada", "digo", "vinte e cinco", "\n", "metade de 60", "mais 5 de multa")
), max_size=9))  # fmt: skip
def test_every_amount_is_in_exactly_one_sum(pieces: list[str]) -> None:
    plain = normalize(" ".join(pieces)).plain
    spans = read_numbers(plain)
    used = [s for r in reckon(plain, spans) for s in r.used]

    assert len(used) == len(set(used))
    assert {*spans.money, *spans.instalments} <= set(used)
