"""Writes amounts as people say and write them, so that a reader can be checked against the value it started from."""

import unicodedata
from decimal import Decimal
from typing import Final

from hypothesis import strategies as st

UNITS: Final = (
    "zero", "um", "dois", "três", "quatro", "cinco", "seis", "sete", "oito", "nove",
    "dez", "onze", "doze", "treze", "quatorze", "quinze", "dezesseis", "dezessete",
    "dezoito", "dezenove",
)  # fmt: skip
TENS: Final = (
    "vinte", "trinta", "quarenta", "cinquenta", "sessenta", "setenta", "oitenta", "noventa",
)  # fmt: skip
HUNDREDS: Final = (
    "cento", "duzentos", "trezentos", "quatrocentos", "quinhentos", "seiscentos", "setecentos",
    "oitocentos", "novecentos",
)  # fmt: skip
LEADS: Final = (
    "gastei",
    "paguei",
    "recebi",
    "hoje gastei",
    "a janta da equipe deu",
    "o conserto ficou em",
    "vendi por",
)
TAILS: Final = (
    "",
    "no almoço",
    "de gasolina",
    "com frete",
    "pro motoboy",
    "na padaria",
    "de aluguel, ok?",
    "hoje cedo",
)


def in_words(number: int) -> str:
    """Portuguese number words from 0 to 999,999,999."""
    if number >= 1_000_000:
        millions, rest = divmod(number, 1_000_000)
        head = "um milhão" if millions == 1 else f"{in_words(millions)} milhões"
        return f"{head}{_joint(rest)}{in_words(rest)}" if rest else head
    if number >= 1000:
        thousands, rest = divmod(number, 1000)
        head = "mil" if thousands == 1 else f"{in_words(thousands)} mil"
        return f"{head}{_joint(rest)}{in_words(rest)}" if rest else head
    if number == 100:
        return "cem"
    if number > 100:
        hundreds, rest = divmod(number, 100)
        return HUNDREDS[hundreds - 1] + (f" e {in_words(rest)}" if rest else "")
    if number >= 20:
        tens, unit = divmod(number, 10)
        return TENS[tens - 2] + (f" e {UNITS[unit]}" if unit else "")
    return UNITS[number]


def _joint(rest: int) -> str:
    return " e " if rest < 100 or (rest < 1000 and rest % 100 == 0) else " "


def grouped(whole: int, mark: str) -> str:
    return f"{whole:,}".replace(",", mark)


def without_accents(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))


@st.composite
def written(draw: st.DrawFn, top: int = 9_999_999) -> tuple[str, Decimal]:
    """An amount in digits, up to `top` reais: the phrase and its value."""
    whole, cents = draw(st.integers(0, top)), draw(st.integers(0, 99))
    if whole == cents == 0:
        whole = 1
    mark = draw(st.sampled_from(("", ".", " ", "\u00a0")))
    shape = draw(
        st.sampled_from(("{}", "R$ {}", "R${}", "{} reais", "{}reais", "rs {}", "{} conto", "{} pila", "BRL {}"))
    )
    if mark in (" ", "\u00a0") and whole >= 1000 and shape in ("{}reais", "rs {}", "R${}"):
        shape = "R$ {}"
    number = grouped(whole, mark)
    if not cents and draw(st.booleans()):
        return shape.format(number), Decimal(whole)
    one_digit = cents % 10 == 0 and cents > 0 and draw(st.booleans())
    point = "." if not mark and draw(st.booleans()) else ","
    if shape == "{}" and whole <= 31 and 1 <= cents <= 12:
        point = ","  # a bare `1.01` is a day as much as an amount
    return shape.format(f"{number}{point}{cents // 10 if one_digit else f'{cents:02d}'}"), Decimal(
        whole * 100 + cents
    ) / 100


@st.composite
def spoken(draw: st.DrawFn, top: int = 999_999) -> tuple[str, Decimal]:
    """An amount in words: the phrase and its value."""
    whole, cents = draw(st.integers(1, top)), draw(st.integers(0, 99))
    name = in_words(whole)
    value = Decimal(whole * 100 + cents) / 100
    if not cents:
        return draw(st.sampled_from((f"{name} reais", f"{name} conto", f"{name} pila", f"{name} mangos"))), value
    styles = [f"{name} reais e {in_words(cents)} centavos", f"{name} e {in_words(cents)} centavos"]
    # `duzentos e onze centavos` is 2,11 as well.
    if whole % 100 == 0 or whole >= 1000 or cents < 10:
        styles = styles[:1]
    if cents < 10:
        styles.append(f"{name} vírgula zero {in_words(cents)}")
    else:
        styles += [f"{name} reais e {in_words(cents)}", f"{name} vírgula {in_words(cents)}"]
        styles.append(f"{name} reais e {cents}")
        # Behind a round number `e dez` may belong to it, and a question is right.
        if whole % 10 and whole % 100 > 9:
            styles += [f"{name} e {in_words(cents)}", f"{name} e {in_words(cents)} reais"]
            styles += [f"{name} {in_words(cents)}"] if cents >= 20 else []
    return draw(st.sampled_from(styles)), value


@st.composite
def short(draw: st.DrawFn) -> tuple[str, Decimal]:
    """Thousands as people shorten them: `4,7k`, `2 mil e 500`, `três e duzentos`, `dois mil e meio`."""
    thousands, hundreds = draw(st.integers(1, 20)), draw(st.integers(0, 9))
    value = Decimal(thousands * 1000 + hundreds * 100)
    name = in_words(thousands)
    tail = f",{hundreds}" if hundreds else ""
    styles = [f"{thousands}{tail}k", f"{thousands}{tail} mil", f"{thousands}{tail} K", f"R$ {thousands}{tail} mil"]
    styles += [f"{thousands}{tail.replace(',', '.')}k", f"{thousands} vírgula {hundreds} mil"]
    if hundreds:
        styles += [
            f"{thousands} mil e {hundreds * 100}",
            f"{thousands} mil {hundreds * 100}",
            f"{thousands}k{hundreds}",
        ]
        styles.append(f"{'' if thousands == 1 else name + ' '}mil e {in_words(hundreds * 100)}".strip())
        styles.append(f"{name} e {in_words(hundreds * 100)}")
    if hundreds == 5:
        styles += [f"{thousands} mil e meio", f"{'' if thousands == 1 else name + ' '}mil e meio".strip()]
    return draw(st.sampled_from(styles)), value


def amounts() -> st.SearchStrategy[tuple[str, Decimal]]:
    return st.one_of(written(), spoken(), spoken(top=300), short())


@st.composite
def voiced(draw: st.DrawFn, text: str) -> str:
    """The text as another person would have written it: without accents, in capitals, without punctuation."""
    if draw(st.booleans()):
        text = without_accents(text)
    case = draw(st.sampled_from(("as written", "upper", "lower", "capital")))
    return {"upper": text.upper(), "lower": text.lower(), "capital": text.capitalize()}.get(case, text)


def brazilian(value: Decimal) -> str:
    """`1234.5` as `1.234,50`."""
    return f"{value:,.2f}".translate(str.maketrans(",.", ".,"))


def plain_price(draw: st.DrawFn, top: int = 500) -> tuple[str, Decimal]:
    """A price in digits, with or without cents: the phrase and its value."""
    whole, cents = draw(st.integers(1, top)), draw(st.sampled_from((0, 0, 50, 90, 99, 25)))
    if not cents:
        return str(whole), Decimal(whole)
    return f"{whole},{cents:02d}", Decimal(whole * 100 + cents) / 100
